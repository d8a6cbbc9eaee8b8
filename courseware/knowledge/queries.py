"""Reading the knowledge graph. The number of queries never grows with rows."""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import NotFound
from courseware.core.roles import Actor
from courseware.knowledge import policy
from courseware.knowledge.models import (
    Ability,
    CourseStandard,
    Point,
    PointAlias,
    PointPost,
    PointPrerequisite,
    PointRelation,
    Post,
    StandardUnit,
    StandardUnitPoint,
)
from courseware.libraries.models import Course, Library


def point_by_uuid(uuid: uuidlib.UUID, actor: Actor | None = None) -> Point:
    """A point with all that its page shows from this subject.

    Raises NotFound when there is none or its library is not for the eyes of the actor.
    """
    point = session().scalar(
        select(Point)
        .where(Point.uuid == uuid)
        .options(
            joinedload(Point.library).selectinload(Library.members),
            joinedload(Point.course),
            selectinload(Point.prerequisites).joinedload(Point.course),
            selectinload(Point.next_points).joinedload(Point.course),
            selectinload(Point.posts),
            selectinload(Point.abilities).joinedload(Ability.post),
            joinedload(Point.merged_into),
        )
    )
    if point is None or not policy.can_see_point(actor, point.library):
        raise NotFound()
    return point


def point_by_key(library: Library, key: str) -> Point | None:
    """A point by the key it has in its library."""
    return session().scalar(select(Point).where(Point.library_id == library.id, Point.key == key))


def points_by_key(library: Library) -> dict[str, Point]:
    """All points of a library by key."""
    return {p.key: p for p in session().scalars(select(Point).where(Point.library_id == library.id))}


def points_by_uuid(uuids: Iterable[uuidlib.UUID]) -> dict[uuidlib.UUID, Point]:
    """The points among `uuids` that exist."""
    wanted = list(uuids)
    return {p.uuid: p for p in session().scalars(select(Point).where(Point.uuid.in_(wanted)))} if wanted else {}


def points_by_id(ids: Iterable[int]) -> dict[int, Point]:
    """The points among `ids` that are not retired, with their course."""
    wanted = list(ids)
    query = select(Point).where(Point.id.in_(wanted), Point.retired_at.is_(None)).options(joinedload(Point.course))
    return {point.id: point for point in session().scalars(query)} if wanted else {}


def points_of_course(course: Course) -> Sequence[Point]:
    """Points that belong to a course, in the order they were made."""
    query = select(Point).where(Point.course_id == course.id, Point.retired_at.is_(None))
    return session().scalars(query.order_by(Point.id)).all()


def points_of_library(library: Library) -> Sequence[Point]:
    """All points of a library that are not retired, with aliases, posts and course."""
    return (
        session()
        .scalars(
            select(Point)
            .where(Point.library_id == library.id, Point.retired_at.is_(None))
            .options(joinedload(Point.course), selectinload(Point.posts))
            .order_by(Point.id)
        )
        .all()
    )


def find_points(library: Library, text: str, *, limit: int = 20, leave_out: Point | None = None) -> Sequence[Point]:
    """Points whose name, English name, key or alias holds `text`, short names first."""
    pattern = "%" + text.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    aliased = select(PointAlias.point_id).where(PointAlias.name.ilike(pattern, escape="\\"))
    fields = (Point.name, Point.name_en, Point.key)
    query = (
        select(Point)
        .where(Point.library_id == library.id, Point.retired_at.is_(None))
        .where(or_(*(field.ilike(pattern, escape="\\") for field in fields), Point.id.in_(aliased)))
        .options(joinedload(Point.course))
        .order_by(func.length(Point.name), Point.name, Point.id)
        .limit(limit)
    )
    return session().scalars(query.where(Point.id != leave_out.id) if leave_out else query).all()


def point_names(library: Library) -> list[tuple[str, str]]:
    """Key and name of every point that is not retired, by name: for lists that help typing. One query."""
    present = (Point.library_id == library.id) & Point.retired_at.is_(None)
    return [
        (key, name)
        for key, name in session().execute(select(Point.key, Point.name).where(present).order_by(Point.name, Point.id))
    ]


