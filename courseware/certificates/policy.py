"""Who may see and judge a certificate."""

from __future__ import annotations

from courseware.certificates.errors import OwnCertificate
from courseware.certificates.models import Certificate
from courseware.core.errors import NotAllowed
from courseware.core.roles import Actor, Role
from courseware.libraries import policy as libraries


def is_keeper(actor: Actor | None) -> bool:
    """Whether the person judges certificates at all."""
    return actor is not None and actor.has_role(Role.LIBRARIAN, Role.ADMINISTRATOR)


def can_see(actor: Actor | None, certificate: Certificate) -> bool:
    """Its holder, and those who keep the library of the course."""
    if actor is None:
        return False
    return actor.id == certificate.user_id or libraries.can_manage(actor, certificate.course.library)


def require_judge(actor: Actor, certificate: Certificate) -> None:
    """Raises NotAllowed for people who do not keep the library, OwnCertificate for the holder."""
    if not libraries.can_manage(actor, certificate.course.library):
        raise NotAllowed()
    if actor.id == certificate.user_id:
        raise OwnCertificate()
