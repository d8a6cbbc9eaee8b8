"""What guidance remembers of a person, and counts of use that suggestions rest on."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from courseware.accounts.models import User
from courseware.core.database import Identified, Model
from courseware.resources.models import Resource

AGES = ("", "minor", "adult")


class GuidanceChoice(Model):
    """How one person wants to be guided. No row: no plan, everything else as the defaults say.

    `plan_days`: weekdays, Monday 0. `age`: what the person stated about being of age; accounts know no birthday
    (policy.py says what follows).
    """

    __tablename__ = "guidance_choice"
    __table_args__ = (CheckConstraint(f"age IN {AGES}", "age"),)

    user_id: Mapped[int] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), primary_key=True)
    plan_days: Mapped[list[Any]] = mapped_column(default=list)
    plan_minutes: Mapped[int] = mapped_column(default=30)
    shows_weeks: Mapped[bool] = mapped_column(default=True)
    takes_suggestions: Mapped[bool] = mapped_column(default=True)
    age: Mapped[str] = mapped_column(default="")

    @classmethod
    def usual(cls, user_id: int) -> GuidanceChoice:
        """What holds for whoever never chose; not stored."""
        return cls(user_id=user_id, plan_days=[], plan_minutes=30, shows_weeks=True, takes_suggestions=True, age="")


class Favourite(Model):
    """A resource that a person wants to find again (R48)."""

    __tablename__ = "favourite"

    user_id: Mapped[int] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), primary_key=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey(Resource.id, ondelete="CASCADE"), primary_key=True, index=True)
    at: Mapped[dt.datetime]


class DeclinedSuggestion(Model):
    """ "Not for me": never suggested to this person again, unless they take it back (R49)."""

    __tablename__ = "declined_suggestion"

    user_id: Mapped[int] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), primary_key=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey(Resource.id, ondelete="CASCADE"), primary_key=True, index=True)
    at: Mapped[dt.datetime]


class CoUse(Model):
    """How many people used both resources, and how much more than chance would have it. Counted by the worker (co_use.py)."""

    __tablename__ = "co_use"

    resource_id: Mapped[int] = mapped_column(ForeignKey(Resource.id, ondelete="CASCADE"), primary_key=True)
    other_id: Mapped[int] = mapped_column(ForeignKey(Resource.id, ondelete="CASCADE"), primary_key=True, index=True)
    people: Mapped[int]
    score: Mapped[float]


class PopularResource(Model):
    """What most people of a course used: the best of each course, counted by the worker at `counted_at`."""

    __tablename__ = "popular_resource"

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"), primary_key=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey(Resource.id, ondelete="CASCADE"), primary_key=True, index=True)
    people: Mapped[int]
    counted_at: Mapped[dt.datetime]


class DataExport(Identified, Model):
    """A copy of all that is kept about a person, made by the worker when it is large. Gone after `expires_at` (R65)."""

    __tablename__ = "data_export"

    user_id: Mapped[int] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), index=True)
    asked_at: Mapped[dt.datetime]
    ready_at: Mapped[dt.datetime | None]
    expires_at: Mapped[dt.datetime] = mapped_column(index=True)
    store_key: Mapped[str] = mapped_column(default="")
    size: Mapped[int] = mapped_column(BigInteger, default=0)
