"""What higher subjects know of a point, gathered for its pages: moments, resources, questions, lessons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from courseware.assessment.models import Question, QuestionPoint
from courseware.catalog.models import Activity, Lesson
from courseware.core.database import session
from courseware.knowledge.models import Point
from courseware.libraries.models import Course
from courseware.resources.models import Asset, PointRange, Resource, ResourcePoint, ResourceVersion


@dataclass(frozen=True, slots=True)
class Moment:
    """Seconds of a published video or audio that teach a point."""

    resource: Resource
    start_s: float
    end_s: float

    @property
    def duration_s(self) -> float | None:
        """Length of the whole recording."""
        version = self.resource.published_version
        return version.duration_s if version else None


@dataclass(frozen=True, slots=True)
class Teaching:
    """What a reader can do about a point. Totals count all; lists are cut."""

    moments: Sequence[Moment]
    moments_total: int
    resources: Sequence[Resource]
    resources_total: int
    questions_total: int
    lessons: Sequence[Lesson]
    lessons_total: int


def teaching_of(point: Point, moments: int = 12, resources: int = 12, lessons: int = 4) -> Teaching:
    """Everything published for a point; the number of queries does not depend on how much there is."""
    return Teaching(
        moments=_moments(point, moments),
        moments_total=_count(_moments_query(point)),
        resources=_resources(point, resources),
        resources_total=_count(_resources_query(point)),
        questions_total=_count(
            select(Question.id)
            .join(QuestionPoint, QuestionPoint.question_id == Question.id)
            .where(QuestionPoint.point_id == point.id)
            .where(Question.published_at.is_not(None), Question.withdrawn_at.is_(None))
        ),
        lessons=session().scalars(_lessons_query(point).order_by(Lesson.id).limit(lessons)).all(),
        lessons_total=_count(_lessons_query(point)),
    )


def _moments_query(point: Point) -> Select[Resource, float, float]:
    return (
        select(Resource, PointRange.start_s, PointRange.end_s)
        .join(Resource, Resource.published_version_id == PointRange.version_id)
        .where(PointRange.point_id == point.id, Resource.is_live)
    )


def _moments(point: Point, limit: int) -> list[Moment]:
    rows = session().execute(
        _moments_query(point).options(*_WITH_PICTURE).order_by(Resource.id, PointRange.start_s).limit(limit)
    )
    return [Moment(resource, start, end) for resource, start, end in rows]


def _resources_query(point: Point) -> Select[Resource]:
    return (
        select(Resource)
        .join(ResourcePoint, ResourcePoint.resource_id == Resource.id)
        .where(ResourcePoint.point_id == point.id, Resource.is_live)
    )


def _resources(point: Point, limit: int) -> Sequence[Resource]:
    newest_first = (Resource.updated_at.desc().nulls_last(), Resource.id.desc())
    query = _resources_query(point).options(*_WITH_PICTURE).order_by(*newest_first).limit(limit)
    return session().scalars(query).all()


def _lessons_query(point: Point) -> Select[Lesson]:
    """Live lessons whose published version uses a resource of the point; of other libraries what everybody may see (SEC8)."""
    using = (
        select(Activity.version_id)
        .join(ResourcePoint, ResourcePoint.resource_id == Activity.resource_id)
        .where(ResourcePoint.point_id == point.id)
    )
    own = Lesson.course_id.in_(select(Course.id).where(Course.library_id == point.library_id))
    return select(Lesson).where(Lesson.is_live, Lesson.is_public | own, Lesson.published_version_id.in_(using))


def _count(query: Select[*tuple[Any, ...]]) -> int:
    return session().scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0


_WITH_PICTURE = (
    joinedload(Resource.author),
    joinedload(Resource.unit),
    joinedload(Resource.published_version).joinedload(ResourceVersion.asset).selectinload(Asset.renditions),
)
