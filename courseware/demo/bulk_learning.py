"""Made-up learners: enrolments, two years of learning events, and the progress that follows from them.

Progress is reckoned here by the same rules (courseware/progress/rules.py) and in the same order as recording does it,
so that a recount of the events finds the rows as they are.
"""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from courseware.core.database import Model
from courseware.demo.bulk_rows import BATCH
from courseware.demo.bulk_world import BASELINE, TaughtCourse, TaughtLesson, TaughtResource, World
from courseware.enrollment.models import Enrollment, EnrollmentChange
from courseware.progress import rules
from courseware.progress.due import mark_all_due
from courseware.progress.models import ActivityDone, LearningEvent, LessonProgress, ResourceProgress

SEGMENT_S = 15.0
COURSES_EACH = 3
COMPLETE_SHARE = 0.05
VERBS = {"text": "read", "presentation": "read", "other": "read", "image": "viewed", "simulation": "simulated"}
DEVICES = ("desktop", "phone", "tablet")
LESSON_ODDS = (0, 1, 1, 2, 2, 2, 3, 3, 4, 5)
SENT_AFTER = dt.timedelta(seconds=3)
LAST_START = dt.timedelta(days=45)


@dataclass(slots=True)
class _Sink:
    """Rows on their way to their tables, in the order that foreign keys ask for."""

    world: World
    waiting: dict[type[Model], list[dict[str, Any]]] = field(default_factory=dict)
    events: int = 0
    base: int = 0

    def add(self, model: type[Model], row: dict[str, Any]) -> None:
        """Keeps a row until its batch is full."""
        self.waiting.setdefault(model, []).append(row)

    def add_event(self, row: dict[str, Any]) -> None:
        """An event with the next uuid: in order, so that the index over them grows at its end."""
        self.events += 1
        self.add(LearningEvent, {"uuid": uuidlib.UUID(int=self.base + self.events), **EMPTY_EVENT, **row})

    def flush(self, least: int = 1) -> None:
        """Stores what waits, when it is worth it."""
        if sum(map(len, self.waiting.values())) < least:
            return
        for model in ORDER:
            self.world.rows.put(model, self.waiting.pop(model, []))


ORDER: tuple[type[Model], ...] = (
    Enrollment, EnrollmentChange, LearningEvent, ResourceProgress, LessonProgress, ActivityDone,
)  # fmt: skip
EMPTY_EVENT: dict[str, Any] = {
    "resource_id": None, "version_id": None, "lesson_id": None, "course_id": None, "from_s": None, "to_s": None, "seconds": 0.0,
    "speed": 1.0, "device": "", "sitting": "", "context": "", "is_late": False, "is_qualified": True, "excluded": "",
}  # fmt: skip


def add_learning(world: World, events: int) -> int:
    """Lets every learner take courses until `events` events have happened; returns how many there are."""
    sink = _Sink(world, base=(world.rows.random.getrandbits(48) << 80) | (0b0100 << 76) | (0b10 << 62))
    world.rows.random.shuffle(world.learners)
    with world.rows.without_indexes(LearningEvent):
        for number, (user_id, course) in enumerate(_choices(world)):
            _Learner(sink, user_id, course, number).go(sink.events < events)
            sink.flush(4 * BATCH)
        sink.flush()
    mark_all_due()
    return sink.events


def _choices(world: World) -> Iterator[tuple[int, TaughtCourse]]:
    """Who takes what: some courses have many more learners than others."""
    draw, courses = world.rows.random.random, world.courses
    for user_id in world.learners:
        taken = dict.fromkeys(int(len(courses) * draw() ** 2.2) for _ in range(COURSES_EACH))
        for number in taken:
            yield user_id, courses[number]


