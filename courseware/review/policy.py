"""Who may decide (R3, R35, R37, R39)."""

from __future__ import annotations

import datetime as dt

from courseware.core import clock
from courseware.core.roles import Actor, Role
from courseware.libraries import policy as libraries
from courseware.resources import policy as resources
from courseware.resources.models import Resource
from courseware.review.models import Submission

REVIEWING = (Role.REVIEWER, Role.LIBRARIAN, Role.ADMINISTRATOR)
STEWARDS = (Role.LIBRARIAN, Role.ADMINISTRATOR)
CLAIM_FOR = dt.timedelta(minutes=30)


def can_review(actor: Actor | None) -> bool:
    """People who may have something to decide: reviewers, and those who keep libraries."""
    return actor is not None and actor.has_role(*REVIEWING)


def roles_of(actor: Actor) -> list[str]:
    """The reviewing roles a person holds."""
    return [role.value for role in REVIEWING if actor.has_role(role)]


def may_take(actor: Actor, submission: Submission) -> bool:
    """Whether the present level is for this person: by role, or by name (R35, R39)."""
    if submission.asked_role:
        return submission.asked_role in roles_of(actor)
    return can_review(actor) and any(n.level == submission.level and n.user_id == actor.id for n in submission.named)


def is_barred(actor: Actor, submission: Submission) -> bool:
    """Whether the rules of the library keep people of the author's unit out (R37)."""
    return submission.barred_unit_id is not None and submission.barred_unit_id == actor.unit_id


def is_own_work(actor: Actor, submission: Submission) -> bool:
    """Whether the person wrote the version, an earlier one, or handed it in."""
    return actor.id == submission.submitted_by_id or resources.is_author(actor, submission.version.resource)


def took_level_before(actor: Actor, submission: Submission) -> bool:
    """Whether the person decided the level just before the present one."""
    return any(d.level == submission.level - 1 and d.reviewer_id == actor.id for d in submission.decisions)


def is_claimed(submission: Submission) -> bool:
    """Whether somebody is looking at it; a claim ends by itself."""
    return submission.claimed_at is not None and submission.claimed_at > clock.now() - CLAIM_FOR


def is_claimed_by_other(actor: Actor, submission: Submission) -> bool:
    """Whether somebody else is looking at it now."""
    return is_claimed(submission) and submission.claimed_by_id != actor.id


def can_see(actor: Actor | None, submission: Submission) -> bool:
    """Reviewers, and whoever may edit the resource."""
    return can_review(actor) or resources.can_edit(actor, submission.version.resource)


def can_name_reviewers(actor: Actor | None, submission: Submission) -> bool:
    """Those who keep the library say who takes a level, where nobody is left to take it."""
    return libraries.can_manage(actor, submission.version.resource.library)


def can_take_down(actor: Actor | None, resource: Resource) -> bool:
    """Reviewers and those who keep the library act in an emergency (R41)."""
    return actor is not None and (
        actor.has_role(Role.REVIEWER, Role.ADMINISTRATOR) or libraries.can_manage(actor, resource.library)
    )


def can_recheck(actor: Actor | None, resource: Resource) -> bool:
    """Reviewers and those who keep libraries, but nobody their own work."""
    return actor is not None and can_review(actor) and not resources.is_author(actor, resource)
