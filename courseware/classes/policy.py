"""Who teaches a class, and who is in it."""

from __future__ import annotations

from sqlalchemy import exists, select

from courseware.accounts.models import User
from courseware.core.database import session
from courseware.core.errors import NotAllowed
from courseware.enrollment.models import ClassMember, TeachingClass
from courseware.libraries.models import Course


def can_teach(actor: User | None, course: Course) -> bool:
    """The team of the course, assistants included. Nobody else reads what learners of a class do, whatever their role."""
    return actor is not None and any(member.user_id == actor.id for member in course.team)


def can_lead(actor: User | None, klass: TeachingClass) -> bool:
    """Whoever opened the class, and the team of its course."""
    return actor is not None and (klass.owner_id == actor.id or can_teach(actor, klass.run.course))


def require_lead(actor: User, klass: TeachingClass) -> None:
    """Raises NotAllowed."""
    if not can_lead(actor, klass):
        raise NotAllowed()


def is_member(actor: User | None, klass: TeachingClass) -> bool:
    """Whether the person is in the class now."""
    if actor is None:
        return False
    found = exists().where(
        ClassMember.class_id == klass.id, ClassMember.user_id == actor.id, ClassMember.left_at.is_(None)
    )
    return bool(session().scalar(select(found)))
