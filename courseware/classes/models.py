"""What is done in a class: due days, sign-ins, polls, announcements, and the thresholds of its warnings (R45, R53).

The class itself and its members stand in enrollment, because joining a SPOC run asks for them.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from courseware.accounts.models import User
from courseware.catalog.models import Lesson
from courseware.core.database import Identified, Model, Numbered, Stamped
from courseware.enrollment.models import ClassMember, TeachingClass
from courseware.knowledge.models import Point

__all__ = [
    "Announcement", "AnnouncementRead", "ClassDue", "ClassDuePoint", "ClassMember", "ClassRules", "ClassSignIn", "ClassSignInEntry", "Poll",
    "PollAnswer", "TeachingClass", "WrongCode",
]  # fmt: skip

PRESENCES = ("present", "late", "excused", "absent")
POLL_KINDS = ("single", "multiple", "true_false", "scale", "words")


class ClassRules(Model):
    """When the board warns: days without learning, per cent of what is due, days before a due day. No row: the defaults."""

    __tablename__ = "class_rules"

    class_id: Mapped[int] = mapped_column(ForeignKey("teaching_class.id", ondelete="CASCADE"), primary_key=True)
    unseen_days: Mapped[int] = mapped_column(default=7)
    behind_percent: Mapped[int] = mapped_column(default=50)
    before_days: Mapped[int] = mapped_column(default=1)


class ClassDue(Identified, Stamped, Model):
    """A lesson is due by the end of a day in Asia/Shanghai. A group's own day goes before that of the whole class."""

    __tablename__ = "class_due"
    __table_args__ = (UniqueConstraint("class_id", "lesson_id", "group_name"),)

    class_id: Mapped[int] = mapped_column(ForeignKey("teaching_class.id", ondelete="CASCADE"))
    lesson_id: Mapped[int] = mapped_column(ForeignKey("lesson.id", ondelete="CASCADE"), index=True)
    group_name: Mapped[str] = mapped_column(default="")
    due_on: Mapped[dt.date]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    lesson: Mapped[Lesson] = relationship()


class ClassDuePoint(Identified, Stamped, Model):
    """A knowledge point is due by the end of a day in Asia/Shanghai, as a lesson is.

    Done as soon as one of the resources that teach it is finished: the rule of mastery (progress.queries.mastery_by_id).
    """

    __tablename__ = "class_due_point"
    __table_args__ = (UniqueConstraint("class_id", "point_id", "group_name"),)

    class_id: Mapped[int] = mapped_column(ForeignKey("teaching_class.id", ondelete="CASCADE"))
    point_id: Mapped[int] = mapped_column(ForeignKey("point.id", ondelete="CASCADE"), index=True)
    group_name: Mapped[str] = mapped_column(default="")
    due_on: Mapped[dt.date]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    point: Mapped[Point] = relationship()


class ClassSignIn(Identified, Model):
    """One taking of attendance. The code is worked out from `secret` and the time, and changes every `period_s` seconds."""

    __tablename__ = "class_sign_in"
    __table_args__ = (Index("ix_class_sign_in_class", "class_id", "opened_at"),)

    class_id: Mapped[int] = mapped_column(ForeignKey("teaching_class.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(default="")
    secret: Mapped[str]
    period_s: Mapped[int] = mapped_column(default=20)
    opened_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    opened_at: Mapped[dt.datetime]
    closed_at: Mapped[dt.datetime | None]
    teaching_class: Mapped[TeachingClass] = relationship()


class ClassSignInEntry(Numbered, Model):
    """Somebody was there, or not. Who has no row is absent. `by_id` and `reason` are those of a teacher's correction."""

    __tablename__ = "class_sign_in_entry"
    __table_args__ = (UniqueConstraint("sign_in_id", "user_id"), CheckConstraint(f"state IN {PRESENCES}", "state"))

    sign_in_id: Mapped[int] = mapped_column(ForeignKey("class_sign_in.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    state: Mapped[str] = mapped_column(default="present")
    at: Mapped[dt.datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    reason: Mapped[str] = mapped_column(default="")


class Poll(Identified, Model):
    """A quick question to the class. Open until closed; learners see the results from `shown_at` on.

    `options` are the choices of single and multiple; the other kinds know theirs by themselves.
    """

    __tablename__ = "class_poll"
    __table_args__ = (
        CheckConstraint(f"kind IN {POLL_KINDS}", "kind"),
        Index("ix_class_poll_class", "class_id", "opened_at"),
    )

    class_id: Mapped[int] = mapped_column(ForeignKey("teaching_class.id", ondelete="CASCADE"))
    lesson_id: Mapped[int | None] = mapped_column(ForeignKey("lesson.id", ondelete="SET NULL"), index=True)
    kind: Mapped[str]
    question: Mapped[str]
    options: Mapped[list[str]] = mapped_column(default=list)
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    opened_at: Mapped[dt.datetime]
    closed_at: Mapped[dt.datetime | None]
    shown_at: Mapped[dt.datetime | None]
    teaching_class: Mapped[TeachingClass] = relationship()


class PollAnswer(Numbered, Model):
    """What one person answered, once. `chosen`: numbers of options as text, or the words."""

    __tablename__ = "class_poll_answer"
    __table_args__ = (UniqueConstraint("poll_id", "user_id"),)

    poll_id: Mapped[int] = mapped_column(ForeignKey("class_poll.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    chosen: Mapped[list[str]]
    at: Mapped[dt.datetime]


class Announcement(Identified, Stamped, Model):
    """Words of a teacher to the class or one group; withdrawn ones are shown to nobody."""

    __tablename__ = "class_announcement"
    __table_args__ = (Index("ix_class_announcement_class", "class_id", "id"),)

    class_id: Mapped[int] = mapped_column(ForeignKey("teaching_class.id", ondelete="CASCADE"))
    group_name: Mapped[str] = mapped_column(default="")
    author_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    title: Mapped[str]
    text: Mapped[str] = mapped_column(default="")
    withdrawn_at: Mapped[dt.datetime | None]
    author: Mapped[User] = relationship()


class AnnouncementRead(Model):
    """Somebody read it."""

    __tablename__ = "class_announcement_read"

    announcement_id: Mapped[int] = mapped_column(
        ForeignKey("class_announcement.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True, index=True)
    at: Mapped[dt.datetime]


class WrongCode(Numbered, Model):
    """A class code or sign-in code that was wrong: counted by account and by address against guessing."""

    __tablename__ = "class_wrong_code"
    __table_args__ = (
        Index("ix_class_wrong_code_user", "user_id", "at"),
        Index("ix_class_wrong_code_address", "address", "at"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    address: Mapped[str] = mapped_column(default="")
    at: Mapped[dt.datetime]
