"""Sums kept by day give the figures that all events give, and those of a slow count written apart."""

from __future__ import annotations

import datetime as dt
import os
import uuid
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from courseware.accounts.models import User
from courseware.core import clock as core_clock
from courseware.core.database import session
from courseware.core.unit_of_work import unit_of_work
from courseware.monitoring.rollups import keeping, rebuilding
from courseware.monitoring.rollups.tables import PersonDay, ResourceDay, UncreditedDay
from courseware.progress.models import DueDay
from courseware.progress.services import EventIn, record_events
from tests.catalog.world import World, make_world
from tests.demo.stories import figures, play
from tests.monitoring.random_story import ZONE, Teller
from tests.monitoring.reference import Reference

START, STOP = dt.datetime(2025, 11, 1, tzinfo=ZONE), dt.datetime(2026, 11, 1, tzinfo=ZONE)
MOMENTS = (dt.datetime(2027, 2, 1, tzinfo=ZONE), dt.datetime(2026, 6, 3, 9, 30, tzinfo=ZONE))
SEEDS = range(int(os.environ.get("KEKU_RANDOM_STORIES", "1")))


@pytest.mark.parametrize("after", [True, False], ids=["closed", "running"])
@pytest.mark.parametrize("seed", SEEDS)
def test_kept_sums_all_events_and_the_reference_give_the_same_figures(
    app: Flask, database_kind: str, seed: int, after: bool
) -> None:
    """Each database is told stories of its own: what one of them finds is a fault of the figures, whatever keeps them."""
    now = MOMENTS[0] if after else MOMENTS[1]
    story = Teller(seed * 4 + 2 * (database_kind == "sqlite") + after, 24).tell(now)
    summary = play(story)
    accepted = [line for n, line in enumerate(story, 1) if n not in {r["line"] for r in summary.refused}]
    closed = {"s1": START + dt.timedelta(days=200), "s7": START + dt.timedelta(days=90), "s2": STOP}
    for key, moment in closed.items():
        session().execute(update(User).where(User.key == key).values(closed_at=moment))
    session().commit()
    reference = Reference(accepted, START, STOP, now, closed)
    expected = reference.figures()
    if os.environ.get("KEKU_SHOW_STORIES"):
        print(len(story), expected, [r["code"] for r in summary.refused])
    from_events = figures()
    assert {key: (from_events[key]["numerator"], from_events[key]["denominator"]) for key in expected} == expected
    assert from_events["M5.A"]["excluded"] == reference.m5_excluded()
    keeping.fold_due(5)
    assert figures() == from_events, "some days folded, others not"
    keeping.fold_all_due()
    assert figures() == from_events, "all days folded"
    assert keeping.differences() == []
    assert len(summary.refused) < len(story) / 4, "a story of which most is refused proves little"


@pytest.fixture
def learned(app: Flask, clock: Any) -> World:
    """A world at a fixed time, committed as the worker needs it."""
    clock("2030-05-01 09:00")
    with unit_of_work():
        made = make_world()
        made.video("甲", 600.0), made.video("乙", 600.0)
    clock("2030-05-01 10:00")
    return made


def watched(resource: Any, second: int, from_s: float, sitting: str, lasts: float = 15.0, **more: Any) -> EventIn:
    at = (
        core_clock.now().replace(minute=0, second=0)
        - dt.timedelta(minutes=30)
        + dt.timedelta(seconds=second, milliseconds=second * 37 % 211)
    )
    return EventIn(
        uuid.uuid4(), "watched", at, resource=resource.uuid, from_s=from_s, to_s=from_s + lasts, sitting=sitting, **more
    )


def kept(table: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in session().execute(select(table.__table__)).mappings()]


def test_any_order_of_batches_and_foldings_ends_in_the_same_sums(learned: World) -> None:
    one, two = videos(learned)
    ends = []
    for is_shuffled in (False, True):  # each time under uuids of its own: one that was used stays used
        batch = [watched(one, n * 15, n * 15.0, "a") for n in range(8)] + [
            watched(two, n * 15 + 4, n * 15.0, "b") for n in range(8)
        ]
        pieces = (batch[::-3], batch[:5], batch[5:]) if is_shuffled else (batch,)
        with unit_of_work():
            session().execute(text("DELETE FROM learning_event"))
            session().execute(text("DELETE FROM due_day"))
        for piece in pieces:
            with unit_of_work():
                assert {o.status for o in record_events(learned.student, piece)} <= {"accepted", "repeated"}
            keeping.fold_due()
        assert kept(DueDay) == []
        ends.append((kept(ResourceDay), kept(PersonDay), kept(UncreditedDay)))
    assert ends[0] == ends[1]
    assert {(row["reason"], row["events"]) for row in ends[0][2]} == {("too_short", 1), ("parallel", 8)}
    assert ends[0][1][0]["stretches"][0][1] - ends[0][1][0]["stretches"][0][0] < 121_000


