"""Reading what everybody sees of a course: modules, lessons, what lies in them, the points of the standard, the team.

Read in a fixed number of queries and kept by the course's content version, which every change of a lesson, of a
resource used in it, of a point or of the standard raises (changing.touch_course, listeners.py).
"""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import joinedload

from courseware.accounts.models import Unit, User
from courseware.catalog import policy
from courseware.catalog.memory import memory
from courseware.catalog.models import Activity, Lesson, LessonVersion, Module
from courseware.catalog.queries import around
from courseware.catalog.queries.credit import COLUMNS, Author, School, Source, credit_in
from courseware.catalog.queries.facts import (
    CourseContents,
    Item,
    LessonFacts,
    ModuleFacts,
    PointFacts,
    RunFacts,
    TeacherFacts,
    UnitFacts,
)
from courseware.core.database import session
from courseware.core.errors import NotFound
from courseware.core.roles import Actor
from courseware.knowledge import queries as knowledge
from courseware.knowledge.models import Point
from courseware.libraries.models import Course, CourseTeacher
from courseware.resources.models import Rendition, Resource, ResourceVersion
from courseware.resources.queries import media_path

__all__ = [
    "CourseContents", "Item", "LessonFacts", "ModuleFacts", "PointFacts", "RunFacts", "TeacherFacts", "UnitFacts", "contents_at",
    "contents_of", "draft_items", "lesson_by_uuid",
]  # fmt: skip


def contents_of(course: Course) -> CourseContents:
    """The contents of `course`, from memory while nothing in it changed; six queries otherwise."""
    return contents_at(course.id, course.uuid, course.content_version)


def contents_at(
    course_id: int, course_uuid: uuidlib.UUID, version: int, frozen_at: dt.datetime | None = None
) -> CourseContents:
    """As contents_of, for callers that hold columns of the course and no row. `frozen_at`: as its run froze it (decision 19)."""
    key = (course_uuid, version, frozen_at)
    return memory("course", 300).get(key, lambda: _read_contents(course_id, course_uuid, version, frozen_at))


def lesson_by_uuid(lesson_uuid: uuidlib.UUID, actor: Actor | None) -> Lesson:
    """A lesson with its course and team, for people who may see it. Raises NotFound."""
    query = (
        select(Lesson).where(Lesson.uuid == lesson_uuid).options(joinedload(Lesson.course).joinedload(Course.library))
    )
    lesson = session().scalar(query)
    if lesson is None or not policy.can_see_lesson(actor, lesson):
        raise NotFound()
    return lesson


def draft_items(version: LessonVersion) -> list[Item]:
    """What lies in a version that is not published: for its builders."""
    return _items([version.id])[version.id]


def _read_contents(
    course_id: int, course_uuid: uuidlib.UUID, version: int, frozen_at: dt.datetime | None
) -> CourseContents:
    modules = _modules(course_id, frozen_at)
    standard, units = _units(course_id)
    return CourseContents(
        course_uuid, version, modules, standard, units, _team(course_id), around.needs_of(course_id), around.runs_of(course_id),
        _cover(modules), {lesson.uuid: lesson for module in modules for lesson in module.lessons}, around.terms_of(course_id),
        around.lesson_needs_of(course_id),
    )  # fmt: skip


def _shown_version(frozen_at: dt.datetime | None) -> Any:
    """Which version of a lesson is shown: the published one, or the one that was so at that moment."""
    if frozen_at is None:
        return LessonVersion.id == Lesson.published_version_id
    was_live = or_(LessonVersion.superseded_at.is_(None), LessonVersion.superseded_at > frozen_at)
    return (LessonVersion.lesson_id == Lesson.id) & (LessonVersion.published_at <= frozen_at) & was_live


def _modules(course_id: int, frozen_at: dt.datetime | None) -> list[ModuleFacts]:
    rows = (
        session()
        .execute(
            select(
                Lesson.id, Lesson.uuid, Lesson.title, Lesson.title_en, LessonVersion.id.label("version_id"),
                LessonVersion.uuid.label("version_uuid"), LessonVersion.minutes, LessonVersion.introduction,
                User.name.label("owner"), Unit.name.label("owner_unit"),
                Module.uuid.label("module_uuid"), Module.title.label("module_title"), Module.title_en.label("module_title_en"),
                *COLUMNS,
            )
            .join(LessonVersion, _shown_version(frozen_at))
            .join(Module, Module.id == Lesson.module_id)
            .join(User, User.id == Lesson.owner_id)
            .outerjoin(Unit, Unit.id == User.unit_id)
            .outerjoin(Source, Source.id == Lesson.copied_from_id)
            .outerjoin(Author, Author.id == Source.owner_id)
            .outerjoin(School, School.id == Author.unit_id)
            .where(Lesson.course_id == course_id, Lesson.is_live.is_(True))
            .order_by(Module.seq, Module.id, Lesson.seq, Lesson.id, LessonVersion.num)
        )
        .all()
    )  # fmt: skip
    items = _items([row.version_id for row in rows], frozen_at)
    lessons: dict[uuidlib.UUID, list[LessonFacts]] = defaultdict(list)
    titles: dict[uuidlib.UUID, tuple[str, str]] = {}
    for row in rows:
        titles[row.module_uuid] = (row.module_title, row.module_title_en)
        lessons[row.module_uuid].append(
            LessonFacts(
                row.id, row.uuid, row.title, row.title_en, row.minutes, row.introduction, row.owner,
                row.owner_unit or "", row.version_uuid, items[row.version_id], credit_in(row),
            )
        )  # fmt: skip
    return [ModuleFacts(uuid, *titles[uuid], found) for uuid, found in lessons.items()]


