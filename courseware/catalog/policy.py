"""Who builds and who sees courses."""

from __future__ import annotations

from courseware.catalog.models import Lesson
from courseware.core.roles import Actor, Role
from courseware.libraries import policy as libraries
from courseware.libraries.models import Course


def is_staff(actor: Actor) -> bool:
    """Whether the person might build any course at all."""
    return actor.has_role(Role.TEACHER, Role.LIBRARIAN, Role.ADMINISTRATOR)


def can_build(actor: Actor | None, course: Course) -> bool:
    """The teaching team, librarians and administrators."""
    if actor is None:
        return False
    if actor.has_role(Role.LIBRARIAN, Role.ADMINISTRATOR):
        return True
    return actor.has_role(Role.TEACHER) and any(member.user_id == actor.id for member in course.team)


def can_edit_lesson(actor: Actor | None, lesson: Lesson) -> bool:
    """Whoever owns the lesson, and whoever builds its course."""
    return actor is not None and (lesson.owner_id == actor.id or can_build(actor, lesson.course))


def can_add_lesson(actor: Actor | None, course: Course) -> bool:
    """Any teacher may offer a lesson for a course of the library; publishing the course stays with its team."""
    return actor is not None and (can_build(actor, course) or actor.has_role(Role.TEACHER))


def can_see_course(actor: Actor | None, course: Course) -> bool:
    """Everybody sees published courses of libraries they may see; drafts are for those who build them."""
    is_open = course.published_at is not None and libraries.can_see(actor, course.library)
    return is_open or can_build(actor, course)


def can_see_lesson(actor: Actor | None, lesson: Lesson) -> bool:
    """A live lesson of a visible course, or one's own."""
    return (lesson.is_live and can_see_course(actor, lesson.course)) or can_edit_lesson(actor, lesson)
