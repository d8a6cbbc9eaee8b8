"""The security log: who did what, when, with what result (SEC9, SEC10). Rows are chained and never changed."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from courseware.core.database import BigKey, Model, Numbered


class AuditEntry(Numbered, Model):
    """One act. `digest` covers this row and the digest before it, so that a change or a gap shows (SEC11)."""

    __tablename__ = "audit_entry"

    at: Mapped[dt.datetime] = mapped_column(index=True)
    action: Mapped[str] = mapped_column(index=True)
    actor_id: Mapped[int | None] = mapped_column(index=True)
    actor_roles: Mapped[str] = mapped_column(default="")
    object_type: Mapped[str] = mapped_column(default="")
    object_id: Mapped[str] = mapped_column(default="", index=True)
    result: Mapped[str] = mapped_column(default="done")
    reason: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    request_id: Mapped[str] = mapped_column(default="")
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    previous_digest: Mapped[str] = mapped_column(default="")
    digest: Mapped[str] = mapped_column(unique=True)


class AuditHead(Numbered, Model):
    """The end of the chain, in one row: without it, entries cut off at the end would leave no trace (SEC11)."""

    __tablename__ = "audit_head"

    last_entry_id: Mapped[int] = mapped_column(BigKey)
    last_digest: Mapped[str]
    mark: Mapped[str]
