"""What the lesson board remembers beside the lesson: steps to undo, who has it open, templates of teachers."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from courseware.accounts.models import Unit, User
from courseware.core.database import Identified, Model, Numbered, Stamped

LAYOUTS = ("eight", "free")


class LessonStep(Numbered, Model):
    """One saved change of a draft, so that whoever made it can take it back. `change`: see `steps.difference`.

    Steps of one draft are in the order of their ids: first those that hold, then those taken back.
    """

    __tablename__ = "lesson_step"
    __table_args__ = (Index("ix_lesson_step_version", "version_id", "id"),)

    version_id: Mapped[int] = mapped_column(ForeignKey("lesson_version.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    made_at: Mapped[dt.datetime]
    is_undone: Mapped[bool] = mapped_column(default=False)
    change: Mapped[dict[str, Any]]

    user: Mapped[User] = relationship()


class LessonPresence(Model):
    """Somebody has the board of a lesson open. `edited_at`: the last sign that they were changing something."""

    __tablename__ = "lesson_presence"

    lesson_id: Mapped[int] = mapped_column(ForeignKey("lesson.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    seen_at: Mapped[dt.datetime]
    edited_at: Mapped[dt.datetime | None]

    user: Mapped[User] = relationship()


class LessonTemplate(Identified, Stamped, Model):
    """The structure of a lesson to begin others with: an order of places, minutes in class, activities without resources.

    `unit` is set where colleagues of the unit may use it; `outline` holds items as `services.save_draft` takes them.
    """

    __tablename__ = "lesson_template"
    __table_args__ = (
        UniqueConstraint("owner_id", "name"),
        CheckConstraint(f"layout IN {LAYOUTS}", "layout"),
    )

    owner_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    name: Mapped[str]
    layout: Mapped[str] = mapped_column(default="eight")
    minutes: Mapped[int] = mapped_column(default=45)
    outline: Mapped[list[Any]] = mapped_column(default=list)

    owner: Mapped[User] = relationship()
    unit: Mapped[Unit | None] = relationship()
