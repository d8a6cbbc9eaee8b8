"""One person's own learning time by day, for pages of that person: from the kept sums, and from events where a day waits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import bindparam, select

from courseware.core import intervals
from courseware.core.database import session
from courseware.monitoring.rollups.folding import Row
from courseware.monitoring.rollups.reading import WAITING, due, fold_days
from courseware.monitoring.rollups.tables import PersonDay
from courseware.progress.statements import table_of

_days = table_of(PersonDay)
_PERSON: Any = bindparam("person")
_FIRST: Any = bindparam("first")
_KEPT = select(_days.c.day, _days.c.stretches).where(
    _days.c.user_id == _PERSON, _days.c.day >= _FIRST, _days.c.first_at.is_not(None)
)
_LEARNED = (
    select(_days.c.day)
    .where(_days.c.user_id == _PERSON, _days.c.day >= _FIRST, _days.c.first_at.is_not(None))
    .distinct()
)
_WAITS = select(due.c.day).where(due.c.user_id == _PERSON, due.c.day >= _FIRST)


def own_seconds(user_id: int, first: int) -> Mapping[int, float]:
    """Credited seconds (M14: each once, over tabs, devices and libraries) by day from `first` on; days without are left out.

    A day that waits to be folded is counted from its events, so the answer never lags: two queries, four on such a day.
    """
    connection = session().connection()
    waiting = set(connection.scalars(_WAITS, {"person": user_id, "first": first}))
    rows = connection.execute(_KEPT, {"person": user_id, "first": first}).mappings()
    kept: list[Row] = [dict(row) for row in rows if row["day"] not in waiting]
    if waiting:
        mine = WAITING.where(due.c.user_id == user_id, due.c.day >= first)
        kept += [row for row in fold_days(connection, mine).persons if row["first_at"] is not None]
    return _by_day(kept)


def days_learned(user_id: int, first: int) -> set[int]:
    """Days from `first` on with credited learning, as far as they are folded; one query."""
    return set(session().connection().scalars(_LEARNED, {"person": user_id, "first": first}))


def _by_day(rows: Iterable[Row]) -> dict[int, float]:
    stretches: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for row in rows:
        stretches[row["day"]] += [(start, end) for start, end in row["stretches"]]
    return {day: intervals.length(parts) / 1000 for day, parts in stretches.items()}
