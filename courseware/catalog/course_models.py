"""What is said of a whole course: when it is completed, what comes before it, what it promises, when its runs open.

Beside `models`, which has the course's lessons and runs themselves.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from courseware.accounts.models import User
from courseware.core.database import Identified, Model, Numbered, Stamped
from courseware.knowledge.models import CourseStandard
from courseware.libraries.models import Course
from courseware.review.models import ReviewRules

COMPLETIONS = ("all", "share", "named")
WITHDRAWAL_STATES = ("open", "done", "refused", "taken_back", "reopened")
CASE_STATES = ("open", "approved", "returned", "withdrawn")


class CourseTerms(Model):
    """What a course asks and promises; a course without a row asks for every lesson and promises nothing (R47, R96).

    `completion`: every lesson, a share of them (`share` per cent), or the lessons named in CompletionLesson.
    `is_national`: selected nationally, so that its promise is at least five years long.
    """

    __tablename__ = "course_terms"
    __table_args__ = (
        CheckConstraint(f"completion IN {COMPLETIONS}", "completion"),
        CheckConstraint("share BETWEEN 1 AND 100", "share"),
    )

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"), primary_key=True)
    completion: Mapped[str] = mapped_column(default="all")
    share: Mapped[int] = mapped_column(default=100)
    is_national: Mapped[bool] = mapped_column(default=False)
    free_until: Mapped[dt.date | None]


class CompletionLesson(Model):
    """A lesson that completes its course, where those are named."""

    __tablename__ = "completion_lesson"

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"), primary_key=True)
    lesson_id: Mapped[int] = mapped_column(ForeignKey("lesson.id", ondelete="CASCADE"), primary_key=True, index=True)


class CoursePrerequisite(Model):
    """A course to complete before another one; advice, or a condition of joining where `is_required`."""

    __tablename__ = "course_prerequisite"
    __table_args__ = (CheckConstraint("course_id <> prerequisite_id", "not_itself"),)

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"), primary_key=True)
    prerequisite_id: Mapped[int] = mapped_column(
        ForeignKey("course.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    is_required: Mapped[bool] = mapped_column(default=False)


class LessonPrerequisite(Model):
    """A lesson to complete before another one of the same course; advice, or a closed door where `is_required`."""

    __tablename__ = "lesson_prerequisite"
    __table_args__ = (CheckConstraint("lesson_id <> prerequisite_id", "not_itself"),)

    lesson_id: Mapped[int] = mapped_column(ForeignKey("lesson.id", ondelete="CASCADE"), primary_key=True)
    prerequisite_id: Mapped[int] = mapped_column(
        ForeignKey("lesson.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    is_required: Mapped[bool] = mapped_column(default=False)


class CourseWithdrawal(Identified, Stamped, Model):
    """A request to take a course from learners (R96). Before the end of its promise two other persons agree, one by one.

    `promised_until` is the promise when it was asked. `reopened`: the course was published again later.
    """

    __tablename__ = "course_withdrawal"
    __table_args__ = (
        CheckConstraint(f"state IN {WITHDRAWAL_STATES}", "state"),
        CheckConstraint("first_by_id IS NULL OR first_by_id <> requested_by_id", "first_is_another"),
        CheckConstraint(
            "second_by_id IS NULL OR (second_by_id <> requested_by_id AND second_by_id <> first_by_id)",
            "second_is_a_third",
        ),
        Index("ix_course_withdrawal_course", "course_id", "state"),
        Index(
            "uq_course_withdrawal_open",
            "course_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"))
    requested_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    reason: Mapped[str]
    promised_until: Mapped[dt.date | None]
    first_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    first_at: Mapped[dt.datetime | None]
    second_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    second_at: Mapped[dt.datetime | None]
    state: Mapped[str] = mapped_column(default="open")
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    ended_at: Mapped[dt.datetime | None]
    note: Mapped[str] = mapped_column(default="")

    course: Mapped[Course] = relationship()
    requested_by: Mapped[User] = relationship(foreign_keys=[requested_by_id])
    first_by: Mapped[User | None] = relationship(foreign_keys=[first_by_id])


class RunOpening(Model):
    """When a lesson opens in a run; a lesson without a row is open from the start of the run."""

    __tablename__ = "run_opening"

    run_id: Mapped[int] = mapped_column(ForeignKey("course_run.id", ondelete="CASCADE"), primary_key=True)
    lesson_id: Mapped[int] = mapped_column(ForeignKey("lesson.id", ondelete="CASCADE"), primary_key=True, index=True)
    opens_at: Mapped[dt.datetime]


class StandardCase(Identified, Model):
    """A course standard handed in for review, under the rules of that moment (R36). `tree` never changes.

    `named`: the people the rules name for the present level. `writers`: who changed the draft; they do not review it.
    """

    __tablename__ = "standard_case"
    __table_args__ = (
        CheckConstraint(f"state IN {CASE_STATES}", "state"),
        Index("ix_standard_case_course", "course_id", "state"),
        Index("ix_standard_case_queue", "state", "due_at", "id"),
    )

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"))
    base_id: Mapped[int | None] = mapped_column(ForeignKey("course_standard.id"))
    version: Mapped[str]
    tree: Mapped[dict[str, Any]]
    writers: Mapped[list[Any]] = mapped_column(default=list)
    submitted_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    submitted_at: Mapped[dt.datetime]
    due_at: Mapped[dt.datetime]
    levels: Mapped[int] = mapped_column(default=1)
    level: Mapped[int] = mapped_column(default=1)
    state: Mapped[str] = mapped_column(default="open")
    rules_id: Mapped[int | None] = mapped_column(ForeignKey("review_rules.id"))
    asked_role: Mapped[str] = mapped_column(default="reviewer")
    named: Mapped[list[Any]] = mapped_column(default=list)
    barred_unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))

    course: Mapped[Course] = relationship()
    base: Mapped[CourseStandard | None] = relationship()
    submitted_by: Mapped[User] = relationship()
    rules: Mapped[ReviewRules | None] = relationship()
    decisions: Mapped[list[StandardDecision]] = relationship(
        order_by="StandardDecision.level", cascade="all, delete-orphan"
    )


class StandardDecision(Numbered, Model):
    """What one reviewer decided at one level. `verdicts`: dimension → [passed, note]. Never changed."""

    __tablename__ = "standard_decision"
    __table_args__ = (
        UniqueConstraint("case_id", "level"),
        CheckConstraint("decision IN ('approve', 'return')", "decision"),
    )

    case_id: Mapped[int] = mapped_column(ForeignKey("standard_case.id", ondelete="CASCADE"))
    level: Mapped[int]
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    decision: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    verdicts: Mapped[dict[str, Any]]
    decided_at: Mapped[dt.datetime]

    reviewer: Mapped[User] = relationship()
