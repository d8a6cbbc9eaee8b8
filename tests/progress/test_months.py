"""On PostgreSQL events lie by month: nothing is lost where a month has no table, and a uuid counts once over all months."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from sqlalchemy import func, select, text

from courseware.core import clock as core_clock
from courseware.core.database import session
from courseware.core.unit_of_work import unit_of_work
from courseware.progress import months, services
from courseware.progress.models import LearningEvent
from courseware.progress.months import Month
from courseware.progress.services import EventIn
from tests.catalog.world import World

BEGIN = dt.datetime(2031, 1, 31, 15, 30, tzinfo=dt.UTC)  # 23:30 in Shanghai, on the last evening of January


@pytest.fixture
def video(world: World, clock: Any) -> Any:
    clock(BEGIN - dt.timedelta(days=60))
    made = world.video()
    clock(BEGIN + dt.timedelta(hours=2))
    return made


def watched(video: Any, at: dt.datetime, name: uuid.UUID | None = None, to_s: float = 40.0) -> EventIn:
    return EventIn(name or uuid.uuid4(), "watched", at, resource=video.uuid, from_s=0.0, to_s=to_s)


def statuses(world: World, *told: EventIn) -> list[tuple[str, str]]:
    return [(o.status, o.reason) for o in services.record_events(world.student, told)]


def stored() -> int:
    return session().scalar(select(func.count()).select_from(LearningEvent)) or 0


def rows_in(table: str) -> int:
    return session().scalar(text(f"SELECT count(*) FROM {table}")) or 0  # noqa: S608  a name of ours


def test_a_uuid_told_again_in_another_month_is_other_content_and_the_first_one_stays(world: World, video: Any) -> None:
    name = uuid.uuid4()
    assert statuses(world, watched(video, BEGIN, name)) == [("accepted", "")]
    assert statuses(world, watched(video, BEGIN + dt.timedelta(hours=1), name)) == [("refused", "other_content")]
    assert statuses(world, watched(video, BEGIN, name)) == [("repeated", "")]
    assert stored() == 1


def test_a_uuid_that_a_row_has_taken_past_all_checks_is_not_stored_twice(world: World, video: Any) -> None:
    name = uuid.uuid4()
    both = (watched(video, BEGIN, name), watched(video, BEGIN + dt.timedelta(days=-31), name))
    assert statuses(world, *both) == [("accepted", ""), ("refused", "other_content")]
    assert stored() == 1


def test_events_without_a_month_are_kept_and_moved_when_it_is_made(
    world: World, video: Any, database_kind: str
) -> None:
    evening, morning = watched(video, BEGIN), watched(video, BEGIN + dt.timedelta(hours=1))
    with unit_of_work():
        assert statuses(world, evening, morning) == [("accepted", "")] * 2
    on_postgres = database_kind == "postgres"
    assert months.outside() == (2 if on_postgres else 0)
    try:
        with unit_of_work():
            kept = months.keep_months(core_clock.now())
        assert kept.moved == (2 if on_postgres else 0)
        assert (months.outside(), stored()) == (0, 2)
        if on_postgres:
            assert {Month(2031, 1), Month(2031, 2), Month(2031, 5)} <= set(kept.made)
            assert (rows_in("learning_event_2031_01"), rows_in("learning_event_2031_02")) == (1, 1)
        assert statuses(world, evening) == [("repeated", "")], "the table of uuids does not mind the move"
        with unit_of_work():
            assert months.keep_months(core_clock.now()) == months.Kept([]), "nothing is left to do"
    finally:
        _take_away()


def test_the_month_of_a_moment_is_that_of_shanghai() -> None:
    assert months.month_of(BEGIN) == Month(2031, 1)
    assert months.month_of(BEGIN + dt.timedelta(hours=1)) == Month(2031, 2)
    assert (Month(2031, 11).plus(3), Month(2031, 1).plus(-13)) == (Month(2032, 2), Month(2029, 12))


def _take_away() -> None:
    """The tables of these months, which no other test expects."""
    with unit_of_work() as db:
        if db.get_bind().dialect.name == "postgresql":
            for number in range(-13, 5):
                db.execute(text(f"DROP TABLE IF EXISTS {Month(2031, 2).plus(number).table}"))
