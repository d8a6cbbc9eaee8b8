"""A learner's place in a course run, and the classes a run is taught in."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from courseware.accounts.models import User
from courseware.catalog.models import CourseRun
from courseware.core.database import Identified, Model, Numbered, Stamped


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


class TeachingClass(Identified, Stamped, Model):
    """A class (教学班) of one run: a list of people taught together. A SPOC run is joined through one of its classes only.

    `join_code` is what people type to join by themselves; NULL while joining by code is closed.
    """

    __tablename__ = "teaching_class"

    run_id: Mapped[int] = mapped_column(ForeignKey("course_run.id", ondelete="CASCADE"), index=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    name: Mapped[str]
    join_code: Mapped[str | None] = mapped_column(unique=True)
    closed_at: Mapped[dt.datetime | None]
    run: Mapped[CourseRun] = relationship()
    owner: Mapped[User] = relationship()


class ClassMember(Numbered, Model):
    """One person in one class; `group_name` is empty outside groups. Leaving and coming back reuses the row."""

    __tablename__ = "class_member"
    __table_args__ = (UniqueConstraint("class_id", "user_id"), Index("ix_class_member_user", "user_id", "class_id"))

    class_id: Mapped[int] = mapped_column(ForeignKey("teaching_class.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    group_name: Mapped[str] = mapped_column(default="")
    joined_at: Mapped[dt.datetime]
    left_at: Mapped[dt.datetime | None]
    user: Mapped[User] = relationship()
