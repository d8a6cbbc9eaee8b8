"""What was decided before, and what came back to its author."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from courseware.accounts.models import User
from courseware.core.database import session
from courseware.core.roles import Actor
from courseware.resources.models import Resource, ResourceVersion
from courseware.review.models import DIMENSIONS, Decision, Submission


@dataclass(frozen=True, slots=True)
class Returned:
    """A draft that came back, with the decision that says why."""

    resource: Resource
    decision: Decision

    @property
    def reasons(self) -> list[tuple[str, str]]:
        """Failed dimensions with their notes."""
        return [(v.dimension, v.note) for v in self.decision.verdicts if not v.is_passed]


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
