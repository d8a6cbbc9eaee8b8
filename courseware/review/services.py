"""Handing in and deciding. Nothing is published but through here (R35-R37, R39)."""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

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
from courseware.review import opinions, policy, queries, rulebook
from courseware.review.errors import (
    AlreadyDecided,
    ChangedMeanwhile,
    Claimed,
    FlagDecided,
    NotComplete,
    NotYourLevel,
    SameReviewerTwice,
    SameUnit,
    SelfCheckMissing,
    SelfReview,
    VerdictsContradict,
    VerdictsMissing,
)
from courseware.review.models import DECISIONS, DIMENSIONS, FLAGS, Decision, Submission, SubmissionReviewer, Verdict
from courseware.review.rules import Level, Rules
from courseware.review.words import ROLE_NAMES

ALL_PASSED: Mapping[str, tuple[bool, str]] = dict.fromkeys(DIMENSIONS, (True, ""))


def submit(
    actor: User,
    resource: Resource,
    *,
    commitment: str = "",
    proposed_class: str | None = None,
    self_check: Collection[str] | None = None,
    flags: Iterable[str] = (),
) -> Submission:
    """Hands the draft in, under the rules of this moment. `self_check` names the dimensions the author has checked;
    None where the commitment stands for all of them (imports). `flags` ask for the reviewers named for them (R39).

    Raises NotComplete with every missing field (R18), SelfCheckMissing, NotAllowed, WrongState.
    """
    if not resource_policy.can_submit(actor, resource):
        raise NotAllowed()
    problems = resources.missing_metadata(resource)
    if problems:
        raise NotComplete(metadata.as_form_errors(problems))
    row, rules = rulebook.newest(resource.library), rulebook.rules_of(resource.library)
    check_self(rules, self_check)
    draft, now = resource.draft_version, clock.now()
    if draft is None:
        raise NotFound()
    resources.hand_in(draft, proposed_class)
    submission = Submission(
        version_id=draft.id, submitted_by_id=actor.id, submitted_at=now, due_at=now, commitment=commitment, level=1,
        rules_id=row.id if row is not None else None, self_check=[d for d in rules.keys if d in (self_check or ())],
        barred_unit_id=None if rules.same_unit else _unit_of(resource, actor), named=[], levels=len(rules.levels),
    )  # fmt: skip
    submission.version, submission.submitted_by, submission.rules = draft, actor, row
    session().add(submission)
    _set_flags(submission, rules, flags)
    _open_level(submission, rules)
    session().flush()
    auditlog.record("review.submit", actor, about=resource, details={"version": draft.num, "flags": submission.flags})
    return submission


def check_self(rules: Rules, checked: Collection[str] | None) -> None:
    """Raises SelfCheckMissing naming every dimension the author has not confirmed."""
    missing = [] if checked is None else [key for key in rules.keys if key not in checked]
    if missing:
        raise SelfCheckMissing({key: [_l("Confirm that you have checked this.")] for key in missing})


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
    seen: int | None = None,
) -> Decision:
    """Decides the present level; approval at the last one publishes. Two who decide at once: the second is told.

    `level` is the one the reviewer looked at, `seen` the `lock_version` of the resource then: AlreadyDecided,
    ChangedMeanwhile when they are past. Raises NotAllowed, SelfReview, SameReviewerTwice, SameUnit, NotYourLevel,
    Claimed, VerdictsMissing, VerdictsContradict.
    """
    _lock(submission)
    _may_decide(actor, submission)
    if level is not None and level != submission.level:
        raise AlreadyDecided()
    if seen is not None and seen != submission.version.resource.lock_version:
        raise ChangedMeanwhile()
    rules = rulebook.rules_of_case(submission)
    check_verdicts(decision, verdicts, rules.keys)
    made = Decision(
        submission_id=submission.id, level=submission.level, reviewer_id=actor.id, decision=decision, note=note,
        decided_class=decided_class, is_evidence_accepted=is_evidence_accepted, decided_at=clock.now(),
        verdicts=[Verdict(dimension=d, is_passed=passed, note=words) for d, (passed, words) in verdicts.items()],
    )  # fmt: skip
    submission.decisions.append(made)
    submission.claimed_by_id = submission.claimed_at = None
    session().flush()
    opinions.drop_all(submission)
    resource = submission.version.resource
    auditlog.record(f"review.{decision}", actor, about=resource, reason=note, details={"level": made.level})
    _carry_out(submission, made, rules)
    session().flush()
    return made


def claim(actor: User, submission: Submission) -> None:
    """Says that the person is looking at it, for CLAIM_FOR. Raises Claimed, and what keeps them from deciding."""
    _lock(submission)
    _may_decide(actor, submission)
    submission.claimed_by_id, submission.claimed_at = actor.id, clock.now()
    session().flush()


def release(actor: User, submission: Submission) -> None:
    """Gives a claim up; those who keep the library may do it for somebody else. Raises NotAllowed."""
    if submission.claimed_by_id not in (None, actor.id) and not policy.can_name_reviewers(actor, submission):
        raise NotAllowed()
    submission.claimed_by_id = submission.claimed_at = None
    session().flush()


