"""What indicators need beside the facts of other subjects: rosters, surveys; and figures that were frozen."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from courseware.accounts.models import Unit, User
from courseware.core.database import Identified, Model, Numbered


class Roster(Identified, Model):
    """The official list of a unit on a census day (M12). A later file for the same day replaces it; both are kept."""

    __tablename__ = "roster"
    __table_args__ = (Index("ix_roster_census", "library_id", "unit_id", "census_on"),)

    library_id: Mapped[int] = mapped_column(ForeignKey("library.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    census_on: Mapped[dt.date]
    received_at: Mapped[dt.datetime]
    filename: Mapped[str] = mapped_column(default="")
    file_sha256: Mapped[str] = mapped_column(default="")
    file_format: Mapped[str] = mapped_column(default="")
    left_out: Mapped[int] = mapped_column(default=0)
    entries: Mapped[list[RosterEntry]] = relationship(cascade="all, delete-orphan")
    unit: Mapped[Unit] = relationship()


class RosterEntry(Numbered, Model):
    """A person on a roster; `user_id` is empty where no account was matched: not covered, but listed.

    `name` is what tells people of one roster apart: number, e-mail or name as far as the file has them; `person` is
    the name as written. `match` says how the account was found (monitoring/rosters/matching.py).
    """

    __tablename__ = "roster_entry"
    __table_args__ = (
        UniqueConstraint("roster_id", "role", "name"),
        CheckConstraint("role IN ('student', 'teacher')", "role"),
    )

    roster_id: Mapped[int] = mapped_column(ForeignKey("roster.id", ondelete="CASCADE"))
    role: Mapped[str]
    name: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    person: Mapped[str] = mapped_column(default="")
    number: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    match: Mapped[str] = mapped_column(default="")
    user: Mapped[User | None] = relationship()


class ReadingChoice(Numbered, Model):
    """From a year on another reading of a figure is the judged one: what metrics.md marks with a star is a setting.

    Rows are added and never changed; of several for one figure the last one holds. `starts_at` is the beginning of that year.
    """

    __tablename__ = "reading_choice"
    __table_args__ = (Index("ix_reading_choice_library", "library_id", "starts_at"),)

    library_id: Mapped[int] = mapped_column(ForeignKey("library.id"))
    family: Mapped[str]
    definition_id: Mapped[str]
    starts_at: Mapped[dt.datetime]
    reason: Mapped[str]
    decided_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    decided_at: Mapped[dt.datetime]
    decided_by: Mapped[User] = relationship()


class SurveyInvitation(Numbered, Model):
    """The system asked a person how satisfied they are (M13). `rule`: what drew them; answered or dismissed, it is not shown."""

    __tablename__ = "survey_invitation"

    library_id: Mapped[int] = mapped_column(ForeignKey("library.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    at: Mapped[dt.datetime]
    rule: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[dt.datetime | None]
    dismissed_at: Mapped[dt.datetime | None]


class SurveyAnswer(Numbered, Model):
    """One answer, 1 to 5, with the seconds it took: the smaller of what browser (`browser_s`) and server measured.

    `comment` is kept with names and addresses already taken out.
    """

    __tablename__ = "survey_answer"
    __table_args__ = (
        CheckConstraint("score BETWEEN 1 AND 5", "score"),
        Index("ix_survey_answer_at", "library_id", "at"),
    )

    library_id: Mapped[int] = mapped_column(ForeignKey("library.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    score: Mapped[int]
    took_s: Mapped[float]
    at: Mapped[dt.datetime]
    browser_s: Mapped[float | None]
    comment: Mapped[str] = mapped_column(default="")
    is_comment_hidden: Mapped[bool] = mapped_column(default=False)


class HeldClock(Numbered, Model):
    """The moment at which a replayed scenario ended: its figures are shown as of then. No row: the clock runs."""

    __tablename__ = "held_clock"

    at: Mapped[dt.datetime]


class Snapshot(Identified, Model):
    """Frozen figures of a period (R60): the signed file lies in the store under its SHA-256. Never changed; a later one names it."""

    __tablename__ = "snapshot"
    __table_args__ = (Index("ix_snapshot_library", "library_id", "period_code", "id"),)

    library_id: Mapped[int] = mapped_column(ForeignKey("library.id"))
    period_code: Mapped[str]
    as_of: Mapped[dt.datetime]
    taken_at: Mapped[dt.datetime]
    taken_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    sha256: Mapped[str] = mapped_column(unique=True)
    previous_sha256: Mapped[str | None]
    public_key: Mapped[str]
    store_key: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    figures: Mapped[list[Any]] = mapped_column(deferred=True)

    taken_by: Mapped[User | None] = relationship()
