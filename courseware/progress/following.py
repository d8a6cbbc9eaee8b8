"""What follows from events: the union of what a person has seen of a resource, and how far they are in a lesson.

Rows are read for update in one order, so that two devices of one person never lose each other's parts.
"""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from courseware.accounts.models import User
from courseware.catalog.models import Activity, Lesson
from courseware.catalog.queries import Item, LessonFacts
from courseware.core import intervals
from courseware.core.database import session
from courseware.enrollment.models import Enrollment
from courseware.enrollment.queries import learned_contents
from courseware.libraries.models import Course
from courseware.progress import rules, statements
from courseware.progress.models import LessonProgress

LONG_AGO = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
INSTANT_VERBS = ("downloaded", "attempted")

Sittings = Mapping[tuple[str, int], float]  # seconds of attention by sitting and resource id


@dataclass(slots=True)
class Seen:
    """What one person has seen of one resource, as kept."""

    resource_id: int
    ranges: list[tuple[float, float]]
    watched_s: float = 0.0
    attention_s: float = 0.0
    position_s: float = 0.0
    duration_s: float | None = None
    is_complete: bool = False
    updated_at: dt.datetime = LONG_AGO
    sitting: str = ""
    sitting_s: float = 0.0

    @property
    def percent(self) -> float:
        """Per cent of the length that was watched, two decimals; 0 where there is no length."""
        return round(100 * self.watched_s / self.duration_s, 2) if self.duration_s else 0.0


@dataclass(frozen=True, slots=True)
class Step:
    """What a lesson still waits for. `seconds`: how many more; None where it is done by saying so."""

    item: Item
    seconds: float | None
    percent: float = 0.0
    resume_s: float = 0.0


@dataclass(frozen=True, slots=True)
class LessonState:
    """How far a person is in a lesson, thing by thing."""

    lesson: LessonFacts
    seen: Mapping[int, Seen]
    marked: frozenset[uuidlib.UUID]

    def is_done(self, item: Item) -> bool:
        """Recordings are watched; everything else is looked at for long enough, or said to be done."""
        seen = self.seen.get(item.resource_id or 0)
        return bool(seen and seen.is_complete) or (not item.is_timed and item.key in self.marked)

    def is_begun(self, item: Item) -> bool:
        """Whether something of it was seen."""
        seen = self.seen.get(item.resource_id or 0)
        return seen is not None and (seen.watched_s > 0 or seen.attention_s > 0)

    def of(self, item: Item) -> str:
        """done, part or none."""
        return "done" if self.is_done(item) else "part" if self.is_begun(item) else "none"

    @property
    def done(self) -> int:
        """Things done of those that count."""
        return sum(self.is_done(item) for item in self.lesson.items if item.counts)

    @property
    def required(self) -> int:
        """Things that count."""
        return self.lesson.required

    @property
    def is_complete(self) -> bool:
        """Whether everything that counts is done; a lesson in which nothing counts is never complete."""
        return self.required > 0 and self.done >= self.required

    def steps(self) -> list[Step]:
        """What is left, in order."""
        return [self._step(item) for item in self.lesson.items if item.counts and not self.is_done(item)]

    @property
    def next_item(self) -> Item | None:
        """Where to go on: what was left half done last, else the first that is not done, else the first."""
        open_ones = [step.item for step in self.steps()]
        begun = [item for item in open_ones if self.is_begun(item)]
        if begun:
            return max(begun, key=lambda item: self.seen[item.resource_id or 0].updated_at)
        return next(iter([*open_ones, *self.lesson.items]), None)

    def _step(self, item: Item) -> Step:
        if item.kind != "resource":
            return Step(item, None)
        seen = self.seen.get(item.resource_id or 0, Seen(item.resource_id or 0, []))
        duration = seen.duration_s or item.duration_s  # of the version that was begun
        if item.is_timed and duration:
            left = rules.needed_watching(duration) - seen.watched_s
            return Step(item, max(1.0, left), round(100 * seen.watched_s / duration, 2), seen.position_s)
        left = rules.needed_attention(item.type, item.duration_s) - seen.attention_s
        return Step(item, max(1.0, left))


