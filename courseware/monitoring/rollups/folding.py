"""One person's day of events folded into sums. A pure function: the same events always give the same rows, in any order.

The worker, the rebuild, the recount and figures that meet a day not yet folded all use this one.
"""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, NamedTuple

from courseware.core.intervals import merge
from courseware.progress.credit import COUNTS_AS_TIME, Act, Forgiven, judge
from courseware.progress.days import start_of
from courseware.progress.rules import ALWAYS_ENOUGH_S, needed_attention

Row = dict[str, Any]
Pair = tuple[int, int]
Stretch = tuple[int, int]  # begin and end in milliseconds since the day began
USE_VERBS = ("watched", "read", "viewed", "simulated", "downloaded", "attempted")
INSTANT_VERBS = ("downloaded", "attempted")
TIMED_VERBS = (*USE_VERBS, "opened_lesson")
IN_ORDER = attrgetter("occurred_at", "uuid")
MILLISECOND = dt.timedelta(milliseconds=1)
IDLE_MS = 30 * 60 * 1000  # so long without anything, and the next act begins another visit (M14)


class EventRow(NamedTuple):
    """An event with the libraries that it belongs to: that of its resource and that of its course. `uuid` as the database gives it."""

    user_id: int
    uuid: uuidlib.UUID | str
    verb: str
    resource_id: int | None
    version_id: int | None
    occurred_at: dt.datetime
    from_s: float | None
    to_s: float | None
    seconds: float
    speed: float
    sitting: str
    excluded: str
    is_qualified: bool
    resource_library: int | None
    course_library: int | None
    type: str | None
    duration_s: float | None
    course_id: int | None


@dataclass(slots=True)
class Sums:
    """Rows of the four tables."""

    resources: list[Row] = field(default_factory=list)
    persons: list[Row] = field(default_factory=list)
    uncredited: list[Row] = field(default_factory=list)
    courses: list[Row] = field(default_factory=list)

    def add(self, other: Sums) -> None:
        """Takes the rows of `other` as well."""
        self.resources += other.resources
        self.persons += other.persons
        self.uncredited += other.uncredited
        self.courses += other.courses


@dataclass(slots=True)
class _Use:
    """A resource's part of the day, while it is added up."""

    used_at: dt.datetime | None = None
    seconds: float = 0.0
    parts: list[tuple[float, float]] = field(default_factory=list)
    last_at: dt.datetime | None = None


@dataclass(slots=True)
class _Place:
    """A library's part of the day, while it is added up."""

    stretches: list[tuple[int, int]] = field(default_factory=list)
    first_at: dt.datetime | None = None
    counted: int = 0
    uncounted: int = 0
    last_at: dt.datetime | None = None


def fold(user_id: int, day: int, rows: Iterable[EventRow], forgiven: Forgiven = ()) -> Sums:
    """The sums of one person's day."""
    timed = sorted([row for row in rows if row.verb in TIMED_VERBS], key=IN_ORDER)
    reasons = _by_sitting(timed, judge([_act(row) for row in timed], forgiven))
    uses: dict[Pair, _Use] = defaultdict(_Use)
    places: dict[int, _Place] = defaultdict(_Place)
    visits: dict[int, list[list[int]]] = defaultdict(list)
    lost: dict[tuple[int, str], list[float]] = defaultdict(lambda: [0, 0.0])
    begins = start_of(day)
    for row, reason in zip(timed, reasons, strict=True):
        is_qualified = not reason and (row.is_qualified or bool(row.sitting) or _is_long_enough(row, forgiven))
        if row.resource_id is not None:
            _add_use(uses[row.resource_id, row.version_id or 0], row, reason, is_qualified)
            if reason:
                told = lost[row.resource_id, reason]
                told[0] += 1
                told[1] += row.seconds
        stretch = _stretch(row, begins)
        home, other = row.resource_library, row.course_library
        if home is not None:
            _add_place(places[home], row, reason, is_qualified, stretch)
        if other is not None and other != home:
            _add_place(places[other], row, reason, is_qualified, stretch)
        if row.course_id is not None and reason in COUNTS_AS_TIME:
            _add_visit(visits[row.course_id], row, stretch)
    key = {"user_id": user_id, "day": day}
    return Sums(
        [key | _use_row(pair, use) for pair, use in uses.items()],
        [key | _place_row(library, place) for library, place in places.items()],
        [
            key | {"resource_id": resource, "reason": reason, "events": int(events), "seconds": round(seconds, 3)}
            for (resource, reason), (events, seconds) in lost.items()
        ],
        [key | {"course_id": course, "visits": found} for course, found in visits.items()],
    )


