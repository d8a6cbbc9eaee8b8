"""Reading review: the queue, a case with what changed, what came back to an author. Queries never grow with rows."""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload, undefer
from sqlalchemy.sql.base import ExecutableOption

from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import NotFound
from courseware.core.paging import Page
from courseware.core.roles import Actor
from courseware.resources.models import Asset, Resource, ResourceVersion
from courseware.review import policy
from courseware.review.models import DIMENSIONS, Decision, Submission

PAGE = 30
SOON = dt.timedelta(days=1)
KINDS = ("new", "update")
OWN, LEVEL_BEFORE = "own", "level_before"


@dataclass(frozen=True, slots=True)
class QueueFilters:
    """What of the queue is shown: `state` open or decided, `mine` only what the reader may decide (or decided)."""

    state: str = "open"
    mine: bool = True
    kind: str = ""
    type: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One submission in the queue. `blocked` says why the reader may not decide it: own, level_before, or nothing."""

    submission: Submission
    blocked: str
    now: dt.datetime

    @property
    def version(self) -> ResourceVersion:
        """The version that waits."""
        return self.submission.version

    @property
    def resource(self) -> Resource:
        """Its resource."""
        return self.submission.version.resource

    @property
    def is_update(self) -> bool:
        """Whether something is published already."""
        return self.version.num > 1

    @property
    def due(self) -> str:
        """late, soon (within a day) or later; empty once decided."""
        if self.submission.state != "open":
            return ""
        left = self.submission.due_at - self.now
        return "late" if left < dt.timedelta() else "soon" if left < SOON else "later"

    @property
    def decision(self) -> Decision | None:
        """The last decision."""
        return self.submission.decisions[-1] if self.submission.decisions else None


@dataclass(frozen=True, slots=True)
class Case:
    """A submission with all that its page shows. `base` is the version published now; `place` counts from 1."""

    submission: Submission
    version: ResourceVersion
    base: ResourceVersion | None
    blocked: str
    place: int
    total: int
    previous: uuidlib.UUID | None
    following: Sequence[QueueRow]
    history: Sequence[Submission]

    @property
    def resource(self) -> Resource:
        """The resource under review."""
        return self.version.resource

    @property
    def can_decide(self) -> bool:
        """Whether the reader may decide now."""
        return not self.blocked and self.submission.state == "open"


@dataclass(frozen=True, slots=True)
class Returned:
    """A draft that came back, with the decision that says why."""

    resource: Resource
    decision: Decision

    @property
    def reasons(self) -> list[tuple[str, str]]:
        """Failed dimensions with their notes."""
        return [(v.dimension, v.note) for v in self.decision.verdicts if not v.is_passed]


def queue(
    actor: Actor, filters: QueueFilters | None = None, after: str | None = None, limit: int = PAGE
) -> Page[QueueRow]:
    """Submissions, those due first; decided ones newest first. The page after the submission number `after`."""
    chosen = filters or QueueFilters()
    query = _chosen(actor, chosen).options(*_row_parts()).limit(limit + 1)
    last = session().get(Submission, int(after)) if after and after.isdecimal() else None
    if last is not None:
        query = query.where(_follows(last, chosen))
    found = session().scalars(query).all()
    rows = _rows(actor, found[:limit])
    return Page(rows, str(rows[-1].submission.id) if len(found) > limit else None)


def _follows(last: Submission, filters: QueueFilters) -> ColumnElement[bool]:
    if filters.state != "open":
        return Submission.id < last.id
    same_time = and_(Submission.due_at == last.due_at, Submission.id > last.id)
    return or_(Submission.due_at > last.due_at, same_time)


def queue_counts(actor: Actor) -> dict[str, int]:
    """How many wait for this reader, for anybody, are late, and how many the reader decided; one query."""
    waiting, mine = Submission.state == "open", _decidable(actor)
    decided = select(Decision.submission_id).where(Decision.reviewer_id == actor.id)
    row = session().execute(
        select(
            func.count().filter(waiting & mine), func.count().filter(waiting),
            func.count().filter(waiting & mine & (Submission.due_at < clock.now())),
            func.count().filter(Submission.id.in_(decided)),
        ).select_from(Submission).join(ResourceVersion).join(Resource, Resource.id == ResourceVersion.resource_id)
    ).one()  # fmt: skip
    return dict(zip(("mine", "all", "late", "decided"), row, strict=True))


def case_of(submission_uuid: uuidlib.UUID, actor: Actor | None) -> Case:
    """The page of a submission. Raises NotFound for those who may not see it."""
    query = select(Submission).where(Submission.uuid == submission_uuid).options(*_row_parts(), *_case_parts())
    submission = session().scalar(query)
    if submission is None or actor is None or not policy.can_see(actor, submission):
        raise NotFound()
    version, resource = submission.version, submission.version.resource
    base = _base(resource, version)
    open_ids = list(session().scalars(_open_ids(actor)))
    at = open_ids.index(submission.id) if submission.id in open_ids else -1
    return Case(
        submission, version, base, _blocked(actor, submission, _own_of(actor, [submission])), at + 1, len(open_ids),
        _uuid_of(open_ids[at - 1]) if at > 0 else None, _following(actor, open_ids, at), history_of(resource),
    )  # fmt: skip


def next_open(actor: Actor, after: Submission | None = None) -> uuidlib.UUID | None:
    """The next submission the reader may decide, first those due after the one just decided."""
    ids = list(session().scalars(_open_ids(actor)))
    later = [i for i in ids if after is None or i != after.id]
    return _uuid_of(later[0]) if later else None


def decisions_of(version_ids: Sequence[int]) -> dict[int, Decision]:
    """The last decision on each version by its id, with reviewer and verdicts; one query and one for verdicts."""
    if not version_ids:
        return {}
    query = (
        select(Submission.version_id, Decision)
        .join(Decision, Decision.submission_id == Submission.id)
        .where(Submission.version_id.in_(version_ids))
        .options(joinedload(Decision.reviewer), selectinload(Decision.verdicts))
        .order_by(Decision.decided_at, Decision.id)
    )
    return {row[0]: row[1] for row in session().execute(query)}


def returned_to(author: Actor, limit: int = 5) -> list[Returned]:
    """Drafts of the author that review sent back, the one that waits longest first."""
    query = (
        select(Resource, Decision)
        .join(ResourceVersion, ResourceVersion.id == Resource.draft_version_id)
        .join(Submission, Submission.version_id == ResourceVersion.id)
        .join(Decision, and_(Decision.submission_id == Submission.id, Decision.decision == "return"))
        .where(ResourceVersion.state == "returned", Submission.state == "returned")
        .where(or_(Resource.author_id == author.id, ResourceVersion.author_id == author.id))
        .options(selectinload(Decision.verdicts), joinedload(Decision.reviewer))
        .order_by(Decision.decided_at, Decision.id)
    )
    newest = {resource.id: Returned(resource, decision) for resource, decision in session().execute(query)}
    return list(newest.values())[:limit]


def last_return(version: ResourceVersion) -> Decision | None:
    """The decision that sent this draft back last; None when it never came back."""
    decision = decisions_of([version.id]).get(version.id)
    return decision if decision is not None and decision.decision == "return" else None


def history_of(resource: Resource, limit: int = 20) -> Sequence[Submission]:
    """Decided submissions of the resource, newest first, with decisions and verdicts."""
    query = (
        select(Submission)
        .join(Submission.version)
        .where(ResourceVersion.resource_id == resource.id, Submission.decisions.any())
        .options(contains_eager(Submission.version), selectinload(Submission.decisions).joinedload(Decision.reviewer))
        .options(selectinload(Submission.decisions).selectinload(Decision.verdicts))
        .order_by(Submission.id.desc())
        .limit(limit)
    )
    return session().scalars(query).unique().all()


def reason_lines(decision: Decision) -> list[tuple[str, str]]:
    """What did not pass and why, in the order of the dimensions."""
    notes = {v.dimension: v.note for v in decision.verdicts if not v.is_passed}
    return [(d, notes[d]) for d in DIMENSIONS if d in notes]


def _chosen(actor: Actor, filters: QueueFilters) -> Select[Submission]:
    query = select(Submission).join(Submission.version).join(ResourceVersion.resource)
    for condition in _conditions(actor, filters):
        query = query.where(condition)
    if filters.state == "open":
        return query.order_by(Submission.due_at, Submission.id)
    return query.order_by(Submission.id.desc())


def _conditions(actor: Actor, filters: QueueFilters) -> Iterable[ColumnElement[bool]]:
    if filters.state == "open":
        yield Submission.state == "open"
        if filters.mine:
            yield _decidable(actor)
    else:
        decided = select(Decision.submission_id)
        yield Submission.id.in_(decided.where(Decision.reviewer_id == actor.id) if filters.mine else decided)
    if filters.kind in KINDS:
        yield ResourceVersion.num == 1 if filters.kind == "new" else ResourceVersion.num > 1
    if filters.type:
        yield Resource.type == filters.type
    if filters.text.strip():
        yield Resource.title.icontains(filters.text.strip(), autoescape=True)


def _decidable(actor: Actor) -> ColumnElement[bool]:
    """What R37 leaves to the reader: no own work, not the level after one's own."""
    wrote = select(ResourceVersion.resource_id).where(ResourceVersion.author_id == actor.id)
    before = select(Decision.submission_id).where(
        Decision.reviewer_id == actor.id,
        Decision.submission_id == Submission.id,
        Decision.level == Submission.level - 1,
    )
    return and_(
        Resource.author_id != actor.id, Submission.submitted_by_id != actor.id,
        ResourceVersion.resource_id.not_in(wrote), Submission.id.not_in(before),
    )  # fmt: skip


