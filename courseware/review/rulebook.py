"""The rules of a library over time: a new row for each change, none is ever altered."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from courseware.accounts.models import RoleGrant, User
from courseware.auditlog import services as auditlog
from courseware.core.database import session
from courseware.core.errors import Invalid
from courseware.libraries import policy as libraries
from courseware.libraries.models import Library
from courseware.review import rules as rulelib
from courseware.review.models import ReviewRules, Submission
from courseware.review.references import LAWS
from courseware.review.rules import ROLES, Rules


def newest(library: Library) -> ReviewRules | None:
    """The row in force; None where the library has set nothing."""
    query = select(ReviewRules).where(ReviewRules.library_id == library.id).order_by(ReviewRules.num.desc()).limit(1)
    return session().scalar(query)


def rules_of(library: Library) -> Rules:
    """What holds for what is handed in now."""
    row = newest(library)
    return rulelib.from_json(row.content) if row is not None else rulelib.default_rules(library.review_levels, LAWS)


def rules_of_case(submission: Submission) -> Rules:
    """What held when the case was handed in; old cases have only their number of levels."""
    if submission.rules is not None:
        return rulelib.from_json(submission.rules.content)
    return rulelib.default_rules(submission.levels, LAWS)


def history(library: Library, limit: int = 20) -> Sequence[ReviewRules]:
    """Who changed the rules and when, newest first."""
    query = select(ReviewRules).where(ReviewRules.library_id == library.id).options(joinedload(ReviewRules.made_by))
    return session().scalars(query.order_by(ReviewRules.num.desc()).limit(limit)).all()


def save(actor: User, library: Library, rules: Rules) -> ReviewRules:
    """Sets new rules, for what is handed in from now on. Raises NotAllowed, Invalid (all problems at once)."""
    libraries.require_manager(actor, library)
    rulelib.check(rules)
    _check_people(rules)
    before = newest(library)
    kept = rulelib.as_json(rules)
    if before is not None and rulelib.from_json(before.content) == rules:
        return before
    row = ReviewRules(library_id=library.id, num=(before.num if before else 0) + 1, made_by_id=actor.id, content=kept)
    library.review_levels = len(rules.levels)
    session().add(row)
    session().flush()
    auditlog.record("review.rules", actor, about=library, details={"num": row.num})
    return row


def people_who_may(limit: int = 300) -> Sequence[User]:
    """People that a level can name: all who hold a reviewing role, by name."""
    holders = select(RoleGrant.user_id).where(RoleGrant.role.in_(ROLES))
    query = select(User).where(User.id.in_(holders), User.closed_at.is_(None))
    return session().scalars(query.order_by(User.name, User.id).limit(limit)).all()


def _check_people(rules: Rules) -> None:
    wanted = {person for level in rules.levels for person in level.people}
    wanted |= {person for people in rules.experts.values() for person in people}
    query = select(RoleGrant.user_id).where(RoleGrant.user_id.in_(wanted), RoleGrant.role.in_(ROLES))
    if wanted - set(session().scalars(query)):
        raise Invalid({"people": [rulelib.NOT_SO["people"]]})
