"""Figures that take long to count are counted ahead and found by every process, and never when something changed."""

from __future__ import annotations

import datetime as dt
import pickle
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from courseware.accounts import queries as accounts
from courseware.accounts.models import User
from courseware.core import clock
from courseware.core.database import session
from courseware.core.unit_of_work import unit_of_work
from courseware.libraries import queries as libraries
from courseware.libraries.models import Library
from courseware.monitoring import jobs, queries
from courseware.monitoring.periods import Period, parse_period
from courseware.monitoring.queries import cache, monitor, shelf
from courseware.monitoring.rollups import keeping
from courseware.progress.services import EventIn, record_events
from courseware.resources import services
from courseware.resources.models import Resource
from courseware.resources.storage import work_folder
from tests.demo.stories import at, now, play, prelude, publish, revise, watch

STORY = [
    *(publish(f"a{n}", at("2025-03-03")) for n in range(4)),
    revise("a0", at("2026-05-05"), "一"),
    *(watch("a0", f"s{m}", at(f"2026-03-0{m}"), 200) for m in (1, 2, 3)),
]


@pytest.fixture(autouse=True)
def slow(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every count is a slow one here, and nothing is kept before or after."""
    monkeypatch.setattr(cache, "SLOW_S", 0.0)
    _forget()
    yield
    _forget()


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The libraries whose figures were counted, one entry for each time."""
    counted: list[str] = []
    count = monitor._overview

    def noted(library: Library, period: Period, moment: dt.datetime) -> monitor.Overview:
        counted.append(library.code)
        return count(library, period, moment)

    monkeypatch.setattr(monitor, "_overview", noted)
    assert not play(prelude(), STORY, now()).refused
    return counted


def test_another_process_finds_the_very_figures_that_one_counted(counts: list[str]) -> None:
    first = shown()
    cache.forget_all()  # another process remembers nothing
    second = shown()
    assert counts == ["LIB"]
    assert second is not first
    assert [r.as_dict() for r in second.results.values()] == [r.as_dict() for r in first.results.values()]
    assert (second.trends, second.homes, second.gaps) == (first.trends, first.homes, first.gaps)
    assert second.results["M4.A"].definition is first.results["M4.A"].definition
    assert second.results["M4.A"].numerator == 1


def test_what_was_taken_down_since_leaves_the_figures_at_once(counts: list[str]) -> None:
    assert shown("2027").results["M1.A"].numerator == 4
    cache.forget_all()
    take_down("资源 a3")
    assert shown("2027").results["M1.A"].numerator == 3
    assert len(counts) == 2


def test_learning_alone_waits_as_long_as_counting_would_be_too_much_work(
    counts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "PATIENCE", 10_000)
    before = shown().events
    watch_more("资源 a1", "s4")
    cache.forget_all()
    assert shown().events == before
    monkeypatch.setattr(cache, "PATIENCE", 0)
    assert sum(shown().events) == sum(before) + 1


def test_the_worker_counts_ahead_once_and_again_after_a_change(
    counts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    keeping.fold_all_due()
    jobs.count_ahead()
    jobs.count_ahead()
    assert counts == ["LIB"]
    year = queries.default_period(the_library(), queries.reporting_now())
    monitor.overview(the_library(), year, queries.reporting_now())
    assert counts == ["LIB"], "a page finds what the worker counted"
    take_down("资源 a3")
    monkeypatch.setattr(cache, "PATIENCE", 0)
    jobs.count_ahead()
    assert counts == ["LIB", "LIB"]


def test_the_worker_leaves_alone_what_is_quick_to_count(counts: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "SLOW_S", 1_000.0)
    jobs.count_ahead()
    jobs.count_ahead()
    assert counts == ["LIB"], "tried once, and again after a day"
    monkeypatch.setattr(cache, "TRY_AGAIN_S", 0)
    monkeypatch.setattr(cache, "PATIENCE", 0)
    take_down("资源 a3")
    jobs.count_ahead()
    assert counts == ["LIB", "LIB"]
    shown()
    assert len(counts) == 3, "what is quick is on no shelf"


def test_while_many_days_wait_nothing_is_counted_ahead(counts: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "CHUNK", 2)
    jobs.count_ahead()
    assert counts == []
    keeping.fold_all_due()
    jobs.count_ahead()
    assert counts == ["LIB"]


class Trap:
    """What a file must never make a process call."""

    def __reduce__(self) -> Any:
        return (pytest.fail, ("a file was believed",))


@pytest.mark.parametrize("content", [b"", b"\x80", pickle.dumps(Trap())], ids=["empty", "broken", "a trap"])
def test_a_file_that_cannot_be_read_is_counted_again(counts: list[str], content: bytes) -> None:
    shown()
    (path,) = work_folder(shelf.FOLDER).iterdir()
    path.write_bytes(content)
    cache.forget_all()
    assert shown().results["M4.A"].numerator == 1
    assert len(counts) == 2


def test_figures_that_nobody_renewed_for_a_week_are_swept_away(
    counts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown()
    shelf.sweep()
    assert len(list(work_folder(shelf.FOLDER).iterdir())) == 1
    monkeypatch.setattr(shelf, "KEPT_S", -1)
    shelf.sweep()
    assert list(work_folder(shelf.FOLDER).iterdir()) == []


def take_down(title: str) -> None:
    """Somebody who may takes a resource down."""
    with unit_of_work():
        services.withdraw(person("lib1"), resource(title), "不再使用")


def watch_more(title: str, key: str) -> None:
    """A learner watches a minute of a recording."""
    watched = EventIn(
        uuid.uuid4(),
        "watched",
        clock.now() - dt.timedelta(days=30),
        resource=resource(title).uuid,
        from_s=0.0,
        to_s=60.0,
    )
    with unit_of_work():
        assert [outcome.status for outcome in record_events(person(key), [watched])] == ["accepted"]


def person(key: str) -> User:
    found = accounts.user_by_key(key)
    assert found is not None
    return found


def resource(title: str) -> Resource:
    return session().scalars(select(Resource).where(Resource.title == title)).one()


def shown(year: str = "2026") -> monitor.Overview:
    session().rollback()
    return monitor.overview(the_library(), parse_period(year), queries.reporting_now())


def the_library() -> Library:
    found = libraries.find_library("LIB")
    assert found is not None
    return found


def _forget() -> None:
    cache.forget_all()
    for path in work_folder(shelf.FOLDER).iterdir():
        path.unlink()
