"""What looking finds: addresses and how they answered, where they stand, the register of standards, stretches gone back to."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from courseware.core.database import Model, Numbered

NEW, ALIVE, CLOSED, FAILING, DEAD, BARRED = "new", "alive", "closed", "failing", "dead", "barred"
LINK_STATES = (NEW, ALIVE, CLOSED, FAILING, DEAD, BARRED)


class ExternalLink(Numbered, Model):
    """An address outside this site, and what became of asking it.

    `alive`: it answers. `closed`: it answers and lets nobody in without sign-in. `failing`: it does not, not long enough to
    be called dead (pace.py). `barred`: never asked, because it leads into a private network.
    `answer` is the status of HTTP, or a word of asking.py; `moved_to` where it says it moved for good.
    """

    __tablename__ = "external_link"
    __table_args__ = (
        CheckConstraint(f"state IN {LINK_STATES}", "state"),
        Index("ix_external_link_next_at", "next_at"),
    )

    address: Mapped[str] = mapped_column(unique=True)
    host: Mapped[str]
    state: Mapped[str] = mapped_column(default=NEW)
    answer: Mapped[str] = mapped_column(default="")
    moved_to: Mapped[str] = mapped_column(default="")
    failures: Mapped[int] = mapped_column(default=0)
    failing_since: Mapped[dt.datetime | None]
    checked_at: Mapped[dt.datetime | None]
    next_at: Mapped[dt.datetime]

    places: Mapped[list[LinkPlace]] = relationship(back_populates="link", cascade="all, delete-orphan")


class LinkPlace(Numbered, Model):
    """A published resource or lesson in which an address stands."""

    __tablename__ = "link_place"
    __table_args__ = (
        CheckConstraint("(resource_id IS NULL) <> (lesson_id IS NULL)", "in_one_thing"),
        Index("ix_link_place_library", "library_id", "link_id"),
    )

    link_id: Mapped[int] = mapped_column(ForeignKey("external_link.id", ondelete="CASCADE"), index=True)
    library_id: Mapped[int] = mapped_column(ForeignKey("library.id", ondelete="CASCADE"))
    resource_id: Mapped[int | None] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"), index=True)
    lesson_id: Mapped[int | None] = mapped_column(ForeignKey("lesson.id", ondelete="CASCADE"), index=True)

    link: Mapped[ExternalLink] = relationship(back_populates="places")


class KnownStandard(Numbered, Model):
    """A standard of a year as the register knows it. `superseded_by` is empty while it is in force."""

    __tablename__ = "known_standard"
    __table_args__ = (UniqueConstraint("name", "year"),)

    name: Mapped[str]
    year: Mapped[int]
    title: Mapped[str] = mapped_column(default="")
    superseded_by: Mapped[str] = mapped_column(default="")
    taken_at: Mapped[dt.datetime]
    taken_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)

    @property
    def number(self) -> str:
        """GB/T 11291.1-2011."""
        return f"{self.name}-{self.year}"


class RewindSpot(Model):
    """Stretches of a recording that people go back to, as counted at `counted_at`: [[from, to, times], …] in seconds."""

    __tablename__ = "rewind_spot"

    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True)
    spans: Mapped[list[Any]]
    viewers: Mapped[int]
    counted_at: Mapped[dt.datetime]
