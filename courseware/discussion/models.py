"""Threads beside a lesson or in a class, and what is said in them."""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib

from sqlalchemy import ForeignKey, Index, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship

from courseware.accounts.models import User
from courseware.catalog.models import Lesson
from courseware.core.database import Identified, Model, Numbered, Stamped
from courseware.enrollment.models import TeachingClass
from courseware.libraries.models import Course


class Thread(Identified, Stamped, Model):
    """A question or a talk: in a course, beside a lesson where `lesson` is set, for one class where `class_` is set.

    `activity_key` and `at_s` name the thing in the lesson and the second of its recording. `replies`, `last_at` and
    `answered_at` (the first answer of a teacher) follow from the messages, so that lists need not count them.
    `accepted_seq`: which answer helped. `asker_seen_at`: until when the asker has read.
    """

    __tablename__ = "discussion_thread"
    __table_args__ = (
        Index("ix_discussion_thread_lesson", "lesson_id", "id"),
        Index("ix_discussion_thread_course", "course_id", "id"),
        Index("ix_discussion_thread_class", "class_id", "id"),
        Index("ix_discussion_thread_author", "author_id", "id"),
    )

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"))
    lesson_id: Mapped[int | None] = mapped_column(ForeignKey("lesson.id", ondelete="CASCADE"))
    activity_key: Mapped[uuidlib.UUID | None] = mapped_column(Uuid())
    at_s: Mapped[int | None]
    class_id: Mapped[int | None] = mapped_column(ForeignKey("teaching_class.id", ondelete="CASCADE"))
    author_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    replies: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[dt.datetime]
    last_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    answered_at: Mapped[dt.datetime | None]
    accepted_seq: Mapped[int | None]
    asker_seen_at: Mapped[dt.datetime]

    course: Mapped[Course] = relationship()
    lesson: Mapped[Lesson | None] = relationship()
    class_: Mapped[TeachingClass | None] = relationship()
    author: Mapped[User] = relationship(foreign_keys=[author_id])


class Message(Identified, Stamped, Model):
    """What one person said: the question has `seq` 0, answers count from 1.

    Deleted: the words are gone, the row stays as a trace. Hidden: the words stay for the author and the moderators.
    `by_teacher`: the author taught the course or the class when writing.
    """

    __tablename__ = "discussion_message"
    __table_args__ = (
        UniqueConstraint("thread_id", "seq"),
        Index("ix_discussion_message_author", "author_id", "id"),
        Index("ix_discussion_message_hidden", "hidden_at"),
    )

    thread_id: Mapped[int] = mapped_column(ForeignKey("discussion_thread.id", ondelete="CASCADE"))
    seq: Mapped[int]
    author_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    body: Mapped[str]
    by_teacher: Mapped[bool] = mapped_column(default=False)
    marks: Mapped[int] = mapped_column(default=0)
    edited_at: Mapped[dt.datetime | None]
    deleted_at: Mapped[dt.datetime | None]
    hidden_at: Mapped[dt.datetime | None]
    hidden_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    hidden_reason: Mapped[str] = mapped_column(default="")
    appeal: Mapped[str] = mapped_column(default="")
    appealed_at: Mapped[dt.datetime | None]
    appeal_answer: Mapped[str] = mapped_column(default="")
    appeal_decided_at: Mapped[dt.datetime | None]

    thread: Mapped[Thread] = relationship()
    author: Mapped[User] = relationship(foreign_keys=[author_id])

    @property
    def is_gone(self) -> bool:
        """Whether readers see a trace instead of words."""
        return self.deleted_at is not None or self.hidden_at is not None


class MessageEdit(Numbered, Model):
    """What a message said before it was edited. Goes with the words when the author deletes them."""

    __tablename__ = "discussion_edit"

    message_id: Mapped[int] = mapped_column(ForeignKey("discussion_message.id", ondelete="CASCADE"), index=True)
    body: Mapped[str]
    replaced_at: Mapped[dt.datetime]


class MessageMark(Numbered, Stamped, Model):
    """ "I have this question too" on a question, "useful" on an answer: once a person."""

    __tablename__ = "discussion_mark"
    __table_args__ = (UniqueConstraint("message_id", "user_id"),)

    message_id: Mapped[int] = mapped_column(ForeignKey("discussion_message.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)


class MessageReport(Numbered, Stamped, Model):
    """Somebody thinks that a message should not stand there; settled when a moderator hid it or left it."""

    __tablename__ = "discussion_report"
    __table_args__ = (UniqueConstraint("message_id", "user_id"), Index("ix_discussion_report_open", "settled_at", "id"))

    message_id: Mapped[int] = mapped_column(ForeignKey("discussion_message.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    words: Mapped[str]
    settled_at: Mapped[dt.datetime | None]
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))

    message: Mapped[Message] = relationship()
