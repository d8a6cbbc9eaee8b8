"""Courses that leave the house as packages, and packages that come in as drafts (R27)."""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship

from courseware.accounts.models import User
from courseware.core.database import Identified, Model, Numbered, Stamped
from courseware.libraries.models import Course

FORMATS = ("cc", "offline")
AUDIENCES = ("open", "team")
PACKAGE_STATES = ("making", "ready", "failed", "cancelled")
IMPORT_STATES = ("checking", "prepared", "importing", "done", "undoing", "undone", "failed")
PART_KINDS = ("module", "lesson", "resource")
PART_OUTCOMES = ("made", "undone", "kept")


class CoursePackage(Identified, Stamped, Model):
    """One state of a course in one format. `content_key` names the state: the same one is not packed twice.

    `audience`: what an open package leaves out, and the team's holds (questions with their answers).
    `report` counts what is inside and names what was left out, each with a reason code.
    """

    __tablename__ = "course_package"
    __table_args__ = (
        UniqueConstraint("course_id", "format", "audience", "content_key", name="uq_course_package_state"),
        CheckConstraint(f"format IN {FORMATS}", "format"),
        CheckConstraint(f"audience IN {AUDIENCES}", "audience"),
        CheckConstraint(f"state IN {PACKAGE_STATES}", "state"),
        Index("ix_course_package_expires_at", "expires_at"),
    )

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"))
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    format: Mapped[str]
    audience: Mapped[str] = mapped_column(default="open")
    content_key: Mapped[str]
    state: Mapped[str] = mapped_column(default="making")
    store_key: Mapped[str] = mapped_column(default="")
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    report: Mapped[dict[str, Any]] = mapped_column(default=dict)
    ready_at: Mapped[dt.datetime | None]
    expires_at: Mapped[dt.datetime | None]

    course: Mapped[Course] = relationship()
    asked_by: Mapped[User] = relationship()


class CourseImport(Identified, Stamped, Model):
    """A package on its way into a course: looked at (dry run), taken in as drafts, taken back as one action.

    `report` is what the dry run found, later also what was done; `reason` is a sentence where the file cannot be used.
    """

    __tablename__ = "course_import"
    __table_args__ = (
        CheckConstraint(f"state IN {IMPORT_STATES}", "state"),
        Index("ix_course_import_course", "course_id", "id"),
    )

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"))
    actor_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    filename: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str]
    store_key: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default="checking")
    report: Mapped[dict[str, Any]] = mapped_column(default=dict)
    reason: Mapped[str] = mapped_column(default="")
    started_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]

    course: Mapped[Course] = relationship()
    actor: Mapped[User] = relationship()


class ImportedPart(Numbered, Model):
    """A thing an import made: what a stopped import skips, and what its undo takes back.

    `path` is its place in the outline ("2" a module, "2.1" a lesson) or the file of a resource; `revision` is what the
    lesson or resource was left at, so that the undo leaves alone what somebody changed since.
    """

    __tablename__ = "imported_part"
    __table_args__ = (
        UniqueConstraint("import_id", "kind", "path", name="uq_imported_part_place"),
        CheckConstraint(f"kind IN {PART_KINDS}", "kind"),
        CheckConstraint(f"outcome IN {PART_OUTCOMES}", "outcome"),
    )

    import_id: Mapped[int] = mapped_column(ForeignKey("course_import.id", ondelete="CASCADE"))
    kind: Mapped[str]
    path: Mapped[str]
    made_uuid: Mapped[uuidlib.UUID] = mapped_column(Uuid())
    revision: Mapped[int] = mapped_column(default=0)
    outcome: Mapped[str] = mapped_column(default="made")
