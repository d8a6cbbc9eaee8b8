"""Recording what people do, once and in any order, and keeping what follows from it.

Events are the truth and never change. Progress rows are kept beside them for a quick answer: the union of watched
parts does not depend on the order in which parts arrive, so a late or repeated batch changes nothing twice.
"""

from __future__ import annotations

import datetime as dt
import sys
import uuid as uuidlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, insert, select

from courseware.accounts.models import User
from courseware.catalog.models import Activity, Lesson
from courseware.core import clock, events, intervals
from courseware.core.database import session
from courseware.core.errors import NotFound
from courseware.enrollment import services as enrollment
from courseware.libraries.models import Course
from courseware.progress import rules
from courseware.progress.errors import BatchTooLarge
from courseware.progress.models import VERBS, ActivityDone, LearningEvent, LessonProgress, ResourceProgress
from courseware.resources.models import LiveSpan, Resource, ResourceVersion

SENDER = sys.modules[__name__]
MAX_BATCH = 500
CLOCK_SKEW = dt.timedelta(minutes=2)
LATE_AFTER = dt.timedelta(minutes=10)
RESOURCE_VERBS = ("watched", "read", "viewed", "simulated", "downloaded", "attempted")


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


@dataclass(frozen=True, slots=True)
class EventOutcome:
    """accepted, repeated (known already, counted once) or refused with a code of errors.REFUSALS."""

    uuid: uuidlib.UUID
    status: str
    reason: str = ""


@dataclass(slots=True)
class _Batch:
    """Everything a batch needs, read in a fixed number of queries."""

    user: User
    now: dt.datetime
    resources: dict[uuidlib.UUID, Resource] = field(default_factory=dict)
    versions: dict[int, ResourceVersion] = field(default_factory=dict)
    spans: dict[int, list[tuple[dt.datetime, dt.datetime | None]]] = field(default_factory=dict)
    own: set[int] = field(default_factory=set)
    lessons: dict[uuidlib.UUID, Lesson] = field(default_factory=dict)
    courses: dict[uuidlib.UUID, Course] = field(default_factory=dict)
    sittings: dict[tuple[str, int], float] = field(default_factory=dict)


def record_events(user: User, incoming: Sequence[EventIn]) -> list[EventOutcome]:
    """Stores a batch of one person's events, each once, in any order; raises BatchTooLarge beyond 500.

    An outcome for each event, in the order given. Refused ones are not stored; the others are, with the reason
    when they do not count (rules.first_exclusion).
    """
    if len(incoming) > MAX_BATCH:
        raise BatchTooLarge(limit=MAX_BATCH)
    known = _known({event.uuid for event in incoming})
    batch = _read(user, incoming)
    outcomes, rows = [], []
    for event in incoming:
        if event.uuid in known:
            outcomes.append(EventOutcome(event.uuid, "repeated"))
            continue
        refusal = _refusal(event, batch)
        if refusal:
            outcomes.append(EventOutcome(event.uuid, "refused", refusal))
            continue
        known.add(event.uuid)
        rows.append(_row(event, batch))
        outcomes.append(EventOutcome(event.uuid, "accepted"))
    if rows:
        session().execute(insert(LearningEvent), rows)
        _follow(batch, rows)
        events.learning_recorded.send(SENDER, rows=rows)
    return outcomes


def mark_done(user: User, lesson: Lesson, activity_key: uuidlib.UUID) -> LessonProgress:
    """The learner says that a text was read or a task was done; raises NotFound for what is not in the lesson."""
    activities = lesson.published_version.activities if lesson.published_version else []
    if not any(a.key == activity_key and a.kind != "resource" for a in activities):
        raise NotFound()
    done = select(ActivityDone.id).where(ActivityDone.user_id == user.id, ActivityDone.activity_key == activity_key)
    if session().scalar(done) is None:
        session().add(ActivityDone(user_id=user.id, activity_key=activity_key, at=clock.now()))
        session().flush()
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


