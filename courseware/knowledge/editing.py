"""What librarians do to the graph by hand: add and retire points, relate them, give them a course and posts.

Every function asks the policy, writes the security log, and leaves the commit to the edge.
"""

from __future__ import annotations

from itertools import product

from sqlalchemy import delete, or_, select

from courseware.auditlog import services as auditlog
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import NotAllowed, NotFound
from courseware.core.roles import Actor
from courseware.knowledge import errors
from courseware.knowledge.models import POINT_KINDS, Point, PointPrerequisite, PointRelation, Post
from courseware.knowledge.names import checked_name
from courseware.knowledge.policy import can_edit_graph, require_editor
from courseware.knowledge.queries import find_by_words, standard_naming
from courseware.knowledge.services import create_point, lock_graph, refuse_retired, tell
from courseware.libraries.models import Course, Library


def add_point(
    library: Library,
    actor: Actor | None,
    *,
    name: str,
    kind: str,
    course: Course | None,
    key: str = "",
    name_en: str = "",
) -> Point:
    """A new point; without a `key` its name is its key, with a number where that is taken.

    Raises NotAllowed, NameInvalid, KindUnknown, PointKeyTaken.
    """
    if not can_edit_graph(actor, library):
        raise NotAllowed()
    if kind not in POINT_KINDS:
        raise errors.KindUnknown(kind=kind)
    text = checked_name(name)
    if course is not None and course.library_id != library.id:
        raise NotFound()
    wanted = key.strip() or _free_key(library, text)
    return create_point(library, wanted, text, kind, course=course, name_en=name_en.strip(), actor=actor)


def _free_key(library: Library, name: str) -> str:
    taken = set(session().scalars(select(Point.key).where(Point.library_id == library.id)))
    tries = (name if n == 1 else f"{name} {n}" for n in range(1, len(taken) + 2))
    return next(key for key in tries if key not in taken)


def point_named(library: Library, words: str) -> Point:
    """The point that a person means by a key, a name or an alias, or a script by "uuid:…".

    Raises UnknownPoint, AmbiguousPoint.
    """
    found = find_by_words(library, words)
    if not found:
        raise errors.UnknownPoint(name=words.strip()[:60])
    if len(found) > 1:
        raise errors.AmbiguousPoint(name=words.strip())
    return found[0]


def relate(one: Point, other: Point, actor: Actor | None) -> None:
    """Says that two points help each other, without an order; raises RelatedToItself, RelatedAlready."""
    require_editor(actor, one)
    refuse_retired(one, other)
    if one.library_id != other.library_id:
        raise errors.PrerequisiteElsewhere(name=other.name)
    if one.id == other.id:
        raise errors.RelatedToItself()
    lock_graph(one.library_id)
    low, high = sorted((one.id, other.id))
    if session().get(PointRelation, (low, high)):
        raise errors.RelatedAlready(name=one.name, other=other.name)
    session().add(PointRelation(point_id=low, other_id=high))
    session().flush()
    auditlog.record("point.relate", actor, about=one, details={"other": other.key})


def unrelate(one: Point, other: Point, actor: Actor | None) -> None:
    """Takes a relation away; raises NotFound."""
    require_editor(actor, one)
    low, high = sorted((one.id, other.id))
    relation = session().get(PointRelation, (low, high))
    if relation is None:
        raise NotFound()
    session().delete(relation)
    session().flush()
    auditlog.record("point.unrelate", actor, about=one, details={"other": other.key})


def place_point(point: Point, course: Course | None, actor: Actor | None) -> None:
    """Gives a point to a course of its library, or to none."""
    require_editor(actor, point)
    refuse_retired(point)
    if course is not None and course.library_id != point.library_id:
        raise NotFound()
    tell(point)  # the course that loses it hears of it as well
    point.course = course
    session().flush()
    auditlog.record("point.place", actor, about=point, details={"course": course.code if course else ""})
    tell(point)


def set_posts(point: Point, posts: list[Post], actor: Actor | None) -> None:
    """The posts that need the point. An ability of a post that no longer needs it lets it go too."""
    require_editor(actor, point)
    refuse_retired(point)
    point.posts = posts
    point.abilities = [ability for ability in point.abilities if ability.post in posts]
    session().flush()
    auditlog.record("point.posts", actor, about=point, details={"posts": [post.name for post in posts]})
    tell(point)


def retire_point(point: Point, actor: Actor | None) -> None:
    """Takes a point out of the graph; what is tied to it stays and comes back with it.

    What it stood between stays in order: whoever needed it now needs what it needed. Raises PointInStandard while a
    standard in force names it, PointIsRetired.
    """
    require_editor(actor, point)
    refuse_retired(point)
    lock_graph(point.library_id)
    standard = standard_naming(point)
    if standard is not None:
        raise errors.PointInStandard(name=point.name, version=standard.version, course=standard.course_name)
    before, after = _take_out_edges(point)
    point.retired_at = clock.now()
    session().flush()
    session().expire(point)
    auditlog.record("point.retire", actor, about=point, details={"before": before, "after": after})
    tell(point)


def restore_point(point: Point, actor: Actor | None) -> None:
    """Takes a retired point back; its edges are drawn anew by hand. Raises NotFound for one that is not retired."""
    require_editor(actor, point)
    if point.retired_at is None:
        raise NotFound()
    point.retired_at, point.merged_into_id = None, None
    session().flush()
    session().expire(point)
    auditlog.record("point.restore", actor, about=point)
    tell(point)


def _take_out_edges(point: Point) -> tuple[list[str], list[str]]:
    """Joins what came before to what comes after; the keys of both, for the log."""
    before = list(point.prerequisites)
    after = list(point.next_points)
    edge = PointPrerequisite
    session().execute(delete(edge).where(or_(edge.point_id == point.id, edge.prerequisite_id == point.id)))
    known = set(session().execute(select(edge.point_id, edge.prerequisite_id)
                                  .where(edge.point_id.in_([p.id for p in after]))).tuples())  # fmt: skip
    wanted = {(then.id, first.id) for then, first in product(after, before)}
    session().add_all(edge(point_id=then, prerequisite_id=first) for then, first in sorted(wanted - known))
    session().flush()
    for neighbour in (*before, *after):
        session().expire(neighbour)
    return [p.key for p in before], [p.key for p in after]
