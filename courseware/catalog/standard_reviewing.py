"""Course standards are read by somebody else before they hold, where the library asks for it (R36).

As for lessons (reviewing.py), and simpler: what is handed in is a tree that never changes, the version in force stays
until the last level has approved, and returning it gives the tree back as the draft.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from courseware.accounts.models import User
from courseware.auditlog import services as auditlog
from courseware.catalog import policy, standards
from courseware.catalog.changing import need
from courseware.catalog.course_models import StandardCase, StandardDecision
from courseware.catalog.errors import OwnStandard, StandardWaits
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import NotAllowed, NotFound
from courseware.knowledge import queries as knowledge
from courseware.knowledge.models import StandardDraft
from courseware.knowledge.standards import publish_tree
from courseware.libraries.models import Course
from courseware.review import policy as review
from courseware.review import rulebook
from courseware.review import rules as rulelib
from courseware.review.errors import AlreadyDecided, NotYourLevel, SameReviewerTwice, SameUnit
from courseware.review.references import LAWS
from courseware.review.rules import Rules
from courseware.review.services import check_verdicts

QUEUE = 50


def hand_in(actor: User, course: Course, version: str) -> StandardCase:
    """Hands the draft in under the rules of this moment. Raises NotAllowed, StandardWaits, StandardUnchanged, Invalid."""
    need(policy.can_teach(actor, course))
    session().execute(select(Course.id).where(Course.id == course.id).with_for_update())
    if standards.waiting_case(course) is not None:
        raise StandardWaits()
    draft, rules, row = (
        standards.check_ready(course, version),
        rulebook.rules_of(course.library),
        rulebook.newest(course.library),
    )
    base = knowledge.standard_of(course)
    case = StandardCase(
        course_id=course.id, base_id=base.id if base else None, version=version.strip(), tree=draft.tree,
        writers=sorted({*draft.writers, actor.id}), submitted_by_id=actor.id, submitted_at=clock.now(),
        rules_id=row.id if row is not None else None, levels=len(rules.levels), level=1,
        barred_unit_id=None if rules.same_unit else actor.unit_id,
    )  # fmt: skip
    _open_level(case, rules)
    session().add(case)
    session().delete(draft)
    session().flush()
    auditlog.record("standard.hand_in", actor, about=course, details={"version": case.version})
    return case


def take_back(actor: User, case: StandardCase) -> None:
    """Makes what waits the draft again. Raises NotAllowed, AlreadyDecided."""
    need(policy.can_build(actor, case.course))
    _lock(case)
    case.state = "withdrawn"
    _give_back(case, actor)
    auditlog.record("standard.take_back", actor, about=case.course, details={"version": case.version})


def decide(
    actor: User, case: StandardCase, decision: str, verdicts: Mapping[str, tuple[bool, str]], *, note: str = "",
    level: int | None = None,
) -> StandardDecision:  # fmt: skip
    """Decides the present level; approval at the last one publishes, `return` gives the tree back as the draft.

    `level` is the one the reviewer looked at: of two who decide at once the second is told (AlreadyDecided). Raises
    NotAllowed, OwnStandard, SameReviewerTwice, SameUnit, NotYourLevel, VerdictsMissing, VerdictsContradict, and Invalid where a
    point of the tree is gone meanwhile.
    """
    _lock(case)
    _may_decide(actor, case)
    if level is not None and level != case.level:
        raise AlreadyDecided()
    rules = rules_of_case(case)
    check_verdicts(decision if decision in ("approve", "return") else "", verdicts, rules.keys)
    made = StandardDecision(
        case_id=case.id, level=case.level, reviewer_id=actor.id, decision=decision, note=note, decided_at=clock.now(),
        verdicts={name: [passed, words] for name, (passed, words) in verdicts.items()},
    )  # fmt: skip
    case.decisions.append(made)
    auditlog.record(f"standard.{decision}", actor, about=case.course, reason=note, details={"level": made.level})
    _carry_out(actor, case, decision, rules)
    session().flush()
    return made


def case_by_uuid(case_uuid: object, actor: User) -> StandardCase:
    """A case for reviewers and for those who build the course; raises NotFound."""
    case = session().scalar(select(StandardCase).where(StandardCase.uuid == case_uuid))
    if case is None or not (review.can_review(actor) or policy.can_build(actor, case.course)):
        raise NotFound()
    return case


def open_cases() -> Sequence[StandardCase]:
    """What waits, the one due first at the top; one query."""
    load = (joinedload(StandardCase.course), joinedload(StandardCase.submitted_by))
    query = select(StandardCase).where(StandardCase.state == "open").options(*load)
    return session().scalars(query.order_by(StandardCase.due_at, StandardCase.id).limit(QUEUE)).all()


def rules_of_case(case: StandardCase) -> Rules:
    """What held when the case was handed in."""
    if case.rules is not None:
        return rulelib.from_json(case.rules.content)
    return rulelib.default_rules(case.levels, LAWS)


def why_not(actor: User, case: StandardCase) -> NotAllowed | None:
    """What keeps the person from deciding the present level, as the error it would be."""
    if not review.can_review(actor):
        return NotAllowed()
    if actor.id in case.writers or actor.id == case.submitted_by_id:
        return OwnStandard()
    if case.barred_unit_id is not None and case.barred_unit_id == actor.unit_id:
        return SameUnit()
    if any(d.level == case.level - 1 and d.reviewer_id == actor.id for d in case.decisions):
        return SameReviewerTwice()
    named = actor.id in case.named if not case.asked_role else case.asked_role in review.roles_of(actor)
    return None if named else NotYourLevel(whom=case.asked_role or str(len(case.named)))


def _may_decide(actor: User, case: StandardCase) -> None:
    if problem := why_not(actor, case):
        raise problem


def _lock(case: StandardCase) -> None:
    """Who decides at the same moment waits here, and then sees what was decided."""
    session().flush()
    session().execute(select(StandardCase.id).where(StandardCase.id == case.id).with_for_update())
    session().refresh(case)
    if case.state != "open":
        raise AlreadyDecided()


def _open_level(case: StandardCase, rules: Rules) -> None:
    step = rules.levels[case.level - 1]
    case.due_at, case.asked_role = clock.now() + dt.timedelta(days=step.days), step.role
    case.named = [] if step.role else list(step.people)


def _carry_out(actor: User, case: StandardCase, decision: str, rules: Rules) -> None:
    if decision == "return":
        case.state = "returned"
        _give_back(case, actor)
    elif case.level < case.levels:
        case.level += 1
        _open_level(case, rules)
    else:
        case.state = "approved"
        publish_tree(case.course, case.version, case.tree, actor)


def _give_back(case: StandardCase, actor: User) -> None:
    """The tree is the draft again; nobody could begin another one while it waited."""
    session().add(
        StandardDraft(
            course_id=case.course_id, base_id=case.base_id, tree=case.tree, writers=case.writers, revision=1,
            saved_by_id=case.submitted_by_id, saved_at=clock.now(),
        )
    )  # fmt: skip
    session().flush()
