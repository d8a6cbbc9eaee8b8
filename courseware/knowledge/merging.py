"""Two points that are one: everything tied to the one that goes moves to the one that stays (decision 20).

This subject moves its own rows; higher subjects hear `point_merged` and move theirs with `move_links`.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute

from courseware.auditlog import services as auditlog
from courseware.core import clock, events
from courseware.core.database import session
from courseware.core.roles import Actor
from courseware.knowledge import errors
from courseware.knowledge.graph import first_cycle
from courseware.knowledge.models import (
    AbilityPoint,
    CourseStandard,
    Point,
    PointAlias,
    PointPost,
    PointPrerequisite,
    PointRelation,
    StandardUnit,
    StandardUnitPoint,
)
from courseware.knowledge.names import distinct_aliases
from courseware.knowledge.policy import require_editor
from courseware.knowledge.queries import prerequisite_edges
from courseware.knowledge.services import lock_graph, refuse_retired, tell
from courseware.libraries.models import Course


@dataclass(frozen=True, slots=True)
class StandardTouched:
    """A published standard that names the point that goes."""

    course: Course
    version: str
    names_both: bool  # it will count one point fewer


def merge_points(gone: Point, kept: Point, actor: Actor | None) -> None:
    """Makes `gone` a part of `kept`: names, edges, posts, abilities, places in standards, and all that teaches it.

    `gone` stays as a retired row whose key nobody else can take, and its old address leads to `kept`. Raises
    MergeIntoItself, MergeElsewhere, PointIsRetired, PrerequisiteCycle naming the way round.
    """
    require_editor(actor, gone)
    _check(gone, kept)
    lock_graph(gone.library_id)
    _refuse_circle(gone, kept)
    told = [gone, kept, *gone.prerequisites, *gone.next_points]
    _move_names(gone, kept)
    _move_edges(gone, kept)
    _move_places(gone, kept)
    move_links(PointPost.point_id, PointPost.post_id, gone, kept)
    move_links(AbilityPoint.point_id, AbilityPoint.ability_id, gone, kept)
    events.point_merged.send(__name__, gone=gone, kept=kept)
    gone.retired_at, gone.merged_into_id = clock.now(), kept.id
    session().flush()
    auditlog.record("point.merge", actor, about=gone, details={"key": gone.key, "into": kept.key})
    session().expire_all()
    for point in dict.fromkeys(told):
        tell(point)


def standards_touched(gone: Point, kept: Point) -> list[StandardTouched]:
    """The published standards that name `gone`, for whoever is about to merge; one query."""
    places = (
        select(CourseStandard.id, Course, CourseStandard.version, StandardUnitPoint.point_id)
        .join(StandardUnit, StandardUnit.standard_id == CourseStandard.id)
        .join(StandardUnitPoint, StandardUnitPoint.unit_id == StandardUnit.id)
        .join(Course, Course.id == CourseStandard.course_id)
        .where(StandardUnitPoint.point_id.in_([gone.id, kept.id]), CourseStandard.published_at.is_not(None))
        .order_by(CourseStandard.id)
    )
    rows = session().execute(places).all()
    both = {number for number, _course, _version, point in rows if point == kept.id}
    return [StandardTouched(course, version, n in both) for n, course, version, point in rows if point == gone.id]


def move_links(
    point_id: InstrumentedAttribute[int], owner_id: InstrumentedAttribute[int], gone: Point, kept: Point
) -> None:
    """Rows of a table that ties owners to points: those of `gone` go to `kept`; an owner that has both keeps one."""
    table = point_id.class_
    has_kept = select(owner_id).where(point_id == kept.id)
    no_sync = {"synchronize_session": False}
    session().execute(delete(table).where(point_id == gone.id, owner_id.in_(has_kept)).execution_options(**no_sync))
    session().execute(
        update(table).where(point_id == gone.id).values({point_id.key: kept.id}).execution_options(**no_sync)
    )


def _check(gone: Point, kept: Point) -> None:
    if gone.id == kept.id:
        raise errors.MergeIntoItself()
    if gone.library_id != kept.library_id:
        raise errors.MergeElsewhere(name=kept.name)
    refuse_retired(gone, kept)


def _refuse_circle(gone: Point, kept: Point) -> None:
    """With both made one, the order of the library must still have no circle."""
    edges: dict[int, list[int]] = {}
    for point, needs in prerequisite_edges(gone.library_id).items():
        targets = [kept.id if need == gone.id else need for need in needs]
        edges.setdefault(kept.id if point == gone.id else point, []).extend(targets)
    edges[kept.id] = [need for need in edges.get(kept.id, []) if need != kept.id]
    cycle = first_cycle(edges)
    if cycle:
        names = {p.id: p.name for p in session().scalars(select(Point).where(Point.id.in_(cycle)))}
        raise errors.PrerequisiteCycle([names[number] for number in cycle])


def _move_names(gone: Point, kept: Point) -> None:
    """Whoever types the old name still arrives."""
    known = {alias.name.casefold() for alias in kept.aliases}
    names = [gone.name, gone.name_en, *(alias.name for alias in gone.aliases)]
    new = [name for name in distinct_aliases(names, kept.name) if name.casefold() not in known]
    kept.aliases.extend(PointAlias(name=name) for name in new)
    gone.aliases = []
    kept.description = kept.description or gone.description
    session().flush()


def _move_edges(gone: Point, kept: Point) -> None:
    edge, relation = PointPrerequisite, PointRelation
    session().execute(
        delete(edge).where(
            or_(
                (edge.point_id == gone.id) & (edge.prerequisite_id == kept.id),
                (edge.point_id == kept.id) & (edge.prerequisite_id == gone.id),
            )
        )
    )
    move_links(edge.point_id, edge.prerequisite_id, gone, kept)
    move_links(edge.prerequisite_id, edge.point_id, gone, kept)
    of_gone = or_(relation.point_id == gone.id, relation.other_id == gone.id)
    others = {n for row in session().scalars(select(relation).where(of_gone)) for n in (row.point_id, row.other_id)}
    session().execute(delete(relation).where(of_gone))
    session().expire_all()
    for other in others - {gone.id, kept.id}:
        low, high = sorted((other, kept.id))
        if session().get(relation, (low, high)) is None:
            session().add(relation(point_id=low, other_id=high))
    session().flush()


def _move_places(gone: Point, kept: Point) -> None:
    """In a standard the kept point takes the place; one that names both loses the place of the other."""
    place = StandardUnitPoint
    with_kept = (
        select(StandardUnit.standard_id).join(place, place.unit_id == StandardUnit.id).where(place.point_id == kept.id)
    )
    double = select(StandardUnit.id).where(StandardUnit.standard_id.in_(with_kept))
    session().execute(delete(place).where(place.point_id == gone.id, place.unit_id.in_(double)))
    move_links(place.point_id, place.unit_id, gone, kept)
