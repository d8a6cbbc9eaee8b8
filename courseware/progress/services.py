"""Recording what people do, once and in any order, and keeping what follows from it.

Events are the truth and never change (intake.py). Progress rows are kept beside them for a quick answer (following.py):
the union of watched parts does not depend on the order in which parts arrive, so a late or repeated batch changes
nothing twice. Whoever is not in a course leaves events and what was seen, and gets no progress in its lessons.
"""

from __future__ import annotations

import datetime as dt
import sys
import uuid as uuidlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from courseware.accounts.models import User
from courseware.auditlog import services as auditlog
from courseware.catalog.models import Lesson
from courseware.catalog.queries.contents import LessonFacts
from courseware.core import clock, events
from courseware.core.database import session
from courseware.core.errors import NotFound
from courseware.enrollment import queries as enrolled
from courseware.enrollment import services as enrollment
from courseware.libraries.models import Course
from courseware.progress import following, keeping, queries, statements
from courseware.progress.batches import Batch, EventIn, KnownLesson, KnownResource, Person, courses_started, read_batch
from courseware.progress.days import day_of
from courseware.progress.due import mark_due
from courseware.progress.errors import BatchTooLarge, CreditNeedsEnrollment, LessonClosed, RunEnded
from courseware.progress.following import LessonState, Line, Seen
from courseware.progress.intake import EventOutcome, take_in
from courseware.progress.models import OWN_VERBS, LessonProgress
from courseware.resources.models import Resource

__all__ = [
    "MAX_BATCH", "EventIn", "EventOutcome", "Recorded", "complete_course", "mark_done", "open_lesson", "record_batch",
    "record_events", "recount_lesson", "take_newest",
]  # fmt: skip

SENDER = sys.modules[__name__]
MAX_BATCH = 500


@dataclass(slots=True)
class Recorded:
    """What became of a batch: an outcome for each event in the order given, and the progress that it touched."""

    outcomes: Sequence[EventOutcome]
    resources: dict[uuidlib.UUID, Seen] = field(default_factory=dict)
    lessons: dict[uuidlib.UUID, LessonState] = field(default_factory=dict)


def record_events(user: Person, incoming: Sequence[EventIn]) -> list[EventOutcome]:
    """Stores a batch of one person's events, each once, in any order; raises BatchTooLarge beyond 500.

    An outcome for each event, in the order given. Refused ones are not stored; the others are, with the reason
    when they do not count (rules.first_exclusion).
    """
    return list(record_batch(user, incoming).outcomes)


def record_batch(user: Person, incoming: Sequence[EventIn], *, is_robot: bool = False) -> Recorded:
    """As record_events, and tells the progress of the resources and lessons named.

    A uuid told with another content is refused, and the security log says by whom: a client is broken, or somebody tries.
    What comes first in a batch opens the doors of what comes after it: a whole ride without network is one batch.
    """
    if len(incoming) > MAX_BATCH:
        raise BatchTooLarge(limit=MAX_BATCH)
    batch, outcomes, rows = take_in(user, incoming, is_robot=is_robot)
    recorded = Recorded(outcomes)
    _note_conflicts(user, outcomes)
    if rows:
        mark_due((user.id, day_of(row["occurred_at"])) for row in rows if row["verb"] not in OWN_VERBS)
        _follow(batch, rows, recorded)
        events.learning_recorded.send(SENDER, rows=rows)
        _try_doors_again(user, incoming, recorded, is_robot=is_robot)
    else:
        _tell_progress(user, incoming, recorded)
    return recorded


