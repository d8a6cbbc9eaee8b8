"""Unfinished opinions: what a reviewer chose and wrote is there again after a break, on any machine.

Nobody else reads it, it decides nothing, and it goes with the decision (whoever makes it) or when the author takes the
case back. The last save counts: two windows of one person do not merge.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import NotAllowed
from courseware.core.roles import Actor
from courseware.review import policy
from courseware.review.errors import AlreadyDecided
from courseware.review.models import Submission, UnfinishedOpinion


def keep(actor: Actor, submission: Submission, content: Mapping[str, Any], level: int | None) -> UnfinishedOpinion:
    """Keeps `content` (plain values) for the level it was written for. Raises NotAllowed, AlreadyDecided.

    A case that somebody else claimed keeps it as well: nothing typed is lost because another was faster.
    """
    if not policy.can_review(actor) or not policy.can_see(actor, submission):
        raise NotAllowed()
    if submission.state != "open" or (level is not None and level != submission.level):
        raise AlreadyDecided()
    kept = opinion_of(actor, submission) or _add(actor, submission)
    kept.content, kept.level, kept.saved_at = dict(content), submission.level, clock.now()
    session().flush()
    return kept


def opinion_of(actor: Actor, submission: Submission) -> UnfinishedOpinion | None:
    """What this person kept for the present level, or None."""
    query = select(UnfinishedOpinion).where(
        UnfinishedOpinion.submission_id == submission.id, UnfinishedOpinion.reviewer_id == actor.id
    )
    return session().scalar(query.where(UnfinishedOpinion.level == submission.level))


def forget(actor: Actor, submission: Submission) -> None:
    """The person begins anew."""
    own = UnfinishedOpinion.reviewer_id == actor.id
    session().execute(delete(UnfinishedOpinion).where(UnfinishedOpinion.submission_id == submission.id, own))


def drop_all(submission: Submission) -> None:
    """The level is decided, or the case is gone: nobody needs an opinion on it any more."""
    session().execute(delete(UnfinishedOpinion).where(UnfinishedOpinion.submission_id == submission.id))


def _add(actor: Actor, submission: Submission) -> UnfinishedOpinion:
    """A new row, or the one that the person's other window made in this very moment."""
    forget(actor, submission)  # of an earlier level
    db, now = session(), clock.now()
    made = UnfinishedOpinion(
        submission_id=submission.id, reviewer_id=actor.id, level=submission.level, content={}, saved_at=now
    )
    try:
        with db.begin_nested():
            db.add(made)
    except IntegrityError:
        found = opinion_of(actor, submission)
        if found is None:
            raise
        return found
    return made
