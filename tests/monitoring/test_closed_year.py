"""A year that is over and frozen keeps its figures on every page, whatever is counted of it today."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from courseware.accounts import queries as accounts
from courseware.core.database import session
from courseware.libraries import queries as libraries
from courseware.libraries.models import Library
from courseware.monitoring import freezing
from courseware.monitoring.closed import frozen_year
from courseware.monitoring.models import Snapshot
from courseware.monitoring.periods import Period, parse_period
from courseware.monitoring.queries import reporting_now
from courseware.monitoring.queries.cache import forget_all
from courseware.monitoring.queries.monitor import overview
from courseware.resources.models import ResourceVersion
from tests.demo.stories import at, now, play, prelude, publish, revise, watch
from tests.servers.client import TestClient
from tests.servers.rewound import MadeOnce

OLD, MAY = at("2025-03-03"), at("2026-05-05")


@pytest.fixture
def library(made_once: MadeOnce) -> Library:
    made: Library = made_once(make_library)
    forget_all()  # what a test before counted after `decide_otherwise`, which no stamp tells apart
    return made


def make_library() -> Library:
    """Six old resources, one of them revised: 1 of 6 in 2026, a year that is over."""
    old = [publish(f"a{n}", OLD) for n in range(6)]
    use = [watch("a0", f"s{m}", at(f"2026-03-0{m}"), 200) for m in (1, 2, 3)]
    assert not play(prelude(), [*old, *use, revise("a1", MAY, "neu")], now()).refused
    found = libraries.find_library("LIB")
    assert found is not None
    return found


@pytest.fixture
def period(library: Library) -> Period:
    return parse_period("2026", library.period_start_month)


@pytest.fixture
def keeper(client: TestClient, library: Library) -> TestClient:
    client.sign_in(accounts.user_by_key("lib1"))
    return client


def decide_otherwise() -> None:
    """Long after the year was reported somebody finds the revision minor."""
    revised = session().scalars(select(ResourceVersion).where(ResourceVersion.num == 2)).one()
    revised.decided_class = "minor"
    session().commit()
    forget_all()


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.partition("<main")[2]))


def frozen_differently(library: Library, period: Period, **figure: Any) -> None:
    """As a release with other rules had frozen M4.A."""
    snapshot = freezing.freeze(library, period, None)
    snapshot.figures = [one | (figure if one["id"] == "M4.A" else {}) for one in snapshot.figures]
    session().commit()


def test_what_is_counted_otherwise_today_stands_behind_what_was_frozen(
    library: Library, period: Period, keeper: TestClient
) -> None:
    freezing.freeze(library, period, None)
    decide_otherwise()
    beside = re.compile(r"16\.67 % 1 / 6 .*今天按现行规则(（2026-1）)?重算：0\.00 %")
    for url in (
        "/monitor/indicators/M4.A?library=LIB&period=2026",
        "/monitor?library=LIB&period=2026",
        "/libraries/LIB/figures?period=2026",
    ):
        assert beside.search(text_of(keeper.get(url).text)), url
    assert "M4.A" in text_of(keeper.get("/monitor?library=LIB&period=2026").text).partition("今天重算结果不同")[2]


def test_the_verdicts_of_a_closed_year_are_the_frozen_ones(
    library: Library, period: Period, keeper: TestClient
) -> None:
    before = text_of(keeper.get("/monitor?library=LIB&period=2026").text)
    freezing.freeze(library, period, None)
    decide_otherwise()
    after = text_of(keeper.get("/monitor?library=LIB&period=2026").text)
    judged = re.compile(r"\d+ 项官方指标，.*?未达标")
    assert judged.findall(before)
    assert judged.findall(before) == judged.findall(after)
    assert "重算" not in before
    assert "重算" in after


def test_the_version_of_the_rule_it_was_frozen_by_is_said(library: Library, period: Period, keeper: TestClient) -> None:
    frozen_differently(library, period, numerator=3, value=50.0, version="2025-9")
    page = text_of(keeper.get("/monitor/indicators/M4.A?library=LIB&period=2026").text)
    assert "50.00" in page
    assert "规则 2025-9" in page


def test_a_closed_year_whose_recount_agrees_says_so_once(library: Library, period: Period, keeper: TestClient) -> None:
    freezing.freeze(library, period, None)
    session().commit()
    page = text_of(keeper.get("/monitor?library=LIB&period=2026").text)
    assert "今天重算，结果一致" in page
    assert "今天按现行规则" not in page


def test_a_year_that_goes_on_is_not_closed_by_a_snapshot_on_the_way(app: Flask, library: Library) -> None:
    running = parse_period("2027", library.period_start_month)
    freezing.freeze(library, running, None)
    assert frozen_year(library, running) is None


def test_the_newest_snapshot_of_a_closed_year_counts(library: Library, period: Period) -> None:
    freezing.freeze(library, period, None)
    decide_otherwise()
    today = list(overview(library, period, reporting_now()).results.values())
    first = frozen_year(library, period)
    assert first is not None
    assert "M4.A" in [one.id for one in first.changed(today)]
    freezing.freeze(library, period, None)
    again = frozen_year(library, period)
    assert again is not None
    assert again.changed(today) == []
    assert session().query(Snapshot).count() == 2


def test_the_file_of_all_figures_has_both(library: Library, period: Period, keeper: TestClient) -> None:
    freezing.freeze(library, period, None)
    decide_otherwise()
    for url in ("/monitor/export.csv?library=LIB&period=2026", "/libraries/LIB/figures.csv?period=2026"):
        rows = {row[0]: row for row in csv.reader(io.StringIO(keeper.get(url).data.decode("utf-8-sig")))}
        assert (rows["M4.A"][4], rows["M4.A"][-3], rows["M4.A"][-2]) == ("0.00 %", "16.67 %", "达标")
    running = keeper.get("/monitor/export.csv?library=LIB&period=2027").data.decode("utf-8-sig")
    assert next(row for row in csv.reader(io.StringIO(running)) if row[0] == "M4.A")[-3:] == ["", "", ""]
