"""The queue: what waits and what was decided, its filters and its counts."""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from courseware.core import clock
from courseware.core.database import session
from courseware.core.paging import Page
from courseware.core.roles import Actor
from courseware.libraries.models import Course, Library
from courseware.resources.models import Resource, ResourceVersion
from courseware.review import policy
from courseware.review.models import Decision, Submission
from courseware.review.queries.loaded import case_parts, row_parts
from courseware.review.queries.takers import blocked_for, decidable, open_ids_of, own_of

PAGE = 30
SOON = dt.timedelta(days=1)
KINDS = ("new", "update")


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


def queue(
    actor: Actor, filters: QueueFilters | None = None, after: str | None = None, limit: int = PAGE
) -> Page[QueueRow]:
    """Submissions, those due first; decided ones newest first. The page after the submission number `after`."""
    chosen = filters or QueueFilters()
    query = _chosen(actor, chosen).options(*row_parts()).limit(limit + 1)
    last = session().get(Submission, int(after)) if after and after.isdecimal() else None
    if last is not None:
        query = query.where(_follows(last, chosen))
    found = session().scalars(query).all()
    rows = rows_of(actor, found[:limit])
    return Page(rows, str(rows[-1].submission.id) if len(found) > limit else None)


def queue_counts(actor: Actor) -> dict[str, int]:
    """How many wait for this reader, are taken by them, wait for anybody, are late, and were decided; one query."""
    waiting, mine = Submission.state == "open", decidable(actor)
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
    query = select(Submission).where(Submission.uuid.in_(uuids)).options(*row_parts(), *case_parts())
    found = session().scalars(query.order_by(Submission.due_at, Submission.id)).unique().all()
    return [row for row in rows_of(actor, found) if policy.can_see(actor, row.submission)]


def next_open(actor: Actor, after: Submission | None = None) -> uuidlib.UUID | None:
    """The submission due first that the reader may decide, other than the one just decided."""
    query = open_ids_of(actor)
    query = query.where(Submission.id != after.id) if after is not None else query
    first = session().scalar(query.limit(1))
    return uuid_of(first) if first is not None else None


def rows_of(actor: Actor, submissions: Sequence[Submission]) -> list[QueueRow]:
    """Submissions as the reader meets them; one query."""
    own, now = own_of(actor, submissions), clock.now()
    return [QueueRow(s, blocked_for(actor, s, own), now) for s in submissions]


def uuid_of(submission_id: int) -> uuidlib.UUID | None:
    """The uuid of a submission."""
    return session().scalar(select(Submission.uuid).where(Submission.id == submission_id))


def _follows(last: Submission, filters: QueueFilters) -> ColumnElement[bool]:
    if filters.state != "open":
        return Submission.id < last.id
    same_time = and_(Submission.due_at == last.due_at, Submission.id > last.id)
    return or_(Submission.due_at > last.due_at, same_time)


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
            yield decidable(actor)
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
