"""Who is in what, and how many finish (M14)."""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, case, func, or_, select
from sqlalchemy.orm import joinedload

from courseware.accounts.models import User
from courseware.catalog.models import CourseRun
from courseware.catalog.queries import CourseContents, CourseHead
from courseware.catalog.queries.contents import contents_at
from courseware.catalog.queries.heads import COLUMNS as HEAD_COLUMNS
from courseware.catalog.queries.heads import head_of
from courseware.core.database import session
from courseware.core.fractions import Ratio
from courseware.core.paging import Page
from courseware.enrollment.models import Enrollment, EnrollmentChange
from courseware.libraries.models import Course, Library

REGRET = dt.timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class CourseNumbers:
    """Persons of a course over all runs. Who left within 24 hours never enrolled (M14); who left later did."""

    learning: int = 0
    enrolled: int = 0
    started: int = 0
    completed: int = 0

    @property
    def of_starters(self) -> Ratio:
        """M14 completion A: completed / started."""
        return Ratio(self.completed, self.started)

    @property
    def of_enrolled(self) -> Ratio:
        """M14 completion B: completed / enrolled."""
        return Ratio(self.completed, self.enrolled)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a person stands in a course now, by columns: for pages that are asked for often."""

    place_id: int
    course_id: int
    run_key: str
    starts_at: dt.datetime
    ends_at: dt.datetime | None
    enrolled_at: dt.datetime
    completed_at: dt.datetime | None
    run_kind: str
    frozen_at: dt.datetime | None

    @property
    def key(self) -> str:
        """The key of the run."""
        return self.run_key

    def has_ended(self, now: dt.datetime) -> bool:
        """Whether the run is over: it can be read, and takes no more learning."""
        return self.ends_at is not None and self.ends_at <= now


_places, _runs = Enrollment.__table__, CourseRun.__table__
_courses, _libraries = Course.__table__, Library.__table__
_PERSON: Any = bindparam("person")
_COURSES: Any = bindparam("course_ids", expanding=True)
_STANDINGS = (
    select(
        _places.c.id, _places.c.course_id, _runs.c.key, _runs.c.starts_at, _runs.c.ends_at, _places.c.enrolled_at,
        _places.c.completed_at, _runs.c.kind, _runs.c.frozen_at,
    )
    .join(_runs, _runs.c.id == _places.c.run_id)
    .where(_places.c.user_id == _PERSON, _places.c.withdrawn_at.is_(None))
    .order_by(_places.c.enrolled_at.desc(), _places.c.id.desc())
)  # fmt: skip
_STANDING = _STANDINGS.where(_places.c.course_id == bindparam("course"))
_WITH_COURSES = (
    _STANDINGS.add_columns(*HEAD_COLUMNS)
    .join(_courses, _courses.c.id == _places.c.course_id)
    .join(_libraries, _libraries.c.id == _courses.c.library_id)
)
_HAS_STARTED = or_(_places.c.started_at.is_not(None), _places.c.completed_at.is_not(None))
_NUMBERS = (
    select(
        _places.c.course_id,
        func.count(func.distinct(case((_places.c.withdrawn_at.is_(None), _places.c.user_id)))),
        func.count(func.distinct(_places.c.user_id)),
        func.count(func.distinct(case((_HAS_STARTED, _places.c.user_id)))),
        func.count(func.distinct(case((_places.c.completed_at.is_not(None), _places.c.user_id)))),
    )
    .where(_places.c.course_id.in_(_COURSES), _places.c.id.not_in(bindparam("regretted", expanding=True)))
    .group_by(_places.c.course_id)
)
_LEFT = select(_places.c.id, _places.c.enrolled_at, _places.c.withdrawn_at).where(
    _places.c.course_id.in_(_COURSES), _places.c.withdrawn_at.is_not(None)
)
_NEWEST = select(func.max(EnrollmentChange.__table__.c.id))


def is_enrolled(user: User | None, course: Course) -> bool:
    """Whether the person is in the course now."""
    return standing_in(user, course.id) is not None


def standing_in(user: User | None, course_id: int) -> Standing | None:
    """Where the person stands in the course now, the newest place where there are several; one query."""
    found = _rows(_STANDING, person=user.id, course=course_id) if user is not None else ()
    return Standing(*found[0]) if found else None


def standings_of(user: User) -> list[tuple[Standing, CourseHead]]:
    """Where the person stands in every course they are in now, newest first, with the course; one query."""
    own = len(_STANDINGS.selected_columns)
    return [(Standing(*row[:own]), head_of(row[own:])) for row in _rows(_WITH_COURSES, person=user.id)]


def learned_contents(user: User, course: Course) -> CourseContents:
    """The course as the person learns it: as their run froze it, else as it is published (decision 19)."""
    standing = standing_in(user, course.id)
    return contents_at(course.id, course.uuid, course.content_version, standing.frozen_at if standing else None)


def courses_of(user: User) -> list[Enrollment]:
    """Where the person is now, newest first."""
    query = select(Enrollment).where(Enrollment.user_id == user.id, Enrollment.withdrawn_at.is_(None))
    return list(session().scalars(query.options(joinedload(Enrollment.run)).order_by(Enrollment.enrolled_at.desc())))


def members_of(run: CourseRun, *, after: uuidlib.UUID | None = None, limit: int = 20) -> Page[Enrollment]:
    """The places of a run with their people, also of those who left, in the order they were made; one query."""
    query = select(Enrollment).where(Enrollment.run_id == run.id).options(joinedload(Enrollment.user))
    if after is not None:
        query = query.where(Enrollment.id > select(Enrollment.id).where(Enrollment.uuid == after).scalar_subquery())
    rows = session().scalars(query.order_by(Enrollment.id).limit(limit + 1)).all()
    return Page(rows[:limit], str(rows[limit - 1].uuid) if len(rows) > limit else None)


def completion_counts(course: Course) -> tuple[int, int]:
    """(persons enrolled, persons who completed): M14 completion B."""
    numbers = course_numbers(course)
    return numbers.enrolled, numbers.completed


def course_numbers(course: Course) -> CourseNumbers:
    """The figures of one course; two queries."""
    return numbers_of([course.id]).get(course.id, CourseNumbers())


def numbers_of(course_ids: Sequence[int]) -> Mapping[int, CourseNumbers]:
    """The figures of courses by id; two queries. Whoever completed has started, whatever the events say."""
    if not course_ids:
        return {}
    ids = list(course_ids)
    rows = _rows(_NUMBERS, course_ids=ids, regretted=_regretted(ids))
    return {course_id: CourseNumbers(*counts) for course_id, *counts in rows}


def newest_change() -> int:
    """Rises with every joining, leaving and completing: the version of all figures of enrolment."""
    return _rows(_NEWEST)[0][0] or 0


def _regretted(course_ids: list[int]) -> list[int]:
    """Places given up within 24 hours; few, so that their times are compared here and not in two dialects."""
    return [place for place, came, left in _rows(_LEFT, course_ids=course_ids) if left - came < REGRET]


def _rows(statement: Any, **values: Any) -> Sequence[Any]:
    """What the database answers to a statement built once; what waits in the session goes first."""
    session().flush()
    return session().connection().execute(statement, values).all()
