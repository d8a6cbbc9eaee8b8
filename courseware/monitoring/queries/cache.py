"""Keeps computed figures until a fact changes: what anybody asks for again is not counted again.

The stamp names the newest row of every table that figures rest on. Counting a large library takes seconds, and
people learn all the time: where counting is slow, new events, places in courses and answers alone are let wait a little,
the worker counts ahead, and every process finds what any of them counted (shelf.py, decision 40).
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
from courseware.monitoring.queries import shelf
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
PEOPLE = (Roster, SurveyInvitation)
BUSY = (EnrollmentChange, SurveyAnswer, LearningEvent)
ACTS = (
    "resource.withdraw", "resource.restore", "lesson.publish", "lesson.withdraw", "course.publish", "question.withdraw",
    "library.add_member", "library.remove_member", "review.approve",
)  # fmt: skip
ACTS_OF_PEOPLE = ("account.close", "credit.accept", "roster.match")
BUSY_ACTS = ("account.create", "enrollment.leave")
TRAFFIC = len(BUSY) + len(BUSY_ACTS)
FRESH, FRESH_IF_SLOW = dt.timedelta(minutes=10), dt.timedelta(hours=1)
SLOW_S, PATIENCE = 1.0, 30
TRY_AGAIN_S = 86_400
KEPT = 64

_kept: OrderedDict[Hashable, tuple[Note, Any]] = OrderedDict()
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a value rests on: the newest row of every table. `traffic`: of those that grow all day long."""

    content: tuple[Any, ...]
    traffic: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """When a value was counted, from what, and how long that took."""

    stamp: Stamp
    now: dt.datetime
    made_at: float
    cost_s: float

    @property
    def is_slow(self) -> bool:
        """Whether nobody should have to wait for it."""
        return self.cost_s > SLOW_S

    @property
    def is_young(self) -> bool:
        """Whether counting again would take more than a small share of the time since."""
        return 0 <= time.time() - self.made_at < PATIENCE * self.cost_s

    def serves(self, stamp: Stamp, now: dt.datetime) -> bool:
        """Whether nothing changed that would change the value; what is slow to count lets people's traffic wait a little."""
        fresh = FRESH_IF_SLOW if self.is_slow else FRESH
        if self.stamp.content != stamp.content or not dt.timedelta() <= now - self.now < fresh:
            return False
        return self.stamp.traffic == stamp.traffic or (self.is_slow and self.is_young)


def remember(
    key: Hashable, now: dt.datetime, compute: Callable[[], T], *, is_about_people: bool = True, on_shelf: bool = False
) -> T:
    """The value for `key`, computed again when a fact it rests on changed since.

    With `on_shelf` what took long is kept for other processes as well, and theirs is taken.
    """
    stamp = _stamp(is_about_people)
    with _lock:
        kept = _kept.get(key)
    if kept is None or not kept[0].serves(stamp, now):
        kept = (_from_shelf(key, stamp, now) if on_shelf else None) or _count(stamp, now, compute)
        _keep(key, kept)
        if on_shelf and kept[0].is_slow and kept[0].stamp is stamp:
            shelf.put(key, *kept)
    return cast(T, kept[1])


def make_ready(key: Hashable, now: dt.datetime, compute: Callable[[], object]) -> bool:
    """Counts what is slow to count and no longer serves, for all other processes; whether it counted.

    What was quick the last time is tried again after a day: it may have grown.
    """
    stamp, note = _stamp(is_about_people=True), shelf.note_of(key)
    if note is not None and (note.serves(stamp, now) or note.is_young):
        return False
    if note is not None and not note.is_slow and time.time() - note.made_at < TRY_AGAIN_S:
        return False
    note, value = _count(stamp, now, compute)
    shelf.put(key, note, value if note.is_slow else None)
    return True


def _from_shelf(key: Hashable, stamp: Stamp, now: dt.datetime) -> tuple[Note, Any] | None:
    found = shelf.get(key)
    return found if found is not None and found[1] is not None and found[0].serves(stamp, now) else None


def _count(stamp: Stamp, now: dt.datetime, compute: Callable[[], Any]) -> tuple[Note, Any]:
    started = time.monotonic()
    value = compute()
    return Note(stamp, now, time.time(), time.monotonic() - started), value


def content_stamp() -> Hashable:
    """Changes with everything published, withdrawn or restored; one query."""
    return _stamp(False).content


def forget_all() -> None:
    """Empties the memory of this process."""
    with _lock:
        _kept.clear()


def _keep(key: Hashable, kept: tuple[Note, Any]) -> None:
    with _lock:
        _kept[key] = kept
        _kept.move_to_end(key)
        while len(_kept) > KEPT:
            _kept.popitem(last=False)


def _stamp(is_about_people: bool) -> Stamp:
    newest = tuple(session().connection().execute(_statement(is_about_people)).one())
    return Stamp(newest[:-TRAFFIC], newest[-TRAFFIC:]) if is_about_people else Stamp(newest, ())


@lru_cache(maxsize=2)
def _statement(is_about_people: bool) -> Select[Any]:
    """The newest row of every table that figures rest on, in one statement, put together once; traffic comes last."""
    described = select(func.sum(Course.content_version)).scalar_subquery()
    held = select(func.max(HeldClock.at)).scalar_subquery()
    content = [*map(_newest, CONTENT), *map(_newest_act, ACTS), described, held]
    if not is_about_people:
        return select(*content)
    people = [*map(_newest, PEOPLE), *map(_newest_act, ACTS_OF_PEOPLE)]
    return select(*content, *people, *map(_newest, BUSY), *map(_newest_act, BUSY_ACTS))


def _newest(table: Any) -> Any:
    return select(func.max(table.id)).scalar_subquery()


def _newest_act(name: str) -> Any:
    return select(func.max(AuditEntry.id)).where(AuditEntry.action == name).scalar_subquery()