def _shown_resource(frozen_at: dt.datetime | None) -> Any:
    """Which version of a resource is shown where the lesson does not hold one: the newest, or the newest of that moment."""
    if frozen_at is None:
        return Resource.published_version_id
    older = ResourceVersion.__table__.alias("older")
    query = select(older.c.id).where(older.c.resource_id == Activity.resource_id, older.c.published_at <= frozen_at)
    return query.order_by(older.c.published_at.desc(), older.c.id.desc()).limit(1).scalar_subquery()


def _items(version_ids: Sequence[int], frozen_at: dt.datetime | None = None) -> dict[int, list[Item]]:
    """What lies in lesson versions, in order, by version id; one query."""
    shown = ResourceVersion.__table__.alias("shown")
    query = (
        select(
            Activity, Resource.uuid, Resource.type, Resource.title, Resource.title_en, _is_there().label("is_there"),
            shown.c.id.label("shown_id"), shown.c.num, shown.c.duration_s,
        )
        .outerjoin(Resource, Resource.id == Activity.resource_id)
        .outerjoin(
            shown,
            shown.c.id == func.coalesce(Activity.pinned_version_id, _shown_resource(frozen_at)),
        )
        .where(Activity.version_id.in_(version_ids))
        .order_by(Activity.version_id, Activity.seq)
    )  # fmt: skip
    found: dict[int, list[Item]] = defaultdict(list)
    for row in session().execute(query) if version_ids else ():
        found[row.Activity.version_id].append(_item(row, is_held=frozen_at is not None))
    return found


def _is_there() -> ColumnElement[bool]:
    """Live, and not of another library that is closed (SEC8): what one opens, its own units open with it."""
    own = (
        select(Course.library_id)
        .join(Lesson, Lesson.course_id == Course.id)
        .join(LessonVersion, LessonVersion.lesson_id == Lesson.id)
    )
    own = own.where(LessonVersion.id == Activity.version_id)
    return Resource.is_live & (Resource.is_public | (Resource.library_id == own.scalar_subquery()))


def _item(row: Any, *, is_held: bool = False) -> Item:
    activity: Activity = row.Activity
    is_resource = activity.resource_id is not None
    return Item(
        key=activity.key, kind=activity.kind, title=activity.title or row.title or "",
        title_en="" if activity.title else (row.title_en or ""), segment=activity.segment, minutes=activity.minutes,
        is_required=activity.is_required, text=activity.text, url=activity.url, resource_id=activity.resource_id,
        resource_uuid=row.uuid, version_id=row.shown_id, num=row.num or 0, pinned_num=row.num if activity.pinned_version_id or is_held else None,
        type=row.type or "", duration_s=row.duration_s,
        is_gone=is_resource and (not row.is_there or row.shown_id is None),
    )  # fmt: skip


def _units(course_id: int) -> tuple[str, list[UnitFacts]]:
    """The standard in force by its units; without one, the points of the course as a single list."""
    course = session().get_one(Course, course_id)
    standard = knowledge.standard_of(course)
    if standard is None:
        points = [_point(p) for p in knowledge.points_of_course(course)]
        return "", [UnitFacts("", "", points)] if points else []
    return standard.version, [UnitFacts(u.name, u.name_en, [_point(p) for p in u.points]) for u in standard.units]


def _point(point: Point) -> PointFacts:
    return PointFacts(point.id, point.uuid, point.name, point.name_en, point.kind)


def _team(course_id: int) -> list[TeacherFacts]:
    rows = session().execute(
        select(User.name, User.title, Unit.name, Unit.name_en, CourseTeacher.role)
        .join(User, User.id == CourseTeacher.user_id)
        .outerjoin(Unit, Unit.id == User.unit_id)
        .where(CourseTeacher.course_id == course_id)
        .order_by(CourseTeacher.seq, CourseTeacher.id)
    )
    return [TeacherFacts(name, title, unit or "", en or "", role) for name, title, unit, en, role in rows]


def _cover(modules: Iterable[ModuleFacts]) -> str:
    """The picture of the first resource that has one, moving pictures first."""
    items = [i for m in modules for lesson in m.lessons for i in lesson.items if i.version_id and not i.is_gone]
    wanted = [i.version_id for i in sorted(items, key=lambda i: i.type not in ("video", "animation"))][:40]
    query = (
        select(ResourceVersion.id, Rendition.uuid, Rendition.facts)
        .join(Rendition, Rendition.asset_id == ResourceVersion.asset_id)
        .where(ResourceVersion.id.in_(wanted), Rendition.kind == "thumbnail")
    )
    found = {row[0]: media_path(row[1], row[2]) for row in session().execute(query)} if wanted else {}
    return next((found[version_id] for version_id in wanted if version_id in found), "")
