"""Keeps computed figures until a fact changes: what anybody asks for again is not counted again.

The stamp names the newest row of every table that figures rest on. Counting a large library takes seconds, and
people learn all the time: where counting is slow, new learning events alone are let wait a little.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar, cast

from sqlalchemy import Select, func, select

from courseware.assessment.models import Question
from courseware.auditlog.models import AuditEntry
from courseware.catalog.models import CourseRun, LessonVersion
from courseware.core.database import session
from courseware.enrollment.models import EnrollmentChange
from courseware.knowledge.models import CourseStandard, Point
from courseware.libraries.models import Course
from courseware.monitoring.models import HeldClock, Roster, SurveyAnswer, SurveyInvitation
from courseware.progress.models import LearningEvent
from courseware.resources.models import LiveSpan, ResourceNote, ResourceVersion
from courseware.review.models import Decision

T = TypeVar("T")

CONTENT = (
    LiveSpan,
    ResourceVersion,
    ResourceNote,
    Decision,
    LessonVersion,
    Question,
    CourseRun,
    CourseStandard,
    Point,
    Course,
)
PEOPLE = (EnrollmentChange, Roster, SurveyAnswer, SurveyInvitation)
ACTS = (
    "resource.withdraw", "resource.restore", "lesson.publish", "lesson.withdraw", "course.publish", "question.withdraw",
    "library.add_member", "library.remove_member", "review.approve",
)  # fmt: skip
ACTS_OF_PEOPLE = ("account.create", "account.close", "enrollment.leave", "credit.accept", "roster.match")
FRESH = dt.timedelta(minutes=10)
SLOW_S, PATIENCE = 1.0, 30
KEPT = 64

_kept: OrderedDict[Hashable, _Kept] = OrderedDict()
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class _Kept:
    stamp: tuple[Any, ...]
    events: int
    now: dt.datetime
    made_at: float
    cost_s: float
    value: Any

    def serves(self, stamp: tuple[Any, ...], events: int, now: dt.datetime) -> bool:
        """Whether nothing changed that would change the value."""
        if self.stamp != stamp or not dt.timedelta() <= now - self.now < FRESH:
            return False
        may_wait = self.cost_s > SLOW_S and time.monotonic() - self.made_at < PATIENCE * self.cost_s
        return self.events == events or may_wait


def remember(key: Hashable, now: dt.datetime, compute: Callable[[], T], *, is_about_people: bool = True) -> T:
    """The value for `key`, computed again when a fact it rests on changed since."""
    stamp, events = _stamp(is_about_people)
    with _lock:
        kept = _kept.get(key)
    if kept is not None and kept.serves(stamp, events, now):
        return cast(T, kept.value)
    started = time.monotonic()
    value = compute()
    _keep(key, _Kept(stamp, events, now, time.monotonic(), time.monotonic() - started, value))
    return value


def content_stamp() -> Hashable:
    """Changes with everything published, withdrawn or restored; one query."""
    return _stamp(False)[0]


def forget_all() -> None:
    """Empties the memory of this process."""
    with _lock:
        _kept.clear()


def _keep(key: Hashable, kept: _Kept) -> None:
    with _lock:
        _kept[key] = kept
        _kept.move_to_end(key)
        while len(_kept) > KEPT:
            _kept.popitem(last=False)


def _stamp(is_about_people: bool) -> tuple[tuple[Any, ...], int]:
    *stamp, last = session().connection().execute(_statement(is_about_people)).one()
    return tuple(stamp), (last or 0) if is_about_people else 0


@lru_cache(maxsize=2)
def _statement(is_about_people: bool) -> Select[Any]:
    """The newest row of every table that figures rest on, in one statement, put together once."""
    tables = CONTENT + PEOPLE if is_about_people else CONTENT
    newest = [select(func.max(table.id)).scalar_subquery() for table in tables]
    names = ACTS + ACTS_OF_PEOPLE if is_about_people else ACTS
    acts = [select(func.max(AuditEntry.id)).where(AuditEntry.action == act).scalar_subquery() for act in names]
    described = select(func.sum(Course.content_version)).scalar_subquery()
    held = select(func.max(HeldClock.at)).scalar_subquery()
    events = select(func.max(LearningEvent.id)).scalar_subquery()
    return select(*newest, *acts, described, held, events)