def mark_done(user: User, lesson: Lesson, activity_key: uuidlib.UUID) -> LessonProgress:
    """The learner says that a text was read or a task was done.

    Raises NotFound for what is not in the lesson or is done by watching, CreditNeedsEnrollment for people outside.
    """
    facts = _facts_of(user, lesson)
    if not any(item.key == activity_key and not item.is_timed for item in facts.items):
        raise NotFound()
    place = enrolled.standing_in(user, lesson.course_id)
    if place is None:
        raise CreditNeedsEnrollment()
    if place.has_ended(clock.now()):
        raise RunEnded(key=place.run_key)
    door = queries.door_to(user, lesson)
    if door is not None and door.is_closed:
        raise LessonClosed()
    row = {"user_id": user.id, "activity_key": activity_key, "at": clock.now()}
    statements.write(following.insert_once(statements.marks), [row])
    return recount_lesson(user, lesson, clock.now())


def open_lesson(user: User, lesson: Lesson, *, context: str = "") -> list[EventOutcome]:
    """Records that a learner opened a lesson now."""
    return record_events(
        user, [EventIn(uuidlib.uuid4(), "opened_lesson", clock.now(), lesson=lesson.uuid, context=context)]
    )


def complete_course(user: User, course: Course) -> None:
    """Records that the course is completed; raises NotEnrolled."""
    enrollment.complete(user, course)
    record_events(user, [EventIn(uuidlib.uuid4(), "completed_course", clock.now(), course=course.uuid)])


def take_newest(user: User, lesson: Lesson, activity_key: uuidlib.UUID) -> None:
    """The learner leaves the version they began and goes on with the newest (decision 8). Raises NotFound."""
    item = next((item for item in _facts_of(user, lesson).items if item.key == activity_key), None)
    resource = session().get(Resource, item.resource_id) if item is not None and item.resource_id else None
    if resource is None:
        raise NotFound()
    keeping.take_newest(user.id, resource)


def recount_lesson(user: User, lesson: Lesson, at: dt.datetime) -> LessonProgress:
    """Counts the required activities that are done; completes the lesson, and with the last one the course."""
    if following.keep_lesson(user.id, lesson.course_id, following.state_of(user.id, _facts_of(user, lesson)), at):
        complete_course(user, lesson.course)
    query = select(LessonProgress).where(LessonProgress.user_id == user.id, LessonProgress.lesson_id == lesson.id)
    return session().scalars(query.execution_options(populate_existing=True)).one()


def _account(person: Person) -> User:
    """The account itself, loaded where something rare has to be done with it."""
    return session().get_one(User, person.id)


def _try_doors_again(user: Person, incoming: Sequence[EventIn], recorded: Recorded, *, is_robot: bool) -> None:
    """Takes in what waited for a lesson that this very batch completed."""
    shut = [number for number, outcome in enumerate(recorded.outcomes) if outcome.reason == "lesson_first"]
    if not shut or not any(state.is_complete for state in recorded.lessons.values()):
        return
    again = record_batch(user, [incoming[number] for number in shut], is_robot=is_robot)
    found = dict(zip(shut, again.outcomes, strict=True))
    recorded.outcomes = [found.get(number, outcome) for number, outcome in enumerate(recorded.outcomes)]
    recorded.resources |= again.resources
    recorded.lessons |= again.lessons


def _note_conflicts(user: Person, outcomes: Sequence[EventOutcome]) -> None:
    uuids = [str(outcome.uuid) for outcome in outcomes if outcome.reason == "other_content"]
    if uuids:
        details = {"events": len(uuids), "first": uuids[0]}
        auditlog.record(
            "learning.other_content", _account(user), result="refused", reason="other_content", details=details
        )


def _facts_of(user: User, lesson: Lesson) -> LessonFacts:
    """The lesson as the person learns it. Raises NotFound."""
    facts = enrolled.learned_contents(user, lesson.course).by_lesson.get(lesson.uuid)
    if facts is None:
        raise NotFound()
    return facts


