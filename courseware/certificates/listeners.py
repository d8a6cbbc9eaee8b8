"""A completed course brings its certificate, in the same transaction."""

from __future__ import annotations

from typing import Any

from courseware.certificates.services import issue
from courseware.core import events
from courseware.enrollment.models import Enrollment


@events.course_completed.connect
def _issue(_sender: Any, *, place: Enrollment) -> None:
    issue(place)
