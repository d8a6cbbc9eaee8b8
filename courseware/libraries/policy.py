"""Who may see and keep a library."""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_, select, true

from courseware.core.errors import NotAllowed
from courseware.core.roles import Actor, Role
from courseware.libraries.models import Library, LibraryUnit

STAFF = (Role.TEACHER, Role.REVIEWER, Role.LIBRARIAN)


def can_manage(actor: Actor | None, library: Library) -> bool:
    """Administrators, and the librarians of its host and participating units."""
    if actor is None:
        return False
    if actor.has_role(Role.ADMINISTRATOR):
        return True
    return actor.has_role(Role.LIBRARIAN) and actor.unit_id in {member.unit_id for member in library.members}


def can_see(actor: Actor | None, library: Library) -> bool:
    """Everyone while it is open; else administrators, and the librarians, teachers and reviewers of its units (SEC8).

    What lies in a library asks this too: courses, lessons, points, resources and their files (decision 49).
    """
    if library.is_public or can_manage(actor, library):
        return True
    return actor is not None and actor.has_role(*STAFF) and actor.unit_id in {m.unit_id for m in library.members}


def visible_to(actor: Actor | None) -> ColumnElement[bool]:
    """The same for lists, in a query over Library."""
    if actor is not None and actor.has_role(Role.ADMINISTRATOR):
        return true()
    unit_id = actor.unit_id if actor is not None and actor.has_role(*STAFF) else None
    own = select(LibraryUnit.library_id).where(LibraryUnit.unit_id == unit_id)
    return or_(Library.is_public, Library.id.in_(own))


def can_create(actor: Actor | None) -> bool:
    """Administrators."""
    return actor is not None and actor.has_role(Role.ADMINISTRATOR)


def require_manager(actor: Actor | None, library: Library) -> None:
    """Raises NotAllowed for whoever may not keep `library`."""
    if not can_manage(actor, library):
        raise NotAllowed()