def recount_lesson(user: User, lesson: Lesson, at: dt.datetime) -> LessonProgress:
    """Counts the required activities that are done; completes the lesson, and with the last one the course."""
    required = [a for a in (lesson.published_version.activities if lesson.published_version else []) if a.is_required]
    done = _count_done(user, required)
    progress = _lesson_progress(user, lesson, at)
    progress.done, progress.required = done, len(required)
    progress.updated_at = max(progress.updated_at, at)
    if required and done >= len(required) and progress.completed_at is None:
        progress.completed_at = at
        session().flush()
        _complete_course_when_all(user, lesson)
    session().flush()
    return progress


def _known(uuids: set[uuidlib.UUID]) -> set[uuidlib.UUID]:
    return set(session().scalars(select(LearningEvent.uuid).where(LearningEvent.uuid.in_(uuids))))


def _read(user: User, incoming: Iterable[EventIn]) -> _Batch:
    wanted = list(incoming)
    batch = _Batch(user, clock.now())
    batch.resources = _by_uuid(Resource, {e.resource for e in wanted})
    batch.lessons = _by_uuid(Lesson, {e.lesson for e in wanted})
    batch.courses = _by_uuid(Course, {e.course for e in wanted})
    ids = [r.id for r in batch.resources.values()]
    if ids:
        version_ids = [r.published_version_id for r in batch.resources.values() if r.published_version_id]
        batch.versions = {
            v.resource_id: v
            for v in session().scalars(select(ResourceVersion).where(ResourceVersion.id.in_(version_ids)))
        }
        for span in session().scalars(select(LiveSpan).where(LiveSpan.resource_id.in_(ids))):
            batch.spans.setdefault(span.resource_id, []).append((span.started_at, span.ended_at))
        wrote = select(ResourceVersion.resource_id).where(
            ResourceVersion.resource_id.in_(ids), ResourceVersion.author_id == user.id, ResourceVersion.published_at.is_not(None)
        )  # fmt: skip
        batch.own = set(session().scalars(wrote))
        batch.sittings = _sittings(user, {e.sitting for e in wanted if e.sitting}, ids)
    return batch


def _by_uuid(model: Any, uuids: set[uuidlib.UUID | None]) -> dict[uuidlib.UUID, Any]:
    wanted = uuids - {None}
    return {row.uuid: row for row in session().scalars(select(model).where(model.uuid.in_(wanted)))} if wanted else {}


def _sittings(user: User, names: set[str], resource_ids: Sequence[int]) -> dict[tuple[str, int], float]:
    if not names:
        return {}
    query = (
        select(LearningEvent.sitting, LearningEvent.resource_id, func.sum(LearningEvent.seconds))
        .where(
            LearningEvent.user_id == user.id,
            LearningEvent.resource_id.in_(resource_ids),
            LearningEvent.sitting.in_(names),
        )
        .group_by(LearningEvent.sitting, LearningEvent.resource_id)
    )
    return {
        (sitting, resource_id): float(total) for sitting, resource_id, total in session().execute(query) if resource_id
    }


def _refusal(event: EventIn, batch: _Batch) -> str:
    if event.verb not in VERBS:
        return "unknown_verb"
    if event.occurred_at > batch.now + CLOCK_SKEW:
        return "future"
    if event.verb in RESOURCE_VERBS:
        return _resource_refusal(event, batch)
    if event.verb == "opened_lesson":
        lesson = batch.lessons.get(event.lesson) if event.lesson else None
        return (
            "" if lesson and _lesson_was_live(lesson, event.occurred_at) else "not_live" if lesson else "unknown_object"
        )
    if event.verb == "completed_course" and (event.course is None or event.course not in batch.courses):
        return "unknown_object"
    return ""


def _resource_refusal(event: EventIn, batch: _Batch) -> str:
    resource = batch.resources.get(event.resource) if event.resource else None
    if resource is None:
        return "unknown_object"
    if event.verb == "watched" and not _is_range(event.from_s, event.to_s):
        return "bad_range"
    if event.context in ("review", "preview"):
        return ""
    spans = batch.spans.get(resource.id, [])
    return "" if any(s <= event.occurred_at and (e is None or event.occurred_at < e) for s, e in spans) else "not_live"


def _is_range(from_s: float | None, to_s: float | None) -> bool:
    return from_s is not None and to_s is not None and 0 <= from_s < to_s


