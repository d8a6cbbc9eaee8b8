"""Who is in what, and how many finish (M14)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import joinedload

from courseware.accounts.models import User
from courseware.core.database import session
from courseware.core.fractions import Ratio
from courseware.enrollment.models import Enrollment, EnrollmentChange
from courseware.libraries.models import Course

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


def is_enrolled(user: User | None, course: Course) -> bool:
    """Whether the person is in the course now."""
    return place_in(user, course) is not None


def place_in(user: User | None, course: Course) -> Enrollment | None:
    """The person's place in the course now, the newest where there are several."""
    if user is None:
        return None
    query = select(Enrollment).where(
        Enrollment.user_id == user.id, Enrollment.course_id == course.id, Enrollment.withdrawn_at.is_(None)
    )
    return session().scalar(query.order_by(Enrollment.enrolled_at.desc(), Enrollment.id.desc()).limit(1))


def courses_of(user: User) -> list[Enrollment]:
    """Where the person is now, newest first."""
    query = select(Enrollment).where(Enrollment.user_id == user.id, Enrollment.withdrawn_at.is_(None))
    return list(session().scalars(query.options(joinedload(Enrollment.run)).order_by(Enrollment.enrolled_at.desc())))


def completion_counts(course: Course) -> tuple[int, int]:
    """(persons enrolled, persons who completed): M14 completion B."""
    numbers = course_numbers(course)
    return numbers.enrolled, numbers.completed


def course_numbers(course: Course) -> CourseNumbers:
    """The figures of one course; two queries."""
    return numbers_of([course.id]).get(course.id, CourseNumbers())


def numbers_of(course_ids: Sequence[int]) -> Mapping[int, CourseNumbers]:
    """The figures of courses by id; two queries. Whoever completed has started, whatever the events say."""
    regretted = _regretted(course_ids)
    person = Enrollment.user_id
    has_started = or_(Enrollment.started_at.is_not(None), Enrollment.completed_at.is_not(None))
    query = (
        select(
            Enrollment.course_id,
            func.count(func.distinct(case((Enrollment.withdrawn_at.is_(None), person)))),
            func.count(func.distinct(person)),
            func.count(func.distinct(case((has_started, person)))),
            func.count(func.distinct(case((Enrollment.completed_at.is_not(None), person)))),
        )
        .where(Enrollment.course_id.in_(course_ids), Enrollment.id.not_in(regretted))
        .group_by(Enrollment.course_id)
    )
    rows = session().execute(query) if course_ids else ()
    return {course_id: CourseNumbers(*counts) for course_id, *counts in rows}


def newest_change() -> int:
    """Rises with every joining, leaving and completing: the version of all figures of enrolment."""
    return session().scalar(select(func.max(EnrollmentChange.id))) or 0


def _regretted(course_ids: Sequence[int]) -> list[int]:
    """Places given up within 24 hours; few, so that their times are compared here and not in two dialects."""
    query = select(Enrollment.id, Enrollment.enrolled_at, Enrollment.withdrawn_at).where(
        Enrollment.course_id.in_(course_ids), Enrollment.withdrawn_at.is_not(None)
    )
    rows = session().execute(query) if course_ids else ()
    return [place for place, came, left in rows if left is not None and left - came < REGRET]
