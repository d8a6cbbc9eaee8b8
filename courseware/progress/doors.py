"""What keeps a learner out of a lesson for now: the run has not begun, the lesson opens later, another one comes first (R52).

Reading is never a right one has to earn for credit alone: guests may look at published lessons. A door is the plan of the
teachers for the people of their run.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from courseware.catalog.queries import CourseContents, LessonFacts
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
    return _first(contents, lesson, completed)


def _first(contents: CourseContents, lesson: LessonFacts, completed: Collection[int]) -> Door | None:
    """Lessons to complete first; one that asks nothing or is gone holds nobody up."""
    asking = {known.id: known for known in contents.lessons if known.required}
    needs = [
        n for n in contents.lesson_needs.get(lesson.id, ()) if n.lesson_id in asking and n.lesson_id not in completed
    ]
    if not needs:
        return None
    kind = "first" if any(n.is_required for n in needs) else "advised"
    return Door(kind, lessons=[asking[n.lesson_id] for n in needs if n.is_required or kind == "advised"])
