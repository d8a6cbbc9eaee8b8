"""A person's own choices: the plan, what is shown, what is suggested, what is kept."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, select

from courseware.accounts.models import User
from courseware.auditlog import services as auditlog
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import NotFound
from courseware.guidance.errors import PlanUnclear
from courseware.guidance.models import AGES, DeclinedSuggestion, Favourite, GuidanceChoice
from courseware.guidance.plan import LEAST_MINUTES, MOST_MINUTES
from courseware.resources.models import Resource


def choice_of(user: User) -> GuidanceChoice:
    """How the person wants to be guided; a new row, not yet stored, for whoever never chose."""
    return session().get(GuidanceChoice, user.id) or GuidanceChoice.usual(user.id)


def plan(user: User, days: Collection[int], minutes: int) -> GuidanceChoice:
    """Sets the weekdays (Monday 0) and the minutes a day; no days end the plan. Raises PlanUnclear."""
    if not set(days) <= set(range(7)) or not LEAST_MINUTES <= minutes <= MOST_MINUTES:
        raise PlanUnclear(least=LEAST_MINUTES, most=MOST_MINUTES)
    choice = choice_of(user)
    choice.plan_days, choice.plan_minutes = sorted(set(days)), minutes
    return _kept(choice)


def choose(user: User, *, shows_weeks: bool, takes_suggestions: bool, age: str) -> GuidanceChoice:
    """Sets what is shown and suggested; what concerns personal information stands in the security log (R65)."""
    if age not in AGES:
        raise NotFound()
    choice = choice_of(user)
    is_other = (choice.takes_suggestions, choice.age) != (takes_suggestions, age)
    choice.shows_weeks, choice.takes_suggestions, choice.age = shows_weeks, takes_suggestions, age
    if is_other:
        auditlog.record("guidance.choose", user, details={"suggestions": takes_suggestions, "age": age})
    return _kept(choice)


def keep(user: User, resource: Resource, *, wanted: bool) -> None:
    """Adds the resource to the favourites, or takes it out; twice is once."""
    _set(Favourite, user, resource, wanted=wanted)


def decline(user: User, resource: Resource, *, wanted: bool = False) -> None:
    """ "Not for me": never suggested again; `wanted` takes that back."""
    _set(DeclinedSuggestion, user, resource, wanted=not wanted)


def _kept(choice: GuidanceChoice) -> GuidanceChoice:
    session().add(choice)
    session().flush()
    return choice


def _set(model: type[Favourite | DeclinedSuggestion], user: User, resource: Resource, *, wanted: bool) -> None:
    """The row is there or not. Both happen under the writer's lock of the person's account, so two clicks do not collide."""
    session().execute(select(User.id).where(User.id == user.id).with_for_update())
    session().execute(delete(model).where(model.user_id == user.id, model.resource_id == resource.id))
    if wanted:
        session().add(model(user_id=user.id, resource_id=resource.id, at=clock.now()))
    session().flush()
