"""Reading review: the queue, a case with what changed, what came back to an author. Queries never grow with rows."""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Select, and_, false, func, not_, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload, undefer
from sqlalchemy.sql.base import ExecutableOption

from courseware.accounts.models import RoleGrant, Unit, User
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import NotFound
from courseware.core.paging import Page
from courseware.core.roles import Actor, Role
from courseware.libraries.models import Course, Library
from courseware.resources import page_queries
from courseware.resources import queries as resource_queries
from courseware.resources.models import Asset, Resource, ResourceVersion
from courseware.resources.queries import Use
from courseware.review import policy, rulebook
from courseware.review.models import DIMENSIONS, Decision, Submission, SubmissionReviewer
from courseware.review.rules import Level, Rules

PAGE = 30
SOON = dt.timedelta(days=1)
KINDS = ("new", "update")
OWN, LEVEL_BEFORE, UNIT, ROLE, LEVEL, CLAIMED = "own", "level_before", "unit", "role", "level", "claimed"
USES_SHOWN = 12
WORKLOAD_DAYS = 30


@dataclass(frozen=True, slots=True)
class QueueFilters:
    """What of the queue is shown: `state` open or decided, `mine` only what the reader may decide (or decided)."""

    state: str = "open"
    mine: bool = True
    kind: str = ""
    type: str = ""
    text: str = ""
    library: str = ""
    course: str = ""
    level: int = 0
    is_flagged: bool = False
    is_claimed: bool = False


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One submission in the queue. `blocked` says why the reader may not decide it: own, level_before, unit, role,
    level, claimed, or nothing."""

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
class Usage:
    """Where a resource is used: counts of all, and the first of them. `pinned` counts lessons by the version they hold."""

    lessons: int = 0
    courses: int = 0
    follow: int = 0
    pinned: Mapping[int, int] = field(default_factory=dict)
    shown: Sequence[Use] = ()

    @property
    def left_out(self) -> int:
        """How many are not shown."""
        return self.lessons - len(self.shown)


@dataclass(frozen=True, slots=True)
class Load:
    """What one reviewer did in the last WORKLOAD_DAYS, and has in hand."""

    name: str
    unit: str
    decided: int
    returned: int
    claimed: int
    named: int


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
    rules: Rules
    usage: Usage
    newer: Submission | None = None
    returned_text: str | None = None

    @property
    def steps(self) -> Sequence[Level]:
        """The steps of this case, in order."""
        return self.rules.steps(self.submission.flags)

    @property
    def step(self) -> Level:
        """The step that waits, or the last one."""
        steps = self.steps
        return steps[min(self.submission.level, len(steps)) - 1]

    @property
    def is_claimed(self) -> bool:
        """Whether somebody is looking at it now."""
        return policy.is_claimed(self.submission)

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
    """How many wait for this reader, are taken by them, wait for anybody, are late, and were decided; one query."""
    waiting, mine = Submission.state == "open", _decidable(actor)
    taken = waiting & (Submission.claimed_by_id == actor.id) & (Submission.claimed_at > clock.now() - policy.CLAIM_FOR)
    decided = select(Decision.submission_id).where(Decision.reviewer_id == actor.id)
    row = session().execute(
        select(
            func.count().filter(waiting & mine), func.count().filter(taken), func.count().filter(waiting),
            func.count().filter(waiting & mine & (Submission.due_at < clock.now())),
            func.count().filter(Submission.id.in_(decided)),
        ).select_from(Submission).join(ResourceVersion).join(Resource, Resource.id == ResourceVersion.resource_id)
    ).one()  # fmt: skip
    return dict(zip(("mine", "claimed", "all", "late", "decided"), row, strict=True))


def case_of(submission_uuid: uuidlib.UUID, actor: Actor | None) -> Case:
    """The page of a submission. Raises NotFound for those who may not see it."""
    query = select(Submission).where(Submission.uuid == submission_uuid).options(*_row_parts(), *_case_parts())
    submission = session().scalar(query)
    if submission is None or actor is None or not policy.can_see(actor, submission):
        raise NotFound()
    version, resource = submission.version, submission.version.resource
    open_ids = list(session().scalars(_open_ids(actor)))
    at = open_ids.index(submission.id) if submission.id in open_ids else -1
    return Case(
        submission, version, _base(resource, version), _blocked(actor, submission, _own_of(actor, [submission])), at + 1,
        len(open_ids), _uuid_of(open_ids[at - 1]) if at > 0 else None, _following(actor, open_ids, at),
        history_of(resource), rulebook.rules_of_case(submission), usage_of(resource), _newer(submission),
        returned_text_of(version),
    )  # fmt: skip


def usage_of(resource: Resource) -> Usage:
    """Where the resource is used, for whoever is about to publish, withdraw or take down. One query."""
    uses = resource_queries.where_used([resource])[resource.id]
    lessons = {use.path: use for use in uses}
    pinned = Counter(use.version_num for use in lessons.values() if use.version_num is not None)
    return Usage(
        len(lessons), len({use.where for use in uses}), len(lessons) - sum(pinned.values()), dict(sorted(pinned.items())),
        list(lessons.values())[:USES_SHOWN],
    )  # fmt: skip


def text_of(version: ResourceVersion) -> str:
    """What is read or heard: the text, the words in the file, or the transcript."""
    if version.body or version.asset is None:
        return version.body
    spoken = page_queries.transcript_of(version.captions, "zh") if version.captions else []
    return "\n".join(line.text for line in spoken) or version.asset.extracted_text


def returned_text_of(version: ResourceVersion) -> str | None:
    """The words as they were when this version was sent back last; None when it never was."""
    query = (
        select(Submission.returned_text)
        .where(Submission.version_id == version.id, Submission.state == "returned")
        .order_by(Submission.id.desc())
        .limit(1)
    )
    return session().scalar(query)


def workload(limit: int = 100) -> list[Load]:
    """What each reviewer did and has in hand, the busiest first. One query; only for those who keep libraries."""
    since, claims = clock.now() - dt.timedelta(days=WORKLOAD_DAYS), clock.now() - policy.CLAIM_FOR
    made = select(Decision.reviewer_id, Decision.decision).where(Decision.decided_at >= since).subquery()
    decided = select(func.count()).where(made.c.reviewer_id == User.id).scalar_subquery()
    returned = select(func.count()).where(made.c.reviewer_id == User.id, made.c.decision == "return").scalar_subquery()
    claimed = select(func.count()).select_from(Submission).where(
        Submission.claimed_by_id == User.id, Submission.state == "open", Submission.claimed_at > claims
    ).scalar_subquery()  # fmt: skip
    named = select(func.count()).select_from(SubmissionReviewer).join(Submission).where(
        SubmissionReviewer.user_id == User.id, Submission.state == "open", SubmissionReviewer.level == Submission.level
    ).scalar_subquery()  # fmt: skip
    holders = select(RoleGrant.user_id).where(RoleGrant.role == Role.REVIEWER.value)
    query = (
        select(User.name, Unit.name, decided, returned, claimed, named)
        .outerjoin(Unit, Unit.id == User.unit_id)
        .where(User.id.in_(holders), User.closed_at.is_(None))
        .order_by(decided.desc(), User.name, User.id)
        .limit(limit)
    )
    return [Load(row[0], row[1] or "", *row[2:]) for row in session().execute(query)]


def choices_of(actor: Actor) -> tuple[Sequence[Library], Sequence[Course]]:
    """Libraries and courses of which something waits, to narrow the queue to. Two queries."""
    waiting = (
        select(Resource.library_id, Resource.course_id)
        .join(ResourceVersion, ResourceVersion.resource_id == Resource.id)
        .join(Submission, Submission.version_id == ResourceVersion.id)
        .where(Submission.state == "open")
        .subquery()
    )
    libraries = select(Library).where(Library.id.in_(select(waiting.c.library_id))).order_by(Library.name)
    courses = select(Course).where(Course.id.in_(select(waiting.c.course_id))).order_by(Course.name).limit(200)
    return session().scalars(libraries).all(), session().scalars(courses).all()


def cases_of(uuids: Sequence[uuidlib.UUID], actor: Actor) -> list[QueueRow]:
    """Open cases by their uuids with content and captions, those due first, as the batch page shows them."""
    query = select(Submission).where(Submission.uuid.in_(uuids)).options(*_row_parts(), *_case_parts())
    found = session().scalars(query.order_by(Submission.due_at, Submission.id)).unique().all()
    return [row for row in _rows(actor, found) if policy.can_see(actor, row.submission)]


def _newer(submission: Submission) -> Submission | None:
    """The submission that took the place of one that is no longer open."""
    if submission.state == "open":
        return None
    query = select(Submission).join(ResourceVersion).where(
        ResourceVersion.resource_id == submission.version.resource_id, Submission.state == "open",
        Submission.id > submission.id,
    )  # fmt: skip
    return session().scalar(query.order_by(Submission.id.desc()).limit(1))


def next_open(actor: Actor, after: Submission | None = None) -> uuidlib.UUID | None:
    """The submission due first that the reader may decide, other than the one just decided."""
    query = _open_ids(actor)
    query = query.where(Submission.id != after.id) if after is not None else query
    first = session().scalar(query.limit(1))
    return _uuid_of(first) if first is not None else None


def decisions_of(version_ids: Sequence[int]) -> dict[int, Decision]:
    """The last decision on each version by its id, with its reviewer; one query. Verdicts follow when they are read."""
    if not version_ids:
        return {}
    query = (
        select(Submission.version_id, Decision)
        .join(Decision, Decision.submission_id == Submission.id)
        .where(Submission.version_id.in_(version_ids))
        .options(joinedload(Decision.reviewer).lazyload(User.grants))
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
    if filters.library:
        yield Resource.library_id.in_(select(Library.id).where(Library.code == filters.library))
    if filters.course:
        yield Resource.course_id.in_(select(Course.id).where(Course.code == filters.course))
    if filters.level:
        yield Submission.level == filters.level
    if filters.is_flagged:
        yield Submission.is_flagged.is_(True)
    if filters.is_claimed:
        yield and_(Submission.claimed_by_id == actor.id, Submission.claimed_at > clock.now() - policy.CLAIM_FOR)
    if filters.text.strip():
        yield Resource.title.icontains(filters.text.strip(), autoescape=True)


def _decidable(actor: Actor) -> ColumnElement[bool]:
    """What R35, R37 and R39 leave to the reader: their level, no own work, not the level after one's own."""
    wrote = select(ResourceVersion.resource_id).where(ResourceVersion.author_id == actor.id)
    before = select(Decision.submission_id).where(
        Decision.reviewer_id == actor.id,
        Decision.submission_id == Submission.id,
        Decision.level == Submission.level - 1,
    )
    named = select(SubmissionReviewer.submission_id).where(
        SubmissionReviewer.user_id == actor.id, SubmissionReviewer.submission_id == Submission.id,
        SubmissionReviewer.level == Submission.level,
    )  # fmt: skip
    barred = false() if actor.unit_id is None else Submission.barred_unit_id == actor.unit_id
    return and_(
        or_(Submission.asked_role.in_(policy.roles_of(actor)), Submission.id.in_(named)),
        or_(Submission.barred_unit_id.is_(None), not_(barred)),
        Resource.author_id != actor.id, Submission.submitted_by_id != actor.id,
        ResourceVersion.resource_id.not_in(wrote), Submission.id.not_in(before),
    )  # fmt: skip


