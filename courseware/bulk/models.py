"""One act on many resources, and what became of each: enough to go on after a stop, and to undo it as one."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from courseware.accounts.models import User
from courseware.core.database import Identified, Model, Numbered, Stamped
from courseware.libraries.models import Library
from courseware.resources.models import Resource

ACTS = ("edit", "name", "submit", "withdraw", "import")
ACTION_STATES = ("checking", "prepared", "running", "done", "undoing", "undone", "failed")
OUTCOMES = ("open", "done", "created", "updated", "unchanged", "refused", "warning", "undone", "kept")


class BulkAction(Identified, Stamped, Model):
    """What somebody does to many resources. `values` is what was asked for; `facts` tell of the file of an import."""

    __tablename__ = "bulk_action"
    __table_args__ = (
        CheckConstraint(f"act IN {ACTS}", "act"),
        CheckConstraint(f"state IN {ACTION_STATES}", "state"),
        Index("ix_bulk_action_library", "library_id", "id"),
        Index("ix_bulk_action_actor", "actor_id", "id"),
    )

    library_id: Mapped[int] = mapped_column(ForeignKey("library.id"))
    actor_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    act: Mapped[str]
    state: Mapped[str] = mapped_column(default="prepared")
    values: Mapped[dict[str, Any]] = mapped_column(default=dict)
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    total: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]
    undone_at: Mapped[dt.datetime | None]
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))

    library: Mapped[Library] = relationship()
    actor: Mapped[User] = relationship(foreign_keys=[actor_id])
    undone_by: Mapped[User | None] = relationship(foreign_keys=[undone_by_id])


class BulkItem(Numbered, Model):
    """One resource of an action, or one line of a sheet; a line with several faults has an item for each.

    `before` holds what the act replaced, `after_version` the resource's `lock_version` when it was done: who changed
    the resource since then is not overwritten by the undo.
    """

    __tablename__ = "bulk_item"
    __table_args__ = (
        CheckConstraint(f"outcome IN {OUTCOMES}", "outcome"),
        Index("ix_bulk_item_outcome", "action_id", "outcome", "seq"),
    )

    action_id: Mapped[int] = mapped_column(ForeignKey("bulk_action.id", ondelete="CASCADE"))
    seq: Mapped[int]
    resource_id: Mapped[int | None] = mapped_column(ForeignKey("resource.id", ondelete="SET NULL"), index=True)
    outcome: Mapped[str] = mapped_column(default="open")
    label: Mapped[str] = mapped_column(default="")
    field: Mapped[str] = mapped_column(default="")
    code: Mapped[str] = mapped_column(default="")
    sentence: Mapped[str] = mapped_column(default="")
    before: Mapped[dict[str, Any]] = mapped_column(default=dict)
    after_version: Mapped[int | None]

    action: Mapped[BulkAction] = relationship()
    resource: Mapped[Resource | None] = relationship()
