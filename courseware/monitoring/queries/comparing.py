"""One figure side by side: course by course, unit by unit, year by year.

Rows of courses and units are parts of the very sets of the figure, judged by its own rule; a year is counted by the
function of the registry, and shows what was frozen of it (closed.py). There is no second way to a number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from courseware.libraries.models import Library
from courseware.monitoring import queries
from courseware.monitoring.closed import Reported, frozen_years, reported
from courseware.monitoring.indicators import coverage, registry
from courseware.monitoring.periods import PERFORMANCE, Period, parse_period
from courseware.monitoring.queries.cache import remember
from courseware.monitoring.queries.facts import StoredFacts
from courseware.monitoring.queries.homes import Homes, has_courses
from courseware.monitoring.queries.monitor import Overview
from courseware.monitoring.results import Group, IndicatorResult, Tally, judge

COURSES, UNITS, YEARS = "courses", "units", "years"
MOST_YEARS = 5
OF_UNITS = ("resource", "version", "person", "roster", "enrolment", "pair")

Keys = Iterable[Any]
HomesOf = Callable[[Any], tuple[int | None, ...]]


@dataclass(frozen=True, slots=True)
class Part:
    """The figure of one course or unit; `key` is its number, None for what belongs to none of the library's."""

    key: int | None
    result: IndicatorResult


@dataclass(frozen=True, slots=True)
class YearPart:
    """The figure that one year shows, and today's count of it."""

    period: Period
    figure: Reported

    @property
    def result(self) -> IndicatorResult:
        """The figure that the year shows."""
        return self.figure.result


def ways(result: IndicatorResult) -> list[str]:
    """How a figure can be taken apart. Sums of seconds or visits and means cannot: their lists are not their size."""
    found = []
    if _is_made_of_its_list(result.tally):
        found += [COURSES] if has_courses(result.definition) or result.definition.subject == "pair" else []
        found += [UNITS] if result.definition.subject in OF_UNITS and result.definition.family != "M18" else []
    return [*found, YEARS]


def by_course(homes: Homes, result: IndicatorResult) -> list[Part]:
    """The figure of each course. A thing stands in one course or in none."""
    subject = result.definition.subject
    return _parts(result, lambda key: (homes.course_of(subject, key),))


def by_unit(homes: Homes, result: IndicatorResult) -> list[Part]:
    """The figure of each unit. Who is on several rosters stands in the row of each, and once in the whole (M12)."""
    subject = result.definition.subject
    return _parts(result, lambda key: homes.units_of(subject, key))


def by_year(library: Library, view: Overview, result: IndicatorResult) -> list[YearPart]:
    """The figure in the library's latest years, newest first, each as its own Monitor page shows it."""
    periods = _years(library, view)
    frozen = frozen_years(library, periods)
    counted = ((period, _in_year(library, view, result, period)) for period in periods)
    return [YearPart(period, reported(frozen.get(period.code), today)) for period, today in counted]


def _years(library: Library, view: Overview) -> list[Period]:
    own = [p for p in queries.periods_to_choose(library, view.now) if p.kind == PERFORMANCE][:MOST_YEARS]
    if view.period.kind == PERFORMANCE:
        return own
    return [parse_period(f"{view.period.kind}:{period.year}") for period in own]


def _in_year(library: Library, view: Overview, result: IndicatorResult, period: Period) -> IndicatorResult:
    if period == view.period:
        return result
    key = ("year", str(library.uuid), result.id, period.code, period.start)
    return remember(key, view.now, lambda: registry.count(result.id, StoredFacts(library, period, view.now)))


def _is_made_of_its_list(tally: Tally) -> bool:
    if tally.is_mean or tally.numerator is not None:
        return False
    return tally.denominator is None or len(tally.base_keys) == tally.denominator


def _parts(result: IndicatorResult, homes: HomesOf) -> list[Part]:
    tally = result.tally
    counted, rest, base = _sorted(tally.counted, homes), _sorted(tally.rest, homes), _sorted(tally.base_keys, homes)
    keys = counted.keys() | rest.keys() | base.keys()
    return [
        Part(key, _judged(result, tally.counted, tally.rest, [found.get(key, []) for found in (counted, rest, base)]))
        for key in sorted(keys, key=lambda key: (key is None, key or 0))
    ]


def _judged(result: IndicatorResult, counted: Group, rest: Group, keys: list[list[Any]]) -> IndicatorResult:
    mine, others, base = keys
    part = Tally(
        {key: counted[key] for key in mine}, {key: rest[key] for key in others},
        denominator=None if result.tally.denominator is None else len(base), base_keys=tuple(base),
    )  # fmt: skip
    needs_both = result.id == "M12.A"
    return judge(result.definition, replace(part, verdict=coverage.verdict_of_both(part)) if needs_both else part)


def _sorted(keys: Keys, homes: HomesOf) -> dict[int | None, list[Any]]:
    found: dict[int | None, list[Any]] = {}
    for key in keys:
        for home in homes(key):
            found.setdefault(home, []).append(key)
    return found
