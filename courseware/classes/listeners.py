"""What classes tell those above: days by which lessons and points are due. What they hear: two points became one."""

from __future__ import annotations

from sqlalchemy import delete, exists, update
from sqlalchemy.orm import aliased

from courseware.classes.models import ClassDuePoint
from courseware.classes.queries import due_for, points_due_for
from courseware.classes.queries.people import CLASSES
from courseware.core import agenda, events
from courseware.core.database import session
from courseware.knowledge.models import Point

agenda.sources += [due_for, points_due_for]
agenda.needs |= dict.fromkeys((due_for, points_due_for), CLASSES)


@events.point_merged.connect
def move_due_days(_sender: str, *, gone: Point, kept: Point) -> None:
    """Days of the point that goes become those of the one that stays, which keeps its own where it has one."""
    own = aliased(ClassDuePoint)
    has_own = exists().where(
        own.point_id == kept.id, own.class_id == ClassDuePoint.class_id, own.group_name == ClassDuePoint.group_name
    )
    of_gone = ClassDuePoint.point_id == gone.id
    session().execute(delete(ClassDuePoint).where(of_gone, has_own).execution_options(synchronize_session=False))
    session().execute(
        update(ClassDuePoint).where(of_gone).values(point_id=kept.id).execution_options(synchronize_session=False)
    )
