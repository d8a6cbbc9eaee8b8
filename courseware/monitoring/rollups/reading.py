"""Events as folding needs them, and which days are due."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, FromClause, Select, String, literal, select, true, tuple_, type_coerce

from courseware.libraries.models import Course
from courseware.monitoring.rollups.folding import TIMED_VERBS, EventRow, Pair, Sums, fold
from courseware.progress.days import day_of
from courseware.progress.models import CreditAppeal, DueDay, LearningEvent
from courseware.progress.statements import table_of
from courseware.resources.models import Resource, ResourceVersion

events, due = table_of(LearningEvent), table_of(DueDay)
resources, versions, courses = table_of(Resource), table_of(ResourceVersion), table_of(Course)

CHUNK = 200
MOMENT = events.c.occurred_at.type
WAITING = select(due.c.user_id, due.c.starts_at, due.c.ends_at)
STREAM = 5_000

COLUMNS = (
    events.c.user_id, type_coerce(events.c.uuid, String), events.c.verb, events.c.resource_id, events.c.version_id, events.c.occurred_at,
    events.c.from_s, events.c.to_s, events.c.seconds, events.c.speed, events.c.sitting, events.c.excluded,
    events.c.is_qualified, resources.c.library_id, courses.c.library_id, resources.c.type, versions.c.duration_s,
    events.c.course_id,
)  # fmt: skip
IS_TIMED = events.c.verb.in_(TIMED_VERBS)


def _with_places(start: FromClause) -> Select[Any]:
    """Events out of `start`, each with what it belongs to."""
    whole = start.outerjoin(resources, resources.c.id == events.c.resource_id)
    whole = whole.outerjoin(courses, courses.c.id == events.c.course_id)
    return select(*COLUMNS).select_from(whole.outerjoin(versions, versions.c.id == events.c.version_id))


class Due(NamedTuple):
    """A day that waits; `changes` says which state of it was seen."""

    since: dt.datetime
    user_id: int
    day: int
    changes: int


def due_days(connection: Connection, limit: int) -> list[Due]:
    """The days that wait longest."""
    order = due.c.since, due.c.user_id, due.c.day
    query = select(*order, due.c.changes).order_by(*order).limit(limit)
    return [Due(*row) for row in connection.execute(query)]


def next_due(connection: Connection, after: Pair, limit: int) -> list[Due]:
    """Days that wait, person by person, those behind `after`."""
    place = due.c.user_id, due.c.day
    query = select(due.c.since, *place, due.c.changes).where(tuple_(*place) > tuple_(*map(literal, after)))
    return [Due(*row) for row in connection.execute(query.order_by(*place).limit(limit))]


def up_to(last: Due) -> Select[Any]:
    """The days that wait as long as `last` or longer, as `fold_days` wants them."""
    place = tuple_(due.c.since, due.c.user_id, due.c.day)
    return WAITING.where(place <= tuple_(literal(last.since, MOMENT), literal(last.user_id), literal(last.day)))


def fold_days(connection: Connection, wanted: Select[Any], before: dt.datetime | None = None) -> Sums:
    """The sums of the days that `wanted` selects (user_id, starts_at, ends_at), from their events; two queries.

    With `before`, from the events that happened earlier.
    """
    sums = Sums()
    for one in each_day(connection, wanted, before):
        sums.add(one)
    return sums


def each_day(connection: Connection, wanted: Select[Any], before: dt.datetime | None = None) -> Iterator[Sums]:
    """As fold_days, day by day in one stream: millions of events that wait never lie in memory together."""
    query = _events_of(wanted, before).execution_options(yield_per=STREAM)
    forgiven = forgiven_on(connection, wanted)
    rows = (EventRow._make(row) for row in connection.execute(query) if row[0] is not None)
    for pair, of_day in groupby(rows, lambda row: (row.user_id, day_of(row.occurred_at))):
        yield fold(*pair, of_day, forgiven.get(pair, ()))


def fold_people(connection: Connection, waiting: Sequence[Due]) -> Sums:
    """The sums of days in the order of people: their events are read in one go, which is quick where nearly all days wait."""
    first, last = waiting[0].user_id, waiting[-1].user_id
    wanted = {(one.user_id, one.day) for one in waiting}
    forgiven = forgiven_on(connection, WAITING.where(due.c.user_id.between(first, last)))
    sums = Sums()
    for pair, rows in _by_day(connection, events.c.user_id.between(first, last)):
        if pair in wanted:
            sums.add(fold(*pair, rows, forgiven.get(pair, ())))
    return sums


def fold_everything(connection: Connection) -> Iterator[tuple[int, Sums]]:
    """The sums of everybody, person by person in the order of their ids, read in one stream."""
    forgiven = forgiven_on(connection)
    for user_id, days in groupby(_by_day(connection, true()), lambda of_day: of_day[0][0]):
        sums = Sums()
        for pair, rows in days:
            sums.add(fold(*pair, rows, forgiven.get(pair, ())))
        yield user_id, sums


def _by_day(connection: Connection, which: ColumnElement[bool]) -> Iterator[tuple[Pair, Iterator[EventRow]]]:
    """Events by person and day, in one stream in the order of their index."""
    query = _with_places(events).where(which, IS_TIMED).order_by(events.c.user_id, events.c.occurred_at)
    rows = map(EventRow._make, connection.execute(query.execution_options(yield_per=STREAM)))
    return groupby(rows, lambda row: (row.user_id, day_of(row.occurred_at)))


def _events_of(wanted: Select[Any], before: dt.datetime | None) -> Select[Any]:
    """The events of the days, in order; a day without any gives a row of nothing.

    An outer join, because it fixes the order: the few days first, then the events of each by their index. SQLite, left to
    choose, walked through all events to meet no day at all.
    """
    days = wanted.subquery("wanted")
    is_in = (events.c.occurred_at >= days.c.starts_at) & (events.c.occurred_at < days.c.ends_at) & IS_TIMED
    is_in = is_in & (events.c.occurred_at < before) if before is not None else is_in
    joined = days.outerjoin(events, (events.c.user_id == days.c.user_id) & is_in)
    return _with_places(joined).order_by(days.c.user_id, events.c.occurred_at)


def forgiven_on(connection: Connection, wanted: Select[Any] | None = None) -> Mapping[Pair, set[tuple[int, str]]]:
    """What accepted appeals gave back, by (person, day)."""
    table = table_of(CreditAppeal)
    query = select(table.c.user_id, table.c.day, table.c.resource_id, table.c.reason).where(table.c.state == "accepted")
    if wanted is not None:
        query = query.where(table.c.user_id.in_(select(wanted.subquery().c.user_id)))
    found: dict[Pair, set[tuple[int, str]]] = defaultdict(set)
    for user, day, resource, reason in connection.execute(query):
        found[user, day].add((resource, reason))
    return found
