"""What the plan page shows: what-if, the route, points without anything, tasks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from sqlalchemy import select

from courseware.accounts.models import User
from courseware.core.database import session
from courseware.knowledge.models import Point
from courseware.libraries.models import Course, CourseTeacher, Library
from courseware.libraries.services import LEADER
from courseware.monitoring.indicators.points import point_rows
from courseware.monitoring.periods import Period
from courseware.monitoring.planning.candidates import read_candidates
from courseware.monitoring.planning.models import EVIDENCE, QUESTION, RESOURCE, UPDATE
from courseware.monitoring.planning.route import Stop, route, usual_use
from courseware.monitoring.planning.tasks import Wanted
from courseware.monitoring.queries.cache import remember
from courseware.monitoring.queries.facts import StoredFacts
from courseware.monitoring.radar.changes import stamp
from courseware.monitoring.results import IndicatorResult
from courseware.resources.models import Resource

M = TypeVar("M", User, Point, Course, Resource)

FIRST, MOST_AT_ONCE = 25, 500


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One thing that may be assigned, ready to show. `code` names it in the form."""

    code: str
    wanted: Wanted
    owner: str
    course: Course | None
    stop: Stop | None = None
    resource: Resource | None = None
    point: Point | None = None


@dataclass(frozen=True, slots=True)
class Board:
    """What may be done, in three lists, and how many there are of each beyond what is shown."""

    updates: Sequence[Suggestion]
    gaps: Sequence[Suggestion]
    claims: Sequence[Suggestion]
    more_updates: int
    more_gaps: int
    more_claims: int

    def chosen(self, codes: Sequence[str]) -> list[Wanted]:
        """The things that a form names; names that are not on the board are left out."""
        known = {one.code: one.wanted for one in (*self.updates, *self.gaps, *self.claims)}
        return [known[code] for code in dict.fromkeys(codes) if code in known]


@dataclass(frozen=True)
class _Found:
    """What was counted, by numbers only, so that it can be kept."""

    stops: Sequence[Stop]
    gaps: Sequence[tuple[str, int, int]]
    claims: Sequence[int]


def board(library: Library, period: Period, now: dt.datetime, results: Mapping[str, IndicatorResult]) -> Board:
    """The suggestions of a library that stand first in each list: a fixed number of queries."""
    return _shown(_judged(_found(library, period, now, results)))


def wanted_by(
    library: Library, period: Period, now: dt.datetime, results: Mapping[str, IndicatorResult], codes: Sequence[str]
) -> list[Wanted]:
    """The things that a form names by their codes, wherever they stand in the lists; unknown codes are left out."""
    found, asked = _found(library, period, now, results), set(codes)
    few = _Found(
        [stop for stop in found.stops if update_code(stop) in asked], [gap for gap in found.gaps if gap_code(*gap) in asked],
        [key for key in found.claims if claim_code(key) in asked],
    )  # fmt: skip
    return _shown(few, MOST_AT_ONCE).chosen(codes)


def stops(library: Library, period: Period, now: dt.datetime, results: Mapping[str, IndicatorResult]) -> Sequence[Stop]:
    """Every published resource that something speaks for revising, weightiest first."""
    return _found(library, period, now, results).stops


def suggestions(some: Sequence[Stop]) -> list[Suggestion]:
    """These stops, ready to show: four queries."""
    return list(_shown(_Found(some, (), ()), len(some)).updates)


def all_gaps(
    library: Library, period: Period, now: dt.datetime, results: Mapping[str, IndicatorResult]
) -> list[Suggestion]:
    """Every point that lacks what a figure judges, ready to show."""
    gaps = _judged(_found(library, period, now, results)).gaps
    return list(_shown(_Found((), gaps, ()), len(gaps)).gaps)


def _found(library: Library, period: Period, now: dt.datetime, results: Mapping[str, IndicatorResult]) -> _Found:
    """Counted again when a fact changes, or when the radar found something."""
    key = ("plan", str(library.uuid), period.code, stamp())
    return remember(key, now, lambda: _find(library, period, now, results))


def _judged(found: _Found) -> _Found:
    """Of the points, what a judged figure lacks (M8.A, M9.A, M15.A); the other empty cells are given on the coverage map."""
    return replace(found, gaps=[gap for gap in found.gaps if gap[0] in (RESOURCE, QUESTION)])


def update_code(stop: Stop) -> str:
    """How a form names a resource to revise."""
    return f"u{stop.candidate.resource_id}"


