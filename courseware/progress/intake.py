"""Taking events in: each is stored once, in any order, with the first reason why it does not count.

A batch is read in a fixed number of queries by columns, without loading objects: recording is what happens most often.
"""

from __future__ import annotations

import datetime as dt
import math
import uuid as uuidlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from courseware.core import clock
from courseware.core.database import session
from courseware.progress import rules, statements
from courseware.progress.batches import Batch, EventIn, KnownLesson, KnownResource, Person, read_batch
from courseware.progress.doors import closed_at
from courseware.progress.following import insert_once
from courseware.progress.models import VERBS

CLOCK_SKEW = dt.timedelta(minutes=2)
OLDEST = dt.timedelta(
    days=400
)  # an offline device comes back within a school year; older is a clock that is wrong by years
LATE_AFTER = dt.timedelta(minutes=10)
LONGEST_S = 24 * 3600.0
SLOWEST = 0.1
#: Players and files disagree about the last moments of a recording.
BEYOND_S, BEYOND_SHARE = 5.0, 0.02
RESOURCE_VERBS = ("watched", "read", "viewed", "simulated", "downloaded", "attempted")
INSTANT_VERBS = ("downloaded", "attempted")
UNPUBLISHED_CONTEXTS = ("review", "preview")


Told = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class EventOutcome:
    """accepted, repeated (known already, counted once) or refused with a code of errors.REFUSALS."""

    uuid: uuidlib.UUID
    status: str
    reason: str = ""


def take_in(
    user: Person, incoming: Sequence[EventIn], *, is_robot: bool = False
) -> tuple[Batch, list[EventOutcome], list[dict[str, Any]]]:
    """Stores what can be stored: the batch as read, an outcome for each event in the order given, the rows stored now.

    A batch of one does not ask first whether its event is known: storing it tells, and no other event is judged beside it.
    """
    session().flush()  # statements.py knows nothing of what waits in the session
    known = _known_then(incoming) if len(incoming) > 1 else {}
    batch = read_batch(user, [event for event in incoming if event.uuid not in known])
    batch.is_robot = is_robot
    outcomes, rows = [], []
    for event in incoming:
        told = _told(event, user.id)
        if event.uuid in known:
            outcomes.append(_again(event, is_same=known[event.uuid] == told))
            continue
        reason = refusal(event, batch)
        if reason and len(incoming) == 1 and (known := _known_then(incoming)):
            outcomes.append(_again(event, is_same=known[event.uuid] == told))
            continue
        if not reason:
            known[event.uuid] = told
            rows.append(_row(event, batch))
        outcomes.append(EventOutcome(event.uuid, "refused" if reason else "accepted", reason))
    stored = _store(rows)
    if len(stored) < len(rows):
        outcomes = _told_elsewhere(user, incoming, outcomes, stored)
    return batch, outcomes, [row for row in rows if row["uuid"] in stored]


def refusal(event: EventIn, batch: Batch) -> str:
    """The code of errors.REFUSALS why the event cannot be stored; empty when it can."""
    if event.verb not in VERBS:
        return "unknown_verb"
    if event.occurred_at > batch.now + CLOCK_SKEW:
        return "future"
    if event.occurred_at < batch.now - OLDEST:
        return "too_old"
    if not 0 <= event.seconds <= LONGEST_S:
        return "bad_seconds"
    if not (math.isfinite(event.speed) and event.speed >= SLOWEST):
        return "bad_speed"
    return _object_refusal(event, batch) or _door_refusal(event, batch)


def _known_then(incoming: Sequence[EventIn]) -> dict[uuidlib.UUID, Told]:
    """What is stored under their uuids at their times: all that was told before as it is told now; one query.

    The times keep the question to one or two months of events. A uuid used at another time is met when it is stored.
    """
    moments = [event.occurred_at for event in incoming] or [clock.now()]
    return _known(statements.KNOWN_THEN, {event.uuid for event in incoming}, first=min(moments), last=max(moments))


