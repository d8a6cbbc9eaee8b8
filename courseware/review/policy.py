"""Who may decide (R3, R35, R37)."""

from __future__ import annotations

from courseware.core.roles import Actor, Role
from courseware.resources import policy as resources
from courseware.review.models import Submission


def can_review(actor: Actor | None) -> bool:
    """People with the reviewer's role."""
    return actor is not None and actor.has_role(Role.REVIEWER)


def is_own_work(actor: Actor, submission: Submission) -> bool:
    """Whether the person wrote the version, an earlier one, or handed it in."""
    return actor.id == submission.submitted_by_id or resources.is_author(actor, submission.version.resource)


def took_level_before(actor: Actor, submission: Submission) -> bool:
    """Whether the person decided the level just before the present one."""
    return any(d.level == submission.level - 1 and d.reviewer_id == actor.id for d in submission.decisions)


def can_see(actor: Actor | None, submission: Submission) -> bool:
    """Reviewers, and whoever may edit the resource."""
    return can_review(actor) or resources.can_edit(actor, submission.version.resource)
