"""What stands ready for each point: published resources, moments, questions, lessons (M15, R13).

It is part of the views because only views may look upward.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from courseware.assessment.models import Question, QuestionPoint
from courseware.catalog.models import Activity, Lesson
from courseware.core.database import session
from courseware.knowledge.models import Point
from courseware.libraries.models import Course
from courseware.resources.models import PointRange, Resource, ResourcePoint

KINDS = ("resource", "moment", "question", "lesson")


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of each kind is there for a point."""

    resource: int = 0
    moment: int = 0
    question: int = 0
    lesson: int = 0

    @property
    def lacks(self) -> tuple[str, ...]:
        """The kinds that a point has nothing of."""
        return tuple(kind for kind in KINDS if not getattr(self, kind))


def coverage_of(points: Iterable[Point]) -> dict[int, Coverage]:
    """By point id; four queries, however many points."""
    ids = [point.id for point in points]
    counts = {
        "resource": _counted(_resources(), ids, ResourcePoint.point_id),
        "moment": _counted(_moments(), ids, PointRange.point_id),
        "question": _counted(_questions(), ids, QuestionPoint.point_id),
        "lesson": _counted(_lessons(), ids, ResourcePoint.point_id),
    }
    return {number: Coverage(**{kind: found.get(number, 0) for kind, found in counts.items()}) for number in ids}


def _counted(query: Select[int, int], ids: list[int], point_id: Any) -> Mapping[int, int]:
    rows = session().execute(query.where(point_id.in_(ids)).group_by(point_id)) if ids else ()
    return {row[0]: row[1] for row in rows}


def _resources() -> Select[int, int]:
    return (
        select(ResourcePoint.point_id, func.count())
        .join(Resource, Resource.id == ResourcePoint.resource_id)
        .where(Resource.is_live)
    )


def _moments() -> Select[int, int]:
    return (
        select(PointRange.point_id, func.count())
        .join(Resource, Resource.published_version_id == PointRange.version_id)
        .where(Resource.is_live)
    )


def _questions() -> Select[int, int]:
    return (
        select(QuestionPoint.point_id, func.count())
        .join(Question, Question.id == QuestionPoint.question_id)
        .where(Question.published_at.is_not(None), Question.withdrawn_at.is_(None))
    )


def _lessons() -> Select[int, int]:
    """A lesson teaches what the resources of its published version teach; those of other libraries count once they are open."""
    return (
        select(ResourcePoint.point_id, func.count(func.distinct(Lesson.id)))
        .join(Activity, Activity.resource_id == ResourcePoint.resource_id)
        .join(Lesson, Lesson.published_version_id == Activity.version_id)
        .join(Point, Point.id == ResourcePoint.point_id)
        .join(Course, Course.id == Lesson.course_id)
        .where(Lesson.is_live, Course.is_public | (Course.library_id == Point.library_id))
    )