def _known(statement: Any, uuids: Iterable[uuidlib.UUID], **more: Any) -> dict[uuidlib.UUID, Told]:
    return {
        row.uuid: _content(
            row.user_id, row.verb, row.occurred_at, row.from_s, row.to_s, row.seconds, row.speed, row.resource, row.lesson
        )
        for row in statements.rows(statement, uuids=list(uuids), **more)
    }  # fmt: skip


def _told_elsewhere(
    user: Person, incoming: Sequence[EventIn], outcomes: Sequence[EventOutcome], stored: set[uuidlib.UUID]
) -> list[EventOutcome]:
    """The outcomes, now that some uuids turned out to be taken: at another time, or by a request at this very moment."""
    taken = {o.uuid for o in outcomes if o.status == "accepted"} - stored
    known = _known(statements.KNOWN, taken)
    return [
        _again(event, is_same=known.get(event.uuid) == _told(event, user.id)) if outcome.status == "accepted" and event.uuid in taken
        else outcome
        for event, outcome in zip(incoming, outcomes, strict=True)
    ]  # fmt: skip


def _told(event: EventIn, user_id: int) -> Told:
    return _content(
        user_id, event.verb, event.occurred_at, event.from_s, event.to_s, event.seconds, event.speed, event.resource, event.lesson
    )  # fmt: skip


def _content(
    user_id: int, verb: str, at: dt.datetime, from_s: float | None, to_s: float | None, seconds: float, speed: float,
    resource: uuidlib.UUID | None, lesson: uuidlib.UUID | None,
) -> Told:  # fmt: skip
    """What makes two tellings of an event the same: who, what, when, how much; seconds of a recording follow from its part."""
    amount = None if verb == "watched" else seconds
    about = resource if verb in RESOURCE_VERBS else lesson if verb == "opened_lesson" else None
    return (user_id, verb, at, from_s, to_s, amount, speed, about)


def _again(event: EventIn, *, is_same: bool) -> EventOutcome:
    """A uuid that is known: told again, or something else under a used name, which changes nothing."""
    return EventOutcome(event.uuid, "repeated") if is_same else EventOutcome(event.uuid, "refused", "other_content")


def _store(rows: Sequence[Mapping[str, Any]]) -> set[uuidlib.UUID]:
    """The uuids stored now. One that another request stored at the same moment is left alone."""
    if not rows:
        return set()
    stored = session().connection().execute(insert_once(statements.events, returning="uuid"), rows)
    return {row[0] for row in stored}


def _object_refusal(event: EventIn, batch: Batch) -> str:
    if event.verb in RESOURCE_VERBS:
        return _resource_refusal(event, batch)
    if event.verb == "opened_lesson":
        lesson = batch.lessons.get(event.lesson) if event.lesson else None
        if lesson is None:
            return "unknown_object"
        return "" if lesson.was_live(event.occurred_at) else "not_live"
    is_unknown = event.verb == "completed_course" and batch.course(event.course) is None
    return "unknown_object" if is_unknown else ""


def _resource_refusal(event: EventIn, batch: Batch) -> str:
    resource = batch.resources.get(event.resource) if event.resource else None
    if resource is None:
        return "unknown_object"
    if event.verb == "watched" and not _is_range(event.from_s, event.to_s):
        return "bad_range"
    if event.context in UNPUBLISHED_CONTEXTS:
        return ""
    if not resource.was_live(event.occurred_at):
        return "not_live"
    return "beyond_end" if _is_beyond(event, resource) else ""


def _is_beyond(event: EventIn, resource: KnownResource) -> bool:
    """A message of a player about what is not there: no version of the recording is so long. Stated sessions are taken as told."""
    longest = resource.longest_s if event.verb == "watched" and event.sitting else None
    return bool(longest) and (event.to_s or 0.0) > (longest or 0.0) * (1 + BEYOND_SHARE) + BEYOND_S


