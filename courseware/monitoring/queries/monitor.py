"""What the Monitor pages show: judged figures with their trend, breakdowns by course and unit, the coverage map."""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import select

from courseware.core.database import session
from courseware.core.fractions import Ratio
from courseware.libraries.models import Course, Library
from courseware.monitoring import readings
from courseware.monitoring.definitions import DEFINITIONS, Definition, candidates
from courseware.monitoring.facts import Facts
from courseware.monitoring.indicators import coverage, curriculum, registry
from courseware.monitoring.periods import Period, previous
from courseware.monitoring.planning import outlook
from courseware.monitoring.planning.waiting import waiting_updates
from courseware.monitoring.queries.cache import make_ready, remember
from courseware.monitoring.queries.facts import StoredFacts
from courseware.monitoring.queries.homes import Homes
from courseware.monitoring.results import FAIL, PASS, IndicatorResult

REFERENCE = (
    "M1.A",
    "M5.A",
    "M6.A",
    "M7.A",
    "M8.objective",
    "M10.B",
    "M11.A",
    "M11.growth",
    "M14.enrolments",
    "M14.completion.A",
    "M14.time",
    "M14.visits.A",
    "M15.A",
    "M15.B",
    "M16.naming",
    "M18.cross_province",
)


@dataclass(frozen=True, eq=False)
class Overview:
    """All figures of a period with what explains them; made once and kept until a fact changes. Equal is only the same one."""

    period: Period
    now: dt.datetime
    results: Mapping[str, IndicatorResult]
    last_year: Mapping[str, IndicatorResult]
    trends: Mapping[str, Sequence[float | None]]
    map_rows: Sequence[MapRow]
    units: Sequence[tuple[int, Ratio, Ratio]]
    gaps: Gaps
    homes: Homes
    events: tuple[int, int]
    """Learning events of the period that count, and those that do not."""
    judged: tuple[str, ...]
    """The readings that are judged in this library and period (readings.py)."""

    @property
    def excluded_elsewhere(self) -> int:
        """Of the events that do not count, those about no resource of the library: lessons opened, and what others lend."""
        return self.events[1] - sum(self.results["M5.A"].tally.exclusions().values())

    @property
    def official(self) -> list[IndicatorResult]:
        """The judged figures: not met first, then met, then those without a verdict."""
        rank = {FAIL: 0, PASS: 1}
        judged = [self.results[key] for key in self.judged]
        return sorted(judged, key=lambda r: rank.get(r.verdict or "", 2))

    def expected_met(self) -> int | None:
        """How many judged figures will probably be met at the end; None where nothing could be foreseen."""
        if not any(r.forecast for r in self.official):
            return None
        return sum(r.forecast.is_met if r.forecast else r.verdict == PASS for r in self.official)

    def verdicts(self) -> Counter[str | None]:
        """How many are met, not met, n/a, insufficient."""
        return Counter(r.verdict for r in self.official)

    @property
    def reference(self) -> list[IndicatorResult]:
        """Figures without an official limit."""
        return [self.results[key] for key in REFERENCE]


@dataclass(frozen=True, slots=True)
class MapRow:
    """A core course in the coverage map: each requirement as counted of all."""

    course_id: int
    points: int
    taught: Ratio
    asked: Ratio
    moving: Ratio
    posts: Ratio
    updated: Ratio


@dataclass(frozen=True)
class Gaps:
    """Whole things that are missing: what the list of what to do is made of."""

    questions: Mapping[int, int] = field(default_factory=dict)
    courses: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    unproven: int = 0
    units_without_roster: tuple[int, ...] = ()
    revisions_in_review: int = 0
    least_updated: tuple[int, Ratio] | None = None


def overview(library: Library, period: Period, now: dt.datetime) -> Overview:
    """The whole Monitor of a library in a period, from memory while no fact changed."""
    return remember(_key(library, period), now, lambda: _overview(library, period, now), on_shelf=True)


def make_overview_ready(library: Library, period: Period, now: dt.datetime) -> bool:
    """For the worker: counts the Monitor of a library that is slow to count before somebody asks; whether it counted."""
    return make_ready(_key(library, period), now, lambda: _overview(library, period, now))


def _key(library: Library, period: Period) -> tuple[object, ...]:
    return "overview", str(library.uuid), period.code, period.start


def hindsight(library: Library, period: Period, now: dt.datetime) -> list[outlook.Hindsight]:
    """What the forecasts of a period that is over had said, from memory while no fact changed."""
    key = ("hindsight", str(library.uuid), period.code, period.start)
    facts = StoredFacts(library, period, now), StoredFacts(library, previous(period), now)
    return remember(key, now, lambda: outlook.hindsight(*facts))


def results_of(library: Library, period: Period, now: dt.datetime, ids: Iterable[str]) -> list[IndicatorResult]:
    """Some figures of the Monitor."""
    found = overview(library, period, now).results
    return [found[key] for key in ids]


class CourseName(NamedTuple):
    """What pages say of a course of the register."""

    id: int
    uuid: uuidlib.UUID
    name: str
    name_en: str


