"""Use of the units of a course, by a class or by everybody, and what the curve of a recording is drawn from (R54).

Rows are bounded: the newest 5,000 people and the newest 20,000 messages of a recording. What is left out is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from courseware.accounts.models import User
from courseware.catalog.queries import Item, LessonFacts, PointFacts, contents_of
from courseware.classes.models import ClassMember, TeachingClass
from courseware.classes.queries.people import count_people
from courseware.classes.watching import Watching, analyse
from courseware.core.database import session
from courseware.progress.models import LearningEvent, ResourceProgress
from courseware.resources.models import Resource, ResourcePoint

MOST_PEOPLE, MOST_PLAYS = 5_000, 20_000


@dataclass(frozen=True, slots=True)
class UnitUse:
    """A resource in a lesson, and how many of the class used and finished it; `seconds`: attention of all together."""

    lesson: LessonFacts
    item: Item
    users: int = 0
    finished: int = 0
    seconds: float = 0.0

    @property
    def minutes_each(self) -> float:
        """Mean minutes of those who used it."""
        return round(self.seconds / 60 / self.users, 1) if self.users else 0.0


@dataclass(frozen=True, slots=True)
class PointUse:
    """A point of the standard, and how many of the class finished something that teaches it."""

    point: PointFacts
    learned: int


@dataclass(frozen=True, slots=True)
class ClassUse:
    """What a class used of its course."""

    people: int
    units: Sequence[UnitUse]
    points: Sequence[PointUse]


def use_of(klass: TeachingClass) -> ClassUse:
    """Every resource of the course's lessons with its use by the class, in teaching order, and every point; three queries."""
    contents = contents_of(klass.run.course)
    items = [(lesson, i) for lesson in contents.lessons for i in lesson.items if i.resource_id and not i.is_gone]
    used = _uses(klass, sorted({item.resource_id or 0 for _lesson, item in items}))
    units = [UnitUse(lesson, item, *used.get(item.resource_id or 0, (0, 0, 0.0))) for lesson, item in items]
    points = [point for unit in contents.units for point in unit.points]
    learned = _learned(klass, [point.id for point in points])
    return ClassUse(count_people(klass), units, [PointUse(point, learned.get(point.id, 0)) for point in points])


def watching_of(resource: Resource, klass: TeachingClass | None = None) -> Watching:
    """How a recording was watched by a class, or by everybody but its author and test accounts; two queries."""
    version = resource.published_version
    duration = version.duration_s if version is not None and version.duration_s else 0.0
    seen = select(ResourceProgress.ranges, ResourceProgress.is_complete).where(
        ResourceProgress.resource_id == resource.id
    )
    people = [
        (ranges, is_done) for ranges, is_done in session().execute(
            _of(seen, ResourceProgress.user_id, resource, klass).order_by(ResourceProgress.id.desc()).limit(MOST_PEOPLE)
        )
    ]  # fmt: skip
    plays = _plays(resource, klass)
    return analyse(duration, people, plays[:MOST_PLAYS], is_cut=len(plays) > MOST_PLAYS or len(people) == MOST_PEOPLE)


def _plays(resource: Resource, klass: TeachingClass | None) -> list[tuple[int, float, float]]:
    """Single plays, the newest first; previews and reviews are no watching."""
    query = select(LearningEvent.user_id, LearningEvent.from_s, LearningEvent.to_s).where(
        LearningEvent.resource_id == resource.id, LearningEvent.verb == "watched", LearningEvent.context == "",
        LearningEvent.from_s.is_not(None), LearningEvent.to_s.is_not(None),
    )  # fmt: skip
    newest = _of(query, LearningEvent.user_id, resource, klass).order_by(LearningEvent.occurred_at.desc())
    return [(row[0], row[1], row[2]) for row in session().execute(newest.limit(MOST_PLAYS + 1))]


def _of(query: Any, user_id: Any, resource: Resource, klass: TeachingClass | None) -> Any:
    """Of the members of a class, or of everybody but the author and test accounts."""
    if klass is not None:
        return query.where(user_id.in_(_members(klass)))
    return query.join(User, User.id == user_id).where(User.is_test.is_(False), user_id != resource.author_id)


def _uses(klass: TeachingClass, resource_ids: Sequence[int]) -> dict[int, tuple[int, int, float]]:
    seen = ResourceProgress
    query = (
        select(
            seen.resource_id, func.count(), func.count().filter(seen.is_complete.is_(True)), func.sum(seen.attention_s)
        )
        .where(seen.resource_id.in_(resource_ids), seen.user_id.in_(_members(klass)), seen.attention_s > 0)
        .group_by(seen.resource_id)
    )
    return {row[0]: (row[1], row[2], row[3] or 0.0) for row in session().execute(query)} if resource_ids else {}


def _learned(klass: TeachingClass, point_ids: Sequence[int]) -> dict[int, int]:
    query = (
        select(ResourcePoint.point_id, func.count(func.distinct(ResourceProgress.user_id)))
        .join(ResourceProgress, ResourceProgress.resource_id == ResourcePoint.resource_id)
        .where(ResourcePoint.point_id.in_(point_ids), ResourceProgress.is_complete.is_(True))
        .where(ResourceProgress.user_id.in_(_members(klass)))
        .group_by(ResourcePoint.point_id)
    )
    return dict(session().execute(query).tuples().all()) if point_ids else {}


def _members(klass: TeachingClass) -> Select[Any]:
    return select(ClassMember.user_id).where(ClassMember.class_id == klass.id, ClassMember.left_at.is_(None))
