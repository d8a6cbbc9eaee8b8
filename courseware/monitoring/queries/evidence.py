"""What lies behind one row of a ledger: a person's days, uses and courses, a resource's users and lessons.

The facts are those of the figures, read for one person or resource (`Learned`), so that evidence and figure cannot differ.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import select

from courseware.core import intervals
from courseware.core.database import session
from courseware.enrollment.models import Enrollment, EnrollmentChange
from courseware.libraries.models import Course, Library
from courseware.monitoring.indicators.learning import count_visits
from courseware.monitoring.indicators.lessons import effective_lessons, learners_by_lesson, live_in_period
from courseware.monitoring.queries.cache import remember
from courseware.monitoring.queries.facts import StoredFacts
from courseware.monitoring.queries.learned import Learned
from courseware.monitoring.queries.monitor import Overview
from courseware.monitoring.results import GROUPS, IndicatorResult
from courseware.progress.days import date_of, day_of


@dataclass(frozen=True, slots=True)
class Place:
    """Where a thing stands in one figure: in which of its sets, why, and for a figure of several years in which of them."""

    result: IndicatorResult
    group: str
    reason: str
    year: int = 0


@dataclass(frozen=True, slots=True)
class Day:
    """What one person did on one day in Shanghai: seconds that count, each once."""

    day: dt.date
    seconds: float


class Uncounted(NamedTuple):
    """Events that do not count: of whom, with which resource, why, on which days, how many."""

    user_id: int
    resource_id: int
    reason: str
    first: dt.date
    last: dt.date
    events: int


class LessonUse(NamedTuple):
    """A lesson learners saw in the period: who owns it, what it holds, how many learners opened it, whether it counts (M6.A)."""

    lesson_id: int
    owner_id: int
    resource_ids: frozenset[int]
    learners: int
    is_effective: bool


class CourseDone(NamedTuple):
    """One person in one course: when they joined and completed it in the period, and their visits."""

    course_id: int
    joined_at: dt.datetime | None
    completed_at: dt.datetime | None
    visits: int


def places(view: Overview, keys: Mapping[str, Iterable[Any]]) -> list[Place]:
    """Every figure of the Monitor that the thing stands in; `keys` by subject, since a person has one on each list."""
    return [
        Place(result, group, result.tally.group(group)[key], key[0] if result.definition.subject == "year" else 0)
        for result in view.results.values() for key in keys.get(result.definition.subject, ())
        for group in GROUPS if key in result.tally.group(group)
    ]  # fmt: skip


def learned_by(library: Library, view: Overview, user_id: int) -> Learned:
    """The learning of one person that the figures count."""
    return Learned(library.id, view.period, view.now, user_id=user_id)


def learned_with(library: Library, view: Overview, resource_id: int) -> Learned:
    """The learning with one resource that the figures count."""
    return Learned(library.id, view.period, view.now, resource_id=resource_id)


def days_of(learned: Learned) -> list[Day]:
    """The days that count for a person (M11.C, M12, M14.time), oldest first."""
    stretches: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for one in learned.sessions:
        start = one.at.timestamp()
        if one.at < learned.moment and (one.seconds > 0 or one.is_qualified):
            stretches[day_of(one.at)].append((start, start + one.seconds))
    return [Day(date_of(day), intervals.length(parts)) for day, parts in sorted(stretches.items())]


def uncounted(learned: Learned) -> list[Uncounted]:
    """What does not count, newest first."""
    rows = [
        Uncounted(user, resource, reason, date_of(first), date_of(last), events)
        for user, resource, reason, first, last, events, _seconds in learned.uncredited()
    ]
    return sorted(rows, key=lambda row: (row.last, row.events), reverse=True)


def lessons_used(library: Library, view: Overview) -> Sequence[LessonUse]:
    """The lessons of the library that learners saw in the period, each once, as M6 and M12 judge them."""
    key = ("lessons used", str(library.uuid), view.period.code, view.period.start)
    return remember(key, view.now, lambda: _lessons_used(StoredFacts(library, view.period, view.now)))


def _lessons_used(facts: StoredFacts) -> list[LessonUse]:
    opened = learners_by_lesson(facts)
    effective = {(one.lesson_id, one.version_id) for one in effective_lessons(facts)}
    found: dict[int, LessonUse] = {}
    for one in live_in_period(facts):
        before = found.get(one.lesson_id)
        holds = frozenset(one.resource_ids) | (before.resource_ids if before else frozenset())
        counts = (one.lesson_id, one.version_id) in effective or bool(before and before.is_effective)
        learners = len(opened.get(one.lesson_id, set()) - {one.owner_id})
        found[one.lesson_id] = LessonUse(one.lesson_id, one.owner_id, holds, learners, counts)
    return list(found.values())


def courses_of_person(library: Library, view: Overview, learned: Learned) -> list[CourseDone]:
    """The courses a person joined, completed or visited in the period (M12, M14)."""
    stretches = (visit for visit in learned.visits if visit.at < learned.moment)
    visits = {course: n for (_person, course), n in count_visits(stretches).items()}
    joined: dict[int, dict[str, dt.datetime]] = defaultdict(dict)
    query = select(Enrollment.course_id, EnrollmentChange.kind, EnrollmentChange.at)
    query = query.join(EnrollmentChange, EnrollmentChange.enrollment_id == Enrollment.id)
    query = query.join(Course, Course.id == Enrollment.course_id).where(Course.library_id == library.id)
    query = query.where(Enrollment.user_id == learned.user_id, EnrollmentChange.at >= view.period.start)
    for course, kind, at in session().execute(query.where(EnrollmentChange.at < learned.moment)):
        joined[course].setdefault(kind, at)
    return [
        CourseDone(course, joined[course].get("enrolled"), joined[course].get("completed"), visits.get(course, 0))
        for course in sorted(joined.keys() | visits.keys())
    ]