def _free(actor: Actor) -> ColumnElement[bool]:
    """Nobody else is looking at it now."""
    return or_(
        Submission.claimed_at.is_(None), Submission.claimed_by_id == actor.id,
        Submission.claimed_at <= clock.now() - policy.CLAIM_FOR,
    )  # fmt: skip


def _open_ids(actor: Actor) -> Select[int]:
    query = select(Submission.id).join(ResourceVersion, ResourceVersion.id == Submission.version_id)
    query = query.join(Resource, Resource.id == ResourceVersion.resource_id)
    return query.where(Submission.state == "open", _decidable(actor), _free(actor)).order_by(
        Submission.due_at, Submission.id
    )


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
        return ROLE
    if policy.is_barred(actor, submission):
        return UNIT
    if policy.took_level_before(actor, submission):
        return LEVEL_BEFORE
    if not policy.may_take(actor, submission):
        return LEVEL
    return CLAIMED if submission.state == "open" and policy.is_claimed_by_other(actor, submission) else ""


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
        version.joinedload(ResourceVersion.resource).joinedload(Resource.library),
        version.joinedload(ResourceVersion.asset), joinedload(Submission.submitted_by), joinedload(Submission.claimed_by),
        selectinload(Submission.named),
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
        resource.selectinload(Resource.points), joinedload(Submission.rules),
        selectinload(Submission.decisions).selectinload(Decision.verdicts),
    )  # fmt: skip
