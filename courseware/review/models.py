"""Content review (审核): a submission, its levels, one verdict for each dimension (R34-R37)."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from courseware.accounts.models import User
from courseware.core.database import Identified, Model, Numbered
from courseware.resources.models import ResourceVersion

DIMENSIONS = ("political", "scientific", "applicability", "norms")
DECISIONS = ("approve", "return", "reject")
SUBMISSION_STATES = ("open", "approved", "returned", "rejected", "withdrawn")


class Submission(Identified, Model):
    """A version handed in for review, with the author's written commitment (R35)."""

    __tablename__ = "submission"
    __table_args__ = (
        CheckConstraint(f"state IN {SUBMISSION_STATES}", "state"),
        Index("ix_submission_queue", "state", "due_at", "id"),
    )

    version_id: Mapped[int] = mapped_column(ForeignKey("resource_version.id", ondelete="CASCADE"), index=True)
    submitted_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    submitted_at: Mapped[dt.datetime]
    due_at: Mapped[dt.datetime]
    levels: Mapped[int] = mapped_column(default=1)
    level: Mapped[int] = mapped_column(default=1)
    state: Mapped[str] = mapped_column(default="open")
    commitment: Mapped[str] = mapped_column(default="")
    is_imported: Mapped[bool] = mapped_column(default=False)

    version: Mapped[ResourceVersion] = relationship()
    submitted_by: Mapped[User] = relationship()
    decisions: Mapped[list[Decision]] = relationship(order_by="Decision.level", cascade="all, delete-orphan")


class Decision(Identified, Model):
    """What one reviewer decided at one level. Never changed."""

    __tablename__ = "decision"
    __table_args__ = (
        UniqueConstraint("submission_id", "level"),
        CheckConstraint(f"decision IN {DECISIONS}", "decision"),
    )

    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"))
    level: Mapped[int]
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    decision: Mapped[str]
    decided_class: Mapped[str | None]
    is_evidence_accepted: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[dt.datetime] = mapped_column(index=True)

    reviewer: Mapped[User] = relationship()
    verdicts: Mapped[list[Verdict]] = relationship(cascade="all, delete-orphan", order_by="Verdict.id")


class Verdict(Numbered, Model):
    """One dimension of a decision: passed or not, with a note when not."""

    __tablename__ = "verdict"
    __table_args__ = (UniqueConstraint("decision_id", "dimension"),)

    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id", ondelete="CASCADE"))
    dimension: Mapped[str]
    is_passed: Mapped[bool]
    note: Mapped[str] = mapped_column(default="")
