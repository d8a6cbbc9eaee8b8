"""Whom it touches when a course changes: its runs with their people, and those who are in the middle of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select

from courseware.catalog.models import CourseRun
from courseware.core.database import session
from courseware.enrollment.models import Enrollment, TeachingClass
from courseware.libraries.models import Course


@dataclass(frozen=True, slots=True)
class RunNumbers:
    """People of a run: in it now, those of them who have not completed it, who completed it; and its classes."""

    learning: int = 0
    midway: int = 0
    completed: int = 0
    classes: int = 0


@dataclass(frozen=True, slots=True)
class Impact:
    """Who is in the middle of a course: persons, not places; open classes by name."""

    midway: int
    completed: int
    classes: tuple[str, ...]


def run_numbers(course: Course) -> Mapping[int, RunNumbers]:
    """The figures of each run that has any, by its id; two queries."""
    is_in = Enrollment.withdrawn_at.is_(None)
    has_completed = Enrollment.completed_at.is_not(None)
    query = (
        select(
            Enrollment.run_id, func.count().filter(is_in), func.count().filter(is_in & ~has_completed),
            func.count().filter(has_completed),
        )
        .where(Enrollment.course_id == course.id)
        .group_by(Enrollment.run_id)
    )  # fmt: skip
    people = {row[0]: row[1:] for row in session().execute(query)}
    classes = _classes(course)
    return {
        number: RunNumbers(*people.get(number, (0, 0, 0)), classes.get(number, 0))
        for number in people.keys() | classes.keys()
    }


def impact_of(course: Course) -> Impact:
    """Who notices when the course closes; two queries."""
    is_midway = Enrollment.withdrawn_at.is_(None) & Enrollment.completed_at.is_(None)
    persons = func.count(func.distinct(Enrollment.user_id))
    counts = select(persons.filter(is_midway), persons.filter(Enrollment.completed_at.is_not(None)))
    midway, completed = session().execute(counts.where(Enrollment.course_id == course.id)).one()
    names = (
        select(TeachingClass.name)
        .join(CourseRun, CourseRun.id == TeachingClass.run_id)
        .where(CourseRun.course_id == course.id, TeachingClass.closed_at.is_(None))
        .order_by(TeachingClass.name)
    )
    return Impact(midway, completed, tuple(session().scalars(names)))


def _classes(course: Course) -> Mapping[int, int]:
    query = (
        select(TeachingClass.run_id, func.count())
        .join(CourseRun, CourseRun.id == TeachingClass.run_id)
        .where(CourseRun.course_id == course.id)
        .group_by(TeachingClass.run_id)
    )
    return {row[0]: row[1] for row in session().execute(query)}
