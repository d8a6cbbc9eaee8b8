"""The rows of a list behind a figure: every key with the set and the reason it stands under, and what it is."""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from courseware.core.database import session
from courseware.monitoring.results import LISTS, IndicatorResult


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a figure with the set and the reason it stands under."""

    group: str
    reason: str
    key: Any


@dataclass(frozen=True, slots=True)
class Change:
    """What was measured between two versions."""

    seconds: float | None = None
    chars: int | None = None
    share: float | None = None


NO_CHANGE = Change()


@dataclass(frozen=True, slots=True)
class Row:
    """An entry looked up: what it is, and the evidence for where it stands. `kind` is a resource type or a role; `year` stands where a
    list goes through several."""

    entry: Entry
    title: str
    note: str = ""
    kind: str = ""
    at: dt.datetime | None = None
    change: Change = NO_CHANGE
    evidence: str = ""
    decided_by: str = ""
    uuid: uuidlib.UUID | None = None
    course_id: int | None = None
    opens: str = ""
    person_uuid: uuidlib.UUID | None = None
    amount: float | None = None
    year: int | None = None
    title_en: str = ""
    note_en: str = ""


@dataclass(frozen=True)
class Ledger:
    """All entries of a figure in their order, and how many of each set."""

    result: IndicatorResult
    entries: Sequence[Entry]
    sizes: dict[str, int] = field(default_factory=dict)


def entries_of(result: IndicatorResult, only: Callable[[Any], bool] = lambda _key: True) -> Ledger:
    """The entries of a figure: counted first, then the rest, what stands outside, and the base; those for whose keys `only` holds."""
    tally = result.tally
    found = [
        Entry(group, reason, key)
        for group in LISTS
        for key, reason in sorted(tally.group(group).items(), key=lambda item: (item[1], _order(item[0])))
        if only(key)
    ]
    sizes = {group: sum(entry.group == group for entry in found) for group in LISTS}
    return Ledger(result, found, sizes)


def _order(key: Any) -> tuple[str, ...]:
    """Numbers by size, parts of a key one after the other; a name stands behind the numbers."""
    return tuple(str(part).zfill(12) for part in (key if isinstance(key, tuple) else (key,)))


def by_id(model: Any, ids: Iterable[int], *load: Any) -> dict[int, Any]:
    """Rows of `model` by number, in one query; `load` says what to bring along."""
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return {}
    return {row.id: row for row in session().scalars(select(model).where(model.id.in_(wanted)).options(*load))}