def _by_sitting(rows: Sequence[EventRow], reasons: Sequence[str]) -> list[str]:
    """Parts of a sitting decide together whether they were long enough: the credited ones of the day, in the order of time.

    What was said when they were stored knew only those that had come by then.
    """
    found, so_far = list(reasons), defaultdict[tuple[str, int], float](float)
    for n, row in enumerate(rows):
        if row.sitting and row.resource_id is not None and found[n] in COUNTS_AS_TIME and row.verb not in INSTANT_VERBS:
            key = row.sitting, row.resource_id
            seconds = so_far[key] = so_far[key] + (row.seconds * row.speed if row.verb == "watched" else row.seconds)
            is_enough = seconds >= ALWAYS_ENOUGH_S or seconds >= needed_attention(row.type or "", row.duration_s)
            found[n] = "" if is_enough else "too_short"
    return found


def _act(row: EventRow) -> Act:
    return Act(
        row.uuid, row.verb, row.resource_id or 0, row.occurred_at.timestamp(), row.seconds, row.sitting, row.excluded
    )


def _is_long_enough(row: EventRow, forgiven: Collection[tuple[int, str]]) -> bool:
    """Whether an event that an appeal gave back is a qualified use by itself."""
    if not row.excluded or (row.resource_id or 0, row.excluded) not in forgiven:
        return False
    seen = row.seconds * row.speed if row.verb == "watched" else row.seconds
    return row.verb in INSTANT_VERBS or seen >= needed_attention(row.type or "", row.duration_s)


def _add_use(use: _Use, row: EventRow, reason: str, is_qualified: bool) -> None:
    use.last_at = row.occurred_at  # they come in the order of time
    if reason not in COUNTS_AS_TIME:
        return
    use.seconds += row.seconds
    if is_qualified and use.used_at is None:
        use.used_at = row.occurred_at
    if row.verb == "watched" and row.from_s is not None and row.to_s is not None:
        use.parts.append((row.from_s, row.to_s))


def _add_place(place: _Place, row: EventRow, reason: str, is_qualified: bool, stretch: Stretch) -> None:
    place.last_at = row.occurred_at
    place.counted, place.uncounted = place.counted + (not reason), place.uncounted + bool(reason)
    if reason not in COUNTS_AS_TIME or not (row.seconds > 0 or is_qualified):
        return
    place.first_at = place.first_at or row.occurred_at
    place.stretches.append(stretch)


def _add_visit(visits: list[list[int]], row: EventRow, stretch: Stretch) -> None:
    """They come in the order of time."""
    start, end = stretch
    opened = int(row.verb == "opened_lesson")
    if visits and start - visits[-1][1] < IDLE_MS:
        last = visits[-1]
        last[1], last[2] = max(last[1], end), last[2] + opened
    else:
        visits.append([start, end, opened])


def _stretch(row: EventRow, begins: dt.datetime) -> Stretch:
    start = (row.occurred_at - begins) // MILLISECOND
    return start, start + round(row.seconds * 1000)


def _use_row(pair: Pair, use: _Use) -> Row:
    return {
        "resource_id": pair[0], "version_id": pair[1], "used_at": use.used_at, "seconds": round(use.seconds, 3),
        "parts": [[start, end] for start, end in merge(use.parts)], "last_at": use.last_at,
    }  # fmt: skip


def _place_row(library: int, place: _Place) -> Row:
    return {
        "library_id": library, "stretches": [[start, end] for start, end in merge(place.stretches)],
        "first_at": place.first_at, "counted": place.counted, "uncounted": place.uncounted, "last_at": place.last_at,
    }  # fmt: skip
