"""Points: one, by key, of a course, of a library, found by words. The number of queries never grows with rows."""

from __future__ import annotations

import uuid as uuidlib
from collections.abc import Iterable, Sequence
from contextlib import suppress

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from courseware.core.database import session
from courseware.core.errors import NotFound
from courseware.core.roles import Actor
from courseware.knowledge import policy
from courseware.knowledge.models import (
    Ability,
    Point,
    PointAlias,
    PointRelation,
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
