"""The question bank (R28-R30): questions with points. Versions, papers and attempts come with their own issue."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from courseware.core.database import Identified, Model, Stamped
from courseware.knowledge.models import Point

QUESTION_KINDS = (
    "single", "multiple", "true_false", "blank", "short_answer", "essay", "matching", "ordering", "case_set", "operation_task",
)  # fmt: skip
OBJECTIVE_KINDS = ("single", "multiple", "true_false", "matching", "ordering")


class Question(Identified, Stamped, Model):
    """A reviewed question for one to three points of a course."""

    __tablename__ = "question"
    __table_args__ = (
        UniqueConstraint("course_id", "key"),
        CheckConstraint(f"kind IN {QUESTION_KINDS}", "kind"),
        Index("ix_question_course_published", "course_id", "published_at"),
    )

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    key: Mapped[str]
    kind: Mapped[str]
    author_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    difficulty: Mapped[int | None]
    score: Mapped[int | None]
    stem: Mapped[str] = mapped_column(default="")
    content: Mapped[dict[str, Any]] = mapped_column(default=dict)
    explanation: Mapped[str] = mapped_column(default="")
    is_objective: Mapped[bool] = mapped_column(default=False)
    content_hash: Mapped[str] = mapped_column(default="", index=True)
    published_at: Mapped[dt.datetime | None]
    withdrawn_at: Mapped[dt.datetime | None]
    points: Mapped[list[Point]] = relationship(secondary="question_point")


class QuestionPoint(Model):
    """A point a question asks for."""

    __tablename__ = "question_point"

    question_id: Mapped[int] = mapped_column(ForeignKey("question.id", ondelete="CASCADE"), primary_key=True)
    point_id: Mapped[int] = mapped_column(ForeignKey("point.id"), primary_key=True, index=True)
