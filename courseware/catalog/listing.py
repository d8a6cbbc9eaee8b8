"""Courses a page at a time, and what a course holds, for the API. The number of queries never grows with rows."""

from __future__ import annotations

import uuid as uuidlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from courseware.catalog import policy
from courseware.catalog.models import Lesson, LessonVersion, Module
from courseware.core.database import session
from courseware.core.errors import NotFound
from courseware.core.paging import Page
from courseware.core.roles import Actor
from courseware.libraries import policy as libraries
from courseware.libraries.models import Course, Library, Major
from courseware.libraries.queries import course_by_uuid


@dataclass(frozen=True, slots=True)
class LessonLine:
    """A lesson as learners see it: its title and minutes."""

    lesson: Lesson
    minutes: int


@dataclass(frozen=True, slots=True)
class ModuleLines:
    """A module with its live lessons, in their order."""

    module: Module
    lessons: Sequence[LessonLine]


def list_courses(
    actor: Actor | None,
    *,
    library: str = "",
    major: str = "",
    kind: str = "",
    after: uuidlib.UUID | None = None,
    limit: int = 20,
) -> Page[Course]:
    """Published courses of the libraries the actor may see, in the order they were made."""
    seen = select(Library.id).where(libraries.visible_to(actor))
    query = select(Course).where(Course.published_at.is_not(None), Course.library_id.in_(seen))
    query = _narrowed(query, library, major, kind)
    if after is not None:
        query = query.where(Course.id > select(Course.id).where(Course.uuid == after).scalar_subquery())
    rows = session().scalars(query.options(joinedload(Course.library)).order_by(Course.id).limit(limit + 1)).all()
    return Page(rows[:limit], str(rows[limit - 1].uuid) if len(rows) > limit else None)


def visible_course(course_uuid: uuidlib.UUID, actor: Actor | None) -> Course:
    """The course for people who may see it and its library; raises NotFound."""
    course = course_by_uuid(course_uuid)
    if not policy.can_see_course(actor, course):
        raise NotFound()
    return course


def live_outline(course: Course) -> list[ModuleLines]:
    """Modules and live lessons of a course; modules without one are left out."""
    query = (
        select(Lesson, LessonVersion.minutes)
        .join(LessonVersion, LessonVersion.id == Lesson.published_version_id)
        .where(Lesson.course_id == course.id, Lesson.is_live.is_(True))
        .order_by(Lesson.seq, Lesson.id)
    )
    lines: dict[int, list[LessonLine]] = {}
    for lesson, minutes in session().execute(query):
        lines.setdefault(lesson.module_id, []).append(LessonLine(lesson, minutes))
    modules = session().scalars(select(Module).where(Module.course_id == course.id).order_by(Module.seq, Module.id))
    return [ModuleLines(module, lines[module.id]) for module in modules if module.id in lines]


def _narrowed(query: Select[Course], library: str, major: str, kind: str) -> Select[Course]:
    if library:
        query = query.join(Library, Library.id == Course.library_id).where(Library.code == library)
    if major:
        query = query.join(Major, Major.id == Course.major_id).where(Major.code == major)
    return query.where(Course.kind == kind) if kind else query
