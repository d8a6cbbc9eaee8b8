"""One person's own learning time by day, for pages of that person: from the kept sums, and from events where a day waits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, cast, false, null, select, true

from courseware.core import intervals
from courseware.core.database import session
from courseware.monitoring.rollups.folding import Row
from courseware.monitoring.rollups.reading import WAITING, due, fold_days
from courseware.monitoring.rollups.tables import PersonDay
from courseware.progress.statements import table_of

_days = table_of(PersonDay)
_PERSON: Any = bindparam("person")
_FIRST: Any = bindparam("first")
# What is kept of each day, and the days that wait to be folded, as rows without stretches.
_DAYS = (
    select(_days.c.day, _days.c.stretches, false().label("waits"))
    .where(_days.c.user_id == _PERSON, _days.c.day >= _FIRST, _days.c.first_at.is_not(None))
    .union_all(
        select(due.c.day, cast(null(), _days.c.stretches.type), true()).where(
            due.c.user_id == _PERSON, due.c.day >= _FIRST
        )
    )
)


@dataclass(frozen=True, slots=True)
class OwnDays:
    """`seconds` credited by day from a first day on, days without left out; `learned`: days with credited learning, further back."""

    seconds: Mapping[int, float]
    learned: Collection[int]


def own_days(user_id: int, first: int, learned_since: int) -> OwnDays:
    """Credited seconds (M14: each once, over tabs, devices and libraries) from `first` on, days of learning from `learned_since` on.

    A day from `first` on that waits to be folded is counted from its events, so the seconds never lag: one query, three on
    such a day. `learned` tells older days as far as they are folded.
    """
    connection = session().connection()
    rows: list[Row] = [
        dict(row)
        for row in connection.execute(_DAYS, {"person": user_id, "first": min(first, learned_since)}).mappings()
    ]
    waiting = {row["day"] for row in rows if row["waits"] and row["day"] >= first}
    kept = [row for row in rows if not row["waits"]]
    recent = [row for row in kept if row["day"] >= first and row["day"] not in waiting]
    if waiting:
        mine = WAITING.where(due.c.user_id == user_id, due.c.day >= first)
        recent += [row for row in fold_days(connection, mine).persons if row["first_at"] is not None]
    seconds = _by_day(recent)
    return OwnDays(seconds, {*(row["day"] for row in kept if row["day"] >= learned_since), *seconds})


def _by_day(rows: Iterable[Row]) -> dict[int, float]:
    stretches: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for row in rows:
        stretches[row["day"]] += [(start, end) for start, end in row["stretches"]]
    return {day: intervals.length(parts) / 1000 for day, parts in stretches.items()}