def _follow(batch: Batch, rows: Sequence[Mapping[str, Any]], recorded: Recorded) -> None:
    """Brings progress rows up to date with the stored events; previews and reviews leave no progress."""
    counted = [row for row in rows if not row["context"]]
    lessons = {lesson.id: lesson for lesson in batch.lessons.values() if lesson.course_id in batch.places}
    touched = [lessons[number] for number in {row["lesson_id"] for row in counted} if number in lessons]
    facts = {lesson.id: found for lesson in touched if (found := _known_facts(batch, lesson)) is not None}
    finished = _follow_resources(batch, counted)
    for place_id, at in courses_started(batch, rows).items():
        following.note_start(place_id, at)
    for number, found in facts.items():
        state = following.state_of(batch.user.id, found, batch.seen)
        recorded.lessons[lessons[number].uuid] = state
        _keep(batch.user, lessons[number], state, _latest(counted, number))
    _follow_elsewhere(batch, finished, facts)
    recorded.resources = _seen_of_resources(batch)


def _seen_of_resources(batch: Batch) -> dict[uuidlib.UUID, Seen]:
    return {r.uuid: batch.seen[r.id] for r in batch.resources.values() if r.id in batch.seen}


def _known_facts(batch: Batch, lesson: KnownLesson) -> LessonFacts | None:
    return batch.courses[lesson.course_id].contents.by_lesson.get(lesson.uuid)


def _follow_resources(batch: Batch, rows: Iterable[Mapping[str, Any]]) -> list[int]:
    """Adds the events to what the person has seen of the resources used; the ids of those that were finished just now."""
    by_resource: dict[int, list[Mapping[str, Any]]] = {}
    for row in rows:
        if row["resource_id"]:
            by_resource.setdefault(row["resource_id"], []).append(row)
    first = by_resource.keys() - batch.seen.keys()
    finished = {number for number, found in by_resource.items() if _join(batch, number, found)}
    following.keep_seen(batch.user.id, [batch.seen[number] for number in by_resource.keys() - first])
    made = following.begin_seen(batch.user.id, [batch.seen[number] for number in first])
    if late := first - made:
        batch.seen |= following.seen_by(batch.user.id, late, for_update=True)
        finished -= late
        finished |= {number for number in late if _join(batch, number, by_resource[number])}
        following.keep_seen(batch.user.id, [batch.seen[number] for number in late])
    keeping.let_go(batch.user.id, list(finished))
    return sorted(finished)


def _join(batch: Batch, resource_id: int, rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether these events finished the resource."""
    known = _resource(batch, resource_id)
    seen = batch.seen.setdefault(resource_id, Seen(resource_id, []))
    return following.join(seen, rows, known.type, known.duration_s, batch.sittings)


def _resource(batch: Batch, resource_id: int) -> KnownResource:
    return next(known for known in batch.resources.values() if known.id == resource_id)


def _follow_elsewhere(batch: Batch, finished: Sequence[int], counted: Iterable[int]) -> None:
    """Other lessons the person has begun may wait for what was finished here."""
    for number in following.lessons_with(batch.user.id, finished, counted):
        lesson = session().get_one(Lesson, number)
        account = _account(batch.user)
        if enrolled.is_enrolled(account, lesson.course):
            recount_lesson(account, lesson, batch.now)


def _keep(user: Person, lesson: KnownLesson, state: LessonState, at: dt.datetime) -> None:
    if following.keep_lesson(user.id, lesson.course_id, state, at, Line(lesson.line_at, lesson.completed_at)):
        complete_course(_account(user), session().get_one(Course, lesson.course_id))


def _latest(rows: Iterable[Mapping[str, Any]], lesson_id: int) -> dt.datetime:
    return max(row["occurred_at"] for row in rows if row["lesson_id"] == lesson_id)


def _tell_progress(user: Person, incoming: Sequence[EventIn], recorded: Recorded) -> None:
    """A repeated batch is answered like the first one: whoever lost that answer still learns where they stand."""
    batch = read_batch(user, incoming)
    recorded.resources = _seen_of_resources(batch)
    for lesson in batch.lessons.values():
        facts = _known_facts(batch, lesson)
        if facts is not None and lesson.course_id in batch.places:
            recorded.lessons[lesson.uuid] = following.state_of(user.id, facts, batch.seen)
