"""What other subjects change and a course page shows: its content version goes up, so that nothing stale is shown."""

from __future__ import annotations

import uuid as uuidlib
from typing import Any

from sqlalchemy import Select, or_, select, update

from courseware.catalog import steps
from courseware.catalog.models import Activity, Lesson
from courseware.catalog.queries.uses import count_uses, uses_of
from courseware.core import events
from courseware.core.database import session
from courseware.knowledge.models import CourseStandard, Point, StandardUnit, StandardUnitPoint
from courseware.libraries.models import Course, Library
from courseware.resources.models import Resource
from courseware.resources.queries import tell_uses

tell_uses(uses_of, count_uses)


@events.content_changed.connect
def _raise_content_version(_sender: Any, *, kind: str, uuid: uuidlib.UUID) -> None:
    """Courses that show the resource, the point, themselves or anything of the library; lessons raise theirs on their own."""
    affected = {"resource": _with_resource, "point": _with_point, "course": _itself, "library": _with_library}.get(kind)
    if affected is None:
        return
    change = update(Course).where(Course.id.in_(affected(uuid)))
    session().execute(
        change.values(content_version=Course.content_version + 1).execution_options(synchronize_session="fetch")
    )


def _with_resource(uuid: uuidlib.UUID) -> Select[Any]:
    return (
        select(Lesson.course_id)
        .join(Activity, Activity.version_id == Lesson.published_version_id)
        .join(Resource, Resource.id == Activity.resource_id)
        .where(Resource.uuid == uuid)
    )


def _with_point(uuid: uuidlib.UUID) -> Select[Any]:
    in_standard = (
        select(CourseStandard.course_id)
        .join(StandardUnit, StandardUnit.standard_id == CourseStandard.id)
        .join(StandardUnitPoint, StandardUnitPoint.unit_id == StandardUnit.id)
        .join(Point, Point.id == StandardUnitPoint.point_id)
        .where(Point.uuid == uuid)
    )
    owner = select(Point.course_id).where(Point.uuid == uuid).scalar_subquery()
    return select(Course.id).where(or_(Course.id == owner, Course.id.in_(in_standard)))


def _with_library(uuid: uuidlib.UUID) -> Select[Any]:
    """Its own courses, and others that use its resources."""
    number = select(Library.id).where(Library.uuid == uuid).scalar_subquery()
    using = (
        select(Lesson.course_id)
        .join(Activity, Activity.version_id == Lesson.published_version_id)
        .join(Resource, Resource.id == Activity.resource_id)
        .where(Resource.library_id == number)
    )
    return select(Course.id).where(or_(Course.library_id == number, Course.id.in_(using)))


def _itself(uuid: uuidlib.UUID) -> Select[Any]:
    return select(Course.id).where(Course.uuid == uuid)


@events.lesson_published.connect
def _end_history(_sender: Any, *, lesson: Lesson, **_more: Any) -> None:
    """What learners see now is no longer taken back step by step."""
    if lesson.published_version is not None:
        steps.forget(lesson.published_version)
