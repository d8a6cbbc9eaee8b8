"""Domain errors: raised by services, turned once into pages and problem+json (courseware/web/errors.py).

An error is a sentence for a person: what happened, what it means, what to do. Subjects subclass the kinds
below, give a stable `code`, and a lazily translated sentence with named gaps.
"""

from __future__ import annotations

import errno
from typing import Any

from flask_babel import lazy_gettext as _l


class DomainError(Exception):
    """Base: the rules refuse this. `params` fill the gaps of `message` and travel to machines."""

    status = 400
    code = "refused"
    message: Any = _l("This cannot be done.")

    def __init__(self, **params: Any) -> None:
        self.params = params
        super().__init__(self.code, params)

    def sentence(self) -> str:
        """The message in the language of the reader."""
        return str(self.message) % self.params if self.params else str(self.message)

    def __str__(self) -> str:
        return self.sentence()


class NotFound(DomainError):
    """There is nothing at this address, or the reader may not know that there is."""

    status = 404
    code = "not_found"
    message = _l("This is not here. It may have been withdrawn, or the address is wrong.")


class NotAllowed(DomainError):
    """The actor lacks the right."""

    status = 403
    code = "not_allowed"
    message = _l("Your account does not have the right to do this. Ask an administrator of your unit.")


class SignInNeeded(DomainError):
    """Nobody is signed in."""

    status = 401
    code = "sign_in_needed"
    message = _l("Please sign in first.")


class Invalid(DomainError):
    """Input breaks a rule. `problems` lists every field at once: {field: [sentences]}."""

    status = 422
    code = "invalid"
    message = _l("Some fields need another look.")

    def __init__(self, problems: dict[str, list[Any]] | None = None, **params: Any) -> None:
        self.problems = problems or {}
        super().__init__(**params)


class Conflict(DomainError):
    """Somebody was faster, or it is there already. Nothing was overwritten."""

    status = 409
    code = "conflict"
    message = _l("This was changed meanwhile. Nothing was overwritten: reload and look at the newer state.")


class NoRoom(DomainError):
    """The disk of the installation is full."""

    status = 503
    code = "disk_full"
    message = _l(
        "The disk of the site is full, so nothing can be saved. Tell the administrator; try again when there is room."
    )


def is_disk_full(problem: BaseException | None) -> bool:
    """Whether a full disk is the reason: of a file, or of the database, which says it in words of its own."""
    while problem is not None:
        if isinstance(problem, OSError) and problem.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        if "disk is full" in str(problem) or "No space left on device" in str(problem):
            return True
        problem = getattr(problem, "orig", None) or problem.__cause__
    return False
