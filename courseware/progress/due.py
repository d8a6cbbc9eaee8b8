"""Which days of which people have sums older than their events: said in the transaction that stores an event."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from sqlalchemy import text
from sqlalchemy.dialects import postgresql, sqlite

from courseware.core import clock
from courseware.core.database import session
from courseware.progress import statements
from courseware.progress.days import start_of
from courseware.progress.models import DueDay

_TO_DUE = """
INSERT INTO due_day (user_id, day, starts_at, ends_at, since, changes)
SELECT user_id, day, {starts}, {ends}, {now}, 1 FROM (SELECT DISTINCT user_id, {day} AS day FROM learning_event) AS days WHERE true
ON CONFLICT (user_id, day) DO UPDATE SET changes = due_day.changes + 1
"""
_ALL = {
    "sqlite": _TO_DUE.format(
        day="(CAST(strftime('%s', occurred_at) AS INTEGER) + 28800) / 86400",
        starts="strftime('%Y-%m-%d 16:00:00.000000', day * 86400 - 86400, 'unixepoch')",
        ends="strftime('%Y-%m-%d 16:00:00.000000', day * 86400, 'unixepoch')",
        now="strftime('%Y-%m-%d %H:%M:%S.000000', 'now')",
    ),
    "postgresql": _TO_DUE.format(
        day="floor((extract(epoch FROM occurred_at) + 28800) / 86400)::integer", now="now()",
        starts="to_timestamp(day::bigint * 86400 - 28800)", ends="to_timestamp(day::bigint * 86400 + 57600)",
    ),
}  # fmt: skip


def mark_due(pairs: Iterable[tuple[int, int]]) -> None:
    """These (person, day)s have to be counted anew. In the order of their keys, so that two writers never block each other.

    A row that is there grows, which also holds it until this transaction ends: whoever counts cannot miss its events.
    """
    now = clock.now()
    rows = [
        {"user_id": user, "day": day, "starts_at": start_of(day), "ends_at": start_of(day + 1), "since": now, "changes": 1}
        for user, day in sorted(set(pairs))
    ]  # fmt: skip
    if rows:
        statements.write(_marking(session().get_bind().dialect.name == "postgresql"), rows)


def mark_all_due() -> None:
    """Every day of everybody has to be counted anew, as after a change of the rules or rows loaded in bulk."""
    session().execute(text(_ALL[session().get_bind().dialect.name].replace("::", r"\:\:")))


@cache
def _marking(is_postgres: bool) -> Any:
    made: Any = (postgresql if is_postgres else sqlite).insert(statements.table_of(DueDay))
    table = statements.table_of(DueDay)
    return made.on_conflict_do_update(
        index_elements=[table.c.user_id, table.c.day], set_={"changes": table.c.changes + 1}
    )
