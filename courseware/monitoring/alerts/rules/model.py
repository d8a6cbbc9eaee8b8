"""What rules look at and what they bring: rows of evidence, findings, traces beside the facts of the figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from courseware.core.fractions import Ratio
from courseware.monitoring.facts import Facts
from courseware.monitoring.rosters.shrinking import ListSize

T = TypeVar("T")

EXCLUDED, FLAGGED = "excluded", "flagged"
RESOURCE, LESSON, PERSON, ANSWER, ROSTER = "resource", "lesson", "person", "answer", "roster"

SILENT_DB, SAMPLES = -60.0, 48


@dataclass(frozen=True, slots=True)
class Row:
    """One piece of evidence: what it is about, when, and a value to look at."""

    kind: str
    id: int
    at: dt.datetime | None = None
    value: float | None = None
    other: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One finding. `now` and `without`: the figure of `indicator` as it is, and without the rows."""

    rule: str
    about: str
    effect: str
    rows: Sequence[Row]
    indicator: str = ""
    now: Ratio | None = None
    without: Ratio | None = None
    measures: Mapping[str, float] = field(default_factory=dict)

    def span(self) -> tuple[dt.datetime | None, dt.datetime | None]:
        """From when to when the evidence reaches."""
        moments = [row.at for row in self.rows if row.at is not None]
        return min(moments, default=None), max(moments, default=None)


@dataclass(frozen=True, slots=True)
class CopyFact:
    """A resource that stands in an earlier one or contains it, and what its author answered."""

    resource_id: int
    other_id: int
    share: float
    is_asked: bool
    answer: str


@dataclass(frozen=True, slots=True)
class MovieFact:
    """What was measured of the file of a live video."""

    resource_id: int
    duration_s: float
    still_percent: int
    has_sound: bool
    peak_db: float | None
    has_captions: bool

    @property
    def scenes_per_minute(self) -> float:
        """Changes of picture between up to 48 frames at equal distances: never more than there are, so a lower bound."""
        steps = min(SAMPLES, max(1.0, self.duration_s)) - 1
        return round((100 - self.still_percent) / 100 * steps) * 60 / self.duration_s

    @property
    def is_silent(self) -> bool:
        """No sound that could be speech, and no captions of any."""
        quiet = not self.has_sound or (self.peak_db is not None and self.peak_db <= SILENT_DB)
        return quiet and not self.has_captions


@dataclass(frozen=True, slots=True)
class RatingFact:
    """Stars somebody gave."""

    resource_id: int
    user_id: int
    stars: int
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class RefusedUseFact:
    """Events of one person with one resource that do not count, by their reason; `first` and `last` are days."""

    user_id: int
    reason: str
    events: int
    seconds: float
    first: dt.datetime
    last: dt.datetime
    resource_id: int = 0


@dataclass(frozen=True, slots=True)
class Traces:
    """What rules look at beside the facts of the figures."""

    copies: Sequence[CopyFact] = ()
    movies: Sequence[MovieFact] = ()
    ratings: Sequence[RatingFact] = ()
    refused: Sequence[RefusedUseFact] = ()
    rosters: Sequence[ListSize] = ()


Rule = Callable[[Facts, Traces], Iterator[Found]]


def bursts(
    things: Iterable[T], when: Callable[[T], dt.datetime], fewest: int, within: dt.timedelta
) -> Iterator[list[T]]:
    """Stretches in which `fewest` of a kind lie within `within`; stretches that touch are one."""
    ordered = sorted(things, key=when)
    marked = [False] * len(ordered)
    for first in range(len(ordered) - fewest + 1):
        if when(ordered[first + fewest - 1]) - when(ordered[first]) <= within:
            marked[first : first + fewest] = [True] * fewest
    group: list[T] = []
    for place, thing in enumerate(ordered):
        if group and (not marked[place] or when(thing) - when(group[-1]) > within):
            yield group
            group = []
        if marked[place]:
            group.append(thing)
    if group:
        yield group
