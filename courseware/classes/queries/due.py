"""What is due for a person, and in a class."""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, bindparam, or_, select
from sqlalchemy.orm import joinedload

from courseware.accounts.models import User
from courseware.catalog.models import CourseRun, Lesson
from courseware.classes.models import ClassDue, ClassDuePoint, ClassMember, TeachingClass
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import NotFound
from courseware.core.types import UtcDateTime
from courseware.libraries.models import Course
from courseware.progress.models import LessonProgress


@dataclass(frozen=True, slots=True)
class Due:
    """A lesson due for one person by the end of a day in Asia/Shanghai. `due_at` is that end, in UTC."""

    class_uuid: uuidlib.UUID
    class_name: str
    course_uuid: uuidlib.UUID
    course: str
    course_en: str
    lesson_id: int
    lesson_uuid: uuidlib.UUID
    title: str
    title_en: str
    due_on: dt.date
    is_begun: bool
    completed_at: dt.datetime | None

    @property
    def due_at(self) -> dt.datetime:
        """The end of the day, as UTC."""
        return clock.end_of_day(self.due_on)

    @property
    def path(self) -> str:
        """Where it is done."""
        return f"/learn/{self.lesson_uuid}"

    @property
    def is_point(self) -> bool:
        """What tells it from a point in a list of both."""
        return False

    @property
    def is_done(self) -> bool:
        """Whether the lesson is complete, in time or not."""
        return self.completed_at is not None

    def is_late(self, now: dt.datetime) -> bool:
        """Whether it was, or will be, completed after its day. Shown and never punished."""
        return (self.completed_at or now) >= self.due_at


_COLUMNS = (
    ClassDue.class_id, ClassDue.group_name, TeachingClass.uuid.label("class_uuid"), TeachingClass.name.label("class_name"),
    Course.uuid.label("course_uuid"), Course.name.label("course"), Course.name_en.label("course_en"), Lesson.id.label("lesson_id"),
    Lesson.uuid.label("lesson_uuid"), Lesson.title, Lesson.title_en, ClassDue.due_on, LessonProgress.id.label("line"),
    LessonProgress.completed_at,
)  # fmt: skip


_PERSON: Any = bindparam("person")


def _due_for() -> Any:
    return (
        select(*_COLUMNS)
        .join(TeachingClass, TeachingClass.id == ClassDue.class_id)
        .join(ClassMember, and_(ClassMember.class_id == ClassDue.class_id, ClassMember.user_id == _PERSON))
        .join(CourseRun, CourseRun.id == TeachingClass.run_id)
        .join(Course, Course.id == CourseRun.course_id)
        .join(Lesson, Lesson.id == ClassDue.lesson_id)
        .outerjoin(LessonProgress, and_(LessonProgress.lesson_id == Lesson.id, LessonProgress.user_id == _PERSON))
        .where(ClassMember.left_at.is_(None), TeachingClass.closed_at.is_(None), Lesson.is_live.is_(True))
        .where(or_(CourseRun.ends_at.is_(None), CourseRun.ends_at > bindparam("now", type_=UtcDateTime())))
        .where(or_(ClassDue.group_name == "", ClassDue.group_name == ClassMember.group_name))
        .order_by(ClassDue.group_name)
    )


_DUE_FOR = _due_for()  # built once: every visit of "my learning" asks it


def due_for(user: User) -> list[Due]:
    """What the person's classes that go on wait for, done or not, by day; one query.

    A group's own day goes before the day of the whole class. Lessons taken from learners are left out.
    """
    rows = session().connection().execute(_DUE_FOR, {"person": user.id, "now": clock.now()})
    nearest = {(row.class_id, row.lesson_id): row for row in rows}  # the group's row comes last
    found = [_due(row) for row in nearest.values()]
    return sorted(found, key=lambda due: (due.due_on, due.title))


def _due(row: Any) -> Due:
    return Due(
        row.class_uuid, row.class_name, row.course_uuid, row.course, row.course_en, row.lesson_id, row.lesson_uuid, row.title,
        row.title_en, row.due_on, row.line is not None, row.completed_at,
    )  # fmt: skip


def dues_of(klass: TeachingClass) -> Sequence[ClassDue]:
    """All due days of a class with their lessons, by day; one query."""
    query = select(ClassDue).where(ClassDue.class_id == klass.id).options(joinedload(ClassDue.lesson))
    return session().scalars(query.order_by(ClassDue.due_on, ClassDue.id)).all()


def due_by_uuid(klass: TeachingClass, due_uuid: uuidlib.UUID) -> ClassDue | ClassDuePoint:
    """A day of the class for a lesson or for a point; raises NotFound."""
    lesson = select(ClassDue).where(ClassDue.class_id == klass.id, ClassDue.uuid == due_uuid)
    point = select(ClassDuePoint).where(ClassDuePoint.class_id == klass.id, ClassDuePoint.uuid == due_uuid)
    due = session().scalar(lesson) or session().scalar(point)
    if due is None:
        raise NotFound()
    return due
