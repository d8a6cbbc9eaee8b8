"""Whom the site may suggest things to by what they did (R49, R65).

Accounts hold no birthday. So whoever states to be under 18, and whoever belongs to a secondary vocational school and
has not stated to be 18, is taken for a minor: nothing is derived from what they did, they see what is popular in the
course, and their use is left out of the counts that suggestions rest on.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, false, or_

from courseware.accounts.models import Unit, User
from courseware.guidance.models import GuidanceChoice

SECONDARY = ("中职", "中等职业学校", "技工", "secondary")


def is_minor(user: User, choice: GuidanceChoice) -> bool:
    """Whether the person counts as a minor here."""
    if choice.age:
        return choice.age == "minor"
    return user.unit is not None and user.unit.school_level in SECONDARY


def may_suggest(user: User, choice: GuidanceChoice) -> bool:
    """Whether suggestions may rest on what this person did: not for minors, not for whoever switched them off."""
    return choice.takes_suggestions and not is_minor(user, choice)


def counted() -> ColumnElement[bool]:
    """The same for many: whose use counts, in a query over User with Unit and GuidanceChoice joined outside."""
    stated_adult = GuidanceChoice.age == "adult"
    at_secondary = and_(Unit.id.is_not(None), Unit.school_level.in_(SECONDARY))
    is_off = or_(GuidanceChoice.takes_suggestions == false(), GuidanceChoice.age == "minor")
    return and_(
        User.is_test == false(),
        or_(GuidanceChoice.user_id.is_(None), ~is_off),
        or_(Unit.id.is_(None), ~at_secondary, stated_adult),
    )
