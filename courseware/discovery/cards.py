"""What a hit shows, read as columns: a page of results needs a dozen facts of each row and no objects that could be changed.

Only what everybody may see is read (SEC8): the index holds nothing else, and what has been withdrawn since falls out here.
"""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from courseware.accounts.models import User
from courseware.catalog.models import Lesson
from courseware.core.database import session
from courseware.knowledge.models import Point, PointPrerequisite
from courseware.libraries.models import Course, CourseTeacher
from courseware.resources.models import Resource, ResourceVersion

Uuids = Collection[uuidlib.UUID]


@dataclass(frozen=True, slots=True)
class CourseLink:
    """Where something belongs."""

    uuid: uuidlib.UUID
    name: str
    name_en: str


@dataclass(frozen=True, slots=True)
class PointLink:
    """A point that comes before."""

    uuid: uuidlib.UUID
    name: str
    name_en: str


@dataclass(frozen=True, slots=True)
class ResourceCard:
    """A live resource. `duration_s` is 0 for what does not play."""

    id: int
    uuid: uuidlib.UUID
    external_id: str | None
    title: str
    title_en: str
    type: str
    updated_at: dt.datetime | None
    version_id: int
    duration_s: float
    author: str
    course: CourseLink | None


@dataclass(frozen=True, slots=True)
class PointCard:
    """A point, where it is taught and what comes before it."""

    id: int
    uuid: uuidlib.UUID
    name: str
    name_en: str
    kind: str
    description: str
    course: CourseLink | None
    prerequisites: tuple[PointLink, ...] = ()


@dataclass(frozen=True, slots=True)
class CourseCard:
    """A published course and who leads it."""

    id: int
    uuid: uuidlib.UUID
    name: str
    name_en: str
    summary: str
    summary_en: str
    cover_key: str | None
    hours: int
    teacher: str | None


@dataclass(frozen=True, slots=True)
class LessonCard:
    """A live lesson of a published course."""

    id: int
    uuid: uuidlib.UUID
    title: str
    title_en: str
    course: CourseLink


Card = ResourceCard | PointCard | CourseCard | LessonCard


def read_cards(table: str, uuids: Uuids) -> Mapping[uuidlib.UUID, Card]:
    """Cards by uuid of those that everybody may see now; at most two queries. `table`: resource, point, course, lesson."""
    readers: dict[str, Callable[[Uuids], list[Any]]] = {
        "resource": _resources, "point": _points, "course": _courses, "lesson": _lessons,
    }  # fmt: skip
    return {card.uuid: card for card in readers[table](uuids)} if uuids else {}


def _resources(uuids: Uuids) -> list[ResourceCard]:
    query = (
        select(
            Resource.id, Resource.uuid, Resource.external_id, Resource.title, Resource.title_en, Resource.type,
            Resource.updated_at, ResourceVersion.id, ResourceVersion.duration_s, User.name, Course.uuid, Course.name, Course.name_en,
        )
        .join(ResourceVersion, ResourceVersion.id == Resource.published_version_id)
        .join(User, User.id == Resource.author_id)
        .outerjoin(Course, Course.id == Resource.course_id)
        .where(Resource.uuid.in_(uuids), Resource.is_live)
    )  # fmt: skip
    return [
        ResourceCard(*row[:8], float(row[8] or 0), row[9], _link(row[10], row[11], row[12]))
        for row in session().execute(query)
    ]


def _points(uuids: Uuids) -> list[PointCard]:
    query = (
        select(Point.id, Point.uuid, Point.name, Point.name_en, Point.kind, Point.description, Course.uuid, Course.name, Course.name_en)
        .outerjoin(Course, Course.id == Point.course_id)
        .where(Point.uuid.in_(uuids))
    )  # fmt: skip
    rows = session().execute(query).all()
    before = _prerequisites([row[0] for row in rows])
    return [PointCard(*row[:6], _link(row[6], row[7], row[8]), tuple(before.get(row[0], ()))) for row in rows]


def _prerequisites(point_ids: list[int]) -> Mapping[int, list[PointLink]]:
    earlier = aliased(Point)
    query = (
        select(PointPrerequisite.point_id, earlier.uuid, earlier.name, earlier.name_en)
        .join(earlier, earlier.id == PointPrerequisite.prerequisite_id)
        .where(PointPrerequisite.point_id.in_(point_ids))
        .order_by(earlier.id)
    )
    found: dict[int, list[PointLink]] = defaultdict(list)
    for point_id, uuid, name, name_en in session().execute(query) if point_ids else ():
        found[point_id].append(PointLink(uuid, name, name_en))
    return found


def _courses(uuids: Uuids) -> list[CourseCard]:
    leader = (
        select(User.name)
        .join(CourseTeacher, CourseTeacher.user_id == User.id)
        .where(CourseTeacher.course_id == Course.id)
        .order_by(CourseTeacher.seq, CourseTeacher.id)
        .limit(1)
        .scalar_subquery()
    )
    query = select(
        Course.id, Course.uuid, Course.name, Course.name_en, Course.summary, Course.summary_en, Course.cover_key,
        Course.theory_hours + Course.practice_hours, leader,
    ).where(Course.uuid.in_(uuids), Course.published_at.is_not(None))  # fmt: skip
    return [CourseCard(*row) for row in session().execute(query)]


def _lessons(uuids: Uuids) -> list[LessonCard]:
    query = (
        select(Lesson.id, Lesson.uuid, Lesson.title, Lesson.title_en, Course.uuid, Course.name, Course.name_en)
        .join(Course, Course.id == Lesson.course_id)
        .where(Lesson.uuid.in_(uuids), Lesson.is_live, Course.published_at.is_not(None))
    )
    return [LessonCard(*row[:4], CourseLink(*row[4:])) for row in session().execute(query)]


def _link(uuid: uuidlib.UUID | None, name: str, name_en: str) -> CourseLink | None:
    return None if uuid is None else CourseLink(uuid, name, name_en)
