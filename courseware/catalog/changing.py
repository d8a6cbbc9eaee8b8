"""What every change of a course has in common: who may, and that nothing stale is shown afterwards."""

from __future__ import annotations

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
