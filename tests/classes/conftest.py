"""A class with a lesson and two members; beside it a second class of another course as noise."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import select

from courseware.accounts.models import User
from courseware.catalog import services as catalog
from courseware.catalog.models import CourseRun, Lesson
from courseware.classes.models import TeachingClass
from courseware.classes.services import classes, roster
from courseware.core import clock
from courseware.core.database import session
from courseware.core.roles import Role
from courseware.libraries import services as libraries
from courseware.progress import services as progress
from tests.catalog.world import World, make_world
from tests.servers.rewound import MadeOnce


@dataclass
class Room:
    """The world of the catalogue with a class in it."""

    world: World
    klass: TeachingClass
    noise: TeachingClass
    video: Any
    lesson: Lesson
    more: list[Lesson] = field(default_factory=list)

    def run(self) -> CourseRun:
        return session().scalars(select(CourseRun).where(CourseRun.course_id == self.world.course.id)).one()

    def pupils(self, count: int) -> list[User]:
        """So many new members."""
        made = [self.world.person(f"p{n:03}", Role.STUDENT, key=f"2026{n:03}") for n in range(count)]
        roster.add_people(self.world.teacher, self.klass, made)
        return made

    def watch(self, user: User, to_s: float, *, from_s: float = 0.0, at: dt.datetime | None = None) -> None:
        """The person watches a stretch of the video in the lesson."""
        events = [
            progress.EventIn(uuid.uuid4(), "opened_lesson", at or clock.now(), lesson=self.lesson.uuid),
            progress.EventIn(
                uuid.uuid4(), "watched", at or clock.now(), resource=self.video.uuid, lesson=self.lesson.uuid, from_s=from_s,
                to_s=to_s, sitting=str(uuid.uuid4()),
            ),
        ]  # fmt: skip
        assert [o.reason for o in progress.record_events(user, events)] == ["", ""]


BEGUN = dt.datetime(2025, 3, 1, 1, 0, tzinfo=dt.UTC)  # before any moment that a test stops the clock at


@pytest.fixture
def room(made_once: MadeOnce) -> Room:
    """The room, as new."""
    made: Room = made_once(make_room)
    return made


def make_room() -> Room:
    """A new room, begun long ago."""
    with clock.frozen(BEGUN):
        return _room()


def _room() -> Room:
    world = make_world()
    video = world.video("枪角演示", 100.0)
    lesson = world.lesson(video, title="立向上角焊")
    klass = classes.open_class(world.teacher, one_run(world.course.id), "焊接 2501 班")
    roster.add_people(world.teacher, klass, [world.student, world.classmate])
    libraries.set_team(world.other_course, [(world.colleague, "leader")])
    other = catalog.open_run(world.other_course, "1", clock.now() - dt.timedelta(days=9))
    noise = classes.open_class(world.colleague, other, "电气 2502 班")
    roster.add_people(world.colleague, noise, [world.classmate])
    session().flush()
    return Room(world, klass, noise, video, lesson)


def one_run(course_id: int) -> CourseRun:
    return session().scalars(select(CourseRun).where(CourseRun.course_id == course_id)).one()
