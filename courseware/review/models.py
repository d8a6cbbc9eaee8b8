"""Content review (审核): rules, a submission, its levels, one verdict for each dimension; what follows later (R34-R41)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from courseware.accounts.models import User
from courseware.core.database import Identified, Model, Numbered, Stamped
from courseware.libraries.models import Library
from courseware.resources.models import Resource, ResourceVersion

DIMENSIONS = ("political", "scientific", "applicability", "norms")
DECISIONS = ("approve", "return", "reject")
SUBMISSION_STATES = ("open", "approved", "returned", "rejected", "withdrawn")
FLAGS = ("map", "major_topic", "minors", "ideology")
TAKE_DOWN_STATES = ("open", "confirmed", "lifted")
INCIDENTS = ("content", "ideology", "ethics", "discipline", "security", "rights")
RECHECK_STATES = ("open", "passed", "failed")
REMEDIES = ("", "return", "take_down")


class ReviewRules(Identified, Stamped, Model):
    """How a library reviews, from one day on. A row is never changed: a case keeps the rules it was handed in under."""

    __tablename__ = "review_rules"
    __table_args__ = (UniqueConstraint("library_id", "num"),)

    library_id: Mapped[int] = mapped_column(ForeignKey("library.id", ondelete="CASCADE"))
    num: Mapped[int]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    content: Mapped[dict[str, Any]]

    made_by: Mapped[User | None] = relationship()


class Submission(Identified, Model):
    """A version handed in for review, with the author's self-check and written commitment (R35).

    `asked_role`, `barred_unit_id` and `named` say who may take the present level: holders of a role, unless of the
    author's unit where the rules bar it; or, where the role is empty, the people named.
    """

    __tablename__ = "submission"
    __table_args__ = (
        CheckConstraint(f"state IN {SUBMISSION_STATES}", "state"),
        Index("ix_submission_queue", "state", "due_at", "id"),
        Index("ix_submission_claimed_by_id", "claimed_by_id"),
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
    rules_id: Mapped[int | None] = mapped_column(ForeignKey("review_rules.id"))
    flags: Mapped[list[str]] = mapped_column(default=list)
    is_flagged: Mapped[bool] = mapped_column(default=False)
    self_check: Mapped[list[str]] = mapped_column(default=list)
    returned_text: Mapped[str | None] = mapped_column(deferred=True)
    asked_role: Mapped[str] = mapped_column(default="reviewer")
    barred_unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    claimed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    claimed_at: Mapped[dt.datetime | None]

    version: Mapped[ResourceVersion] = relationship()
    submitted_by: Mapped[User] = relationship(foreign_keys=[submitted_by_id])
    claimed_by: Mapped[User | None] = relationship(foreign_keys=[claimed_by_id])
    rules: Mapped[ReviewRules | None] = relationship()
    named: Mapped[list[SubmissionReviewer]] = relationship(cascade="all, delete-orphan", lazy="selectin")
    decisions: Mapped[list[Decision]] = relationship(order_by="Decision.level", cascade="all, delete-orphan")


class SubmissionReviewer(Numbered, Model):
    """A person named for one level of a case: nobody else takes it."""

    __tablename__ = "submission_reviewer"
    __table_args__ = (
        UniqueConstraint("submission_id", "level", "user_id"),
        Index("ix_submission_reviewer_user", "user_id", "submission_id", "level"),
    )

    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"))
    level: Mapped[int]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))

    user: Mapped[User] = relationship(lazy="joined")


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


class UnfinishedOpinion(Numbered, Model):
    """What a reviewer chose and wrote before deciding: seen by that person alone, gone with the decision.

    `content` holds the fields of the form; `level` is the one it was written for.
    """

    __tablename__ = "unfinished_opinion"
    __table_args__ = (UniqueConstraint("submission_id", "reviewer_id"),)

    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"))
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    level: Mapped[int]
    content: Mapped[dict[str, Any]]
    saved_at: Mapped[dt.datetime]


class Withdrawal(Identified, Model):
    """A resource taken down for a reason, and what takes its place (R26); the live spans keep when."""

    __tablename__ = "withdrawal"
    __table_args__ = (Index("ix_withdrawal_resource", "resource_id", "at"),)

    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"))
    replacement_id: Mapped[int | None] = mapped_column(ForeignKey("resource.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    at: Mapped[dt.datetime]
    reason: Mapped[str]

    replacement: Mapped[Resource | None] = relationship(foreign_keys=[replacement_id])
    by: Mapped[User] = relationship()


class TakeDown(Identified, Model):
    """An emergency: one person acts at once, a second one confirms or lifts it by `confirm_by` (R41)."""

    __tablename__ = "take_down"
    __table_args__ = (
        CheckConstraint(f"state IN {TAKE_DOWN_STATES}", "state"),
        CheckConstraint(f"incident IN {INCIDENTS}", "incident"),
        Index("ix_take_down_state", "state", "confirm_by"),
    )

    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"), index=True)
    incident: Mapped[str]
    reason: Mapped[str]
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    at: Mapped[dt.datetime]
    confirm_by: Mapped[dt.datetime]
    state: Mapped[str] = mapped_column(default="open")
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    settled_at: Mapped[dt.datetime | None]
    settled_note: Mapped[str] = mapped_column(default="")

    resource: Mapped[Resource] = relationship()
    by: Mapped[User] = relationship(foreign_keys=[by_id])
    settled_by: Mapped[User | None] = relationship(foreign_keys=[settled_by_id])


class RecheckSample(Identified, Model):
    """A random sample of published resources. `seed` and `population` draw it again (R40)."""

    __tablename__ = "recheck_sample"

    library_id: Mapped[int] = mapped_column(ForeignKey("library.id", ondelete="CASCADE"), index=True)
    drawn_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    drawn_at: Mapped[dt.datetime]
    asked: Mapped[str]
    seed: Mapped[str]
    population: Mapped[int]

    library: Mapped[Library] = relationship()
    drawn_by: Mapped[User] = relationship()


class Recheck(Identified, Model):
    """One published version looked at again: a light case with one verdict."""

    __tablename__ = "recheck"
    __table_args__ = (
        UniqueConstraint("sample_id", "resource_id"),
        CheckConstraint(f"state IN {RECHECK_STATES}", "state"),
        CheckConstraint(f"remedy IN {REMEDIES}", "remedy"),
        Index("ix_recheck_state", "state", "due_at", "id"),
    )

    sample_id: Mapped[int] = mapped_column(ForeignKey("recheck_sample.id", ondelete="CASCADE"))
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"), index=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("resource_version.id", ondelete="CASCADE"))
    due_at: Mapped[dt.datetime]
    state: Mapped[str] = mapped_column(default="open")
    remedy: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    checked_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    checked_at: Mapped[dt.datetime | None]

    sample: Mapped[RecheckSample] = relationship()
    resource: Mapped[Resource] = relationship()
    version: Mapped[ResourceVersion] = relationship()
    checked_by: Mapped[User | None] = relationship()
