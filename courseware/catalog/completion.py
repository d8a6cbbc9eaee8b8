"""What completes a course (R47): every lesson, a share of them, or the lessons its teachers name."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select

from courseware.accounts.models import User
from courseware.auditlog import services as auditlog
from courseware.catalog import policy
from courseware.catalog.changing import SENDER, need, touch_course
from courseware.catalog.course_models import COMPLETIONS, CompletionLesson, CourseTerms
from courseware.catalog.models import Lesson
from courseware.core import events
from courseware.core.database import session
from courseware.core.errors import Invalid
from courseware.libraries.models import Course


def terms_for_update(course: Course) -> CourseTerms:
    """What the course asks and promises, made where nothing was said before."""
    terms = session().get(CourseTerms, course.id)
    if terms is None:
        terms = CourseTerms(course_id=course.id, completion="all", share=100, is_national=False, free_until=None)
        session().add(terms)
        session().flush()
    return terms


def set_completion(
    actor: User, course: Course, kind: str, *, share: int = 100, lesson_ids: Collection[int] = ()
) -> None:
    """The rule from now on; `share` in per cent. Who has done enough by the new rule completes the course soon after.

    Whoever has completed it stays so. Raises NotAllowed, Invalid.
    """
    need(policy.can_teach(actor, course))
    if problems := _problems(course, kind, share, lesson_ids):
        raise Invalid(problems)
    terms = terms_for_update(course)
    terms.completion, terms.share = kind, share if kind == "share" else 100
    session().execute(delete(CompletionLesson).where(CompletionLesson.course_id == course.id))
    if kind == "named":
        session().add_all(CompletionLesson(course_id=course.id, lesson_id=number) for number in sorted(set(lesson_ids)))
    touch_course(course)
    session().flush()
    auditlog.record("course.completion", actor, about=course, details={"rule": kind, "share": terms.share})
    events.completion_changed.send(SENDER, course=course)


def _problems(course: Course, kind: str, share: int, lesson_ids: Collection[int]) -> dict[str, list[Any]]:
    if kind not in COMPLETIONS:
        return {"completion": [_l("Choose what completes the course.")]}
    if kind == "share" and not 1 <= share <= 100:
        return {"share": [_l("The share lies between 1 and 100 per cent.")]}
    if kind == "named" and not lesson_ids:
        return {"lessons": [_l("Name at least one lesson.")]}
    known = set(session().scalars(select(Lesson.id).where(Lesson.course_id == course.id)))
    if kind == "named" and set(lesson_ids) - known:
        return {"lessons": [_l("A lesson you chose no longer belongs to this course. Reload the page.")]}
    return {}
