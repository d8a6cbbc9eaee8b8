"""Finding a course or a lesson quickly: the pages asked for most begin here, with one statement built once.

What everybody may see is told by columns alone. Only what is not public loads rows and asks the policy.
"""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select

from courseware.catalog import policy
from courseware.catalog.course_models import CourseWithdrawal
from courseware.catalog.errors import CourseWithdrawn
from courseware.catalog.models import Lesson
from courseware.catalog.queries.contents import CourseContents, contents_at, lesson_by_uuid
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import NotFound
from courseware.core.roles import Actor
from courseware.libraries.models import Course, Library
from courseware.libraries.queries import course_by_uuid


@dataclass(frozen=True, slots=True)
class LibraryHead:
    """The library of a course, to lead to."""

    code: str
    name: str
    name_en: str


@dataclass(frozen=True, slots=True)
class CourseHead:
    """What the page of a course shows of the register."""

    id: int
    uuid: uuidlib.UUID
    content_version: int
    kind: str
    name: str
    name_en: str
    summary: str
    summary_en: str
    audience: str
    theory_hours: int
    practice_hours: int
    licence: str
    is_open: bool
    is_public: bool
    library: LibraryHead

    @property
    def contents(self) -> CourseContents:
        """What lies in the course, from memory while nothing in it changed."""
        return self.contents_of_run(None)

    def contents_of_run(self, frozen_at: dt.datetime | None) -> CourseContents:
        """The same as the learners of a run see it, which was frozen at that moment; None follows what is published."""
        return contents_at(self.id, self.uuid, self.content_version, frozen_at)


_courses, _libraries, _lessons = Course.__table__, Library.__table__, Lesson.__table__
_OWN = ("id", "uuid", "content_version", "kind", "name", "name_en", "summary", "summary_en", "audience",
        "theory_hours", "practice_hours", "licence", "is_open")  # fmt: skip
COLUMNS: tuple[Any, ...] = (
    *(_courses.c[name] for name in _OWN),
    (_courses.c.published_at.is_not(None) & _libraries.c.published_at.is_not(None)).label("is_public"),
    _libraries.c.code, _libraries.c.name.label("library_name"), _libraries.c.name_en.label("library_name_en"),
)  # fmt: skip
_COURSE = (
    select(*COLUMNS)
    .join(_libraries, _libraries.c.id == _courses.c.library_id)
    .where(_courses.c.uuid == bindparam("uuid", type_=_courses.c.uuid.type))
)
_LESSON = (
    select(*COLUMNS, _lessons.c.is_live)
    .select_from(_lessons)
    .join(_courses, _courses.c.id == _lessons.c.course_id)
    .join(_libraries, _libraries.c.id == _courses.c.library_id)
    .where(_lessons.c.uuid == bindparam("uuid", type_=_lessons.c.uuid.type))
)


def course_head(course_uuid: uuidlib.UUID, actor: Actor | None) -> CourseHead:
    """The course for people who may see it; raises NotFound, and CourseWithdrawn where it was taken from learners."""
    row = _one(_COURSE, course_uuid)
    if row is None:
        raise NotFound()
    if not (row.is_public or policy.can_see_course(actor, course_by_uuid(course_uuid))):
        refuse_withdrawn(row.id)
        raise NotFound()
    return head_of(row)


def course_of_lesson(lesson_uuid: uuidlib.UUID, actor: Actor | None) -> CourseHead:
    """The course of a lesson, for people who may see the lesson; raises NotFound."""
    row = _one(_LESSON, lesson_uuid)
    if row is None:
        raise NotFound()
    if not (row.is_public and row.is_live):
        _refuse_unseen(row, lesson_uuid, actor)
    return head_of(row[: len(COLUMNS)])


def refuse_withdrawn(course_id: int) -> None:
    """Raises CourseWithdrawn where the course was taken from learners, with the day and the reason; not of a closed library."""
    query = (
        select(CourseWithdrawal.ended_at, CourseWithdrawal.reason).join(CourseWithdrawal.course).join(Course.library)
    )
    query = query.where(Library.is_public, CourseWithdrawal.course_id == course_id, CourseWithdrawal.state == "done")
    gone = session().execute(query.order_by(CourseWithdrawal.id.desc()).limit(1)).one_or_none()
    if gone is not None:
        day = f"{gone.ended_at.astimezone(clock.REPORTING_ZONE):%Y-%m-%d}"
        raise CourseWithdrawn(day=day, reason=gone.reason)


def _refuse_unseen(row: Any, lesson_uuid: uuidlib.UUID, actor: Actor | None) -> None:
    try:
        lesson_by_uuid(lesson_uuid, actor)
    except NotFound:
        if not row.is_public:
            refuse_withdrawn(row.id)
        raise


def may_build(course_uuid: uuidlib.UUID, actor: Actor | None) -> bool:
    """Whether the page offers building; no query for people who never may."""
    return actor is not None and policy.is_staff(actor) and policy.can_build(actor, course_by_uuid(course_uuid))


def _one(statement: Any, uuid: uuidlib.UUID) -> Any:
    session().flush()
    return session().connection().execute(statement, {"uuid": uuid}).one_or_none()


def head_of(values: Sequence[Any]) -> CourseHead:
    """The course of a row that holds COLUMNS, and nothing else, in their order."""
    own = dict(zip(_OWN, values, strict=False))
    is_public, *library = values[len(_OWN) :]
    return CourseHead(**own, is_public=bool(is_public), library=LibraryHead(*library))
