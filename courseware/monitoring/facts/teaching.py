"""What is taught: courses and their standards, lessons, points, questions."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StandardFact:
    """A published course standard: the points of each unit."""

    published_at: dt.datetime
    units: tuple[tuple[int, ...], ...] = ()

    @property
    def points(self) -> tuple[int, ...]:
        """Its points, each once, in order."""
        return tuple(dict.fromkeys(p for unit in self.units for p in unit))


@dataclass(frozen=True, slots=True)
class CourseFact:
    """A course of the register with what makes it complete."""

    id: int
    kind: str = "core"
    is_in_plan: bool = True
    created_at: dt.datetime | None = None
    published_at: dt.datetime | None = None
    runs: tuple[dt.datetime, ...] = ()
    standards: tuple[StandardFact, ...] = ()

    def standard_at(self, moment: dt.datetime) -> StandardFact | None:
        """The course standard in force just before `moment`."""
        before = [s for s in self.standards if s.published_at < moment]
        return max(before, key=lambda s: s.published_at, default=None)


@dataclass(frozen=True, slots=True)
class LessonFact:
    """A published version of a lesson and when learners saw it."""

    lesson_id: int
    version_id: int
    owner_id: int
    owner_unit_id: int | None
    course_id: int
    published_at: dt.datetime
    superseded_at: dt.datetime | None = None
    resource_ids: tuple[int, ...] = ()
    other_activities: int = 0

    @property
    def is_dump(self) -> bool:
        """More than 50 resources with fewer than one other activity per ten (M6)."""
        return len(self.resource_ids) > 50 and self.other_activities * 10 < len(self.resource_ids)


@dataclass(frozen=True, slots=True)
class PointFact:
    """A knowledge or skill point."""

    id: int
    created_at: dt.datetime
    has_post: bool = False


@dataclass(frozen=True, slots=True)
class QuestionFact:
    """A question of a course's bank."""

    id: int
    course_id: int
    kind: str
    point_ids: tuple[int, ...]
    published_at: dt.datetime
    withdrawn_at: dt.datetime | None = None
    is_objective: bool = False
    content_hash: str = ""

    def is_live(self, moment: dt.datetime) -> bool:
        """Published and not withdrawn just before `moment`."""
        return self.published_at < moment and (self.withdrawn_at is None or self.withdrawn_at >= moment)
