"""Sums of learning by person and day: what figures read instead of ten million events (decision 16).

Everything here follows from events (and accepted appeals) and can be counted anew: `flask metrics rollups rebuild`.
By resource, by course or by unit is a question to these rows: a resource has a course, a person has a unit.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from courseware.core.database import Model


class ResourceDay(Model):
    """What one person did with one version of a resource on one day (days.py). `version_id` 0: none was published.

    `used_at`: the first qualified use. `seconds`: credited attention. `parts`: the union of credited parts of a medium.
    `last_at`: the newest event in it.
    """

    __tablename__ = "resource_day"
    __table_args__ = (Index("ix_resource_day_resource", "resource_id", "day"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"), primary_key=True)
    version_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    used_at: Mapped[dt.datetime | None]
    seconds: Mapped[float]
    parts: Mapped[list[Any]]
    last_at: Mapped[dt.datetime]


class PersonDay(Model):
    """What one person did in one library on one day: stretches of attention in milliseconds since the day began.

    A day counts with attention or with a qualified event (`first_at`: the first of either). `counted` and `uncounted`:
    events that count towards figures and that do not.
    """

    __tablename__ = "person_day"
    __table_args__ = (Index("ix_person_day_library", "library_id", "day"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    library_id: Mapped[int] = mapped_column(ForeignKey("library.id"), primary_key=True)
    stretches: Mapped[list[Any]]
    first_at: Mapped[dt.datetime | None]
    counted: Mapped[int]
    uncounted: Mapped[int]
    last_at: Mapped[dt.datetime]


class CourseDay(Model):
    """The visits of one person to one course on one day (M14): [begin, end, pages of lessons opened] in milliseconds since it began.

    Acts less than 30 idle minutes apart are one visit; one that goes over midnight is joined by whoever counts.
    """

    __tablename__ = "course_day"
    __table_args__ = (Index("ix_course_day_course", "course_id", "day"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), primary_key=True)
    visits: Mapped[list[Any]]


class UncreditedDay(Model):
    """Events of one person with one resource on one day that do not count, by their reason."""

    __tablename__ = "uncredited_day"
    __table_args__ = (Index("ix_uncredited_day_resource", "resource_id", "day"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(primary_key=True)
    events: Mapped[int]
    seconds: Mapped[float]
