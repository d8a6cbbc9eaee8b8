"""Course standards: which one holds, its versions, where a point stands in it. The number of queries never grows with rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from courseware.core import clock
from courseware.core.database import session
from courseware.knowledge.models import (
    CourseStandard,
    Point,
    StandardUnit,
    StandardUnitPoint,
)
from courseware.libraries.models import Course


@dataclass(frozen=True, slots=True)
class StandardNaming:
    """A standard in force that names a point."""

    version: str
    course_name: str


def standard_naming(point: Point) -> StandardNaming | None:
    """The standard in force, of any course, that names the point."""
    newest = (
        select(CourseStandard.course_id, func.max(CourseStandard.published_at).label("at"))
        .where(CourseStandard.published_at <= clock.now())
        .group_by(CourseStandard.course_id)
        .subquery()
    )
    row = (
        session()
        .execute(
            select(CourseStandard.version, Course.name)
            .join(
                newest, (newest.c.course_id == CourseStandard.course_id) & (newest.c.at == CourseStandard.published_at)
            )
            .join(Course, Course.id == CourseStandard.course_id)
            .join(StandardUnit, StandardUnit.standard_id == CourseStandard.id)
            .join(StandardUnitPoint, StandardUnitPoint.unit_id == StandardUnit.id)
            .where(StandardUnitPoint.point_id == point.id)
            .limit(1)
        )
        .first()
    )
    return StandardNaming(*row) if row else None


def standard_of(course: Course, at: dt.datetime | None = None) -> CourseStandard | None:
    """The course standard in force at `at` (now): the last one published by then, with units and points."""
    return session().scalar(
        select(CourseStandard)
        .where(CourseStandard.course_id == course.id, CourseStandard.published_at <= (at or clock.now()))
        .order_by(CourseStandard.published_at.desc(), CourseStandard.id.desc())
        .limit(1)
    )


def standard_versions(course: Course) -> Sequence[CourseStandard]:
    """Every published version, the newest first."""
    return (
        session()
        .scalars(
            select(CourseStandard)
            .where(CourseStandard.course_id == course.id, CourseStandard.published_at.is_not(None))
            .order_by(CourseStandard.published_at.desc(), CourseStandard.id.desc())
        )
        .all()
    )


def unit_of(point: Point) -> StandardUnit | None:
    """The unit of its course's standard in force that holds the point."""
    if point.course_id is None:
        return None
    return session().scalar(
        select(StandardUnit)
        .join(StandardUnitPoint, StandardUnitPoint.unit_id == StandardUnit.id)
        .join(CourseStandard, CourseStandard.id == StandardUnit.standard_id)
        .where(StandardUnitPoint.point_id == point.id, CourseStandard.course_id == point.course_id)
        .where(CourseStandard.published_at <= clock.now())
        .order_by(CourseStandard.published_at.desc(), CourseStandard.id.desc())
        .limit(1)
    )
