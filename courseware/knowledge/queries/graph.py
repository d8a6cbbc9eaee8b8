"""What is tied to what: edges, the graph of a library, that of one course. The number of queries never grows with rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from courseware.core.database import session
from courseware.knowledge.models import (
    CourseStandard,
    Point,
    PointPost,
    PointPrerequisite,
    PointRelation,
    Post,
    StandardUnit,
)
from courseware.knowledge.queries.standards import standard_of
from courseware.libraries.models import Course, Library


def prerequisite_edges(library_id: int) -> dict[int, list[int]]:
    """Every edge of a library in one query: point id to the ids it needs first."""
    edges: dict[int, list[int]] = defaultdict(list)
    rows = session().execute(
        select(PointPrerequisite.point_id, PointPrerequisite.prerequisite_id)
        .join(Point, Point.id == PointPrerequisite.point_id)
        .where(Point.library_id == library_id)
    )
    for point_id, prerequisite_id in rows:
        edges[point_id].append(prerequisite_id)
    return edges


def edge_pairs(library: Library) -> list[tuple[int, int]]:
    """Every prerequisite of a library as (prerequisite id, point id)."""
    return [(first, then) for then, firsts in prerequisite_edges(library.id).items() for first in firsts]


def related_pairs(library: Library) -> list[tuple[int, int]]:
    """Every relation without an order between points of a library."""
    rows = session().execute(
        select(PointRelation.point_id, PointRelation.other_id)
        .join(Point, Point.id == PointRelation.point_id)
        .where(Point.library_id == library.id)
        .order_by(PointRelation.point_id, PointRelation.other_id)
    )
    return [(one, other) for one, other in rows]


@dataclass(frozen=True, slots=True)
class GraphFacts:
    """Figures of a library's graph (M15): circles are refused on writing, so there are none to count."""

    points: int
    edges: int
    with_post: int
    without_course: int


def graph_facts(library: Library) -> GraphFacts:
    """Counts points, prerequisite relations, and points mapped to at least one post, in three queries."""
    of_library = (Point.library_id == library.id) & Point.retired_at.is_(None)
    points, orphans = (
        session().execute(select(func.count(), func.count().filter(Point.course_id.is_(None))).where(of_library)).one()
    )
    edges = session().scalar(
        select(func.count()).select_from(PointPrerequisite)
        .join(Point, Point.id == PointPrerequisite.point_id).where(of_library)
    )  # fmt: skip
    mapped = session().scalar(
        select(func.count(func.distinct(PointPost.point_id)))
        .join(Point, Point.id == PointPost.point_id).where(of_library)
    )  # fmt: skip
    return GraphFacts(points, edges or 0, mapped or 0, orphans)


@dataclass(frozen=True, slots=True)
class GraphUnit:
    """A unit of the standard with its points; unit None holds points that no unit of the standard names."""

    unit: StandardUnit | None
    points: Sequence[Point]


@dataclass(frozen=True, slots=True)
class CourseGraph:
    """The graph of a course: units, points, what leads in from other courses, prerequisite edges, posts."""

    course: Course
    units: Sequence[GraphUnit]
    outside: Sequence[Point]
    edges: Sequence[tuple[int, int]]  # (prerequisite id, point id)
    posts: Sequence[Post]

    @property
    def points(self) -> list[Point]:
        """Points of the course, unit by unit."""
        return [point for unit in self.units for point in unit.points]


def course_graph(course: Course) -> CourseGraph:
    """Reads the graph of a course; six queries, however many points it has."""
    standard = standard_of(course)
    points = (
        session()
        .scalars(
            select(Point)
            .where(or_(Point.course_id == course.id, Point.id.in_(_points_of_standard(standard))))
            .where(Point.retired_at.is_(None))
            .options(selectinload(Point.posts))
            .order_by(Point.id)
        )
        .all()
    )
    units = _units(standard, points)
    edges = _edges_into({point.id for point in points})
    inside = {point.id for point in points}
    outside_ids = {first for first, _ in edges} - inside
    return CourseGraph(course, units, _points(outside_ids), edges, _posts(points))


def _points_of_standard(standard: CourseStandard | None) -> list[int]:
    return [point.id for unit in standard.units for point in unit.points] if standard else []


def _units(standard: CourseStandard | None, points: Sequence[Point]) -> list[GraphUnit]:
    placed = set(_points_of_standard(standard))
    units = [GraphUnit(unit, list(unit.points)) for unit in standard.units] if standard else []
    loose = [point for point in points if point.id not in placed]
    return [*units, GraphUnit(None, loose)] if loose else units


def _edges_into(ids: set[int]) -> list[tuple[int, int]]:
    rows = session().execute(
        select(PointPrerequisite.prerequisite_id, PointPrerequisite.point_id)
        .where(PointPrerequisite.point_id.in_(ids))
        .order_by(PointPrerequisite.point_id, PointPrerequisite.prerequisite_id)
    )
    return [(first, then) for first, then in rows]


def _points(ids: set[int]) -> Sequence[Point]:
    if not ids:
        return []
    return (
        session()
        .scalars(select(Point).where(Point.id.in_(ids)).options(joinedload(Point.course)).order_by(Point.id))
        .all()
    )


def _posts(points: Sequence[Point]) -> list[Post]:
    """Posts by how many of the points they need."""
    needs: dict[int, int] = {}
    by_id: dict[int, Post] = {}
    for point in points:
        for post in point.posts:
            needs[post.id] = needs.get(post.id, 0) + 1
            by_id[post.id] = post
    return sorted(by_id.values(), key=lambda post: (-needs[post.id], post.id))
