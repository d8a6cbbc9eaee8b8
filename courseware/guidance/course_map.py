"""What guidance knows of a course beside its contents: which point needs which, and where each is taught.

Kept by the content version of the course, which rises with every change of a lesson, a resource in it or a point.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from courseware.catalog.memory import memory
from courseware.catalog.queries import CourseContents, Item, LessonFacts, PointFacts
from courseware.core.database import session
from courseware.knowledge.models import PointPrerequisite
from courseware.resources.models import ResourcePoint

Place = tuple[LessonFacts, Item]


@dataclass(frozen=True, slots=True)
class CourseMap:
    """`order`: point ids as the standard has them. `needs`: prerequisites by point id. `places`: items that teach a point."""

    order: Sequence[int]
    points: Mapping[int, PointFacts]
    needs: Mapping[int, Sequence[int]]
    places: Mapping[int, Sequence[Place]]


def course_map(contents: CourseContents) -> CourseMap:
    """The map of a course; two queries, none while it is remembered."""
    return memory("course_map", 300).get((contents.uuid, contents.version), lambda: _read(contents))


def _read(contents: CourseContents) -> CourseMap:
    points = {point.id: point for unit in contents.units for point in unit.points}
    return CourseMap(list(points), points, _needs(points), _places(contents, points))


def _needs(points: Mapping[int, PointFacts]) -> dict[int, list[int]]:
    query = select(PointPrerequisite.point_id, PointPrerequisite.prerequisite_id).where(
        PointPrerequisite.point_id.in_(points)
    )
    found: dict[int, list[int]] = defaultdict(list)
    for point, need in session().execute(query.order_by(PointPrerequisite.prerequisite_id)) if points else ():
        if need in points:
            found[point].append(need)
    return dict(found)


def _places(contents: CourseContents, points: Mapping[int, PointFacts]) -> dict[int, list[Place]]:
    """Where each point is taught, in teaching order."""
    items = [
        (lesson, item) for lesson in contents.lessons for item in lesson.items if item.resource_id and not item.is_gone
    ]
    query = select(ResourcePoint.resource_id, ResourcePoint.point_id).where(
        ResourcePoint.resource_id.in_({item.resource_id for _lesson, item in items}), ResourcePoint.point_id.in_(points)
    )
    taught: dict[int, list[int]] = defaultdict(list)
    for resource, point in session().execute(query) if items and points else ():
        taught[resource].append(point)
    found: dict[int, list[Place]] = defaultdict(list)
    for lesson, item in items:
        for point in taught[item.resource_id or 0]:
            found[point].append((lesson, item))
    return dict(found)
