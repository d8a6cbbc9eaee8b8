"""What accounts refuse."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from courseware.core.errors import Conflict, DomainError, Invalid, NotFound


class SignInRefused(DomainError):
    """Wrong name or password; the same words for both (SEC2)."""

    status, code = 401, "sign_in_refused"
    message = _l("The e-mail or the password is not right.")


class AccountLocked(DomainError):
    """Five failures in fifteen minutes (SEC2)."""

    status, code = 429, "account_locked"
    message = _l(
        "Too many failed attempts. For your safety this account is locked for 30 minutes; an administrator can unlock it earlier."
    )


class EmailTaken(Conflict):
    """An account with this e-mail exists, in whatever case."""

    code = "email_taken"
    message = _l(
        "There is already an account with this e-mail. Sign in, or ask an administrator for a new password link."
    )


class LinkExpired(NotFound):
    """A set-password link that was used, is too old, or never was."""

    code = "link_expired"
    message = _l("This link has been used or is too old. Ask an administrator for a new one.")


class UnknownScope(Invalid):
    """A token for something that the API does not offer."""

    code = "unknown_scope"
    message = _l("There is no scope %(scope)s. Choose from: %(known)s.")
