"""What people decided about doubtful matches, and rosters that were checked and not taken yet."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from courseware.accounts.models import Unit, User
from courseware.core.database import Identified, Model, Numbered, Stamped
from courseware.libraries.models import Library


class RosterIdentity(Numbered, Model):
    """Somebody decided who "number:2023001" of a unit is; nobody where `user_id` is empty. Kept for the next roster."""

    __tablename__ = "roster_identity"
    __table_args__ = (UniqueConstraint("unit_id", "key"),)

    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    key: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    decided_at: Mapped[dt.datetime]


class RosterDraft(Identified, Stamped, Model):
    """A file that was read and not taken yet: its rows and what is wrong with them. Dropped within a day."""

    __tablename__ = "roster_draft"

    library_id: Mapped[int] = mapped_column(ForeignKey("library.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    census_on: Mapped[dt.date]
    filename: Mapped[str]
    content: Mapped[dict[str, Any]]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    library: Mapped[Library] = relationship()
    unit: Mapped[Unit] = relationship()
    made_by: Mapped[User | None] = relationship()
