"""What a hit shows, read as columns: a page of results needs a dozen facts of each row and no objects that could be changed.

Only what everybody may see is read (SEC8): the index holds nothing else, and what has been withdrawn since falls out here.
Statements are put together once a process and asked on the connection, which makes no objects. Each reader asks once, however
many are wanted.
"""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import aliased

from courseware.accounts.models import User
from courseware.catalog.models import Lesson
from courseware.core.database import session
from courseware.knowledge.models import Point, PointPrerequisite
from courseware.libraries.models import Course, CourseTeacher, Library
from courseware.resources.models import Rendition, Resource, ResourceVersion
from courseware.resources.queries import media_path

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
    """A live resource. `duration_s` is 0 for what does not play; `picture` is an address or empty."""

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
    picture: str


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


def _rows(statement: Any, keys: Collection[Any]) -> list[Any]:
    return list(session().connection().execute(statement, {"keys": list(keys)})) if keys else []


def _keys() -> Any:
    return bindparam("keys", expanding=True)


# --- resources


def read_resources(uuids: Uuids) -> list[ResourceCard]:
    """Those that are live; of several pictures the newest."""
    cards = {
        number: ResourceCard(
            number, uuid, external_id, title, title_en, type_, updated_at, version_id, float(duration_s or 0), author,
            _link(*course), media_path(picture, facts) if picture else "",
        )
        for number, uuid, external_id, title, title_en, type_, updated_at, version_id, duration_s, author, *course, picture, facts
        in _rows(_resource_statement(), uuids)
    }  # fmt: skip
    return list(cards.values())


@lru_cache(maxsize=1)
def _resource_statement() -> Any:
    is_picture = (Rendition.asset_id == ResourceVersion.asset_id) & (Rendition.kind == "thumbnail")
    return (
        select(
            Resource.id, Resource.uuid, Resource.external_id, Resource.title, Resource.title_en, Resource.type,
            Resource.updated_at, ResourceVersion.id, ResourceVersion.duration_s, User.name, Course.uuid, Course.name, Course.name_en,
            Rendition.uuid, Rendition.facts,
        )
        .join(ResourceVersion, ResourceVersion.id == Resource.published_version_id)
        .join(Library, Library.id == Resource.library_id)
        .join(User, User.id == Resource.author_id)
        .outerjoin(Course, Course.id == Resource.course_id)
        .outerjoin(Rendition, is_picture)
        .where(Resource.uuid.in_(_keys()), Resource.is_live, Library.is_public)
        .order_by(Resource.id, Rendition.id)
    )  # fmt: skip


# --- points


def read_points(uuids: Uuids) -> list[PointCard]:
    """Points of open libraries, which everybody sees; a row each for every point that comes before."""
    rows = _rows(_point_statement(), uuids)
    before: dict[int, list[PointLink]] = defaultdict(list)
    for number, *_facts, earlier, name, name_en in rows:
        before[number] += [PointLink(earlier, name, name_en)] if earlier else []
    points = {row[0]: row[:9] for row in rows}
    return [
        PointCard(number, uuid, name, name_en, kind, description, _link(*course), tuple(before[number]))
        for number, uuid, name, name_en, kind, description, *course in points.values()
    ]


@lru_cache(maxsize=1)
def _point_statement() -> Any:
    earlier = aliased(Point)
    return (
        select(
            Point.id, Point.uuid, Point.name, Point.name_en, Point.kind, Point.description, Course.uuid, Course.name, Course.name_en,
            earlier.uuid, earlier.name, earlier.name_en,
        )
        .outerjoin(Course, Course.id == Point.course_id)
        .join(Library, Library.id == Point.library_id)
        .outerjoin(PointPrerequisite, PointPrerequisite.point_id == Point.id)
        .outerjoin(earlier, earlier.id == PointPrerequisite.prerequisite_id)
        .where(Point.uuid.in_(_keys()), Library.is_public)
        .order_by(Point.id, earlier.id)
    )  # fmt: skip


# --- courses and lessons


def read_courses(uuids: Uuids) -> list[CourseCard]:
    """Those that are published."""
    return [CourseCard(*row) for row in _rows(_course_statement(), uuids)]


@lru_cache(maxsize=1)
def _course_statement() -> Any:
    leader = (
        select(User.name)
        .join(CourseTeacher, CourseTeacher.user_id == User.id)
        .where(CourseTeacher.course_id == Course.id)
        .order_by(CourseTeacher.seq, CourseTeacher.id)
        .limit(1)
        .scalar_subquery()
    )
    return select(
        Course.id, Course.uuid, Course.name, Course.name_en, Course.summary, Course.summary_en, Course.cover_key,
        Course.theory_hours + Course.practice_hours, leader,
    ).join(Library, Library.id == Course.library_id).where(Course.uuid.in_(_keys()), Course.published_at.is_not(None), Library.is_public)  # fmt: skip


def read_lessons(uuids: Uuids) -> list[LessonCard]:
    """Those that are live, of published courses."""
    return [
        LessonCard(number, uuid, title, title_en, CourseLink(*course))
        for number, uuid, title, title_en, *course in _rows(_lesson_statement(), uuids)
    ]


@lru_cache(maxsize=1)
def _lesson_statement() -> Any:
    return (
        select(Lesson.id, Lesson.uuid, Lesson.title, Lesson.title_en, Course.uuid, Course.name, Course.name_en)
        .join(Course, Course.id == Lesson.course_id)
        .join(Library, Library.id == Course.library_id)
        .where(Lesson.uuid.in_(_keys()), Lesson.is_live, Course.published_at.is_not(None), Library.is_public)
    )


def _link(uuid: uuidlib.UUID | None, name: str, name_en: str) -> CourseLink | None:
    return None if uuid is None else CourseLink(uuid, name, name_en)