def set_flags(actor: User, submission: Submission, flags: Iterable[str]) -> None:
    """Says that a case shows maps, minors, …: the reviewers named for that decide as well (R39).

    Raises FlagDecided when a step that was decided would go, AlreadyDecided, NotAllowed and what keeps from deciding.
    """
    _lock(submission)
    if not policy.can_name_reviewers(actor, submission):
        _may_decide(actor, submission)
    elif submission.state != "open":
        raise AlreadyDecided()
    rules, before = rulebook.rules_of_case(submission), list(submission.flags)
    chosen = [flag for flag in FLAGS if flag in set(flags)]
    decided = submission.level - 1
    if rules.steps(chosen)[:decided] != rules.steps(before)[:decided]:
        raise FlagDecided()
    _set_flags(submission, rules, chosen)
    if before != submission.flags:
        _open_level(submission, rules)
        about, details = submission.version.resource, {"before": before, "now": submission.flags}
        auditlog.record("review.flags", actor, about=about, details=details)
    session().flush()


def name_reviewers(actor: User, submission: Submission, people: Sequence[User]) -> None:
    """Hands the present level to `people`, where nobody else is left to take it. Raises NotAllowed, AlreadyDecided."""
    if not policy.can_name_reviewers(actor, submission) or not all(policy.can_review(person) for person in people):
        raise NotAllowed()
    _lock(submission)
    if submission.state != "open":
        raise AlreadyDecided()
    _name(submission, [person.id for person in people])
    session().flush()
    names = [person.name for person in people]
    auditlog.record("review.name", actor, about=submission.version.resource, details={"people": names})


def take_back(actor: User, submission: Submission) -> None:
    """The author takes a submission back before anybody decided; the draft can be edited again."""
    if not resource_policy.can_submit(actor, submission.version.resource):
        raise NotAllowed()
    if submission.state != "open" or submission.decisions:
        raise AlreadyDecided()
    submission.state = "withdrawn"
    opinions.drop_all(submission)
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
    session().expire(
        submission,
        ["level", "levels", "state", "decisions", "named", "flags", "asked_role", "claimed_by_id", "claimed_at"],
    )


def _may_decide(actor: User, submission: Submission) -> None:
    if not policy.can_review(actor):
        raise NotAllowed()
    if policy.is_own_work(actor, submission):
        raise SelfReview()
    if submission.state != "open":
        raise AlreadyDecided()
    if policy.is_barred(actor, submission):
        raise SameUnit()
    if policy.took_level_before(actor, submission):
        raise SameReviewerTwice()
    if not policy.may_take(actor, submission):
        raise NotYourLevel(whom=whom(submission))
    if policy.is_claimed_by_other(actor, submission):
        raise Claimed(**claim_words(submission))


def whom(submission: Submission) -> str:
    """Who takes the present level, in words."""
    if submission.asked_role:
        return str(ROLE_NAMES[submission.asked_role])
    return "、".join(n.user.name for n in submission.named if n.level == submission.level)


def claim_words(submission: Submission) -> dict[str, str]:
    """Who is looking at it, and since when (time of day in Asia/Shanghai)."""
    since = submission.claimed_at.astimezone(clock.REPORTING_ZONE) if submission.claimed_at else None
    name = submission.claimed_by.name if submission.claimed_by else ""
    return {"name": name, "since": f"{since:%H:%M}" if since else ""}


def _set_flags(submission: Submission, rules: Rules, flags: Iterable[str]) -> None:
    chosen = set(flags)
    submission.flags = [flag for flag in FLAGS if flag in chosen]
    submission.is_flagged = bool(submission.flags)
    submission.levels = len(rules.steps(submission.flags))


def _open_level(submission: Submission, rules: Rules) -> None:
    """The present level begins: who takes it, and by when."""
    step: Level = rules.steps(submission.flags)[submission.level - 1]
    submission.due_at = clock.now() + dt.timedelta(days=step.days)
    submission.asked_role = step.role
    submission.claimed_by_id = submission.claimed_at = None
    _name(submission, step.people if not step.role else ())


def _name(submission: Submission, people: Iterable[int]) -> None:
    others = [row for row in submission.named if row.level != submission.level]
    kept = {row.user_id: row for row in submission.named if row.level == submission.level}
    wanted = list(dict.fromkeys(people))
    named = [kept.get(person) or SubmissionReviewer(level=submission.level, user_id=person) for person in wanted]
    submission.named = [*others, *named]
    if wanted:
        submission.asked_role = ""


def _unit_of(resource: Resource, author: User) -> int | None:
    return resource.unit_id if resource.unit_id is not None else author.unit_id


def check_verdicts(decision: str, verdicts: Mapping[str, tuple[bool, str]], dimensions: Sequence[str]) -> None:
    """Raises VerdictsMissing naming what is undecided or without its reason (R34), VerdictsContradict."""
    missing: dict[str, list[Any]] = {d: [_l("Decide this dimension.")] for d in dimensions if d not in verdicts}
    silent = {
        d: [_l("Say why it does not pass.")]
        for d, (passed, note) in verdicts.items()
        if not passed and not note.strip()
    }
    if missing or silent or decision not in DECISIONS:
        raise VerdictsMissing({**missing, **silent})
    if decision == "approve" and not all(passed for passed, _note in verdicts.values()):
        raise VerdictsContradict()


def _carry_out(submission: Submission, made: Decision, rules: Rules) -> None:
    version = submission.version
    if made.decision == "return":
        submission.state, submission.returned_text = "returned", queries.text_of(version)
        resources.give_back(version)
    elif made.decision == "reject":
        submission.state = "rejected"
        resources.turn_down(version)
    elif submission.level < submission.levels:
        submission.level += 1
        _open_level(submission, rules)
    else:
        submission.state = "approved"
        resources.publish_version(version, made.decided_class, made.is_evidence_accepted, note=made.note)
