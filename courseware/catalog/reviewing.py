"""Lessons are read by somebody else before learners see them, where the library asks for it (R34-R37).

The published version stays live while a newer one is read. What is handed in no longer changes: whoever edits on begins
a new draft, and handing that in ends the case before it. Levels, people, dimensions and days are those of the library's
rules; flags, claims and kept opinions are for resources alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import select

from courseware.accounts.models import User
from courseware.auditlog import services as auditlog
from courseware.catalog import policy, services
from courseware.catalog.errors import NothingToReview, OwnLesson
from courseware.catalog.models import Lesson, LessonCase, LessonDecision, LessonEditor, LessonReviewer, LessonVersion
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import NotAllowed
from courseware.review import policy as review_policy
from courseware.review import rulebook
from courseware.review import rules as rulelib
from courseware.review.errors import AlreadyDecided, ChangedMeanwhile, NotYourLevel, SameReviewerTwice, SameUnit
from courseware.review.references import LAWS
from courseware.review.rules import Rules
from courseware.review.services import check_self, check_verdicts
from courseware.review.words import ROLE_NAMES


def hand_in(
    actor: User, lesson: Lesson, *, commitment: str = "", self_check: Collection[str] | None = None
) -> LessonCase:
    """Hands the draft in under the rules of this moment; a case that was open ends.

    `self_check` names the dimensions the actor has checked; None where the commitment stands for all of them. Raises
    NotAllowed, NothingToReview, LessonEmpty, UnitNotLive, SelfCheckMissing.
    """
    if not policy.can_edit_lesson(actor, lesson):
        raise NotAllowed()
    if lesson.draft_version is None and (lesson.is_live or lesson.review_version is not None):
        raise NothingToReview()
    library = lesson.course.library
    row, rules = rulebook.newest(library), rulebook.rules_of(library)
    check_self(rules, self_check)
    version = services.open_draft(lesson)
    services.check_ready(version)
    services.set_review_aside(lesson)
    lesson.review_version, lesson.draft_version = version, None
    case = LessonCase(
        lesson_id=lesson.id, version_id=version.id, base_version_id=lesson.published_version_id, submitted_by_id=actor.id,
        submitted_at=clock.now(), commitment=commitment, self_check=[d for d in rules.keys if d in (self_check or ())],
        rules_id=row.id if row is not None else None, levels=len(rules.levels), level=1, named=[],
        barred_unit_id=None if rules.same_unit else lesson.owner.unit_id,
    )  # fmt: skip
    _open_level(case, rules)
    session().add(case)
    session().flush()
    auditlog.record("lesson.hand_in", actor, about=lesson, details={"version": version.num})
    return case


def take_back(actor: User, lesson: Lesson) -> LessonVersion:
    """Makes what waits for review the draft again. Raises NotAllowed, and AlreadyDecided where nothing waits.

    Where somebody has begun a newer draft, that one stays.
    """
    if not policy.can_edit_lesson(actor, lesson):
        raise NotAllowed()
    case = open_case(lesson)
    if case is None:
        raise AlreadyDecided()
    _lock(case)
    if case.state != "open":
        raise AlreadyDecided()
    case.state = "withdrawn"
    _give_back(case)
    session().flush()
    auditlog.record("lesson.take_back", actor, about=lesson, details={"version": case.version.num})
    return case.version


def decide(
    actor: User,
    case: LessonCase,
    decision: str,
    verdicts: Mapping[str, tuple[bool, str]],
    *,
    note: str = "",
    level: int | None = None,
) -> LessonDecision:
    """Decides the present level; approval at the last one publishes, `return` gives the draft back with its reasons.

    `level` is the one the reviewer looked at. Two who decide at once: the second is told (AlreadyDecided); a case that a
    newer one has replaced raises ChangedMeanwhile. Raises NotAllowed, OwnLesson, SameReviewerTwice, SameUnit,
    NotYourLevel, VerdictsMissing, VerdictsContradict, and UnitNotLive where a resource was withdrawn meanwhile.
    """
    _lock(case)
    _may_decide(actor, case)
    if level is not None and level != case.level:
        raise AlreadyDecided()
    rules = rules_of_case(case)
    check_verdicts(decision if decision != "reject" else "", verdicts, rules.keys)
    made = LessonDecision(
        case_id=case.id, level=case.level, reviewer_id=actor.id, decision=decision, note=note, decided_at=clock.now(),
        verdicts={d: [passed, words] for d, (passed, words) in verdicts.items()},
    )  # fmt: skip
    case.decisions.append(made)
    auditlog.record(f"lesson.{decision}", actor, about=case.lesson, reason=note, details={"level": made.level})
    _carry_out(actor, case, decision, rules)
    session().flush()
    return made


def open_case(lesson: Lesson) -> LessonCase | None:
    """The case of what waits for review."""
    if lesson.review_version_id is None:
        return None
    query = select(LessonCase).where(LessonCase.version_id == lesson.review_version_id, LessonCase.state == "open")
    return session().scalar(query)


def rules_of_case(case: LessonCase) -> Rules:
    """What held when the case was handed in."""
    if case.rules is not None:
        return rulelib.from_json(case.rules.content)
    return rulelib.default_rules(case.levels, LAWS)


def wrote(actor: User, case: LessonCase) -> bool:
    """Whether the person owns the lesson, handed it in, or changed this version of it."""
    if actor.id in (case.submitted_by_id, case.lesson.owner_id):
        return True
    edited = select(LessonEditor.user_id).where(LessonEditor.version_id == case.version_id)
    return session().scalar(edited.where(LessonEditor.user_id == actor.id)) is not None


def whom(case: LessonCase) -> str:
    """Who takes the present level, in words."""
    if case.asked_role:
        return str(ROLE_NAMES[case.asked_role])
    return "、".join(n.user.name for n in case.named if n.level == case.level)


def _lock(case: LessonCase) -> None:
    """Who decides at the same moment waits here, and then sees what was decided."""
    session().flush()
    session().execute(select(LessonCase.id).where(LessonCase.id == case.id).with_for_update())
    session().expire(case, ["level", "state", "decisions", "named", "asked_role"])
    session().refresh(case.lesson)


def _may_decide(actor: User, case: LessonCase) -> None:
    if not review_policy.can_review(actor):
        raise NotAllowed()
    if wrote(actor, case):
        raise OwnLesson()
    if case.state != "open":
        raise ChangedMeanwhile() if case.state == "withdrawn" else AlreadyDecided()
    if policy.is_barred(actor, case):
        raise SameUnit()
    if policy.took_level_before(actor, case):
        raise SameReviewerTwice()
    if not policy.may_take_level(actor, case):
        raise NotYourLevel(whom=whom(case))


def _open_level(case: LessonCase, rules: Rules) -> None:
    """The present level begins: who takes it, and by when."""
    step = rules.levels[case.level - 1]
    case.due_at, case.asked_role = clock.now() + dt.timedelta(days=step.days), step.role
    named = [] if step.role else [LessonReviewer(level=case.level, user_id=person) for person in step.people]
    case.named = [*(row for row in case.named if row.level != case.level), *named]


def _carry_out(actor: User, case: LessonCase, decision: str, rules: Rules) -> None:
    if decision == "return":
        case.state = "returned"
        _give_back(case)
    elif case.level < case.levels:
        case.level += 1
        _open_level(case, rules)
    else:
        case.state = "approved"
        services.check_ready(case.version)
        services.put_live(case.lesson, case.version)
        auditlog.record("lesson.publish", actor, about=case.lesson, details={"version": case.version.num})


def _give_back(case: LessonCase) -> None:
    """The version is the draft again, unless somebody has begun a newer one: then it stays as history."""
    lesson, version = case.lesson, case.version
    lesson.review_version = None
    if lesson.draft_version is None:
        version.revision += 1  # the page that showed it while it was read expects this one
        lesson.draft_version = version
    else:
        version.state, version.superseded_at = "superseded", clock.now()


def as_verdicts(decision: LessonDecision) -> list[tuple[str, bool, str]]:
    """A decision's verdicts as (dimension, passed, note)."""
    kept: Mapping[str, Any] = decision.verdicts
    return [(dimension, bool(passed), str(words)) for dimension, (passed, words) in kept.items()]
