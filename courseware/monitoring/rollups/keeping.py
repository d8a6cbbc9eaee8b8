"""Keeping the sums in step with the events: the worker folds days that are due, and a recount proves them.

A day is read and folded without holding the writer; only then are its rows replaced, and only while no further event
came to it. So nothing is counted twice or lost, whatever the order, and recording waits for milliseconds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, and_, bindparam, delete, func, insert, select

from courseware.core.database import session
from courseware.core.unit_of_work import unit_of_work
from courseware.monitoring.rollups.folding import Pair, Row, Sums
from courseware.monitoring.rollups.reading import CHUNK, Due, due, due_days, fold_days, fold_everything, up_to
from courseware.monitoring.rollups.tables import CourseDay, PersonDay, ResourceDay, UncreditedDay
from courseware.progress import months
from courseware.progress.statements import table_of

TABLES: Mapping[str, Table] = {
    "resources": table_of(ResourceDay), "persons": table_of(PersonDay), "uncredited": table_of(UncreditedDay),
    "courses": table_of(CourseDay),
}  # fmt: skip
AT_A_TIME = 5_000
AT_ONCE = 1_000
SHOWN = 20


def fold_due(limit: int = CHUNK) -> int:
    """Folds up to `limit` of the days that wait longest, in a unit of work of its own; returns how many it folded.

    A day that changed while it was folded keeps waiting; nobody's events are lost.
    """
    connection = session().connection()
    waiting = due_days(connection, limit)
    if not waiting:
        session().rollback()
        return 0
    sums = fold_days(connection, up_to(waiting[-1]))
    session().rollback()  # what follows writes, and must not begin as a reader (decision 2)
    with unit_of_work() as db:
        kept = still_waiting(db.connection(), waiting)
        delete_days(db.connection(), (*TABLES.values(), due), kept)
        insert_sums(db.connection(), sums, kept)
    return len(kept)


def fold_all_due(say: Callable[[int], None] = lambda _days: None) -> int:
    """Folds until nothing waits; returns how many days it folded."""
    done = 0
    while folded := fold_due(AT_ONCE):
        done += folded
        say(done)
    return done


def differences(limit: int = SHOWN) -> list[str]:
    """Where the kept sums are not what a recount of all events gives, a line each, at most `limit`; empty is as it has to be.

    Days that still wait to be folded are left out: figures count those from their events.
    """
    connection, found = session().connection(), list[str]()
    waiting = {(user, day) for user, day in connection.execute(select(due.c.user_id, due.c.day))}
    counted = iter(fold_everything(connection))
    known: set[int] = set()
    for user, sums in counted:
        known.add(user)
        found += _compare(connection, user, sums, waiting)
        if len(found) >= limit:
            return found[:limit]
    for name, table in TABLES.items():
        users = set(connection.scalars(select(table.c.user_id).distinct())) - known
        found += [f"{name}: rows of person {user}, who has no events" for user in sorted(users)]
    return found[:limit]


def count_waiting() -> int:
    """How many days of people wait to be folded."""
    return session().connection().scalar(select(func.count()).select_from(due)) or 0


def status(now: dt.datetime) -> dict[str, Any]:
    """Days that wait, the age of the oldest in seconds, events outside of any month's table, and how many rows are kept."""
    connection = session().connection()
    waiting, since = connection.execute(select(func.count(), func.min(due.c.since))).one()
    kept = {table.name: connection.scalar(select(func.count()).select_from(table)) for table in TABLES.values()}
    waits = round((now - since).total_seconds(), 1) if since else 0.0
    return {"waiting_days": waiting, "waiting_s": waits, "outside_months": months.outside(), **kept}


def _compare(connection: Connection, user: int, sums: Sums, waiting: set[Pair]) -> Iterator[str]:
    for name, table in TABLES.items():
        kept = [dict(row) for row in connection.execute(select(table).where(table.c.user_id == user)).mappings()]
        mine, anew = _by_key(table, kept, waiting), _by_key(table, getattr(sums, name), waiting)
        for key in sorted(mine.keys() | anew.keys(), key=str):
            if mine.get(key) != anew.get(key):
                yield f"{table.name} {key}: kept {mine.get(key)}, counted {anew.get(key)}"


def _by_key(table: Table, rows: Iterable[Row], leave_out: set[Pair]) -> dict[Any, Row]:
    keys = [column.name for column in table.primary_key.columns]
    return {tuple(row[name] for name in keys): row for row in rows if (row["user_id"], row["day"]) not in leave_out}


def still_waiting(connection: Connection, waiting: Sequence[Due]) -> set[Pair]:
    """Those that did not change since they were read. PostgreSQL waits here for writers at work, and holds the rows."""
    users = {one.user_id for one in waiting}
    query = (
        select(due.c.user_id, due.c.day, due.c.changes)
        .where(due.c.user_id.in_(users))
        .order_by(due.c.user_id, due.c.day)
    )
    now = {(user, day): changes for user, day, changes in connection.execute(query.with_for_update())}
    return {(one.user_id, one.day) for one in waiting if now.get((one.user_id, one.day)) == one.changes}


def insert_sums(connection: Connection, sums: Sums, pairs: Collection[Pair]) -> None:
    """Stores the sums of these days; their old ones are gone already."""
    for name, table in TABLES.items():
        rows: list[Row] = [row for row in getattr(sums, name) if (row["user_id"], row["day"]) in pairs]
        for at in range(0, len(rows), AT_A_TIME):
            connection.execute(insert(table), rows[at : at + AT_A_TIME])


def delete_days(connection: Connection, tables: Iterable[Table], pairs: Collection[Pair]) -> None:
    """Removes the rows of these days of people."""
    found = [{"of_user": user, "of_day": day} for user, day in sorted(pairs)]
    for table in tables if found else ():
        where = and_(table.c.user_id == bindparam("of_user"), table.c.day == bindparam("of_day"))
        connection.execute(delete(table).where(where), found)
