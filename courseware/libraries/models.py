"""Libraries and their curriculum: majors, hosts, training plan, the register of courses (R1-R9)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, UniqueConstraint, event, inspect, select, text
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from courseware.accounts.models import Unit, User
from courseware.core.database import Identified, Model, Numbered, Stamped
from courseware.libraries.errors import PublishedStands

COURSE_KINDS = ("core", "foundation", "extension", "practice", "training")
HOST, PARTICIPANT = "host", "participant"
TEAM_ROLES = ("leader", "teacher", "assistant", "editor")


class Major(Identified, Stamped, Model):
    """A programme of study by its official code."""

    __tablename__ = "major"

    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_en: Mapped[str] = mapped_column(default="")


class Library(Identified, Stamped, Model):
    """A professional teaching resource library: one core major, its hosts, its years."""

    __tablename__ = "library"
    __table_args__ = (CheckConstraint("period_start_month BETWEEN 1 AND 12", "period_start_month"),)

    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_en: Mapped[str] = mapped_column(default="")
    introduction: Mapped[str] = mapped_column(default="")
    introduction_en: Mapped[str] = mapped_column(default="")
    scope: Mapped[str] = mapped_column(default="regional")
    core_major_id: Mapped[int] = mapped_column(ForeignKey("major.id"))
    naming_template: Mapped[str] = mapped_column(default="{major}-{course}-{point}-{type}-{seq}-{title}")
    baseline_at: Mapped[dt.datetime | None]
    first_public_day: Mapped[dt.date | None]
    period_start_month: Mapped[int] = mapped_column(default=11)
    review_levels: Mapped[int] = mapped_column(default=1)
    open_by_default: Mapped[bool] = mapped_column(default=True)
    published_at: Mapped[dt.datetime | None]

    core_major: Mapped[Major] = relationship(lazy="joined")
    served_majors: Mapped[list[Major]] = relationship(secondary="library_served_major", order_by="Major.code")
    members: Mapped[list[LibraryUnit]] = relationship(order_by="LibraryUnit.seq", back_populates="library")
    courses: Mapped[list[Course]] = relationship(order_by="Course.seq", back_populates="library")

    @hybrid_property
    def is_public(self) -> bool:
        """Open to everybody. What lies in any other library is for its own people alone (SEC8)."""
        return self.published_at is not None

    @is_public.inplace.expression
    @classmethod
    def _is_public(cls) -> ColumnElement[bool]:
        return cls.published_at.is_not(None)


class LibraryServedMajor(Model):
    """A served major; services.py refuses the sixth (R1)."""

    __tablename__ = "library_served_major"

    library_id: Mapped[int] = mapped_column(ForeignKey("library.id", ondelete="CASCADE"), primary_key=True)
    major_id: Mapped[int] = mapped_column(ForeignKey("major.id"), primary_key=True)


class LibraryUnit(Numbered, Model):
    """A host or participating unit. At most three hosts (R1); exactly one is the first host."""

    __tablename__ = "library_unit"
    __table_args__ = (
        UniqueConstraint("library_id", "unit_id"),
        CheckConstraint(f"role IN {(HOST, PARTICIPANT)}", "role"),
        CheckConstraint("NOT is_first_host OR role = 'host'", "first_host_is_host"),
        Index(
            "uq_library_unit_first_host",
            "library_id",
            unique=True,
            sqlite_where=text("is_first_host"),
            postgresql_where=text("is_first_host"),
        ),
    )

    library_id: Mapped[int] = mapped_column(ForeignKey("library.id", ondelete="CASCADE"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    role: Mapped[str]
    is_first_host: Mapped[bool] = mapped_column(default=False)
    seq: Mapped[int] = mapped_column(default=0)

    unit: Mapped[Unit] = relationship(lazy="joined")
    library: Mapped[Library] = relationship(back_populates="members")


class UnitTask(Numbered, Stamped, Model):
    """What a participating unit took on (R4)."""

    __tablename__ = "unit_task"

    library_id: Mapped[int] = mapped_column(ForeignKey("library.id", ondelete="CASCADE"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    task: Mapped[str]
    due_on: Mapped[dt.date | None]
    evidence: Mapped[str] = mapped_column(default="")
    unit: Mapped[Unit] = relationship()
    owner: Mapped[User | None] = relationship()


class PolicyDocument(Numbered, Stamped, Model):
    """A rule the library gave itself: development, application, incentives (R61)."""

    __tablename__ = "policy_document"

    library_id: Mapped[int] = mapped_column(ForeignKey("library.id", ondelete="CASCADE"), index=True)
    title: Mapped[str]
    kind: Mapped[str]
    version: Mapped[str]
    dated_on: Mapped[dt.date]


class TrainingPlan(Identified, Stamped, Model):
    """One version of the training plan (R5). Published versions stay readable; `content` is its tree."""

    __tablename__ = "training_plan"
    __table_args__ = (UniqueConstraint("library_id", "version"),)

    library_id: Mapped[int] = mapped_column(ForeignKey("library.id", ondelete="CASCADE"), index=True)
    version: Mapped[str]
    valid_from: Mapped[dt.date]
    content: Mapped[dict[str, Any]]
    published_at: Mapped[dt.datetime | None]


class Course(Identified, Stamped, Model):
    """A course of the register (R9). Its standard (knowledge) says what it teaches, catalog builds how."""

    __tablename__ = "course"
    __table_args__ = (
        UniqueConstraint("library_id", "code"),
        CheckConstraint(f"kind IN {COURSE_KINDS}", "kind"),
        Index("ix_course_published", "published_at", "id"),
    )

    library_id: Mapped[int] = mapped_column(ForeignKey("library.id"), index=True)
    major_id: Mapped[int] = mapped_column(ForeignKey("major.id"), index=True)
    code: Mapped[str]
    seq: Mapped[int] = mapped_column(default=0)
    kind: Mapped[str]
    name: Mapped[str]
    name_en: Mapped[str] = mapped_column(default="")
    summary: Mapped[str] = mapped_column(default="")
    summary_en: Mapped[str] = mapped_column(default="")
    audience: Mapped[str] = mapped_column(default="")
    theory_hours: Mapped[int] = mapped_column(default=0)
    practice_hours: Mapped[int] = mapped_column(default=0)
    semester: Mapped[int | None]
    licence: Mapped[str] = mapped_column(default="CC-BY-NC-SA-4.0")
    cover_key: Mapped[str] = mapped_column(default="")
    is_open: Mapped[bool] = mapped_column(default=True)
    is_in_plan: Mapped[bool] = mapped_column(default=True)
    published_at: Mapped[dt.datetime | None]
    content_version: Mapped[int] = mapped_column(default=1)

    library: Mapped[Library] = relationship(back_populates="courses")
    major: Mapped[Major] = relationship(lazy="joined")
    team: Mapped[list[CourseTeacher]] = relationship(order_by="CourseTeacher.seq", cascade="all, delete-orphan")

    @hybrid_property
    def is_public(self) -> bool:
        """Published, in a library that is open to everybody (SEC8)."""
        return self.published_at is not None and self.library.is_public

    @is_public.inplace.expression
    @classmethod
    def _is_public(cls) -> ColumnElement[bool]:
        return cls.published_at.is_not(None) & cls.library_id.in_(select(Library.id).where(Library.is_public))


class CourseTeacher(Numbered, Model):
    """A member of the teaching team; the leader comes first. What each role may: catalog/policy.py."""

    __tablename__ = "course_teacher"
    __table_args__ = (UniqueConstraint("course_id", "user_id"),)

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    role: Mapped[str] = mapped_column(default="teacher")
    seq: Mapped[int] = mapped_column(default=0)
    user: Mapped[User] = relationship(lazy="joined")


@event.listens_for(TrainingPlan, "before_update")
def _published_plan_stands(_mapper: Any, _connection: Any, plan: TrainingPlan) -> None:
    """What was published is what people signed; only a new version replaces it (R5)."""
    history = inspect(plan).attrs.published_at.history
    if plan.published_at is not None and (not history.added or any(history.deleted)):
        raise PublishedStands(version=plan.version)
