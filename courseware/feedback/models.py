"""What people say of resources after using them, and what their makers allow to be shown of their own work."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from courseware.accounts.models import User
from courseware.core.database import Identified, Model, Numbered, Stamped
from courseware.resources.models import Resource, ResourceVersion

REPORT_KINDS = ("broken", "wrong", "outdated", "rights", "unfit", "other")
REPORT_STATES = ("open", "answered", "fixed", "rejected")


class Rating(Numbered, Stamped, Model):
    """One person's stars for one resource, 1 to 5; given again it replaces the one before."""

    __tablename__ = "rating"
    __table_args__ = (
        UniqueConstraint("resource_id", "user_id"),
        CheckConstraint("stars BETWEEN 1 AND 5", "stars"),
    )

    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    version_id: Mapped[int | None] = mapped_column(ForeignKey("resource_version.id", ondelete="CASCADE"))
    stars: Mapped[int]
    words: Mapped[str] = mapped_column(default="")
    rated_at: Mapped[dt.datetime]


class ProblemReport(Identified, Stamped, Model):
    """Somebody found something wrong. `reporter` is empty where nobody was signed in; no other trace of them is kept."""

    __tablename__ = "problem_report"
    __table_args__ = (
        CheckConstraint(f"kind IN {REPORT_KINDS}", "kind"),
        CheckConstraint(f"state IN {REPORT_STATES}", "state"),
        Index("ix_problem_report_state", "state", "id"),
    )

    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"), index=True)
    version_id: Mapped[int | None] = mapped_column(ForeignKey("resource_version.id", ondelete="CASCADE"))
    reporter_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    kind: Mapped[str]
    words: Mapped[str]
    state: Mapped[str] = mapped_column(default="open")
    answer: Mapped[str] = mapped_column(default="")
    handled_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    handled_at: Mapped[dt.datetime | None]

    resource: Mapped[Resource] = relationship()
    version: Mapped[ResourceVersion | None] = relationship()
    reporter: Mapped[User | None] = relationship(foreign_keys=[reporter_id])
    handled_by: Mapped[User | None] = relationship(foreign_keys=[handled_by_id])


class ContributionSharing(Numbered, Model):
    """Whether a person lets everybody see the figures of their contributions. No row: no."""

    __tablename__ = "contribution_sharing"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), unique=True)
    is_public: Mapped[bool] = mapped_column(default=False)
    changed_at: Mapped[dt.datetime]
