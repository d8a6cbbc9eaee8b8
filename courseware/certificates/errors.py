"""What certificates refuse."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from courseware.core.errors import Conflict, DomainError


class ReasonNeeded(DomainError):
    """Revoking and reinstating are explained."""

    status, code = 422, "certificate_reason_needed"
    message = _l(
        "Write the reason, at least %(least)s and at most %(most)s letters: the holder and whoever checks the certificate read it."
    )


class AlreadyRevoked(Conflict):
    """Once is enough."""

    code = "certificate_revoked"
    message = _l("This certificate is revoked already.")


class NotRevoked(Conflict):
    """Only what was revoked is put in force again."""

    code = "certificate_in_force"
    message = _l("This certificate is in force: there is nothing to take back.")


class OwnCertificate(DomainError):
    """Nobody judges their own certificate."""

    status, code = 403, "own_certificate"
    message = _l("This is your own certificate. Ask another person who keeps the library.")
