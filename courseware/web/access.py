"""Who may open a page at all. What a person may do to an object is decided in the service."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from courseware.accounts.models import User
from courseware.core.errors import NotAllowed, SignInNeeded
from courseware.core.roles import Role
from courseware.web.actor import actor

P = ParamSpec("P")
R = TypeVar("R")


def signed_in() -> User:
    """The person signed in; raises SignInNeeded for a guest."""
    person = actor()
    if person is None:
        raise SignInNeeded()
    return person


def login_needed(view: Callable[P, R]) -> Callable[P, R]:
    """Sends guests to the sign-in page and back."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        signed_in()
        return view(*args, **kwargs)

    return guarded


def role_needed(*roles: Role) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Lets only people with one of `roles` in."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if not signed_in().has_role(*roles):
                raise NotAllowed()
            return view(*args, **kwargs)

        return guarded

    return decorate
