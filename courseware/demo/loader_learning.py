"""How somebody of the story learns: half-way into a lesson, or to its end."""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections.abc import Iterable
from itertools import repeat
from typing import Any

from sqlalchemy import select

from courseware.catalog.models import Activity, Lesson
from courseware.core import clock
from courseware.core.database import session
from courseware.demo.loader_words import users
from courseware.progress import services as progress
from courseware.progress.services import EventIn
from courseware.resources.models import Resource

NAMES = uuidlib.UUID("6d1f5a52-0f0b-4c53-9c1e-6b656b750001")
WHOLE = 0.95  # of a recording: nobody listens to the last note
VERBS = {"image": "viewed", "simulation": "simulated", "text": "read", "presentation": "read", "other": "read"}


def lesson_named(key: str) -> Lesson:
    """A lesson of the story by its key."""
    return session().scalars(select(Lesson).where(Lesson.key == key)).one()


def activities_of(lesson: Lesson) -> list[Activity]:
    """What learners find in the lesson, in order."""
    return list(lesson.published_version.activities) if lesson.published_version is not None else []


def name_of(*parts: object) -> uuidlib.UUID:
    """The same for the same parts, on every machine."""
    return uuidlib.uuid5(NAMES, "/".join(str(part) for part in parts))


def sit_down(key: str, lesson_key: str, begun: dt.datetime, share: float) -> None:
    """At `begun` the person opens the lesson, goes through its first resource and `share` of the second."""
    _go_through(key, lesson_named(lesson_key), begun, (WHOLE, share))


def finish(key: str, lesson_key: str, begun: dt.datetime) -> None:
    """At `begun` the person opens the lesson and does everything in it."""
    person, lesson = users()[key], lesson_named(lesson_key)
    ended = _go_through(key, lesson, begun, repeat(WHOLE))
    with clock.frozen(ended):
        for activity in activities_of(lesson):
            if activity.resource is None:
                progress.mark_done(person, lesson, activity.key)


def _go_through(key: str, lesson: Lesson, begun: dt.datetime, shares: Iterable[float]) -> dt.datetime:
    """Opens the lesson and uses its resources one after another, so much of each; returns when that ended."""
    person, at = users()[key], begun
    held = [activity.resource for activity in activities_of(lesson) if activity.resource is not None]
    with clock.frozen(begun):
        opened = EventIn(name_of(key, lesson.key, 0), "opened_lesson", begun, lesson=lesson.uuid)
        progress.record_events(person, [opened])
    for number, (resource, part) in enumerate(zip(held, shares, strict=False), start=1):
        event, at = _use(resource, name_of(key, lesson.key, number), at, part, lesson.uuid)
        with clock.frozen(at):
            progress.record_events(person, [event])
    return at


def _use(
    resource: Resource, name: uuidlib.UUID, begun: dt.datetime, share: float, lesson: uuidlib.UUID
) -> tuple[EventIn, dt.datetime]:
    """One stretch of attention, and when it ends."""
    version = resource.published_version
    length = version.duration_s if version is not None else None
    seconds = round((length or 60) * share)
    verb = VERBS.get(resource.type, "watched")
    part: dict[str, Any] = {"from_s": 0.0, "to_s": float(seconds)} if verb == "watched" else {"seconds": float(seconds)}
    event = EventIn(name, verb, begun, resource=resource.uuid, lesson=lesson, device="demo", **part)
    return event, begun + dt.timedelta(seconds=seconds)
