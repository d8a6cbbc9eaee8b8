"""Who may say what, and who sees it."""

from __future__ import annotations

from sqlalchemy import bindparam, exists, select

from courseware.accounts.models import User
from courseware.core.database import session
from courseware.core.roles import Actor, Role
from courseware.progress.models import LearningEvent
from courseware.resources import policy as resources
from courseware.resources.models import Resource

STEWARDS = resources.STEWARDS


HAS_USED = exists().where(
    LearningEvent.user_id == bindparam("person"),
    LearningEvent.resource_id == bindparam("resource"),
    LearningEvent.is_qualified.is_(True),
)
_HAS_USED = select(HAS_USED)


def has_used(actor: Actor, resource_id: int) -> bool:
    """Whether a qualified use by the person is on record (metrics.md, common rules)."""
    return bool(session().scalar(_HAS_USED, {"person": actor.id, "resource": resource_id}))


def can_see_words(actor: Actor | None, resource: Resource) -> bool:
    """Owners and stewards read what was written beside the stars; nobody is named."""
    return can_handle(actor, resource)


def can_handle(actor: Actor | None, resource: Resource) -> bool:
    """Authors, the course's team and stewards answer reports on a resource."""
    return resources.can_edit(actor, resource)


def can_see_record(actor: Actor | None, person: User) -> bool:
    """The whole record of contributions: the person, librarians and administrators."""
    return actor is not None and (actor.id == person.id or actor.has_role(Role.LIBRARIAN, Role.ADMINISTRATOR))
