"""Who may see figures and the names behind them."""

from __future__ import annotations

from collections.abc import Callable

from courseware.core.errors import NotAllowed
from courseware.core.roles import Actor, Role
from courseware.libraries import policy as libraries
from courseware.libraries.models import Library


def can_open_monitor(actor: Actor | None) -> bool:
    """Administrators and librarians have the Monitor pages."""
    return actor is not None and actor.has_role(Role.ADMINISTRATOR, Role.LIBRARIAN)


def can_monitor(actor: Actor | None, library: Library) -> bool:
    """Those who keep the library see its figures with every item behind them; whose names, `sees_names_of` says."""
    return libraries.can_manage(actor, library)


def require_monitor(actor: Actor | None, library: Library) -> None:
    """Raises NotAllowed for whoever may not see the figures of `library`."""
    if not can_monitor(actor, library):
        raise NotAllowed()


def sees_all_names(actor: Actor | None, library: Library) -> bool:
    """Administrators, and the librarians of the first host, who answer for the whole library."""
    if actor is None or not can_monitor(actor, library):
        return False
    hosts = {member.unit_id for member in library.members if member.is_first_host}
    return actor.has_role(Role.ADMINISTRATOR) or actor.unit_id in hosts


def sees_names_of(actor: Actor | None, library: Library, unit_id: int | None) -> bool:
    """Whether the people of a unit are named to `actor`; librarians of other units see their own, and counts of the rest.

    The same holds for rosters: who may read the list of a unit may send it, and nobody else.
    """
    if sees_all_names(actor, library):
        return True
    return actor is not None and unit_id is not None and actor.unit_id == unit_id and can_monitor(actor, library)


def require_names_of(actor: Actor | None, library: Library, unit_id: int | None) -> None:
    """Raises NotAllowed for whoever may not see the people of this unit by name."""
    if not sees_names_of(actor, library, unit_id):
        raise NotAllowed()


def names_of(actor: Actor | None, library: Library) -> Callable[[int | None], bool]:
    """`sees_names_of` for lists in which many people of many units stand: asked with the unit alone."""
    return lambda unit_id: sees_names_of(actor, library, unit_id)