def test_a_day_that_changes_while_it_is_folded_keeps_waiting(learned: World, monkeypatch: pytest.MonkeyPatch) -> None:
    one, _ = videos(learned)
    with unit_of_work():
        record_events(learned.student, [watched(one, 0, 0.0, "a")])
    folded = keeping.fold_days

    def and_one_more(*arguments: Any) -> Any:
        sums = folded(*arguments)
        session().rollback()
        with unit_of_work():
            record_events(learned.student, [watched(one, 15, 15.0, "a")])
        return sums

    monkeypatch.setattr(keeping, "fold_days", and_one_more)
    assert keeping.fold_due() == 0
    monkeypatch.setattr(keeping, "fold_days", folded)
    assert keeping.fold_due() == 1
    assert [row["parts"] for row in kept(ResourceDay)] == [[[0.0, 30.0]]]


def test_a_sum_that_was_changed_is_found_and_a_rebuild_mends_it(learned: World) -> None:
    one, two = videos(learned)
    with unit_of_work():
        record_events(learned.student, [watched(one, 0, 0.0, "a", 40.0)])
        record_events(learned.classmate, [watched(two, 0, 0.0, "b", 40.0)])
    keeping.fold_all_due()
    assert keeping.differences() == []
    with unit_of_work():
        session().execute(update(ResourceDay).where(ResourceDay.user_id == learned.student.id).values(seconds=4_000))
    (found,) = keeping.differences()
    assert "resource_day" in found
    assert "4000" in found
    assert rebuilding.rebuild() == 2
    assert keeping.differences() == []


def test_a_rebuild_that_is_killed_leaves_days_that_wait_and_the_worker_goes_on(
    learned: World, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    three_days_of_two_people(learned, clock)
    keeping.fold_all_due()
    whole = sums_kept()
    monkeypatch.setattr(rebuilding, "DAYS", 2)

    def killed(_days: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuilding.rebuild(killed)
    assert keeping.count_waiting() == 1, "every day that is not folded waits, so no figure reads it as nothing"
    assert len(kept(PersonDay)) == 2
    assert keeping.fold_due() == 1
    assert sums_kept() == whole


def test_what_comes_and_what_the_worker_folds_during_a_rebuild_is_counted_once(
    learned: World, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    three_days_of_two_people(learned, clock)
    one, two = videos(learned)
    monkeypatch.setattr(rebuilding, "DAYS", 1)

    def meanwhile(days: int) -> None:
        if days == 1:
            keeping.fold_all_due()  # the worker is quicker with what is left
            with unit_of_work():
                record_events(learned.student, [watched(two, 300, 0.0, "n", 40.0)])
                record_events(learned.classmate, [watched(one, 300, 0.0, "m", 40.0)])

    rebuilding.rebuild(meanwhile)
    assert keeping.count_waiting() == 0
    assert keeping.differences() == []
    assert sum(row["counted"] for row in kept(PersonDay)) == 5


def three_days_of_two_people(world: World, clock: Any) -> None:
    one, two = videos(world)
    for time, person, video in (
        ("2030-05-01 10:00", world.student, one),
        ("2030-05-01 10:00", world.classmate, two),
        ("2030-05-02 10:00", world.student, one),
    ):
        clock(time)
        with unit_of_work():
            (outcome,) = record_events(person, [watched(video, 0, 0.0, f"{person.id}", 40.0)])
        assert outcome.status == "accepted"


def sums_kept() -> list[list[dict[str, Any]]]:
    return [sorted(kept(table), key=str) for table in (ResourceDay, PersonDay, UncreditedDay)]


def videos(world: World) -> list[Any]:
    from courseware.resources.models import Resource

    return list(session().scalars(select(Resource).where(Resource.type == "video").order_by(Resource.id)))
