"""A batch of events with everything it needs to be judged, read in a fixed number of queries by columns.

Recording is what happens most often: no objects are loaded for it, and a player that goes on asks for none of its events.
"""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Protocol

from courseware.core import clock
from courseware.progress import rules, statements
from courseware.progress.doors import KnownCourse
from courseware.progress.following import Seen, seen_by

SITTING_LASTS = dt.timedelta(hours=12)
NEWEST = 8  # messages of a sitting that tell nearly always how long it was: two minutes of a player
ALONE = "-"  # a sitting of one event: it came over the network and named none


class Person(Protocol):
    """As much of a person as recording needs: an account, or what the endpoint read of one by columns."""

    @property
    def id(self) -> int: ...
    @property
    def is_test(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class EventIn:
    """An event as a client sends it; objects are named by uuid. Times are aware; seconds are seconds of attention."""

    uuid: uuidlib.UUID
    verb: str
    occurred_at: dt.datetime
    resource: uuidlib.UUID | None = None
    lesson: uuidlib.UUID | None = None
    course: uuidlib.UUID | None = None
    from_s: float | None = None
    to_s: float | None = None
    seconds: float = 0.0
    speed: float = 1.0
    device: str = ""
    context: str = ""
    sitting: str = ""


@dataclass(slots=True)
class KnownResource:
    """What recording needs of a resource. `longest_s`: of its longest published version. `spans`: when it was live."""

    id: int
    uuid: uuidlib.UUID
    type: str
    course_id: int | None
    version_id: int | None
    duration_s: float | None
    longest_s: float | None
    is_own: bool
    spans: list[tuple[dt.datetime, dt.datetime | None]] = field(default_factory=list)

    def was_live(self, moment: dt.datetime) -> bool:
        """Whether it was published at `moment`."""
        return any(start <= moment and (end is None or moment < end) for start, end in self.spans)


@dataclass(frozen=True, slots=True)
class KnownLesson:
    """What recording needs of a lesson. `line_at`, `completed_at`: what is kept of the person in it."""

    id: int
    uuid: uuidlib.UUID
    owner_id: int
    is_live: bool
    first_published_at: dt.datetime | None
    course_id: int
    line_at: dt.datetime | None
    completed_at: dt.datetime | None

    def was_live(self, moment: dt.datetime) -> bool:
        """Whether learners could open it at `moment`."""
        return self.is_live and self.first_published_at is not None and self.first_published_at <= moment


KNOWN_LESSON = tuple(field.name for field in fields(KnownLesson))
KNOWN_COURSE = tuple(field.name for field in fields(KnownCourse))


@dataclass(frozen=True, slots=True)
class Place:
    """The person's place in a course now."""

    id: int
    course_id: int
    started_at: dt.datetime | None


@dataclass(slots=True)
class Batch:
    """Everything a batch needs to be judged. `completed`: lessons the person completed, where one waits for another.

    `seen`: what is kept of the person, by resource id, held until the transaction ends: of the resources, and of all in the lessons.
    """

    user: Person
    now: dt.datetime
    resources: dict[uuidlib.UUID, KnownResource] = field(default_factory=dict)
    lessons: dict[uuidlib.UUID, KnownLesson] = field(default_factory=dict)
    courses: dict[int, KnownCourse] = field(default_factory=dict)
    places: dict[int, Place] = field(default_factory=dict)
    seen: dict[int, Seen] = field(default_factory=dict)
    sittings: dict[tuple[str, int], float] = field(default_factory=dict)
    completed: frozenset[int] = frozenset()
    is_robot: bool = False

    def course(self, uuid: uuidlib.UUID | None) -> KnownCourse | None:
        """The course of this uuid, where it is known."""
        return next((known for known in self.courses.values() if known.course_uuid == uuid), None)


def read_batch(user: Person, incoming: Sequence[EventIn]) -> Batch:
    """Reads what the events are about; at most six queries, two for messages of a player that goes on."""
    batch = Batch(user, clock.now())
    _read_lessons(batch, {e.lesson for e in incoming if e.lesson is not None})
    _read_resources(batch, {e.resource for e in incoming if e.resource is not None})
    read = {known.course_uuid for known in batch.courses.values()}
    _read_courses(batch, {e.course for e in incoming if e.course is not None} - read)
    batch.completed = _completed(batch)
    batch.seen = seen_by(user.id, _worth_reading(batch), for_update=True)
    batch.sittings = _sittings(batch, incoming)
    return batch


def courses_started(batch: Batch, rows: Iterable[Mapping[str, Any]]) -> dict[int, dt.datetime]:
    """Places whose first qualified event is among `rows`, by id, with its time (M14)."""
    found: dict[int, dt.datetime] = {}
    for row in rows:
        place = batch.places.get(row["course_id"] or 0)
        if row["is_qualified"] and place is not None and place.started_at is None:
            found[place.id] = min(found.get(place.id, row["occurred_at"]), row["occurred_at"])
    return found


def _read_lessons(batch: Batch, uuids: set[uuidlib.UUID]) -> None:
    """Lessons with how far the person is, their courses, and the person's places in these."""
    asked = statements.rows(statements.LESSONS, uuids=list(uuids), person=batch.user.id) if uuids else ()
    for row in asked:
        batch.lessons[row.uuid] = KnownLesson(**{name: getattr(row, name) for name in KNOWN_LESSON})
        _note_course(batch, row)


def _read_courses(batch: Batch, uuids: set[uuidlib.UUID]) -> None:
    """Courses that are named and not known by a lesson, with the person's places in them."""
    asked = statements.rows(statements.COURSES, uuids=list(uuids), person=batch.user.id) if uuids else ()
    for row in asked:
        _note_course(batch, row)


def _note_course(batch: Batch, row: Any) -> None:
    batch.courses[row.course_id] = KnownCourse(**{name: getattr(row, name) for name in KNOWN_COURSE})
    if row.place_id is not None:
        batch.places[row.course_id] = Place(row.place_id, row.course_id, row.started_at)


def _read_resources(batch: Batch, uuids: set[uuidlib.UUID]) -> None:
    """Resources with the length of what is published, the times they were live, and the person's places in their courses."""
    asked = statements.rows(statements.RESOURCES, uuids=list(uuids), person=batch.user.id) if uuids else ()
    for *facts, live_from, live_to, place_id, started_at in asked:
        resource = batch.resources.setdefault(facts[1], KnownResource(*facts))
        if live_from is not None:
            resource.spans.append((live_from, live_to))
        if place_id is not None and resource.course_id is not None:
            batch.places[resource.course_id] = Place(place_id, resource.course_id, started_at)


def _completed(batch: Batch) -> frozenset[int]:
    """Lessons the person completed, asked only where a lesson of the batch has to wait for another one."""
    waiting = [
        lesson.course_id for lesson in batch.lessons.values()
        if batch.courses[lesson.course_id].contents.lesson_needs.get(lesson.id)
    ]  # fmt: skip
    if not waiting:
        return frozenset()
    return frozenset(row[0] for row in statements.rows(statements.COMPLETED, person=batch.user.id, course_ids=waiting))


def _worth_reading(batch: Batch) -> set[int]:
    """Ids of the resources used, and of all in the lessons in which the person has progress."""
    found = {resource.id for resource in batch.resources.values()}
    for lesson in batch.lessons.values():
        facts = batch.courses[lesson.course_id].contents.by_lesson.get(lesson.uuid)
        if facts is not None and lesson.course_id in batch.places:
            found |= {item.resource_id for item in facts.items if item.resource_id}
    return found


def _sittings(batch: Batch, incoming: Sequence[EventIn]) -> dict[tuple[str, int], float]:
    """Seconds known of each sitting with each resource; of a long one at least as many as any use needs.

    A player that goes on is known from what is kept of the person; so is a resource not used for as long as a sitting lasts.
    Only where somebody goes to and fro between two sittings are their events read.
    """
    pairs = {
        (event.sitting[:40], batch.resources[event.resource].id) for event in incoming
        if event.resource in batch.resources and event.sitting and not event.sitting.startswith(ALONE)
    }  # fmt: skip
    if not pairs:
        return {}
    since = min(event.occurred_at for event in incoming) - SITTING_LASTS
    kept = {(name, number): _kept_of_sitting(batch.seen.get(number), name, since) for name, number in pairs}
    known = {pair: seconds for pair, seconds in kept.items() if seconds is not None}
    return known | _read_sittings(batch.user.id, since, pairs - known.keys())


def _kept_of_sitting(seen: Seen | None, name: str, since: dt.datetime) -> float | None:
    """Its seconds so far as they are kept; None where only the events tell."""
    if seen is None or seen.updated_at < since:
        return 0.0
    return seen.sitting_s if seen.sitting == name else None


def _read_sittings(person_id: int, since: dt.datetime, asked: set[tuple[str, int]]) -> dict[tuple[str, int], float]:
    """Whether a sitting was long enough shows in its newest events: the others are read only where these leave it open."""
    if not asked:
        return {}
    values = {
        "person": person_id, "since": since,
        "resource_ids": list({number for _name, number in asked}), "names": list({name for name, _number in asked}),
    }  # fmt: skip
    limit = NEWEST * len(asked)
    newest = statements.rows(statements.NEWEST_OF_SITTINGS, limit=limit, **values)
    known = _sums(newest)
    if len(newest) < limit or all(known[pair] >= rules.ALWAYS_ENOUGH_S for pair in asked):
        return known
    return _sums(statements.rows(statements.SITTINGS, **values))


def _sums(rows: Iterable[Any]) -> dict[tuple[str, int], float]:
    sums: defaultdict[tuple[str, int], float] = defaultdict(float)
    for name, number, seconds in rows:
        sums[name, number] += float(seconds)
    return sums