class _Learner:
    """One person in one course."""

    def __init__(self, sink: _Sink, user_id: int, course: TaughtCourse, number: int) -> None:
        self.sink, self.user_id, self.course, self.number = sink, user_id, course, number
        self.random = sink.world.rows.random
        until = sink.world.until - LAST_START
        self.enrolled_at = sink.world.moment(BASELINE + dt.timedelta(days=10), until).replace(microsecond=0)
        self.at = self.enrolled_at
        self.started_at: dt.datetime | None = None
        self.device = DEVICES[number % len(DEVICES)]

    def go(self, learns: bool) -> None:
        """Enrols, and when the person `learns`, goes through some lessons; a few go through all."""
        enrollment_id = self.sink.world.rows.next_id(Enrollment)
        completed_at = self._learn() if learns else None
        self.sink.add(
            Enrollment,
            {
                "id": enrollment_id, "uuid": self.sink.world.rows.uuid(), "user_id": self.user_id, "run_id": self.course.run_id,
                "course_id": self.course.id, "enrolled_at": self.enrolled_at, "started_at": self.started_at,
                "withdrawn_at": None, "completed_at": completed_at,
            },
        )  # fmt: skip
        changes = [("enrolled", self.enrolled_at), ("completed", completed_at)]
        for kind, at in changes:
            if at is not None:
                self.sink.add(EnrollmentChange, {"enrollment_id": enrollment_id, "kind": kind, "at": at})

    def _learn(self) -> dt.datetime | None:
        self._event("signed_in", is_qualified=False)
        is_thorough = self.random.random() < COMPLETE_SHARE
        lessons = len(self.course.lessons) if is_thorough else self.random.choice(LESSON_ODDS)
        done = [
            self._study(lesson, 1.0 if is_thorough else self.random.uniform(0.3, 1.0))
            for lesson in self.course.lessons[:lessons]
        ]
        if not done or not all(done) or lessons < len(self.course.lessons):
            return None
        self._event("completed_course", course_id=self.course.id)
        return self.at

    def _study(self, lesson: TaughtLesson, share: float) -> bool:
        """One lesson in one sitting; True when everything required is done."""
        self.at += dt.timedelta(hours=self.random.randrange(20, 90))
        opened_at = self.at
        self._event("opened_lesson", lesson_id=lesson.id, course_id=self.course.id)
        self.started_at = self.started_at or opened_at
        done = sum([self._use(resource, share) for resource in lesson.resources])
        marked = lesson.activity_keys if share > 0.9 else lesson.activity_keys[: 1 if share > 0.6 else 0]
        for key in marked:
            self.at += dt.timedelta(seconds=40)
            self.sink.add(ActivityDone, {"user_id": self.user_id, "activity_key": key, "at": self.at})
        required = len(lesson.resources) + len(lesson.activity_keys)
        is_complete = done + len(marked) == required
        self.sink.add(
            LessonProgress,
            {
                "user_id": self.user_id, "lesson_id": lesson.id, "course_id": self.course.id, "done": done + len(marked),
                "required": required, "opened_at": opened_at, "updated_at": self.at,
                "completed_at": self.at if is_complete else None,
            },
        )  # fmt: skip
        return is_complete

    def _use(self, resource: TaughtResource, share: float) -> bool:
        """Attention to one resource: events of a sitting, and what they add up to."""
        begun = self.at
        if resource.type in rules.TIMED_TYPES and resource.duration_s:
            watched = self._watch(resource, round(resource.duration_s * share, 2))
            ranges, attention = [[0.0, watched]], watched
        else:
            watched, ranges, attention = 0.0, [], round(self.random.uniform(8, 120), 1)
            self._look(resource, attention)
        is_complete = rules.is_done(resource.type, resource.duration_s, watched, attention)
        self.sink.add(
            ResourceProgress,
            {
                "user_id": self.user_id, "resource_id": resource.id, "ranges": ranges, "watched_s": watched,
                "duration_s": resource.duration_s, "position_s": watched, "attention_s": attention,
                "is_complete": is_complete, "updated_at": self.at,
            },
        )  # fmt: skip
        self.at = max(self.at, begun) + dt.timedelta(seconds=attention + 5)
        return is_complete

    def _watch(self, resource: TaughtResource, until: float) -> float:
        """Plays from the beginning; a message each SEGMENT_S seconds, as players send them."""
        needed, sitting = rules.needed_attention(resource.type, resource.duration_s), f"s{self.number}-{resource.id}"
        position = 0.0
        while position < until:
            end = min(until, position + SEGMENT_S)
            excluded = self._excluded(end, needed)
            self._event(
                "watched", after_s=position, resource_id=resource.id, version_id=resource.version_at(self.at), course_id=self.course.id,
                from_s=position, to_s=end, seconds=end - position, device=self.device, sitting=sitting,
                is_qualified=not excluded, excluded=excluded,
            )  # fmt: skip
            position = end
        return until

    def _look(self, resource: TaughtResource, seconds: float) -> None:
        excluded = self._excluded(seconds, rules.needed_attention(resource.type, resource.duration_s))
        self._event(
            VERBS.get(resource.type, "viewed"), resource_id=resource.id, version_id=resource.version_at(self.at),
            course_id=self.course.id, seconds=seconds, device=self.device, is_qualified=not excluded, excluded=excluded,
        )  # fmt: skip

    def _excluded(self, attention_s: float, needed_s: float) -> str:
        return rules.first_exclusion(
            is_test=False, is_own=False, context="", speed=1.0, attention_s=attention_s, needed_s=needed_s
        )

    def _event(self, verb: str, *, after_s: float = 0.0, **about: Any) -> None:
        """`after_s`: how long after the sitting began; messages of a real player come a moment early or late."""
        at = self.at + dt.timedelta(seconds=after_s, milliseconds=self.sink.events * 7919 % 400 if after_s else 0)
        times = {"occurred_at": at, "received_at": at + SENT_AFTER}
        self.sink.add_event({"user_id": self.user_id, "verb": verb, **times, **about})