def _door_refusal(event: EventIn, batch: Batch) -> str:
    """What was closed to the person when it happened. Previews count for nothing; what completes a course is our own word."""
    if event.context in UNPUBLISHED_CONTEXTS or event.verb == "completed_course":
        return ""
    lesson = batch.lessons.get(event.lesson) if event.lesson else None
    course = batch.courses[lesson.course_id] if lesson is not None else batch.course(event.course)
    if course is None:
        return ""
    return closed_at(course, event.occurred_at, lesson.id if lesson is not None else None, batch.completed)


def _is_range(from_s: float | None, to_s: float | None) -> bool:
    return from_s is not None and to_s is not None and 0 <= from_s < to_s <= LONGEST_S


def _row(event: EventIn, batch: Batch) -> dict[str, Any]:
    resource = batch.resources.get(event.resource) if event.resource else None
    lesson = batch.lessons.get(event.lesson) if event.lesson else None
    seconds = _attention(event)
    excluded = _exclusion(event, batch, resource, lesson, seconds)
    return {
        "uuid": event.uuid, "user_id": batch.user.id, "verb": event.verb,
        "resource_id": resource.id if resource else None,
        "version_id": resource.version_id if resource else None,
        "lesson_id": lesson.id if lesson else None,
        "course_id": _course_id(event, batch, resource, lesson),
        "from_s": event.from_s, "to_s": event.to_s, "seconds": seconds, "speed": event.speed,
        "device": event.device[:40], "context": event.context[:20], "sitting": event.sitting[:40],
        "occurred_at": event.occurred_at, "received_at": batch.now,
        "is_late": batch.now - event.occurred_at > LATE_AFTER,
        "is_qualified": not excluded and event.verb != "signed_in",
        "excluded": excluded,
    }  # fmt: skip


def _attention(event: EventIn) -> float:
    if event.verb == "watched" and event.from_s is not None and event.to_s is not None:
        return (event.to_s - event.from_s) / event.speed
    return event.seconds


def _course_id(event: EventIn, batch: Batch, resource: KnownResource | None, lesson: KnownLesson | None) -> int | None:
    named = batch.course(event.course)
    if named is not None:
        return named.course_id
    return lesson.course_id if lesson is not None else (resource.course_id if resource is not None else None)


def _exclusion(
    event: EventIn, batch: Batch, resource: KnownResource | None, lesson: KnownLesson | None, seconds: float
) -> str:
    if resource is None:
        is_own = event.verb == "opened_lesson" and lesson is not None and lesson.owner_id == batch.user.id
        attention, needed, speed = 0.0, 0.0, 1.0
    else:
        is_own, speed = resource.is_own, event.speed
        attention = _attention_so_far(event, batch, resource.id, seconds)
        needed = 0.0 if event.verb in INSTANT_VERBS else rules.needed_attention(resource.type, resource.duration_s)
    return rules.first_exclusion(
        is_test=batch.user.is_test, is_own=is_own, context=event.context, is_robot=batch.is_robot, speed=speed,
        attention_s=attention, needed_s=needed, is_ahead=_is_ahead(event, batch, seconds),
    )  # fmt: skip


def _is_ahead(event: EventIn, batch: Batch, seconds: float) -> bool:
    """A message that tells of more time than has passed since it began, the clocks' difference allowed for."""
    return bool(event.sitting) and event.occurred_at + dt.timedelta(seconds=seconds) > batch.now + CLOCK_SKEW


def _attention_so_far(event: EventIn, batch: Batch, resource_id: int, seconds: float) -> float:
    """Seconds of this sitting with this one; of a recording its own seconds, however fast they were played."""
    seen = seconds * event.speed if event.verb == "watched" else seconds
    if not event.sitting:
        return seen
    key = (event.sitting[:40], resource_id)
    batch.sittings[key] = batch.sittings.get(key, 0.0) + seen
    return batch.sittings[key]
