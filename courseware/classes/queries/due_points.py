"""Knowledge points that are due for a person, and in a class.

One rule says when a point is done, here as on the map: one of the resources that teach it is finished. When that was is not
kept, so a point that is done is never called late.
"""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, bindparam, func, or_, select
from sqlalchemy.orm import joinedload

from courseware.accounts.models import User
from courseware.catalog.models import CourseRun
from courseware.classes.models import ClassDuePoint, ClassMember, TeachingClass
from courseware.core import clock
from courseware.core.database import session
from courseware.core.types import UtcDateTime
from courseware.knowledge.models import Point
from courseware.progress.models import ResourceProgress
from courseware.progress.queries import mastery_by_id
from courseware.resources.models import ResourcePoint


@dataclass(frozen=True, slots=True)
class DuePoint:
    """A point due for one person by the end of a day in Asia/Shanghai. `mastery`: done, part or nothing, as on the map."""

    class_uuid: uuidlib.UUID
    class_name: str
    point_uuid: uuidlib.UUID
    title: str
    title_en: str
    due_on: dt.date
    mastery: str

    @property
    def path(self) -> str:
        """Where the resources that teach it are."""
        return f"/points/{self.point_uuid}"

    @property
    def is_point(self) -> bool:
        """What tells it from a lesson in a list of both."""
        return True

    @property
    def is_begun(self) -> bool:
        """Whether something of a resource that teaches it was seen."""
        return self.mastery in ("part", "done")

    @property
    def is_done(self) -> bool:
        """Whether a resource that teaches it is finished."""
        return self.mastery == "done"

    def is_late(self, now: dt.datetime) -> bool:
        """Whether its day is over and it is not done."""
        return not self.is_done and now >= clock.end_of_day(self.due_on)


_PERSON: Any = bindparam("person")


def _points_due_for() -> Any:
    return (
        select(
            ClassDuePoint.class_id, ClassDuePoint.point_id, TeachingClass.uuid, TeachingClass.name, Point.uuid, Point.name,
            Point.name_en, ClassDuePoint.due_on,
        )
        .join(TeachingClass, TeachingClass.id == ClassDuePoint.class_id)
        .join(ClassMember, and_(ClassMember.class_id == ClassDuePoint.class_id, ClassMember.user_id == _PERSON))
        .join(CourseRun, CourseRun.id == TeachingClass.run_id)
        .join(Point, Point.id == ClassDuePoint.point_id)
        .where(ClassMember.left_at.is_(None), TeachingClass.closed_at.is_(None), Point.retired_at.is_(None))
        .where(or_(CourseRun.ends_at.is_(None), CourseRun.ends_at > bindparam("now", type_=UtcDateTime())))
        .where(or_(ClassDuePoint.group_name == "", ClassDuePoint.group_name == ClassMember.group_name))
        .order_by(ClassDuePoint.group_name)
    )  # fmt: skip


_POINTS_DUE_FOR = _points_due_for()  # built once: every visit of "my learning" asks it


def points_due_for(user: User) -> list[DuePoint]:
    """The points that the person's classes which go on wait for, done or not, by day; two queries at most.

    A group's own day goes before the day of the whole class. Retired points are left out.
    """
    rows = session().connection().execute(_POINTS_DUE_FOR, {"person": user.id, "now": clock.now()})
    nearest = {(row[0], row[1]): row[2:] for row in rows}  # the group's row comes last
    known = mastery_by_id(user, [point_id for _class_id, point_id in nearest])
    found = [DuePoint(*(*row, known.get(point_id, "nothing"))) for (_class_id, point_id), row in nearest.items()]
    return sorted(found, key=lambda due: (due.due_on, due.title))


def due_points_of(klass: TeachingClass) -> Sequence[ClassDuePoint]:
    """All days of a class for points that are in use, by day; one query."""
    query = (
        select(ClassDuePoint)
        .join(ClassDuePoint.point)
        .where(ClassDuePoint.class_id == klass.id, Point.retired_at.is_(None))
        .options(joinedload(ClassDuePoint.point))
    )
    return session().scalars(query.order_by(ClassDuePoint.due_on, ClassDuePoint.id)).all()


def people_done(klass: TeachingClass, point_ids: Sequence[int]) -> Mapping[int, int]:
    """How many of the class have done each point; one query."""
    query = (
        select(ResourcePoint.point_id, func.count(func.distinct(ResourceProgress.user_id)))
        .join(ResourceProgress, ResourceProgress.resource_id == ResourcePoint.resource_id)
        .join(ClassMember, ClassMember.user_id == ResourceProgress.user_id)
        .where(ClassMember.class_id == klass.id, ClassMember.left_at.is_(None), ResourceProgress.is_complete.is_(True))
        .where(ResourcePoint.point_id.in_(point_ids))
        .group_by(ResourcePoint.point_id)
    )
    return dict(session().execute(query).tuples().all()) if point_ids else {}


def points_seen(people: Sequence[int], point_ids: Sequence[int]) -> Mapping[tuple[int, int], bool]:
    """Which of the points each of `people` has begun, and whether it is done, by (user id, point id); one query."""
    query = select(ResourceProgress.user_id, ResourcePoint.point_id, ResourceProgress.is_complete).join(
        ResourcePoint, ResourcePoint.resource_id == ResourceProgress.resource_id
    )
    found: dict[tuple[int, int], bool] = defaultdict(bool)
    if people and point_ids:
        query = query.where(ResourceProgress.user_id.in_(people), ResourcePoint.point_id.in_(point_ids))
        for user_id, point_id, is_done in session().execute(query):
            found[user_id, point_id] |= bool(is_done)
    return found
