"""Who may see and keep a library."""

from __future__ import annotations

from courseware.core.errors import NotAllowed
from courseware.core.roles import Actor, Role
from courseware.libraries.models import Library


def can_manage(actor: Actor | None, library: Library) -> bool:
    """Administrators, and the librarians of its host and participating units."""
    if actor is None:
        return False
    if actor.has_role(Role.ADMINISTRATOR):
        return True
    return actor.has_role(Role.LIBRARIAN) and actor.unit_id in {member.unit_id for member in library.members}


def can_see(actor: Actor | None, library: Library) -> bool:
    """Everyone once it is published; before that, those who keep it and the teachers of its units."""
    if library.published_at is not None or can_manage(actor, library):
        return True
    staff = actor is not None and actor.has_role(Role.TEACHER, Role.REVIEWER)
    return staff and actor is not None and actor.unit_id in {member.unit_id for member in library.members}


def can_create(actor: Actor | None) -> bool:
    """Administrators."""
    return actor is not None and actor.has_role(Role.ADMINISTRATOR)


def require_manager(actor: Actor | None, library: Library) -> None:
    """Raises NotAllowed for whoever may not keep `library`."""
    if not can_manage(actor, library):
        raise NotAllowed()