def _lesson_was_live(lesson: Lesson, at: dt.datetime) -> bool:
    return lesson.first_published_at is not None and lesson.first_published_at <= at and lesson.is_live


def _row(event: EventIn, batch: _Batch) -> dict[str, Any]:
    resource = batch.resources.get(event.resource) if event.resource else None
    lesson = batch.lessons.get(event.lesson) if event.lesson else None
    course = batch.courses.get(event.course) if event.course else None
    version = batch.versions.get(resource.id) if resource else None
    seconds = _attention(event)
    excluded = _exclusion(event, batch, resource, version, lesson, seconds)
    return {
        "uuid": event.uuid, "user_id": batch.user.id, "verb": event.verb,
        "resource_id": resource.id if resource else None,
        "version_id": version.id if version else None,
        "lesson_id": lesson.id if lesson else None,
        "course_id": _course_id(course, lesson, resource),
        "from_s": event.from_s, "to_s": event.to_s, "seconds": seconds, "speed": event.speed,
        "device": event.device[:40], "context": event.context[:20], "sitting": event.sitting[:40],
        "occurred_at": event.occurred_at, "received_at": batch.now,
        "is_late": batch.now - event.occurred_at > LATE_AFTER,
        "is_qualified": not excluded and event.verb != "signed_in",
        "excluded": excluded,
    }  # fmt: skip


def _attention(event: EventIn) -> float:
    if event.verb == "watched" and event.from_s is not None and event.to_s is not None:
        return (event.to_s - event.from_s) / max(event.speed, 0.01)
    return max(0.0, event.seconds)


def _course_id(course: Course | None, lesson: Lesson | None, resource: Resource | None) -> int | None:
    if course is not None:
        return course.id
    return lesson.course_id if lesson is not None else (resource.course_id if resource is not None else None)


def _exclusion(
    event: EventIn,
    batch: _Batch,
    resource: Resource | None,
    version: ResourceVersion | None,
    lesson: Lesson | None,
    seconds: float,
) -> str:
    needed = 0.0
    is_own = lesson is not None and event.verb == "opened_lesson" and lesson.owner_id == batch.user.id
    if resource is not None:
        is_own = resource.id in batch.own
        seen = seconds if event.verb != "watched" else seconds * event.speed
        if event.sitting:
            key = (event.sitting, resource.id)
            batch.sittings[key] = seen = batch.sittings.get(key, 0.0) + seen
        instant = event.verb in ("downloaded", "attempted")
        needed = 0.0 if instant else rules.needed_attention(resource.type, version.duration_s if version else None)
        return rules.first_exclusion(
            is_test=batch.user.is_test, is_own=is_own, context=event.context, speed=event.speed, attention_s=seen, needed_s=needed
        )  # fmt: skip
    return rules.first_exclusion(
        is_test=batch.user.is_test, is_own=is_own, context=event.context, speed=1, attention_s=0, needed_s=0
    )


def _follow(batch: _Batch, rows: Sequence[Mapping[str, Any]]) -> None:
    """Brings progress rows up to date with the stored events; previews and reviews leave no progress."""
    by_resource: dict[int, list[Mapping[str, Any]]] = {}
    for row in rows:
        if row["resource_id"] and not row["context"]:
            by_resource.setdefault(row["resource_id"], []).append(row)
    resources = {r.id: r for r in batch.resources.values()}
    finished = [resources[i] for i, found in by_resource.items() if _follow_resource(batch, resources[i], found)]
    lessons = {lesson.id: lesson for lesson in batch.lessons.values()}
    opened = {row["lesson_id"] for row in rows if row["lesson_id"] and not row["context"]}
    for lesson in [*(lessons[i] for i in opened), *_lessons_with(batch.user, finished, opened)]:
        at = max(row["occurred_at"] for row in rows)
        recount_lesson(batch.user, lesson, at)


