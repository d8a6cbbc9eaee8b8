"""How far people are: in a lesson, in a course, in all they learn."""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from courseware.accounts.models import User
from courseware.catalog.models import Lesson
from courseware.catalog.queries import (
    CourseContents,
    CourseHead,
    Item,
    LessonFacts,
)
from courseware.core import clock
from courseware.enrollment import queries as enrollment
from courseware.libraries.models import Course
from courseware.progress import statements
from courseware.progress.doors import Door, door_of
from courseware.progress.following import LessonState, Seen, Step, state_of

__all__ = [
    "CourseStates", "LessonState", "MyCourse", "MyLearning", "Seen", "Step", "course_states", "door_to",
    "lesson_state", "mastery_by_id", "my_learning", "why_course_not_complete", "why_not_complete",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class LessonLine:
    """What is kept of one person in one lesson."""

    done: int
    required: int
    is_complete: bool
    updated_at: dt.datetime


@dataclass(frozen=True, slots=True)
class CourseStates:
    """How far a person is in a course, counted in things that lessons require."""

    contents: CourseContents
    lines: Mapping[int, LessonLine] = field(default_factory=dict)

    def done_in(self, lesson: LessonFacts) -> int:
        """Things done in the lesson, never more than it requires now."""
        line = self.lines.get(lesson.id)
        return 0 if line is None else lesson.required if line.is_complete else min(line.done, lesson.required)

    def of(self, lesson: LessonFacts) -> str:
        """done, part or none."""
        line = self.lines.get(lesson.id)
        if line is None:
            return "none"
        return "done" if line.is_complete else "part"

    @property
    def done(self) -> int:
        """Things done in the whole course."""
        return sum(self.done_in(lesson) for lesson in self.contents.lessons)

    @property
    def required(self) -> int:
        """Things that the course requires."""
        return self.contents.required

    @property
    def percent(self) -> float:
        """Per cent done, two decimals."""
        return round(100 * self.done / self.required, 2) if self.required else 0.0

    @property
    def is_begun(self) -> bool:
        """Whether any lesson was opened."""
        return bool(self.lines)

    @property
    def next_lesson(self) -> LessonFacts | None:
        """Where to go on: the lesson touched last while it is not complete, else the first that is not; else the first."""
        lessons = self.contents.lessons
        open_ones = [lesson for lesson in lessons if self.of(lesson) == "part"]
        if open_ones:
            return max(open_ones, key=lambda lesson: self.lines[lesson.id].updated_at)
        return next((lesson for lesson in lessons if self.of(lesson) == "none"), lessons[0] if lessons else None)

    @property
    def updated_at(self) -> dt.datetime | None:
        """When something was learned here last."""
        return max((line.updated_at for line in self.lines.values()), default=None)

    @property
    def completed(self) -> frozenset[int]:
        """The lessons completed, by id."""
        return frozenset(number for number, line in self.lines.items() if line.is_complete)

    @property
    def lessons_done(self) -> int:
        """How many of the lessons that complete the course are completed, never more than it needs."""
        done = sum(lesson.id in self.completed for lesson in self.contents.completing)
        return min(done, self.contents.lessons_needed)

    @property
    def lessons_left(self) -> Sequence[LessonFacts]:
        """Lessons that may still complete the course, in order; empty when enough are (R47)."""
        if self.lessons_done >= self.contents.lessons_needed:
            return ()
        return [lesson for lesson in self.contents.completing if lesson.id not in self.completed]


@dataclass(frozen=True, slots=True)
class MyCourse:
    """A course of "my learning"."""

    course: CourseHead
    states: CourseStates
    run_key: str
    completed_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Going:
    """Where a person stopped last."""

    course: CourseHead
    lesson: LessonFacts
    item: Item | None
    seen: Seen | None
    steps: Sequence[Step]


@dataclass(frozen=True, slots=True)
class MyLearning:
    """Where a person is in their courses; `mastery_of` is the one whose points are told.

    `paused`: not completed and not open to learners now; what was done in them is kept.
    """

    going: Going | None
    learning: Sequence[MyCourse]
    completed: Sequence[MyCourse]
    paused: Sequence[MyCourse]
    mastery_of: MyCourse | None


def course_states(user: User | None, contents: CourseContents, course_id: int) -> CourseStates:
    """How far the person is in the course; one query, none for guests."""
    if user is None:
        return CourseStates(contents)
    return CourseStates(
        contents, _lines(statements.LINES_OF_COURSE, person=user.id, course=course_id).get(course_id, {})
    )


def lesson_state(user: User | None, lesson: LessonFacts) -> LessonState:
    """How far the person is in the lesson, thing by thing; one query."""
    return LessonState(lesson, {}, frozenset()) if user is None else state_of(user.id, lesson)


def why_not_complete(user: User, lesson: Lesson) -> Sequence[Step]:
    """What the lesson still waits for, in order; empty when it is complete (R43)."""
    facts = enrollment.learned_contents(user, lesson.course).by_lesson.get(lesson.uuid)
    return state_of(user.id, facts).steps() if facts is not None else ()


def why_course_not_complete(user: User, course: Course) -> Sequence[LessonFacts]:
    """The lessons that may still complete the course by its rule, in order; empty when it is complete (R47)."""
    return course_states(user, enrollment.learned_contents(user, course), course.id).lessons_left


def door_to(user: User, lesson: Lesson) -> Door | None:
    """What stands between the learner and the lesson now; None for people who are in no run; three queries at most."""
    place = enrollment.standing_in(user, lesson.course_id)
    contents = enrollment.learned_contents(user, lesson.course)
    facts = contents.by_lesson.get(lesson.uuid)
    if place is None or facts is None:
        return None
    return door_of(contents, facts, place, course_states(user, contents, lesson.course_id).completed, clock.now())


def mastery_by_id(user: User, ids: Sequence[int]) -> Mapping[int, str]:
    """done, part or nothing by point id: whether any, or some, of the resources that teach it was finished; one query."""
    return best_of(statements.rows(statements.MASTERY, person=user.id, point_ids=list(ids)) if ids else ())


def best_of(rows: Iterable[tuple[int, bool]]) -> Mapping[int, str]:
    """done or part by point id, from (point id, whether this resource that teaches it was finished)."""
    found: dict[int, str] = {}
    for point_id, is_complete in rows:
        found[point_id] = "done" if is_complete or found.get(point_id) == "done" else "part"
    return found


def my_learning(user: User, map_of: uuidlib.UUID | None = None) -> MyLearning:
    """What the person learns: where to go on, and their courses; three queries.

    `map_of` is the course whose points are told; without it, or where the person is not in it, the one learned last.
    """
    mine = _my_courses(user)
    learning = [m for m in mine if m.completed_at is None and m.course.is_public]
    completed = [m for m in mine if m.completed_at is not None]
    told = [*learning, *(m for m in completed if m.course.is_public)]
    first = next((m for m in told if m.course.uuid == map_of), next(iter(told), None))
    paused = [m for m in mine if m.completed_at is None and not m.course.is_public]
    return MyLearning(_going(user, learning), learning, completed, paused, first)


def _my_courses(user: User) -> list[MyCourse]:
    """The person's courses, those learned in last first."""
    newest = {head.id: (standing, head) for standing, head in reversed(enrollment.standings_of(user))}
    lines = _lines(statements.LINES, person=user.id) if newest else {}
    mine = [
        MyCourse(
            head,
            CourseStates(head.contents_of_run(standing.frozen_at), lines.get(number, {})),
            standing.run_key,
            standing.completed_at,
        )
        for number, (standing, head) in reversed(newest.items())
    ]
    return sorted(mine, key=lambda m: m.states.updated_at.timestamp() if m.states.updated_at else 0.0, reverse=True)


def _lines(statement: Any, **values: Any) -> dict[int, dict[int, LessonLine]]:
    found: dict[int, dict[int, LessonLine]] = {}
    rows = statements.rows(statement, **values)
    for course_id, lesson_id, done, required, completed, updated in rows:
        found.setdefault(course_id, {})[lesson_id] = LessonLine(done, required, completed is not None, updated)
    return found


def _going(user: User, learning: Sequence[MyCourse]) -> Going | None:
    mine = next((m for m in learning if m.states.next_lesson is not None), None)
    lesson = mine.states.next_lesson if mine else None
    if mine is None or lesson is None:
        return None
    state = state_of(user.id, lesson)
    item = state.next_item
    steps = sorted(state.steps(), key=lambda step: step.item is not item)
    return Going(mine.course, lesson, item, state.seen.get(item.resource_id or 0) if item else None, steps)