def _open_ids(actor: Actor) -> Select[int]:
    query = select(Submission.id).join(ResourceVersion, ResourceVersion.id == Submission.version_id)
    query = query.join(Resource, Resource.id == ResourceVersion.resource_id)
    return query.where(Submission.state == "open", _decidable(actor)).order_by(Submission.due_at, Submission.id)


def _following(actor: Actor, open_ids: Sequence[int], at: int, limit: int = 3) -> list[QueueRow]:
    wanted = open_ids[at + 1 : at + 1 + limit]
    query = select(Submission).where(Submission.id.in_(wanted)).options(*_row_parts())
    rows = session().scalars(query.order_by(Submission.due_at, Submission.id)).all() if wanted else []
    return _rows(actor, rows)


def _uuid_of(submission_id: int) -> uuidlib.UUID | None:
    return session().scalar(select(Submission.uuid).where(Submission.id == submission_id))


def _rows(actor: Actor, submissions: Sequence[Submission]) -> list[QueueRow]:
    own, now = _own_of(actor, submissions), clock.now()
    return [QueueRow(s, _blocked(actor, s, own), now) for s in submissions]


def _own_of(actor: Actor, submissions: Sequence[Submission]) -> set[int]:
    """Ids of those resources that the actor wrote a version of."""
    ids = [s.version.resource_id for s in submissions]
    query = select(ResourceVersion.resource_id).where(ResourceVersion.resource_id.in_(ids))
    return set(session().scalars(query.where(ResourceVersion.author_id == actor.id))) if ids else set()


