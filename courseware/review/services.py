"""Handing in and deciding. Nothing is published but through here (R35-R37)."""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections.abc import Mapping

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from courseware.accounts.models import User
from courseware.auditlog import services as auditlog
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import NotAllowed, NotFound
from courseware.resources import metadata
from courseware.resources import policy as resource_policy
from courseware.resources import services as resources
from courseware.resources.models import Resource
from courseware.review import policy
from courseware.review.errors import (
    AlreadyDecided,
    NotComplete,
    SameReviewerTwice,
    SelfReview,
    VerdictsContradict,
    VerdictsMissing,
)
from courseware.review.models import DECISIONS, DIMENSIONS, Decision, Submission, Verdict

DUE_IN = dt.timedelta(days=7)
ALL_PASSED: Mapping[str, tuple[bool, str]] = dict.fromkeys(DIMENSIONS, (True, ""))


def submit(actor: User, resource: Resource, *, commitment: str = "", proposed_class: str | None = None) -> Submission:
    """Hands the draft in. Raises NotComplete with every missing field (R18), NotAllowed, WrongState."""
    if not resource_policy.can_submit(actor, resource):
        raise NotAllowed()
    problems = resources.missing_metadata(resource)
    if problems:
        raise NotComplete(metadata.as_form_errors(problems))
    draft, now = resource.draft_version, clock.now()
    if draft is None:
        raise NotFound()
    resources.hand_in(draft, proposed_class)
    submission = Submission(
        version_id=draft.id, submitted_by_id=actor.id, submitted_at=now, due_at=now + DUE_IN, commitment=commitment,
        levels=resource.library.review_levels, level=1,
    )  # fmt: skip
    submission.version, submission.submitted_by = draft, actor
    session().add(submission)
    session().flush()
    auditlog.record("review.submit", actor, about=resource, details={"version": draft.num})
    return submission


def decide(
    actor: User,
    submission: Submission,
    decision: str,
    verdicts: Mapping[str, tuple[bool, str]],
    *,
    note: str = "",
    decided_class: str | None = None,
    is_evidence_accepted: bool = False,
    level: int | None = None,
) -> Decision:
    """Decides the present level; approval at the last one publishes. Two who decide at once: the second is told.

    `level` is the one the reviewer looked at: AlreadyDecided when it is past. Raises NotAllowed, SelfReview, SameReviewerTwice, AlreadyDecided, VerdictsMissing, VerdictsContradict.
    """
    _lock(submission)
    _may_decide(actor, submission)
    if level is not None and level != submission.level:
        raise AlreadyDecided()
    _check(decision, verdicts)
    made = Decision(
        submission_id=submission.id, level=submission.level, reviewer_id=actor.id, decision=decision, note=note,
        decided_class=decided_class, is_evidence_accepted=is_evidence_accepted, decided_at=clock.now(),
        verdicts=[Verdict(dimension=d, is_passed=passed, note=words) for d, (passed, words) in verdicts.items()],
    )  # fmt: skip
    submission.decisions.append(made)
    session().flush()
    resource = submission.version.resource
    auditlog.record(f"review.{decision}", actor, about=resource, reason=note, details={"level": made.level})
    _carry_out(submission, made)
    session().flush()
    return made


def take_back(actor: User, submission: Submission) -> None:
    """The author takes a submission back before anybody decided; the draft can be edited again."""
    if not resource_policy.can_submit(actor, submission.version.resource):
        raise NotAllowed()
    if submission.state != "open" or submission.decisions:
        raise AlreadyDecided()
    submission.state = "withdrawn"
    resources.give_back(submission.version)
    session().flush()
    auditlog.record("review.take_back", actor, about=submission.version.resource)


def open_submission(resource: Resource) -> Submission | None:
    """The submission of the resource's draft that waits for a decision."""
    if resource.draft_version_id is None:
        return None
    query = select(Submission).where(Submission.version_id == resource.draft_version_id, Submission.state == "open")
    return session().scalar(query)


def submission_of(submission_uuid: uuidlib.UUID, actor: User | None) -> Submission:
    """The submission, for those who may see it; raises NotFound."""
    found = session().scalar(select(Submission).where(Submission.uuid == submission_uuid))
    if found is None or not policy.can_see(actor, found):
        raise NotFound()
    return found


def _lock(submission: Submission) -> None:
    """Who decides at the same moment waits here, and then sees what was decided."""
    session().flush()
    session().execute(select(Submission.id).where(Submission.id == submission.id).with_for_update())
    session().expire(submission, ["level", "state", "decisions"])


def _may_decide(actor: User, submission: Submission) -> None:
    if not policy.can_review(actor):
        raise NotAllowed()
    if policy.is_own_work(actor, submission):
        raise SelfReview()
    if submission.state != "open":
        raise AlreadyDecided()
    if policy.took_level_before(actor, submission):
        raise SameReviewerTwice()


def _check(decision: str, verdicts: Mapping[str, tuple[bool, str]]) -> None:
    missing = {d: [_l("Decide this dimension.")] for d in DIMENSIONS if d not in verdicts}
    silent = {
        d: [_l("Say why it does not pass.")]
        for d, (passed, note) in verdicts.items()
        if not passed and not note.strip()
    }
    if missing or silent or decision not in DECISIONS:
        raise VerdictsMissing({**missing, **silent})
    if decision == "approve" and not all(passed for passed, _note in verdicts.values()):
        raise VerdictsContradict()


def _carry_out(submission: Submission, made: Decision) -> None:
    version = submission.version
    if made.decision == "return":
        submission.state = "returned"
        resources.give_back(version)
    elif made.decision == "reject":
        submission.state = "rejected"
        resources.turn_down(version)
    elif submission.level < submission.levels:
        submission.level += 1
    else:
        submission.state = "approved"
        resources.publish_version(version, made.decided_class, made.is_evidence_accepted, note=made.note)
