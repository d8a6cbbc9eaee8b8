"""What every change of a course has in common: who may, and that nothing stale is shown afterwards."""

from __future__ import annotations

from sqlalchemy import select

from courseware.catalog.models import Lesson
from courseware.core import events
from courseware.core.database import session
from courseware.core.errors import NotAllowed
from courseware.libraries.models import Course

SENDER = "catalog"


def need(allowed: bool) -> None:
    """Raises NotAllowed unless `allowed`."""
    if not allowed:
        raise NotAllowed()


def touch_course(course: Course) -> None:
    """Something a learner sees changed: fragments cached by content version go stale."""
    course.content_version = Course.content_version + 1


def tell_course(course: Course) -> None:
    """The course opens or closes, and its lessons with it: nothing stale is shown or found."""
    touch_course(course)
    session().flush()
    events.content_changed.send(SENDER, kind="course", uuid=course.uuid)
    for uuid in session().scalars(select(Lesson.uuid).where(Lesson.course_id == course.id, Lesson.is_live)):
        events.content_changed.send(SENDER, kind="lesson", uuid=uuid)
