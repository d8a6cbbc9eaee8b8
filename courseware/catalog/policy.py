"""Who builds and who sees courses."""

from __future__ import annotations

from courseware.catalog.models import Lesson, LessonCase
from courseware.core.roles import Actor, Role
from courseware.libraries import policy as libraries
from courseware.libraries.models import Course
from courseware.review import policy as review

BUILDERS, TEACHERS = ("leader", "teacher", "editor"), ("leader", "teacher")


def is_staff(actor: Actor) -> bool:
    """Whether the person might build any course at all."""
    return actor.has_role(Role.TEACHER, Role.LIBRARIAN, Role.ADMINISTRATOR)


def team_role(actor: Actor | None, course: Course) -> str:
    """What the person is in the teaching team: leader, teacher, assistant, editor; empty outside it."""
    if actor is None or not actor.has_role(Role.TEACHER):
        return ""
    return next((member.role for member in course.team if member.user_id == actor.id), "")


def can_build(actor: Actor | None, course: Course) -> bool:
    """Outline, texts, standard: leader, teachers and editors of the team; librarians and administrators."""
    return _keeps(actor, course) or team_role(actor, course) in BUILDERS


def can_teach(actor: Actor | None, course: Course) -> bool:
    """Runs, rules of completion, publishing: leader and teachers of the team; librarians and administrators."""
    return _keeps(actor, course) or team_role(actor, course) in TEACHERS


def can_lead(actor: Actor | None, course: Course) -> bool:
    """Team, promise, withdrawal: the leader of the team; librarians and administrators."""
    return _keeps(actor, course) or team_role(actor, course) == "leader"


def can_assist(actor: Actor | None, course: Course) -> bool:
    """Helping learners in a run: everybody of the team but its editors; librarians and administrators."""
    return _keeps(actor, course) or team_role(actor, course) in (*TEACHERS, "assistant")


def can_approve_withdrawal(actor: Actor | None, course: Course) -> bool:
    """Those who answer for the library: its librarians and administrators. Never about one's own request (promise.py)."""
    return libraries.can_manage(actor, course.library)


def can_edit_lesson(actor: Actor | None, lesson: Lesson) -> bool:
    """Whoever owns the lesson, and whoever builds its course."""
    return actor is not None and (lesson.owner_id == actor.id or can_build(actor, lesson.course))


def can_add_lesson(actor: Actor | None, course: Course) -> bool:
    """Any teacher who may see the library offers lessons for its courses; publishing the course stays with its team."""
    if can_build(actor, course):
        return True
    return actor is not None and actor.has_role(Role.TEACHER) and libraries.can_see(actor, course.library)


def can_see_course(actor: Actor | None, course: Course) -> bool:
    """Everybody sees published courses of libraries they may see; its team sees it while the library is closed as well,
    and drafts are for those who build them."""
    if course.published_at is not None and (libraries.can_see(actor, course.library) or team_role(actor, course)):
        return True
    return can_build(actor, course)


def can_see_lesson(actor: Actor | None, lesson: Lesson) -> bool:
    """A live lesson of a visible course, one's own, or one that waits for reviewers."""
    is_open = lesson.is_live and can_see_course(actor, lesson.course)
    return is_open or can_edit_lesson(actor, lesson) or can_preview_review(actor, lesson)


def can_preview_review(actor: Actor | None, lesson: Lesson) -> bool:
    """Reviewers and builders look at what waits for review as a learner will see it."""
    return lesson.review_version_id is not None and (review.can_review(actor) or can_edit_lesson(actor, lesson))


def can_see_case(actor: Actor | None, case: LessonCase) -> bool:
    """Reviewers, and whoever may edit the lesson."""
    return review.can_review(actor) or can_edit_lesson(actor, case.lesson)


def may_take_level(actor: Actor, case: LessonCase) -> bool:
    """Whether the present level is for this person: by role, or by name (R35)."""
    if case.asked_role:
        return case.asked_role in review.roles_of(actor)
    return review.can_review(actor) and any(n.level == case.level and n.user_id == actor.id for n in case.named)


def is_barred(actor: Actor, case: LessonCase) -> bool:
    """Whether the rules keep people of the owner's unit out (R37)."""
    return case.barred_unit_id is not None and case.barred_unit_id == actor.unit_id


def took_level_before(actor: Actor, case: LessonCase) -> bool:
    """Whether the person decided the level just before the present one (R37)."""
    return any(d.level == case.level - 1 and d.reviewer_id == actor.id for d in case.decisions)


def _keeps(actor: Actor | None, course: Course) -> bool:
    """Librarians and administrators; of a library that is not open only its own (SEC8)."""
    has_role = actor is not None and actor.has_role(Role.LIBRARIAN, Role.ADMINISTRATOR)
    return has_role and libraries.can_see(actor, course.library)
