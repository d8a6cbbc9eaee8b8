"""Findings: what a rule found in a period, and what people made of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from courseware.accounts.models import User
from courseware.core.database import Identified, Model
from courseware.libraries.models import Library

OPEN, EXPLAINED, CONFIRMED = "open", "explained", "confirmed"
STATES = (OPEN, EXPLAINED, CONFIRMED)


class Finding(Identified, Model):
    """One thing one rule found. `about` tells findings of a rule apart; `rows` is the evidence, `size` its whole length.

    A finding that is found no more stays, with the moment since when (`gone_at`): nothing disappears silently.
    """

    __tablename__ = "finding"
    __table_args__ = (
        UniqueConstraint("library_id", "period_code", "rule", "about"),
        CheckConstraint(f"state IN {STATES}", "state"),
    )

    library_id: Mapped[int] = mapped_column(ForeignKey("library.id"))
    period_code: Mapped[str]
    rule: Mapped[str]
    about: Mapped[str]
    facts: Mapped[dict[str, Any]]
    rows: Mapped[list[Any]]
    size: Mapped[int]
    found_at: Mapped[dt.datetime]
    seen_at: Mapped[dt.datetime]
    gone_at: Mapped[dt.datetime | None]
    state: Mapped[str] = mapped_column(default=OPEN)
    note: Mapped[str] = mapped_column(default="")
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    decided_at: Mapped[dt.datetime | None]
    library: Mapped[Library] = relationship()
    decided_by: Mapped[User | None] = relationship()
