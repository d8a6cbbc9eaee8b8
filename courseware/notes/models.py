"""What learners write down and mark for themselves. Private: nobody else reads it."""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib

from sqlalchemy import ForeignKey, Index, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship

from courseware.catalog.models import Lesson
from courseware.core.database import Identified, Model, Stamped
from courseware.libraries.models import Course


class InLesson:
    """Mixin: a place in a lesson. `activity_key` names the thing, `at_s` the whole second of its recording."""

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"), index=True)
    lesson_id: Mapped[int] = mapped_column(ForeignKey("lesson.id", ondelete="CASCADE"), index=True)
    activity_key: Mapped[uuidlib.UUID | None] = mapped_column(Uuid())
    at_s: Mapped[int | None]


class Note(InLesson, Identified, Stamped, Model):
    """Words of one person. The browser names the note before it is sent, so that sending twice makes one note.

    `revision` counts the changes: whoever changes an older state is told, and nothing is overwritten.
    """

    __tablename__ = "note"
    __table_args__ = (Index("ix_note_user_id_lesson_id", "user_id", "lesson_id"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    body: Mapped[str]
    revision: Mapped[int] = mapped_column(default=1)
    edited_at: Mapped[dt.datetime]
    course: Mapped[Course] = relationship()
    lesson: Mapped[Lesson] = relationship()


class Bookmark(InLesson, Identified, Stamped, Model):
    """A thing of a lesson, or a second of it, to come back to."""

    __tablename__ = "bookmark"
    __table_args__ = (Index("ix_bookmark_user_id_lesson_id", "user_id", "lesson_id"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    course: Mapped[Course] = relationship()
    lesson: Mapped[Lesson] = relationship()
