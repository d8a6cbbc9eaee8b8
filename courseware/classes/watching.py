"""Where a recording is watched, left and gone back to, second by second (R54). Pure functions of plain values."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from courseware.core.intervals import merge

Ranges = Sequence[Sequence[float]]
ENOUGH = 5  # a figure about fewer people would be one about persons
SPAN_S = 10
LONGEST_S = 6 * 3600


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the recording where something happens most, and how often."""

    start_s: int
    end_s: int
    count: int


@dataclass(frozen=True, slots=True)
class Watching:
    """How a recording was watched by `viewers` people, of whom `finished` saw enough of it.

    `seen`: people who saw each second, once each. `again`: how often each second was played beyond the first time.
    Both are empty below five viewers. `plays` and `is_cut`: the messages looked at, and whether there are more.
    """

    duration_s: float
    viewers: int
    finished: int
    seen: Sequence[int] = ()
    again: Sequence[int] = ()
    leaves: Sequence[Span] = ()
    rewinds: Sequence[Span] = ()
    plays: int = 0
    is_cut: bool = False

    @property
    def is_shown(self) -> bool:
        """Whether enough people watched."""
        return self.viewers >= ENOUGH and bool(self.seen)


def coverage(ranges: Iterable[Sequence[float]], seconds: int) -> list[int]:
    """How many of `ranges` touch each of so many seconds; a second counts from its half on."""
    steps = [0] * (seconds + 1)
    for start, end in ranges:
        first, last = max(0, math.floor(start + 0.5)), min(seconds, math.floor(end + 0.5))
        if last > first:
            steps[first] += 1
            steps[last] -= 1
    return list(accumulate(steps))[:seconds]


def analyse(
    duration_s: float,
    people: Sequence[tuple[Ranges, bool]],
    plays: Sequence[tuple[int, float, float]],
    *,
    is_cut: bool = False,
) -> Watching:
    """From what each person saw (parts, and whether it is done) and from single plays (person, from, to)."""
    seconds = min(LONGEST_S, math.ceil(duration_s))
    started = [(parts, is_done) for parts, is_done in people if parts]
    finished = sum(is_done for _parts, is_done in started)
    if len(started) < ENOUGH or seconds <= 0:
        return Watching(duration_s, len(started), finished)
    seen = coverage((part for parts, _done in started for part in merge(_pairs(parts))), seconds)
    again = _again(plays, seconds)
    return Watching(
        duration_s, len(started), finished, seen, again, _leaves(started, seconds), _most(_by_span(again), seconds),
        len(plays), is_cut,
    )  # fmt: skip


def _again(plays: Sequence[tuple[int, float, float]], seconds: int) -> list[int]:
    """Plays of each second beyond the first of each person: gone back to, or watched once more."""
    by_person: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for person, start, end in plays:
        by_person[person].append((start, end))
    every = coverage(((start, end) for _person, start, end in plays), seconds)
    once = coverage((part for parts in by_person.values() for part in merge(parts)), seconds)
    return [max(0, all_plays - first) for all_plays, first in zip(every, once, strict=True)]


def _leaves(people: Sequence[tuple[Ranges, bool]], seconds: int) -> list[Span]:
    """Where those who did not finish saw their last second."""
    ends = (max(part[1] for part in parts) for parts, is_done in people if not is_done)
    return _most(Counter(int(min(end, seconds - 1)) // SPAN_S for end in ends), seconds)


def _by_span(values: Sequence[int]) -> Counter[int]:
    found: Counter[int] = Counter()
    for second, value in enumerate(values):
        found[second // SPAN_S] = max(found[second // SPAN_S], value)
    return found


def _most(found: Counter[int], seconds: int, limit: int = 3) -> list[Span]:
    """The spans with the highest counts of at least two, the earlier one first where they are equal."""
    ranked = sorted(((span, count) for span, count in found.items() if count > 1), key=lambda pair: (-pair[1], pair[0]))
    return [Span(span * SPAN_S, min((span + 1) * SPAN_S, seconds), count) for span, count in ranked[:limit]]


def _pairs(parts: Ranges) -> list[tuple[float, float]]:
    return [(float(part[0]), float(part[1])) for part in parts]
