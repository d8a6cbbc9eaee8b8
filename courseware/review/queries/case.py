"""One case: its versions, where it is used, what stands before and behind it."""

from __future__ import annotations

import uuid as uuidlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from courseware.core.database import session
from courseware.core.errors import NotFound
from courseware.core.roles import Actor
from courseware.resources import page_queries
from courseware.resources import queries as resource_queries
from courseware.resources.models import Resource, ResourceVersion
from courseware.resources.queries import Use
from courseware.review import policy, rulebook
from courseware.review.models import Submission
from courseware.review.queries.history import history_of
from courseware.review.queries.loaded import case_parts, row_parts, version_parts
from courseware.review.queries.takers import blocked_for, open_ids_of, own_of
from courseware.review.queries.waiting import QueueRow, rows_of, uuid_of
from courseware.review.rules import Level, Rules

USES_SHOWN = 12


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


def case_of(submission_uuid: uuidlib.UUID, actor: Actor | None) -> Case:
    """The page of a submission. Raises NotFound for those who may not see it."""
    query = select(Submission).where(Submission.uuid == submission_uuid).options(*row_parts(), *case_parts())
    submission = session().scalar(query)
    if submission is None or actor is None or not policy.can_see(actor, submission):
        raise NotFound()
    version, resource = submission.version, submission.version.resource
    open_ids = list(session().scalars(open_ids_of(actor)))
    at = open_ids.index(submission.id) if submission.id in open_ids else -1
    return Case(
        submission, version, _base(resource, version), blocked_for(actor, submission, own_of(actor, [submission])), at + 1,
        len(open_ids), uuid_of(open_ids[at - 1]) if at > 0 else None, _following(actor, open_ids, at),
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


def _newer(submission: Submission) -> Submission | None:
    """The submission that took the place of one that is no longer open."""
    if submission.state == "open":
        return None
    query = select(Submission).join(ResourceVersion).where(
        ResourceVersion.resource_id == submission.version.resource_id, Submission.state == "open",
        Submission.id > submission.id,
    )  # fmt: skip
    return session().scalar(query.order_by(Submission.id.desc()).limit(1))


def _following(actor: Actor, open_ids: Sequence[int], at: int, limit: int = 3) -> list[QueueRow]:
    wanted = open_ids[at + 1 : at + 1 + limit]
    query = select(Submission).where(Submission.id.in_(wanted)).options(*row_parts())
    rows = session().scalars(query.order_by(Submission.due_at, Submission.id)).all() if wanted else []
    return rows_of(actor, rows)


def _base(resource: Resource, version: ResourceVersion) -> ResourceVersion | None:
    """The version to compare with: the last one published before."""
    query = select(ResourceVersion).where(ResourceVersion.resource_id == resource.id, ResourceVersion.num < version.num)
    query = query.where(ResourceVersion.published_at.is_not(None)).options(*version_parts())
    return session().scalar(query.order_by(ResourceVersion.num.desc()).limit(1))
