"""Who may see figures and the names behind them."""

from __future__ import annotations

from courseware.core.errors import NotAllowed
from courseware.core.roles import Actor, Role
from courseware.libraries import policy as libraries
from courseware.libraries.models import Library


def can_open_monitor(actor: Actor | None) -> bool:
    """Administrators and librarians have the Monitor pages."""
    return actor is not None and actor.has_role(Role.ADMINISTRATOR, Role.LIBRARIAN)


def can_monitor(actor: Actor | None, library: Library) -> bool:
    """Those who keep the library see its figures with every item and name behind them."""
    return libraries.can_manage(actor, library)


def require_monitor(actor: Actor | None, library: Library) -> None:
    """Raises NotAllowed for whoever may not see the figures of `library`."""
    if not can_monitor(actor, library):
        raise NotAllowed()