def gap_code(kind: str, point: int, course: int) -> str:
    """How a form names a point that lacks something."""
    return f"{kind}-{point}-{course}"


def claim_code(resource: int) -> str:
    """How a form names a claim without evidence."""
    return f"e{resource}"


def _find(library: Library, period: Period, now: dt.datetime, results: Mapping[str, IndicatorResult]) -> _Found:
    facts = StoredFacts(library, period, now)
    candidates = read_candidates(library.id, facts)
    unproven = [key for key, reason in results["M3.A"].tally.rest.items() if reason == "no_evidence"]
    return _Found(route(candidates, now, much_used=usual_use(candidates)), _gaps(facts), unproven)


def _gaps(facts: StoredFacts) -> list[tuple[str, int, int]]:
    """(kind, point, course) for every empty cell of the coverage map."""
    return [(kind, row.point_id, row.course_id) for row in point_rows(facts) for kind in row.lacks]


def _shown(found: _Found, most: int = FIRST) -> Board:
    stops, gaps, claims = found.stops[:most], found.gaps[:most], found.claims[:most]
    resources = _by_id(Resource, [*(stop.candidate.resource_id for stop in stops), *claims])
    points = _by_id(Point, [point for _, point, _ in gaps])
    courses = _by_id(Course, [*(c for _, _, c in gaps), *(r.course_id for r in resources.values() if r.course_id)])
    people = _People({r.author_id for r in resources.values()}, courses)
    return Board(
        [_update(stop, resources[stop.candidate.resource_id], courses, people) for stop in stops],
        [_gap(kind, points[point], courses[course], people) for kind, point, course in gaps],
        [_claim(resources[key], courses, people) for key in claims if key in resources],
        len(found.stops) - len(stops), len(found.gaps) - len(gaps), len(found.claims) - len(claims),
    )  # fmt: skip


def leaders_of(course_ids: Collection[int]) -> dict[int, str]:
    """The name of each course's leader, by course; courses without one are left out."""
    query = select(CourseTeacher.course_id, User.name).join(User, User.id == CourseTeacher.user_id)
    leads = query.where(CourseTeacher.role == LEADER, CourseTeacher.course_id.in_(course_ids))
    return dict(session().execute(leads).tuples().all())


class _People:
    """Owners of resources and leaders of courses, by name."""

    def __init__(self, owners: set[int], courses: Mapping[int, Course]) -> None:
        query = select(CourseTeacher.course_id, CourseTeacher.user_id)
        leads = query.where(CourseTeacher.role == LEADER, CourseTeacher.course_id.in_(courses))
        self.leaders = dict(session().execute(leads).tuples().all())
        self.users = _by_id(User, [*owners, *self.leaders.values()])

    def name(self, user_id: int | None) -> str:
        """The name of a person, empty for nobody."""
        return self.users[user_id].name if user_id in self.users else ""

    def who(self, owner_id: int, course_id: int | None) -> int | None:
        """The owner; the leader of the course where the owner's account is closed."""
        owner = self.users.get(owner_id)
        return owner_id if owner is not None and owner.is_active else self.leaders.get(course_id or 0)


def _update(stop: Stop, resource: Resource, courses: Mapping[int, Course], people: _People) -> Suggestion:
    who = people.who(stop.candidate.owner_id, resource.course_id)
    wanted = Wanted(UPDATE, resource.title, who, resource.id, course_id=resource.course_id, reasons=stop.reasons)
    return Suggestion(update_code(stop), wanted, people.name(who), courses.get(resource.course_id or 0), stop, resource)


def _claim(resource: Resource, courses: Mapping[int, Course], people: _People) -> Suggestion:
    who = people.who(resource.author_id, resource.course_id)
    wanted = Wanted(EVIDENCE, resource.title, who, resource.id, course_id=resource.course_id)
    course = courses.get(resource.course_id or 0)
    return Suggestion(claim_code(resource.id), wanted, people.name(who), course, resource=resource)


def _gap(kind: str, point: Point, course: Course, people: _People) -> Suggestion:
    leader = people.leaders.get(course.id)
    wanted = Wanted(kind, point.name, leader, point_id=point.id, course_id=course.id)
    return Suggestion(gap_code(kind, point.id, course.id), wanted, people.name(leader), course, point=point)


def _by_id(model: type[M], ids: Iterable[int]) -> dict[int, M]:
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return {}
    return {row.id: row for row in session().scalars(select(model).where(model.id.in_(wanted)))}
