"""What people did: opened, used, watched, and for how long."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OpenFact:
    """The first time in the period that a person opened a lesson."""

    lesson_id: int
    user_id: int
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class UseFact:
    """The first qualified use of a resource by a person in the period."""

    resource_id: int
    user_id: int
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class SessionFact:
    """A stretch of attention of one person: begins at `at`, lasts `seconds` on the clock on the wall."""

    user_id: int
    at: dt.datetime
    seconds: float
    is_qualified: bool = True


@dataclass(frozen=True, slots=True)
class WatchFact:
    """A credited part of a medium, not faster than 2×; `duration_s` is the length of the whole."""

    user_id: int
    resource_id: int
    at: dt.datetime
    from_s: float
    to_s: float
    duration_s: float


@dataclass(frozen=True, slots=True)
class VisitFact:
    """A stretch of one person's day in one course without 30 idle minutes, and the pages of lessons opened in it."""

    user_id: int
    course_id: int
    at: dt.datetime
    until: dt.datetime
    pages: int = 0