def seen_by(user_id: int, resource_ids: Iterable[int], *, for_update: bool = False) -> dict[int, Seen]:
    """What the person has seen of these resources, by resource id; one query."""
    wanted = sorted(set(resource_ids))
    if not wanted:
        return {}
    query = statements.SEEN_FOR_UPDATE if for_update else statements.SEEN
    return {row[0]: _seen(*row) for row in statements.rows(query, person=user_id, resource_ids=wanted)}


def _seen(resource_id: int, ranges: Sequence[Sequence[float]], *more: Any) -> Seen:
    return Seen(resource_id, [(float(start), float(end)) for start, end in ranges], *more)


def marked_by(user_id: int, items: Iterable[Item]) -> frozenset[uuidlib.UUID]:
    """Which of the items the person said to have done; no query where none can be."""
    keys = [item.key for item in items if not item.is_timed]
    rows = statements.rows(statements.MARKED, person=user_id, keys=keys) if keys else ()
    return frozenset(row[0] for row in rows)


def state_of(user_id: int, lesson: LessonFacts, seen: Mapping[int, Seen] | None = None) -> LessonState:
    """How far the person is in the lesson; one query. `seen`: what whoever asks has read and goes on with."""
    if seen is not None:
        return LessonState(lesson, seen, marked_by(user_id, lesson.items))
    resource_ids = sorted({item.resource_id for item in lesson.items if item.resource_id})
    keys = [item.key for item in lesson.items if not item.is_timed]
    asked = {"person": user_id, "resource_ids": resource_ids, "keys": keys}
    rows = statements.rows(statements.SEEN_AND_MARKED, **asked) if lesson.items else ()
    known = {resource_id: _seen(resource_id, *more) for marked, resource_id, *more in rows if marked is None}
    return LessonState(lesson, known, frozenset(row.marked for row in rows if row.marked is not None))


def join(seen: Seen, rows: Sequence[Mapping[str, Any]], type_: str, duration: float | None, sittings: Sittings) -> bool:
    """Adds stored events of a resource to what was seen before; True when that made it done."""
    possible = [row for row in rows if row["excluded"] != "speed" and row["speed"] <= rules.CREDITED_SPEED]
    credited = [(row["from_s"], row["to_s"]) for row in possible if row["verb"] == "watched"]
    ranges = intervals.merge([*seen.ranges, *credited])
    if duration:
        ranges = intervals.clip(ranges, 0.0, duration)
    seen.ranges = [(round(s, 2), round(e, 2)) for s, e in ranges]
    seen.watched_s, seen.duration_s = round(sum(e - s for s, e in seen.ranges), 2), duration
    seen.attention_s += sum(row["seconds"] for row in possible)
    newest = max(rows, key=lambda r: r["occurred_at"])
    if newest["occurred_at"] >= seen.updated_at:
        seen.updated_at = newest["occurred_at"]
        seen.position_s = newest["to_s"] if newest["to_s"] is not None else seen.position_s
        if newest["sitting"] != seen.sitting:
            seen.sitting, seen.sitting_s = newest["sitting"], 0.0
    seen.sitting_s = sittings.get((seen.sitting, seen.resource_id), seen.sitting_s)
    was = seen.is_complete
    instant = any(r["verb"] in INSTANT_VERBS for r in rows) and type_ not in rules.TIMED_TYPES
    seen.is_complete = was or instant or rules.is_done(type_, duration, seen.watched_s, seen.attention_s)
    return seen.is_complete and not was


def keep_seen(user_id: int, changed: Iterable[Seen]) -> None:
    """Writes what was seen; the rows are there and held (seen_by)."""
    rows = [{"person": user_id, "resource": seen.resource_id, **_columns(seen)} for seen in changed]
    if rows:
        statements.write(statements.KEEP_SEEN, rows)


def begin_seen(user_id: int, first: Iterable[Seen]) -> set[int]:
    """Makes the rows of what was seen for the first time; the ids of those that were not there yet.

    Whoever comes second, in a request at the same moment, has to join the row of the first.
    """
    rows = [
        {"user_id": user_id, "resource_id": seen.resource_id, **_columns(seen)}
        for seen in sorted(first, key=lambda seen: seen.resource_id)
    ]
    if not rows:
        return set()
    made = session().connection().execute(insert_once(statements.seen, returning="resource_id"), rows)
    return {row[0] for row in made}


