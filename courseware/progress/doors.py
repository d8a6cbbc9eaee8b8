"""What keeps a learner out of a lesson for now: the run has not begun, the lesson opens later, another one comes first (R52).

Reading is never a right one has to earn for credit alone: guests may look at published lessons. A door is the plan of the
teachers for the people of their run. What is closed to a person takes no learning either, whoever sends it: `closed_at` judges an event by the moment
when it happened, so that what was learned without network while the door stood open still counts.
"""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from courseware.catalog.queries import CourseContents, LessonFacts
from courseware.catalog.queries.contents import contents_at
from courseware.enrollment.queries import Standing


@dataclass(frozen=True, slots=True)
class Door:
    """Why a lesson is closed, or what is advised first. `kind`: not_begun, opens_later, first, advised."""

    kind: str
    opens_at: dt.datetime | None = None
    lessons: Sequence[LessonFacts] = ()

    @property
    def is_closed(self) -> bool:
        """Whether it keeps the learner out; advice does not."""
        return self.kind != "advised"


@dataclass(frozen=True, slots=True)
class KnownCourse:
    """A course as recording knows it: when it was taken from learners, and the person's place and run, None outside.

    `frozen_at`: when the person's run froze the contents; None where it follows what is published.
    """

    course_id: int
    course_uuid: uuidlib.UUID
    content_version: int
    withdrawn_at: dt.datetime | None
    enrolled_at: dt.datetime | None
    run_key: str | None
    starts_at: dt.datetime | None
    ends_at: dt.datetime | None
    frozen_at: dt.datetime | None

    @property
    def contents(self) -> CourseContents:
        """The course as the person learns it, from memory."""
        return contents_at(self.course_id, self.course_uuid, self.content_version, self.frozen_at)


def closed_at(course: KnownCourse, moment: dt.datetime, lesson_id: int | None, completed: Collection[int]) -> str:
    """Why the course, or a lesson of it, was closed to the person at `moment`: a code of errors.REFUSALS; empty when it was open.

    Before they joined, people are outside: open to them is what a run open to all takes in. `completed`: lesson ids.
    """
    if course.withdrawn_at is not None and moment >= course.withdrawn_at:
        return "course_withdrawn"
    if course.enrolled_at is None or course.starts_at is None or moment < course.enrolled_at:
        return _closed_outside(course.contents, moment)
    if moment < course.starts_at:
        return "run_not_begun"
    if course.ends_at is not None and moment >= course.ends_at:
        return "run_ended"
    return _closed_lesson(course, moment, lesson_id, completed) if lesson_id is not None else ""


def _closed_outside(contents: CourseContents, moment: dt.datetime) -> str:
    """Without a run open to all nobody outside learns here; one that is to come opens later."""
    if contents.open_run(moment) is not None:
        return ""
    if contents.coming_run(moment) is not None:
        return "run_not_begun"
    return "class_list" if any(run.kind == "spoc" and run.is_open(moment) for run in contents.runs) else "run_ended"


def _closed_lesson(course: KnownCourse, moment: dt.datetime, lesson_id: int, completed: Collection[int]) -> str:
    contents = course.contents
    run = contents.run(course.run_key or "")
    opens_at = run.opens.get(lesson_id) if run is not None else None
    if opens_at is not None and moment < opens_at:
        return "lesson_not_open"
    door = _first(contents, lesson_id, completed)
    return "lesson_first" if door is not None and door.is_closed else ""


def door_of(
    contents: CourseContents, lesson: LessonFacts, place: Standing, completed: Collection[int], now: dt.datetime
) -> Door | None:
    """What stands between the person in `place` and the lesson; `completed` are the lessons they completed, by id."""
    if place.starts_at > now:
        return Door("not_begun", place.starts_at)
    run = contents.run(place.run_key)
    opens_at = run.opens.get(lesson.id) if run is not None else None
    if opens_at is not None and opens_at > now:
        return Door("opens_later", opens_at)
    return _first(contents, lesson.id, completed)


def _first(contents: CourseContents, lesson_id: int, completed: Collection[int]) -> Door | None:
    """Lessons to complete first; one that asks nothing or is gone holds nobody up."""
    asking = {known.id: known for known in contents.lessons if known.required}
    needs = [
        n for n in contents.lesson_needs.get(lesson_id, ()) if n.lesson_id in asking and n.lesson_id not in completed
    ]
    if not needs:
        return None
    kind = "first" if any(n.is_required for n in needs) else "advised"
    return Door(kind, lessons=[asking[n.lesson_id] for n in needs if n.is_required or kind == "advised"])
