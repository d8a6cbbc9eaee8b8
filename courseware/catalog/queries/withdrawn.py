"""Lessons that hold what was withdrawn: told to those who teach them, until they have put it right (R26)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from courseware.catalog.models import Activity, Lesson
from courseware.core.database import session
from courseware.core.roles import Actor
from courseware.libraries.models import CourseTeacher
from courseware.resources.models import Resource
from courseware.review import withdrawals


@dataclass(frozen=True, slots=True)
class Gap:
    """A lesson with a place that is empty now, and what may fill it."""

    lesson: Lesson
    resource: Resource
    replacement: Resource | None


def gaps_of(teacher: Actor, limit: int = 20) -> list[Gap]:
    """Withdrawn resources in live lessons that the teacher owns or teaches the course of. Two queries."""
    courses = select(CourseTeacher.course_id).where(CourseTeacher.user_id == teacher.id)
    query = (
        select(Lesson, Resource)
        .join(Activity, Activity.version_id == Lesson.published_version_id)
        .join(Resource, Resource.id == Activity.resource_id)
        .where(Lesson.is_live.is_(True), Resource.is_live.is_(False), Resource.published_version_id.is_not(None))
        .where(or_(Lesson.owner_id == teacher.id, Lesson.course_id.in_(courses)))
        .options(joinedload(Lesson.course))
        .order_by(Lesson.id, Activity.seq)
        .limit(limit)
    )
    found = session().execute(query).all()
    instead = replacements_of([resource.id for _lesson, resource in found])
    return [Gap(lesson, resource, instead.get(resource.id)) for lesson, resource in found]


def replacements_of(resource_ids: Sequence[int]) -> dict[int, Resource]:
    """What takes the place of withdrawn resources, by their ids, where it is live."""
    rows = withdrawals.withdrawals_of(resource_ids).items()
    return {key: row.replacement for key, row in rows if row.replacement is not None and row.replacement.is_live}