def _blocked(actor: Actor, submission: Submission, own: set[int]) -> str:
    resource = submission.version.resource
    if actor.id in (submission.submitted_by_id, resource.author_id) or resource.id in own:
        return OWN
    if not policy.can_review(actor):
        return "role"
    return LEVEL_BEFORE if policy.took_level_before(actor, submission) else ""


def _base(resource: Resource, version: ResourceVersion) -> ResourceVersion | None:
    """The version to compare with: the last one published before."""
    query = select(ResourceVersion).where(ResourceVersion.resource_id == resource.id, ResourceVersion.num < version.num)
    query = query.where(ResourceVersion.published_at.is_not(None)).options(*_version_parts())
    return session().scalar(query.order_by(ResourceVersion.num.desc()).limit(1))


def _row_parts() -> tuple[ExecutableOption, ...]:
    version = joinedload(Submission.version)
    return (
        version.joinedload(ResourceVersion.resource).joinedload(Resource.course),
        version.joinedload(ResourceVersion.resource).joinedload(Resource.unit),
        version.joinedload(ResourceVersion.asset), joinedload(Submission.submitted_by),
        selectinload(Submission.decisions).joinedload(Decision.reviewer),
    )  # fmt: skip


def _version_parts() -> tuple[ExecutableOption, ...]:
    return (
        joinedload(ResourceVersion.author), selectinload(ResourceVersion.captions), selectinload(ResourceVersion.ranges),
        joinedload(ResourceVersion.asset).options(selectinload(Asset.renditions), undefer(Asset.extracted_text)),
    )  # fmt: skip


def _case_parts() -> tuple[ExecutableOption, ...]:
    version, resource = (
        joinedload(Submission.version),
        joinedload(Submission.version).joinedload(ResourceVersion.resource),
    )
    return (
        version.joinedload(ResourceVersion.author), version.selectinload(ResourceVersion.captions),
        version.selectinload(ResourceVersion.ranges),
        version.joinedload(ResourceVersion.asset).options(selectinload(Asset.renditions), undefer(Asset.extracted_text)),
        resource.joinedload(Resource.library), resource.selectinload(Resource.points),
        selectinload(Submission.decisions).selectinload(Decision.verdicts),
    )  # fmt: skip