def courses_of(library: Library) -> dict[int, CourseName]:
    """The courses of the register by number, in its order."""
    query = select(Course.id, Course.uuid, Course.name, Course.name_en).where(Course.library_id == library.id)
    return {row.id: CourseName(*row) for row in session().execute(query.order_by(Course.seq, Course.id))}


def _overview(library: Library, period: Period, now: dt.datetime) -> Overview:
    facts = StoredFacts(library, period, now)
    judged = readings.judged(library, period)
    histories = outlook.histories(facts, [definition.id for definition in judged if definition.subject != "year"])
    before = facts.in_period(previous(period))  # after the histories: what they read serves here, too
    waiting = waiting_updates(library.id, now)
    results = {r.id: r for r in outlook.with_forecasts(facts, before, registry.count_all(facts), histories, waiting)}
    rows = map_rows(facts)
    return Overview(
        period, now, results,
        {r.id: r for r in registry.count_all(before, REFERENCE)},
        trends(histories), rows, by_unit(facts, results["M12.A"]), _gaps(facts, results, rows, len(waiting.in_review)), Homes.read(facts),
        facts.learned.count_events(), tuple(definition.id for definition in judged),
    )  # fmt: skip


def trends(histories: Mapping[str, outlook.History]) -> dict[str, list[float | None]]:
    """The figures at the end of each month that has passed, in per cent; the last one is now."""
    return {key: [_value(result) for _, result in history] for key, history in histories.items()}


def _value(result: IndicatorResult) -> float | None:
    return float(result.value) if result.value is not None else None


def map_rows(facts: Facts) -> list[MapRow]:
    """One row for each core course of the plan."""
    moment = facts.period.moment(facts.now)
    taught, moving = curriculum.taught_points(facts), curriculum.moving_points(facts)
    asked = {point for (_, point), n in curriculum.questions_by_point(facts).items() if n}
    posts = {p.id for p in facts.points if p.has_post}
    updated = by_course(Homes.read(facts), registry.count("M4.A", facts))
    rows: list[MapRow] = []
    for course in curriculum.core_courses(facts):
        standard = course.standard_at(moment)
        points = set(standard.points if standard else ())
        taught_here, asked_here, moving_here, posts_here = (
            Ratio(len(points & having), len(points)) for having in (taught, asked, moving, posts)
        )
        update = updated.get(course.id, Ratio(0, 0))
        rows.append(MapRow(course.id, len(points), taught_here, asked_here, moving_here, posts_here, update))
    return rows


def by_course(homes: Homes, result: IndicatorResult) -> dict[int | None, Ratio]:
    """A figure course by course: counted over the base, or counted alone (denominator 0) for plain counts."""
    subject, tally = result.definition.subject, result.tally
    counted = Counter(homes.course_of(subject, key) for key in tally.counted)
    base = tally.base_keys or (*tally.counted, *tally.rest)
    bases = Counter(homes.course_of(subject, key) for key in base if not result.definition.is_count)
    return {key: Ratio(counted[key], bases[key]) for key in sorted(counted.keys() | bases.keys(), key=lambda k: k or 0)}


def by_unit(facts: Facts, result: IndicatorResult) -> list[tuple[int, Ratio, Ratio]]:
    """Students and teachers of each unit with a roster (M12)."""
    rosters = coverage.counting_rosters(facts)
    counted = result.tally.counted
    rows = []
    for unit in facts.units:
        if unit.id in rosters:
            groups = (("student", rosters[unit.id].students), ("teacher", rosters[unit.id].teachers))
            students, teachers = (
                Ratio(sum((role, who) in counted for who in set(people)), len(set(people))) for role, people in groups
            )
            rows.append((unit.id, students, teachers))
    return rows


def neighbours(definition: Definition) -> tuple[Definition, ...]:
    """The readings of one figure, itself among them."""
    return candidates(definition.family)


def _gaps(facts: Facts, results: Mapping[str, IndicatorResult], rows: Sequence[MapRow], waiting: int) -> Gaps:
    missing = {c.id: tuple(curriculum.missing_of(facts, c)) for c in curriculum.core_courses(facts)}
    updated = [(row.course_id, row.updated) for row in rows if row.updated.denominator]
    return Gaps(
        questions={key: n for key, n in Counter(course for course, _ in results["M8.A"].tally.rest).items() if n},
        courses={key: lacks for key, lacks in missing.items() if lacks},
        unproven=sum(reason == "no_evidence" for reason in results["M3.A"].tally.rest.values()),
        units_without_roster=tuple(coverage.units_without_roster(facts)),
        revisions_in_review=waiting,
        least_updated=min(updated, key=lambda pair: pair[1].numerator / pair[1].denominator, default=None),
    )


def index_of_definitions() -> dict[str, list[Definition]]:
    """All definitions under their indicator, in order."""
    found: dict[str, list[Definition]] = {}
    for definition in DEFINITIONS:
        found.setdefault(definition.family, []).append(definition)
    return found
