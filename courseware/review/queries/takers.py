"""Which submissions a reader may take, in SQL for lists and in Python for one (R35, R37, R39)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, and_, false, not_, or_, select

from courseware.core import clock
from courseware.core.database import session
from courseware.core.roles import Actor
from courseware.resources.models import Resource, ResourceVersion
from courseware.review import policy
from courseware.review.models import Decision, Submission, SubmissionReviewer

OWN, LEVEL_BEFORE, UNIT, ROLE, LEVEL, CLAIMED = "own", "level_before", "unit", "role", "level", "claimed"


def open_ids_of(actor: Actor) -> Select[int]:
    """Ids of what waits for the reader and nobody else reads now, those due first."""
    query = select(Submission.id).join(ResourceVersion, ResourceVersion.id == Submission.version_id)
    query = query.join(Resource, Resource.id == ResourceVersion.resource_id)
    return query.where(Submission.state == "open", decidable(actor), _free(actor)).order_by(
        Submission.due_at, Submission.id
    )


def decidable(actor: Actor) -> ColumnElement[bool]:
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


def own_of(actor: Actor, submissions: Sequence[Submission]) -> set[int]:
    """Ids of those resources that the actor wrote a version of."""
    ids = [s.version.resource_id for s in submissions]
    query = select(ResourceVersion.resource_id).where(ResourceVersion.resource_id.in_(ids))
    return set(session().scalars(query.where(ResourceVersion.author_id == actor.id))) if ids else set()


def blocked_for(actor: Actor, submission: Submission, own: set[int]) -> str:
    """Why the reader may not decide it; empty when they may. `own` holds what `own_of` answers."""
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
