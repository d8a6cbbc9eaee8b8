"""Who reads, who answers, who moderates (R45).

Only people of the course read, guests do not: many of them are under age and write under their names (decision 21).
"""

from __future__ import annotations

from sqlalchemy import select

from courseware.accounts.models import User
from courseware.catalog import policy as catalog
from courseware.core.database import session
from courseware.core.roles import Actor, Role
from courseware.discussion.models import Message, Thread
from courseware.enrollment import queries as enrollment
from courseware.enrollment.models import ClassMember, TeachingClass
from courseware.libraries.models import Course


def teaches(actor: Actor | None, course: Course, class_: TeachingClass | None = None) -> bool:
    """Whether the person's answers are a teacher's: the team of the course, and who holds the class."""
    if actor is None:
        return False
    holds = class_ is not None and class_.owner_id == actor.id
    return holds or (actor.has_role(Role.TEACHER) and any(member.user_id == actor.id for member in course.team))


def can_moderate(actor: Actor | None, course: Course, class_: TeachingClass | None = None) -> bool:
    """Whoever teaches there, librarians and administrators."""
    return teaches(actor, course, class_) or catalog.can_build(actor, course)


def can_take_part(actor: User | None, course: Course, class_: TeachingClass | None = None) -> bool:
    """People in the course, in the class where it is one of a class, and everybody who moderates."""
    if actor is None:
        return False
    if can_moderate(actor, course, class_):
        return True
    return _is_member(actor, class_) if class_ is not None else enrollment.is_enrolled(actor, course)


def can_edit(actor: Actor | None, message: Message) -> bool:
    """The author, as long as the words stand there."""
    return actor is not None and message.author_id == actor.id and not message.is_gone


def can_accept(actor: Actor | None, thread: Thread) -> bool:
    """Who asked, and who teaches there, say which answer helped."""
    if actor is None:
        return False
    return thread.author_id == actor.id or teaches(actor, thread.course, thread.class_)


def can_decide_appeal(actor: Actor | None, message: Message) -> bool:
    """A librarian or administrator who neither wrote nor hid it."""
    return (
        actor is not None
        and actor.has_role(Role.LIBRARIAN, Role.ADMINISTRATOR)
        and actor.id not in (message.author_id, message.hidden_by_id)
    )


def _is_member(actor: Actor, class_: TeachingClass) -> bool:
    found = select(ClassMember.id).where(
        ClassMember.class_id == class_.id, ClassMember.user_id == actor.id, ClassMember.left_at.is_(None)
    )
    return session().scalar(found) is not None