def _columns(seen: Seen) -> dict[str, Any]:
    return {
        "ranges": [[s, e] for s, e in seen.ranges], "watched_s": seen.watched_s, "attention_s": seen.attention_s,
        "position_s": seen.position_s, "duration_s": seen.duration_s, "is_complete": seen.is_complete,
        "updated_at": seen.updated_at, "sitting": seen.sitting, "sitting_s": seen.sitting_s,
    }  # fmt: skip


def insert_once(table: Any, returning: str = "") -> Any:
    """An INSERT that leaves rows alone that are there already, and may tell a column of those that it made."""
    return _insert_once(table, session().get_bind().dialect.name == "postgresql", returning)


@cache
def _insert_once(table: Any, is_postgres: bool, returning: str) -> Any:
    made = (postgresql.insert(table) if is_postgres else sqlite.insert(table)).on_conflict_do_nothing()
    return made.returning(table.c[returning]) if returning else made


@dataclass(frozen=True, slots=True)
class Line:
    """What is kept of a person in a lesson; `updated_at` None where nothing is."""

    updated_at: dt.datetime | None = None
    completed_at: dt.datetime | None = None


def line_of(user_id: int, lesson_id: int) -> Line:
    """What is kept of the person in the lesson; one query."""
    found = statements.rows(statements.LINE, person=user_id, lesson=lesson_id)
    return Line(*found[0]) if found else Line()


def keep_lesson(user_id: int, course_id: int, state: LessonState, at: dt.datetime, known: Line | None = None) -> bool:
    """Writes how far the person is, and the completion of the lesson; True when it was the last one of the course."""
    line = known if known is not None else line_of(user_id, state.lesson.id)
    completes = state.is_complete and line.completed_at is None
    completed_at = at if completes else line.completed_at
    values = {"done": state.done, "required": state.required, "completed_at": completed_at}
    if line.updated_at is None:
        row = {
            "user_id": user_id,
            "lesson_id": state.lesson.id,
            "course_id": course_id,
            "opened_at": at,
            "updated_at": at,
        }
        statements.write(insert_once(statements.lines), [{**row, **values}])
    else:
        newest = max(line.updated_at, at)
        statements.write(
            statements.KEEP_LINE, {"person": user_id, "lesson": state.lesson.id, "updated_at": newest, **values}
        )
    return completes and completes_course(user_id, session().get_one(Course, course_id))


def completes_course(user_id: int, course: Course) -> bool:
    """Whether the lessons completed by now complete the course by its rule (R47), for the first time."""
    if not is_completable(user_id, course.id):
        return False
    contents = learned_contents(session().get_one(User, user_id), course)
    done = select(LessonProgress.lesson_id).where(
        LessonProgress.user_id == user_id, LessonProgress.course_id == course.id, LessonProgress.completed_at.is_not(None)
    )  # fmt: skip
    return contents.is_completed_by(set(session().scalars(done)))


def is_completable(user_id: int, course_id: int) -> bool:
    """Whether the person is in the course and has not completed it."""
    place = select(Enrollment.id).where(
        Enrollment.user_id == user_id, Enrollment.course_id == course_id, Enrollment.withdrawn_at.is_(None)
    )
    return session().scalar(place.where(Enrollment.completed_at.is_(None)).limit(1)) is not None


def note_start(place_id: int, at: dt.datetime) -> None:
    """Remembers the first qualified event in a course (M14)."""
    session().execute(
        update(Enrollment).where(Enrollment.id == place_id, Enrollment.started_at.is_(None)).values(started_at=at)
    )


def lessons_with(user_id: int, resource_ids: Sequence[int], leave_out: Iterable[int]) -> list[int]:
    """Lessons begun by the person that hold a resource just finished elsewhere, by id; no query where none was."""
    if not resource_ids:
        return []
    query = (
        select(Lesson.id)
        .join(LessonProgress, (LessonProgress.lesson_id == Lesson.id) & (LessonProgress.user_id == user_id))
        .join(Activity, Activity.version_id == Lesson.published_version_id)
        .where(Activity.resource_id.in_(resource_ids), Lesson.is_live.is_(True), Lesson.id.not_in(list(leave_out)))
    )
    return list(session().scalars(query.distinct()))
