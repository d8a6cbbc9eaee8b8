"""Classes themselves: those somebody teaches, those somebody learns in, one of them, and runs to open one for."""

from __future__ import annotations

import uuid as uuidlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from courseware.accounts.models import User
from courseware.catalog.models import CourseRun
from courseware.classes import policy
from courseware.classes.models import ClassMember, TeachingClass
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import NotFound
from courseware.core.paging import Page
from courseware.libraries.models import Course, CourseTeacher

PAGE = 30
_COURSE = joinedload(TeachingClass.run).joinedload(CourseRun.course)


@dataclass(frozen=True, slots=True)
class ClassLine:
    """A class in a list, with how many people are in it."""

    klass: TeachingClass
    people: int


def classes_taught(user: User, after: int = 0, limit: int = PAGE) -> Page[ClassLine]:
    """The classes of the person and of the courses whose team they are in, the newest first; two queries a page."""
    taught = select(CourseTeacher.course_id).where(CourseTeacher.user_id == user.id)
    query = (
        select(TeachingClass)
        .join(CourseRun, CourseRun.id == TeachingClass.run_id)
        .where(or_(TeachingClass.owner_id == user.id, CourseRun.course_id.in_(taught)))
        .options(_COURSE, joinedload(TeachingClass.owner))
        .order_by(TeachingClass.id.desc())
        .limit(limit + 1)
    )
    rows = session().scalars(query.where(TeachingClass.id < after) if after else query).all()
    shown = rows[:limit]
    sizes = _sizes([klass.id for klass in shown])
    lines = [ClassLine(klass, sizes.get(klass.id, 0)) for klass in shown]
    return Page(lines, str(shown[-1].id) if len(rows) > limit else None)


def class_to_teach(class_uuid: uuidlib.UUID, user: User) -> TeachingClass:
    """A class with its course and team, for those who teach it; for all others there is none. Raises NotFound."""
    klass = _class(class_uuid)
    if klass is None or not policy.can_lead(user, klass):
        raise NotFound()
    return klass


def class_to_learn(class_uuid: uuidlib.UUID, user: User) -> tuple[TeachingClass, ClassMember]:
    """A class and one's own place in it, for its members; raises NotFound."""
    klass = _class(class_uuid)
    member = _place(klass, user) if klass is not None else None
    if klass is None or member is None:
        raise NotFound()
    return klass, member


def classes_learned(user: User) -> Sequence[TeachingClass]:
    """The classes the person is in, those that go on first."""
    query = (
        select(TeachingClass)
        .join(ClassMember, ClassMember.class_id == TeachingClass.id)
        .where(ClassMember.user_id == user.id, ClassMember.left_at.is_(None))
        .options(_COURSE)
        .order_by(TeachingClass.closed_at.is_not(None), TeachingClass.id.desc())
    )
    return session().scalars(query).all()


def runs_to_teach(user: User) -> Sequence[CourseRun]:
    """Runs that a class can be opened for: of published courses whose team the person is in, and not over."""
    query = (
        select(CourseRun)
        .join(Course, Course.id == CourseRun.course_id)
        .join(CourseTeacher, CourseTeacher.course_id == Course.id)
        .where(CourseTeacher.user_id == user.id, Course.published_at.is_not(None))
        .where(or_(CourseRun.ends_at.is_(None), CourseRun.ends_at > clock.now()))
        .options(joinedload(CourseRun.course).selectinload(Course.team))
        .order_by(Course.name, CourseRun.starts_at.desc(), CourseRun.id)
    )
    return session().scalars(query).all()


def _class(class_uuid: uuidlib.UUID) -> TeachingClass | None:
    query = select(TeachingClass).where(TeachingClass.uuid == class_uuid)
    team = joinedload(TeachingClass.run).joinedload(CourseRun.course).selectinload(Course.team)
    return session().scalar(query.options(_COURSE, team))


def _place(klass: TeachingClass, user: User) -> ClassMember | None:
    query = select(ClassMember).where(
        ClassMember.class_id == klass.id, ClassMember.user_id == user.id, ClassMember.left_at.is_(None)
    )
    return session().scalar(query)


def _sizes(ids: Sequence[int]) -> dict[int, int]:
    query = (
        select(ClassMember.class_id, func.count())
        .where(ClassMember.class_id.in_(ids), ClassMember.left_at.is_(None))
        .group_by(ClassMember.class_id)
    )
    return dict(session().execute(query).tuples().all()) if ids else {}
