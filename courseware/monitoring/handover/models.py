"""Mappings of fields that a library keeps."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from courseware.accounts.models import User
from courseware.core.database import Identified, Model
from courseware.libraries.models import Library


class FieldMapping(Identified, Model):
    """Under which names of another platform a library hands over its catalogue or figures (R63). `text` is the mapping as JSON."""

    __tablename__ = "field_mapping"
    __table_args__ = (UniqueConstraint("library_id", "name"),)

    library_id: Mapped[int] = mapped_column(ForeignKey("library.id"))
    name: Mapped[str]
    text: Mapped[str]
    changed_at: Mapped[dt.datetime]
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    library: Mapped[Library] = relationship()
    changed_by: Mapped[User | None] = relationship()
