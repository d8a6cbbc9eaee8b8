"""Months of learning events on PostgreSQL: each lies in a table of its own, made before it begins (decision 28).

An event of a month that has no table is never refused: it lies in `learning_event_other` until the next round makes the
table and moves it there, and the log says so. SQLite has one table, and nothing here to do.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, text

from courseware.core.clock import REPORTING_ZONE
from courseware.core.database import session

BEFORE, AHEAD = 13, 3  # an event may come 400 days late (intake.OLDEST); the worker may be away for a season
PATIENCE = "5s"

_MADE = """
SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'learning_event'::regclass
"""
_STRAY = """
SELECT DISTINCT date_trunc('month', occurred_at AT TIME ZONE 'Asia/Shanghai') FROM learning_event_other
"""


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month of the calendar in Shanghai."""

    year: int
    month: int

    @property
    def table(self) -> str:
        """The name of its table."""
        return f"learning_event_{self.year:04d}_{self.month:02d}"

    @property
    def begins(self) -> dt.datetime:
        """Its first moment."""
        return dt.datetime(self.year, self.month, 1, tzinfo=REPORTING_ZONE)

    def plus(self, months: int) -> Month:
        """So many months later."""
        years, month = divmod(self.year * 12 + self.month - 1 + months, 12)
        return Month(years, month + 1)


@dataclass(frozen=True, slots=True)
class Kept:
    """What a round did: the months that got a table, and how many events had waited in `learning_event_other`."""

    made: list[Month]
    moved: int = 0


def month_of(moment: dt.datetime) -> Month:
    """The month in which an aware `moment` lies."""
    there = moment.astimezone(REPORTING_ZONE)
    return Month(there.year, there.month)


def keep_months(now: dt.datetime) -> Kept:
    """Makes the tables of the months around `now` and of events that lie outside of any; does nothing on SQLite.

    Waits for locks for five seconds at most, so that a long report never makes everybody wait: the next round tries again.
    """
    connection = session().connection()
    if connection.dialect.name != "postgresql":
        return Kept([])
    connection.execute(text(f"SET LOCAL lock_timeout = '{PATIENCE}'"))
    stray = {Month(row[0].year, row[0].month) for row in connection.execute(text(_STRAY))}
    around = {month_of(now).plus(n) for n in range(-BEFORE, AHEAD + 1)}
    known = set(connection.scalars(text(_MADE)))
    missing = sorted(month for month in stray | around if month.table not in known)
    return Kept(missing, sum(_make(connection, month) for month in missing))


def outside() -> int:
    """How many events lie in no month's table: more than none says that no worker made the tables in time."""
    connection = session().connection()
    if connection.dialect.name != "postgresql":
        return 0
    return connection.scalar(text("SELECT count(*) FROM learning_event_other")) or 0


def forget_uuids() -> None:
    """After all events were deleted their uuids may come again; does nothing on SQLite, where a uuid goes with its event."""
    connection = session().connection()
    if connection.dialect.name == "postgresql":
        connection.execute(text("DELETE FROM learning_event_uuid"))


def _make(connection: Connection, month: Month) -> int:
    """Makes the table of a month, moves the events there that wait for it, and only then hangs it into the whole."""
    bounds = f"'{month.begins.isoformat()}'", f"'{month.plus(1).begins.isoformat()}'"
    inside = f"occurred_at >= {bounds[0]} AND occurred_at < {bounds[1]}"
    connection.execute(text("LOCK TABLE learning_event_other IN SHARE ROW EXCLUSIVE MODE"))
    connection.execute(text(f"CREATE TABLE {month.table} (LIKE learning_event INCLUDING ALL)"))
    moving = f"WITH gone AS (DELETE FROM learning_event_other WHERE {inside} RETURNING *) INSERT INTO {month.table} SELECT * FROM gone"  # noqa: S608
    moved = connection.execute(text(moving)).rowcount
    connection.execute(
        text(
            f"ALTER TABLE learning_event ATTACH PARTITION {month.table} FOR VALUES FROM ({bounds[0]}) TO ({bounds[1]})"
        )
    )
    return moved
