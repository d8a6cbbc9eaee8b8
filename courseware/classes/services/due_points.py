"""Days for knowledge points: what a class has to know by then, whichever lesson or resource it learns it from."""

from __future__ import annotations

import datetime as dt

from flask_babel import lazy_gettext as _l
from sqlalchemy import exists, select

from courseware.accounts.models import User
from courseware.catalog.queries import contents_of
from courseware.classes import policy
from courseware.classes.models import ClassDuePoint, TeachingClass
from courseware.classes.services.classes import require_going
from courseware.classes.services.work import problems_of_day, problems_of_group
from courseware.core.database import session
from courseware.core.errors import Invalid, NotFound
from courseware.knowledge.models import Point
from courseware.resources.models import Resource, ResourcePoint


def set_due_point(
    actor: User, klass: TeachingClass, point: Point, on: dt.date | None, group: str = ""
) -> ClassDuePoint:
    """The point is due by the end of the day in Asia/Shanghai, for the class or one group; a second day replaces the first.

    Raises Invalid for a day that is over, a point that is not in the standard of the course or that nothing teaches, a group
    that nobody is in; ClassEnded.
    """
    policy.require_lead(actor, klass)
    require_going(klass)
    problems = {**problems_of_day(klass, on), **_problems_of_point(klass, point), **problems_of_group(klass, group)}
    if problems or on is None:
        raise Invalid(problems)
    due = _row(klass, point, group)
    if due is None:
        due = ClassDuePoint(class_id=klass.id, point=point, group_name=group, due_on=on, made_by_id=actor.id)
        session().add(due)
    due.due_on = on
    session().flush()
    return due


def drop_due_point(actor: User, klass: TeachingClass, due: ClassDuePoint) -> None:
    """The point is no longer due."""
    policy.require_lead(actor, klass)
    if due.class_id != klass.id:
        raise NotFound()
    session().delete(due)
    session().flush()


def _problems_of_point(klass: TeachingClass, point: Point) -> dict[str, list[object]]:
    in_standard = {known.id for unit in contents_of(klass.run.course).units for known in unit.points}
    if point.id not in in_standard:
        return {"lesson": [_l("This point is not in the standard of the course.")]}
    teaches = exists().where(
        ResourcePoint.point_id == point.id, Resource.id == ResourcePoint.resource_id, Resource.is_live.is_(True)
    )
    if not session().scalar(select(teaches)):
        return {
            "lesson": [_l("No published resource teaches “%(point)s” yet, so nobody could do it.", point=point.name)]
        }
    return {}


def _row(klass: TeachingClass, point: Point, group: str) -> ClassDuePoint | None:
    query = select(ClassDuePoint).where(
        ClassDuePoint.class_id == klass.id, ClassDuePoint.point_id == point.id, ClassDuePoint.group_name == group
    )
    return session().scalar(query)
