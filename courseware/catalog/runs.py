"""Runs of a course (R52)."""

from __future__ import annotations

import datetime as dt

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from courseware.catalog.changing import touch_course
from courseware.catalog.models import CourseRun
from courseware.core.database import session
from courseware.core.errors import Invalid
from courseware.libraries.models import Course


def open_run(
    course: Course, key: str, starts_at: dt.datetime, ends_at: dt.datetime | None = None, *, kind: str = "mooc"
) -> CourseRun:
    """The run of this key, made if need be; a run must end after it starts."""
    if ends_at is not None and ends_at <= starts_at:
        raise Invalid({"ends_at": [_l("A run ends after it starts.")]})
    run = session().scalar(select(CourseRun).where(CourseRun.course_id == course.id, CourseRun.key == key))
    if run is None:
        run = CourseRun(course_id=course.id, key=key, kind=kind, starts_at=starts_at, ends_at=ends_at)
        session().add(run)
        touch_course(course)
        session().flush()
    return run
