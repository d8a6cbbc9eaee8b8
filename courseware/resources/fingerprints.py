"""Rows by which copies are found: marks of contents, their keys, and the resemblances that were found and answered."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from courseware.accounts.models import User
from courseware.core.database import Model, Numbered
from courseware.resources.models import Resource

ANSWERS = ("", "derived", "independent")


class ContentFingerprint(Numbered, Model):
    """Marks of one track (text, picture, film, sound) of a content, which is named by its hash as versions name it."""

    __tablename__ = "content_fingerprint"
    __table_args__ = (UniqueConstraint("content_hash", "track"),)

    content_hash: Mapped[str]
    track: Mapped[str]
    level: Mapped[int] = mapped_column(default=0)
    marks: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    weights: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class FingerprintKey(Model):
    """A number under which a fingerprint is looked up."""

    __tablename__ = "fingerprint_key"
    __table_args__ = (Index("ix_fingerprint_key_fingerprint", "fingerprint_id"),)

    key: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    fingerprint_id: Mapped[int] = mapped_column(
        ForeignKey("content_fingerprint.id", ondelete="CASCADE"), primary_key=True
    )


class Resemblance(Numbered, Model):
    """A resource whose content stands in another, published earlier, or contains it (shares 0 to 1).

    From 80 % on the author has to answer: it is derived, or independent with a note the reviewer reads.
    """

    __tablename__ = "resemblance"
    __table_args__ = (
        UniqueConstraint("resource_id", "other_id"),
        CheckConstraint(f"answer IN {ANSWERS}", "answer"),
    )

    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"))
    other_id: Mapped[int] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"), index=True)
    part: Mapped[float]
    whole: Mapped[float]
    is_asked: Mapped[bool] = mapped_column(default=False)
    found_at: Mapped[dt.datetime]
    answer: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    answered_at: Mapped[dt.datetime | None]

    resource: Mapped[Resource] = relationship(foreign_keys=[resource_id])
    other: Mapped[Resource] = relationship(foreign_keys=[other_id])
    answered_by: Mapped[User | None] = relationship()

    @property
    def share(self) -> float:
        """The larger of both ways."""
        return max(self.part, self.whole)

    @property
    def is_open(self) -> bool:
        """Whether the author still has to answer."""
        return self.is_asked and not self.answer