def retired_points(library: Library) -> Sequence[Point]:
    """Points that left the graph, the last first, with what took their place."""
    query = select(Point).where(Point.library_id == library.id, Point.retired_at.is_not(None))
    return (
        session()
        .scalars(query.options(joinedload(Point.merged_into)).order_by(Point.retired_at.desc()).limit(50))
        .all()
    )


def find_by_words(library: Library, words: str) -> Sequence[Point]:
    """The points that "uuid:…", a key, else a name, else an alias names exactly."""
    text = words.strip()
    of_library = select(Point).where(Point.library_id == library.id, Point.retired_at.is_(None)).order_by(Point.id)
    aliased = Point.id.in_(select(PointAlias.point_id).where(PointAlias.name == text))
    if text.startswith("uuid:"):
        return session().scalars(of_library.where(Point.uuid.in_(_uuids([text.removeprefix("uuid:")])))).all()
    for rule in (Point.key == text, or_(Point.name == text, Point.name_en == text), aliased):
        found = session().scalars(of_library.where(rule).limit(2)).all()
        if found:
            return found
    return []


def _uuids(texts: Iterable[str]) -> list[uuidlib.UUID]:
    with suppress(ValueError):
        return [uuidlib.UUID(text) for text in texts]
    return []


@dataclass(frozen=True, slots=True)
class StandardNaming:
    """A standard in force that names a point."""

    version: str
    course_name: str


def standard_naming(point: Point) -> StandardNaming | None:
    """The standard in force, of any course, that names the point."""
    newest = (
        select(CourseStandard.course_id, func.max(CourseStandard.published_at).label("at"))
        .where(CourseStandard.published_at <= clock.now())
        .group_by(CourseStandard.course_id)
        .subquery()
    )
    row = (
        session()
        .execute(
            select(CourseStandard.version, Course.name)
            .join(
                newest, (newest.c.course_id == CourseStandard.course_id) & (newest.c.at == CourseStandard.published_at)
            )
            .join(Course, Course.id == CourseStandard.course_id)
            .join(StandardUnit, StandardUnit.standard_id == CourseStandard.id)
            .join(StandardUnitPoint, StandardUnitPoint.unit_id == StandardUnit.id)
            .where(StandardUnitPoint.point_id == point.id)
            .limit(1)
        )
        .first()
    )
    return StandardNaming(*row) if row else None


def related_points(point: Point) -> Sequence[Point]:
    """What is related to the point without an order, by name."""
    pairs = select(PointRelation.other_id).where(PointRelation.point_id == point.id).union(
        select(PointRelation.point_id).where(PointRelation.other_id == point.id)
    )  # fmt: skip
    query = select(Point).where(Point.id.in_(pairs), Point.retired_at.is_(None)).options(joinedload(Point.course))
    return session().scalars(query.order_by(Point.name, Point.id)).all()


def count_points(courses: Iterable[Course]) -> dict[int, int]:
    """Points by course id, one query."""
    ids = [course.id for course in courses]
    present = Point.course_id.in_(ids) & Point.retired_at.is_(None)
    rows = session().execute(select(Point.course_id, func.count()).where(present).group_by(Point.course_id))
    return {row[0]: row[1] for row in rows if row[0] is not None}


def standard_of(course: Course, at: dt.datetime | None = None) -> CourseStandard | None:
    """The course standard in force at `at` (now): the last one published by then, with units and points."""
    return session().scalar(
        select(CourseStandard)
        .where(CourseStandard.course_id == course.id, CourseStandard.published_at <= (at or clock.now()))
        .order_by(CourseStandard.published_at.desc(), CourseStandard.id.desc())
        .limit(1)
    )


def standard_versions(course: Course) -> Sequence[CourseStandard]:
    """Every published version, the newest first."""
    return (
        session()
        .scalars(
            select(CourseStandard)
            .where(CourseStandard.course_id == course.id, CourseStandard.published_at.is_not(None))
            .order_by(CourseStandard.published_at.desc(), CourseStandard.id.desc())
        )
        .all()
    )


