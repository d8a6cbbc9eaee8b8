"""Working on the next version of a course standard (R10): one draft a course, published or handed in as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import CursorResult, func, select, update
from sqlalchemy.exc import IntegrityError

from courseware.accounts.models import User
from courseware.auditlog import services as auditlog
from courseware.catalog import policy
from courseware.catalog.changing import need
from courseware.catalog.course_models import StandardCase
from courseware.catalog.errors import StandardChanged, StandardReviewFirst, StandardUnchanged, StandardWaits
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import Invalid
from courseware.core.fractions import Ratio
from courseware.knowledge import queries as knowledge
from courseware.knowledge import standards
from courseware.knowledge.models import CourseStandard, Point, PointAlias, StandardDraft
from courseware.knowledge.standards import Difference, Tree
from courseware.libraries.models import Course
from courseware.resources.models import Resource, ResourcePoint
from courseware.review import rulebook

FOUND = 12


@dataclass(frozen=True, slots=True)
class Impact:
    """What a draft changes: of the published version, and of coverage (points with a live resource / points)."""

    difference: Difference
    before: Ratio
    after: Ratio


def draft_of(course: Course) -> StandardDraft | None:
    """The draft of the next version."""
    return session().scalar(select(StandardDraft).where(StandardDraft.course_id == course.id))


def working_tree(course: Course) -> Tree:
    """What the editor begins with: the draft, else the version in force."""
    draft = draft_of(course)
    return draft.tree if draft is not None else standards.tree_of(knowledge.standard_of(course))


def save(actor: User, course: Course, tree: object, revision: int) -> StandardDraft:
    """Keeps the draft. `revision` is the one the editor opened, 0 where there was no draft.

    Raises NotAllowed, Invalid, StandardWaits while a version waits for review, StandardChanged for a stale revision.
    """
    need(policy.can_build(actor, course))
    if waiting_case(course) is not None:
        raise StandardWaits()
    wanted, draft = standards.read_tree(tree), draft_of(course)
    if draft is None:
        draft = _begin(actor, course, revision)
    else:
        _take_revision(draft, revision)
    draft.tree, draft.saved_by_id, draft.saved_at = wanted, actor.id, clock.now()
    draft.writers = sorted({*draft.writers, actor.id})
    session().flush()
    return draft


def discard(actor: User, course: Course) -> None:
    """Throws the draft away; what is published stays. Raises NotAllowed."""
    need(policy.can_build(actor, course))
    draft = draft_of(course)
    if draft is not None:
        session().delete(draft)
        session().flush()
        auditlog.record("standard.discard", actor, about=course)


def publish(actor: User, course: Course, version: str) -> CourseStandard:
    """The draft holds from now on. Raises NotAllowed, StandardReviewFirst, StandardUnchanged, Invalid with every problem."""
    need(policy.can_teach(actor, course))
    if is_reviewed(course):
        raise StandardReviewFirst()
    draft = check_ready(course, version)
    standard = standards.publish_tree(course, version, draft.tree, actor)
    session().delete(draft)
    session().flush()
    return standard


def is_reviewed(course: Course) -> bool:
    """Whether the library has its course standards reviewed before they hold (R36)."""
    return rulebook.rules_of(course.library).standards


def check_ready(course: Course, version: str) -> StandardDraft:
    """The draft, fit to be published. Raises StandardUnchanged, Invalid with every problem at once."""
    draft = draft_of(course)
    if draft is None or standards.difference(_published_tree(course), draft.tree).is_nothing:
        raise StandardUnchanged()
    problems: dict[str, list[Any]] = {}
    if found := standards.problems_of(course, draft.tree):
        problems["tree"] = found
    if wrong := standards.version_problem(course, version):
        problems["version"] = [wrong]
    if problems:
        raise Invalid(problems)
    return draft


def impact_of(course: Course, tree: Tree) -> Impact:
    """What the tree changes of the version in force. Four queries."""
    old = _published_tree(course)
    uuids = [set(standards.point_uuids(one)) for one in (old, tree)]
    points = standards.points_by_uuid(course, uuids[0] | uuids[1])
    taught = _taught([point.id for point in points.values()])
    before, after = (
        Ratio(sum(uuid in points and points[uuid].id in taught for uuid in some), len(some)) for some in uuids
    )
    return Impact(standards.difference(old, tree), before, after)


def find_points(actor: User, course: Course, text: str) -> Sequence[Point]:
    """Points of the library by name or alias, those of the course first; without words, points of the course in no unit yet."""
    need(policy.can_build(actor, course))
    query = select(Point).where(Point.library_id == course.library_id)
    if words := text.strip():
        alias = select(PointAlias.point_id).where(PointAlias.name.contains(words, autoescape=True))
        by_name = Point.name.contains(words, autoescape=True) | Point.name_en.icontains(words, autoescape=True)
        query = query.where(by_name | Point.id.in_(alias))
    else:
        known = standards.points_by_uuid(course, standards.point_uuids(working_tree(course)))
        query = query.where(Point.course_id == course.id, Point.id.not_in([point.id for point in known.values()]))
    own_first = func.coalesce(Point.course_id == course.id, False).desc()
    return session().scalars(query.order_by(own_first, func.length(Point.name), Point.id).limit(FOUND)).all()


def waiting_case(course: Course) -> StandardCase | None:
    """The version of the course's standard that waits for review."""
    return session().scalar(
        select(StandardCase).where(StandardCase.course_id == course.id, StandardCase.state == "open")
    )


def _published_tree(course: Course) -> Tree:
    return standards.tree_of(knowledge.standard_of(course))


def _begin(actor: User, course: Course, revision: int) -> StandardDraft:
    """Two who begin at once: the second is told."""
    if revision != 0:
        raise StandardChanged()
    base = knowledge.standard_of(course)
    draft = StandardDraft(
        course_id=course.id, base_id=base.id if base else None, tree={"modules": []}, writers=[], saved_by_id=actor.id,
        saved_at=clock.now(), revision=1,
    )  # fmt: skip
    try:
        with session().begin_nested():
            session().add(draft)
    except IntegrityError as twice:
        raise StandardChanged() from twice
    return draft


def _take_revision(draft: StandardDraft, expected: int) -> None:
    """Moves the draft one revision on, if it is still the expected one: two editors at once cannot both succeed."""
    change = update(StandardDraft).where(StandardDraft.id == draft.id, StandardDraft.revision == expected)
    change = change.values(revision=expected + 1).execution_options(synchronize_session=False)
    if cast("CursorResult[Any]", session().execute(change)).rowcount != 1:
        raise StandardChanged()
    session().refresh(draft, ["revision"])


def _taught(point_ids: Sequence[int]) -> set[int]:
    """Those of the points that a live resource teaches."""
    query = select(ResourcePoint.point_id).join(Resource, Resource.id == ResourcePoint.resource_id)
    found = session().scalars(query.where(Resource.is_live, ResourcePoint.point_id.in_(point_ids)).distinct())
    return set(found) if point_ids else set()
