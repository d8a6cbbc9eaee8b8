"""Writing the knowledge graph: points, aliases, prerequisites without circles, posts, course standards.

`create_…`, `ensure_…` and `publish_…` build and are for commands, imports and other subjects, which answer
for their own actor; functions whose last argument is the actor ask the policy themselves.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence

from sqlalchemy import select

from courseware.auditlog import services as auditlog
from courseware.core import clock, events
from courseware.core.database import session
from courseware.core.errors import NotFound
from courseware.core.roles import Actor
from courseware.knowledge import errors
from courseware.knowledge.graph import path_between
from courseware.knowledge.importing import import_points as import_points
from courseware.knowledge.models import (
    Ability,
    CourseStandard,
    Point,
    PointAlias,
    PointPrerequisite,
    Post,
    StandardUnit,
    StandardUnitPoint,
)
from courseware.knowledge.names import ALIAS_LIMIT, checked_name, distinct_aliases
from courseware.knowledge.policy import require_editor
from courseware.knowledge.queries import prerequisite_edges
from courseware.libraries.models import Course, Library

UnitSpec = tuple[str, str, str, Sequence[Point]]


def create_point(
    library: Library,
    key: str,
    name: str,
    kind: str,
    *,
    course: Course | None = None,
    aliases: Iterable[str] = (),
    prerequisites: Iterable[Point] = (),
    posts: Iterable[str] = (),
    description: str = "",
    name_en: str = "",
    is_mandatory: bool = True,
    actor: Actor | None = None,
) -> Point:
    """Adds a point of `kind` "knowledge" or "skill"; posts that do not exist yet are made.

    A new point cannot close a circle: nothing needs it yet. Raises PointKeyTaken, PrerequisiteElsewhere.
    """
    if session().scalar(select(Point.id).where(Point.library_id == library.id, Point.key == key)):
        raise errors.PointKeyTaken(key=key)
    point = Point(
        library=library, library_id=library.id, course=course, key=key, kind=kind, name=name, name_en=name_en,
        description=description, is_mandatory=is_mandatory,
        prerequisites=[_of_same_library(library, prerequisite) for prerequisite in dict.fromkeys(prerequisites)],
        posts=[ensure_post(post) for post in dict.fromkeys(posts)],
        aliases=[PointAlias(name=alias) for alias in distinct_aliases(aliases, name)],
    )  # fmt: skip
    session().add(point)
    session().flush()
    auditlog.record("point.create", actor, about=point, details={"key": key})
    tell(point)
    return point


def _of_same_library(library: Library, prerequisite: Point) -> Point:
    if prerequisite.library_id != library.id:
        raise errors.PrerequisiteElsewhere(name=prerequisite.name)
    return prerequisite


def ensure_post(name: str, *, code: str = "", name_en: str = "", abilities: Iterable[str] = ()) -> Post:
    """The post of that name, made when missing; given facts replace empty ones."""
    post = session().scalar(select(Post).where(Post.name == name))
    if post is None:
        post = Post(name=name, code="", name_en="")
        session().add(post)
    post.code = post.code or code
    post.name_en = post.name_en or name_en
    if not post.abilities:
        post.abilities = [Ability(seq=seq, name=text) for seq, text in enumerate(dict.fromkeys(abilities), start=1)]
    session().flush()
    return post


def describe_point(
    point: Point,
    actor: Actor | None,
    *,
    name: str,
    name_en: str = "",
    description: str = "",
    is_mandatory: bool | None = None,
    seen: str | None = None,
) -> None:
    """Changes what a point is called and how it is explained; its key and its place stay.

    `seen` is the mark of the words that the editor had before them (`words_mark`): EditedMeanwhile when they are
    others by now. Raises NameInvalid.
    """
    require_editor(actor, point)
    session().refresh(point, ["name", "name_en", "description", "is_mandatory"])
    if seen is not None and seen != words_mark(point):
        raise errors.EditedMeanwhile(name=point.name)
    point.name, point.name_en, point.description = checked_name(name), name_en.strip(), description.strip()
    point.is_mandatory = point.is_mandatory if is_mandatory is None else is_mandatory
    session().flush()
    auditlog.record("point.describe", actor, about=point)
    tell(point)


def words_mark(point: Point) -> str:
    """Changes whenever the words of a point do: what an editor saw, in short."""
    words = [point.name, point.name_en, point.description, point.is_mandatory]
    return hashlib.sha256(json.dumps(words).encode()).hexdigest()[:16]


def add_alias(point: Point, alias: str, actor: Actor | None) -> PointAlias:
    """Adds another name people type; raises AliasInvalid, AliasAlready."""
    require_editor(actor, point)
    text = alias.strip()
    if not 0 < len(text) <= ALIAS_LIMIT:
        raise errors.AliasInvalid(limit=ALIAS_LIMIT)
    if text.casefold() in {point.name.casefold(), *(known.name.casefold() for known in point.aliases)}:
        raise errors.AliasAlready(alias=text)
    row = PointAlias(name=text)
    point.aliases.append(row)
    session().flush()
    auditlog.record("point.add_alias", actor, about=point, details={"alias": text})
    tell(point)
    return row


def remove_alias(point: Point, alias: str, actor: Actor | None) -> None:
    """Removes another name; raises NotFound."""
    require_editor(actor, point)
    row = next((known for known in point.aliases if known.name == alias), None)
    if row is None:
        raise NotFound()
    point.aliases.remove(row)
    session().flush()
    auditlog.record("point.remove_alias", actor, about=point, details={"alias": alias})
    tell(point)


def add_prerequisite(point: Point, prerequisite: Point, actor: Actor | None) -> None:
    """Says that `point` needs `prerequisite` first, also across courses.

    Raises PrerequisiteCycle naming the path (R13), PrerequisiteAlready, PrerequisiteElsewhere.
    """
    require_editor(actor, point)
    _of_same_library(point.library, prerequisite)
    refuse_retired(point, prerequisite)
    lock_graph(point.library_id)
    _refuse_cycle(point, prerequisite)
    if session().get(PointPrerequisite, (point.id, prerequisite.id)):
        raise errors.PrerequisiteAlready(prerequisite=prerequisite.name, name=point.name)
    session().add(PointPrerequisite(point_id=point.id, prerequisite_id=prerequisite.id))
    _flush_graph(point, prerequisite)
    auditlog.record("point.add_prerequisite", actor, about=point, details={"prerequisite": prerequisite.key})


def remove_prerequisite(point: Point, prerequisite: Point, actor: Actor | None) -> None:
    """Takes a prerequisite away; raises NotFound."""
    require_editor(actor, point)
    edge = session().get(PointPrerequisite, (point.id, prerequisite.id))
    if edge is None:
        raise NotFound()
    session().delete(edge)
    _flush_graph(point, prerequisite)
    auditlog.record("point.remove_prerequisite", actor, about=point, details={"prerequisite": prerequisite.key})


def _flush_graph(point: Point, prerequisite: Point) -> None:
    session().flush()
    session().expire(point, ["prerequisites"])
    session().expire(prerequisite, ["next_points"])
    tell(point)


def _refuse_cycle(point: Point, prerequisite: Point) -> None:
    """Walks the edges of the library, loaded once, from the prerequisite back to the point."""
    if point is prerequisite:
        raise errors.PrerequisiteCycle([point.name, point.name])
    path = path_between(prerequisite_edges(point.library_id), prerequisite.id, point.id)
    if path:
        names = {p.id: p.name for p in session().scalars(select(Point).where(Point.id.in_(path)))}
        raise errors.PrerequisiteCycle([point.name, *(names[number] for number in path)])


def refuse_retired(*points: Point) -> None:
    """Raises PointIsRetired when one of them left the graph."""
    for point in points:
        if point.retired_at is not None:
            raise errors.PointIsRetired(name=point.name)


def lock_graph(library_id: int) -> None:
    """Two edges added at once, each harmless alone, must not close a circle together."""
    session().execute(select(Library.id).where(Library.id == library_id).with_for_update())


def publish_standard(
    course: Course, version: str, units: Sequence[UnitSpec], *, actor: Actor | None = None
) -> CourseStandard:
    """Publishes a version of the course standard from (key, name, name_en, points) units in order (R10).

    Published versions do not change; figures of the past keep the one they were counted against.
    Raises StandardVersionExists, PointTwice, PointOfOtherLibrary.
    """
    known = select(CourseStandard.id).where(CourseStandard.course_id == course.id, CourseStandard.version == version)
    if session().scalar(known):
        raise errors.StandardVersionExists(version=version)
    _check_standard(course, [point for *_, points in units for point in points])
    standard = CourseStandard(course_id=course.id, version=version, published_at=clock.now())
    standard.units = [
        StandardUnit(seq=seq, key=key, name=name, name_en=name_en)
        for seq, (key, name, name_en, _points) in enumerate(units, start=1)
    ]
    session().add(standard)
    session().flush()
    _place_points(standard, units)
    auditlog.record("standard.publish", actor, about=standard, details={"course": course.code, "version": version})
    events.content_changed.send(__name__, kind="course", uuid=course.uuid)
    return standard


def _check_standard(course: Course, points: Sequence[Point]) -> None:
    seen: set[int] = set()
    for point in points:
        if point.library_id != course.library_id:
            raise errors.PointOfOtherLibrary(name=point.name)
        if point.id in seen:
            raise errors.PointTwice(name=point.name)
        seen.add(point.id)


def _place_points(standard: CourseStandard, units: Sequence[UnitSpec]) -> None:
    for unit, (*_, points) in zip(standard.units, units, strict=True):
        session().add_all(
            StandardUnitPoint(unit_id=unit.id, point_id=point.id, seq=seq) for seq, point in enumerate(points, start=1)
        )
    session().flush()
    for unit in standard.units:
        session().expire(unit, ["points"])


def tell(point: Point) -> None:
    """Search, courses and whoever else shows the point hear of it."""
    events.content_changed.send(__name__, kind="point", uuid=point.uuid)