def unit_of(point: Point) -> StandardUnit | None:
    """The unit of its course's standard in force that holds the point."""
    if point.course_id is None:
        return None
    return session().scalar(
        select(StandardUnit)
        .join(StandardUnitPoint, StandardUnitPoint.unit_id == StandardUnit.id)
        .join(CourseStandard, CourseStandard.id == StandardUnit.standard_id)
        .where(StandardUnitPoint.point_id == point.id, CourseStandard.course_id == point.course_id)
        .where(CourseStandard.published_at <= clock.now())
        .order_by(CourseStandard.published_at.desc(), CourseStandard.id.desc())
        .limit(1)
    )


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


def posts_of_library(library: Library) -> Sequence[tuple[Post, int]]:
    """Posts that points of the library lead to, with how many points each needs."""
    rows = session().execute(
        select(Post, func.count(PointPost.point_id))
        .join(PointPost, PointPost.post_id == Post.id)
        .join(Point, Point.id == PointPost.point_id)
        .where(Point.library_id == library.id, Point.retired_at.is_(None))
        .group_by(Post.id)
        .order_by(func.count(PointPost.point_id).desc(), Post.id)
    )
    return [(post, count) for post, count in rows]


def points_of_post(library: Library, post: Post) -> list[Point]:
    """The points of a library that a post needs, with their courses."""
    query = (
        select(Point)
        .join(PointPost, PointPost.point_id == Point.id)
        .where(PointPost.post_id == post.id, Point.library_id == library.id, Point.retired_at.is_(None))
        .options(joinedload(Point.course))
        .order_by(Point.course_id, Point.id)
    )
    return list(session().scalars(query))


def count_points_by_kind(courses: Iterable[Course]) -> dict[int, dict[str, int]]:
    """Points by course id and kind, one query."""
    ids = [course.id for course in courses]
    counts: dict[int, dict[str, int]] = {number: {} for number in ids}
    rows = session().execute(
        select(Point.course_id, Point.kind, func.count())
        .where(Point.course_id.in_(ids), Point.retired_at.is_(None))
        .group_by(Point.course_id, Point.kind)
    )
    for course_id, kind, count in rows:
        counts[course_id or 0][kind] = count
    return counts


@dataclass(frozen=True, slots=True)
class CourseLinks:
    """How a course hangs together with others of its library, and the posts it leads to, as counts."""

    needs: Mapping[int, int]  # course id → prerequisites that lie in that course
    posts: Mapping[int, int]  # post id → points that the post needs


def course_links(library: Library) -> dict[int, CourseLinks]:
    """Relations between the courses of a library by course id, two queries."""
    needs: dict[int, dict[int, int]] = defaultdict(dict)
    first, then = aliased(Point), aliased(Point)
    across = session().execute(
        select(then.course_id, first.course_id, func.count())
        .select_from(PointPrerequisite)
        .join(then, then.id == PointPrerequisite.point_id)
        .join(first, first.id == PointPrerequisite.prerequisite_id)
        .where(then.library_id == library.id, then.course_id != first.course_id)
        .group_by(then.course_id, first.course_id)
    )
    for course_id, needed, count in across:
        needs[course_id or 0][needed or 0] = count
    posts = _posts_by_course(library)
    return {number: CourseLinks(needs.get(number, {}), posts.get(number, {})) for number in {*needs, *posts}}


def _posts_by_course(library: Library) -> dict[int, dict[int, int]]:
    posts: dict[int, dict[int, int]] = defaultdict(dict)
    rows = session().execute(
        select(Point.course_id, PointPost.post_id, func.count())
        .join(PointPost, PointPost.point_id == Point.id)
        .where(Point.library_id == library.id, Point.course_id.is_not(None), Point.retired_at.is_(None))
        .group_by(Point.course_id, PointPost.post_id)
    )
    for course_id, post_id, count in rows:
        posts[course_id or 0][post_id] = count
    return posts