def _follow_resource(batch: _Batch, resource: Resource, rows: Sequence[Mapping[str, Any]]) -> bool:
    """Joins what was seen now to what was seen before; True when that made the resource done."""
    progress = _resource_progress(batch.user, resource)
    version = batch.versions.get(resource.id)
    duration = version.duration_s if version else None
    credited = [(r["from_s"], r["to_s"]) for r in rows if r["verb"] == "watched" and r["speed"] <= rules.CREDITED_SPEED]
    ranges = intervals.merge([*((float(s), float(e)) for s, e in progress.ranges), *credited])
    if duration:
        ranges = intervals.clip(ranges, 0.0, duration)
    progress.ranges = [[round(s, 2), round(e, 2)] for s, e in ranges]
    progress.watched_s, progress.duration_s = round(intervals.length(ranges), 2), duration
    progress.attention_s += sum(r["seconds"] for r in rows)
    newest = max(rows, key=lambda r: r["occurred_at"])
    if newest["occurred_at"] >= progress.updated_at:
        progress.updated_at = newest["occurred_at"]
        progress.position_s = newest["to_s"] if newest["to_s"] is not None else progress.position_s
    was = progress.is_complete
    instant = any(r["verb"] in ("downloaded", "attempted") for r in rows) and resource.type not in rules.TIMED_TYPES
    progress.is_complete = (
        was or instant or rules.is_done(resource.type, duration, progress.watched_s, progress.attention_s)
    )
    session().flush()
    return progress.is_complete and not was


def _resource_progress(user: User, resource: Resource) -> ResourceProgress:
    query = select(ResourceProgress).where(
        ResourceProgress.user_id == user.id, ResourceProgress.resource_id == resource.id
    )
    progress = session().scalar(query)
    if progress is None:
        progress = ResourceProgress(
            user_id=user.id, resource_id=resource.id, ranges=[], watched_s=0.0, attention_s=0.0, position_s=0.0,
            is_complete=False, updated_at=dt.datetime.min.replace(tzinfo=dt.UTC),
        )  # fmt: skip
        session().add(progress)
    return progress


def _lesson_progress(user: User, lesson: Lesson, at: dt.datetime) -> LessonProgress:
    query = select(LessonProgress).where(LessonProgress.user_id == user.id, LessonProgress.lesson_id == lesson.id)
    progress = session().scalar(query)
    if progress is None:
        progress = LessonProgress(
            user_id=user.id, lesson_id=lesson.id, course_id=lesson.course_id, opened_at=at, updated_at=at, done=0, required=0
        )  # fmt: skip
        session().add(progress)
    return progress


def _lessons_with(user: User, finished: Sequence[Resource], seen: set[int]) -> list[Lesson]:
    """Lessons the person has begun that require a resource just finished elsewhere."""
    if not finished:
        return []
    query = (
        select(Lesson)
        .join(LessonProgress, (LessonProgress.lesson_id == Lesson.id) & (LessonProgress.user_id == user.id))
        .join(Activity, Activity.version_id == Lesson.published_version_id)
        .where(Activity.resource_id.in_([r.id for r in finished]), Lesson.id.not_in(seen))
    )
    return list(session().scalars(query.distinct()))


def _count_done(user: User, required: Sequence[Activity]) -> int:
    resource_ids = [a.resource_id for a in required if a.kind == "resource"]
    keys = [a.key for a in required if a.kind != "resource"]
    complete = set(
        session().scalars(
            select(ResourceProgress.resource_id).where(
                ResourceProgress.user_id == user.id, ResourceProgress.resource_id.in_(resource_ids), ResourceProgress.is_complete
            )
        )
    )  # fmt: skip
    marked = set(
        session().scalars(
            select(ActivityDone.activity_key).where(
                ActivityDone.user_id == user.id, ActivityDone.activity_key.in_(keys)
            )
        )
    )
    return sum(a.resource_id in complete if a.kind == "resource" else a.key in marked for a in required)


def _complete_course_when_all(user: User, lesson: Lesson) -> None:
    live = select(func.count()).where(Lesson.course_id == lesson.course_id, Lesson.is_live)
    done = select(func.count()).where(
        LessonProgress.user_id == user.id, LessonProgress.course_id == lesson.course_id, LessonProgress.completed_at.is_not(None)
    )  # fmt: skip
    place = enrollment.place_of(user, lesson.course)
    if place is None or place.withdrawn_at or place.completed_at or not session().scalar(live):
        return
    if (session().scalar(done) or 0) >= (session().scalar(live) or 0):
        complete_course(user, lesson.course)
