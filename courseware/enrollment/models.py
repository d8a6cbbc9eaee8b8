"""A learner's place in a course run."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from courseware.accounts.models import User
from courseware.catalog.models import CourseRun
from courseware.core.database import Identified, Model, Numbered


class Enrollment(Identified, Model):
    """One person in one run. Leaving and coming back reuses the row; the changes are kept beside it.

    `started_at`: the first qualified event in the course (M14); progress writes it.
    """

    __tablename__ = "enrollment"
    __table_args__ = (UniqueConstraint("user_id", "run_id"), Index("ix_enrollment_course", "course_id", "enrolled_at"))

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    run_id: Mapped[int] = mapped_column(ForeignKey("course_run.id"), index=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    enrolled_at: Mapped[dt.datetime]
    started_at: Mapped[dt.datetime | None]
    withdrawn_at: Mapped[dt.datetime | None]
    completed_at: Mapped[dt.datetime | None]
    user: Mapped[User] = relationship()
    run: Mapped[CourseRun] = relationship()
    changes: Mapped[list[EnrollmentChange]] = relationship(order_by="EnrollmentChange.id", cascade="all, delete-orphan")


class EnrollmentChange(Numbered, Model):
    """enrolled, withdrawn, completed: append-only."""

    __tablename__ = "enrollment_change"

    enrollment_id: Mapped[int] = mapped_column(ForeignKey("enrollment.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    at: Mapped[dt.datetime]
