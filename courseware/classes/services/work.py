"""What is due when (R53: homework). Late is shown, never punished."""

from __future__ import annotations

import datetime as dt

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from courseware.accounts.models import User
from courseware.catalog.models import Lesson
from courseware.classes import policy
from courseware.classes.models import ClassDue, ClassMember, TeachingClass
from courseware.classes.services.classes import require_going
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import Invalid, NotFound


def set_due(actor: User, klass: TeachingClass, lesson: Lesson, on: dt.date | None, group: str = "") -> ClassDue:
    """The lesson is due by the end of the day in Asia/Shanghai, for the class or one group; a second day replaces the first.

    Raises Invalid for a day that is over, a lesson of another course or a group that nobody is in; ClassEnded.
    """
    policy.require_lead(actor, klass)
    require_going(klass)
    problems = {**problems_of_day(klass, on), **_problems_of_lesson(klass, lesson), **problems_of_group(klass, group)}
    if problems or on is None:
        raise Invalid(problems)
    due = _row(klass, lesson.id, group)
    if due is None:
        due = ClassDue(class_id=klass.id, lesson_id=lesson.id, group_name=group, due_on=on, made_by_id=actor.id)
        session().add(due)
    due.due_on = on
    session().flush()
    return due


def drop_due(actor: User, klass: TeachingClass, due: ClassDue) -> None:
    """The lesson is no longer due."""
    policy.require_lead(actor, klass)
    if due.class_id != klass.id:
        raise NotFound()
    session().delete(due)
    session().flush()


def today() -> dt.date:
    """The day it is in Asia/Shanghai."""
    return clock.now().astimezone(clock.REPORTING_ZONE).date()


def problems_of_day(klass: TeachingClass, on: dt.date | None) -> dict[str, list[object]]:
    """Why nothing can be due on this day: none given, over, or after the run."""
    ends = klass.run.ends_at
    if on is None:
        return {"due_on": [_l("Choose a day.")]}
    if on < today():
        return {"due_on": [_l("This day is over. Choose today or later.")]}
    if ends is not None and on > ends.astimezone(clock.REPORTING_ZONE).date():
        return {"due_on": [_l("The run ends before this day.")]}
    return {}


def problems_of_group(klass: TeachingClass, group: str) -> dict[str, list[object]]:
    """Why a day cannot be for this group: nobody is in it."""
    if group and not _has_group(klass, group):
        return {"group": [_l("Nobody is in the group “%(group)s”.", group=group)]}
    return {}


def _problems_of_lesson(klass: TeachingClass, lesson: Lesson) -> dict[str, list[object]]:
    if lesson.course_id != klass.run.course_id or not lesson.is_live:
        return {"lesson": [_l("This lesson is not among those that learners of the course see.")]}
    return {}


def _has_group(klass: TeachingClass, group: str) -> bool:
    query = select(ClassMember.id).where(
        ClassMember.class_id == klass.id, ClassMember.group_name == group, ClassMember.left_at.is_(None)
    )
    return session().scalar(query.limit(1)) is not None


def _row(klass: TeachingClass, lesson_id: int, group: str) -> ClassDue | None:
    query = select(ClassDue).where(
        ClassDue.class_id == klass.id, ClassDue.lesson_id == lesson_id, ClassDue.group_name == group
    )
    return session().scalar(query)
