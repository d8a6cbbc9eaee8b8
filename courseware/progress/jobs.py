"""Completing a course for those who have done enough by a new rule (R47); tables for the months of events."""

from __future__ import annotations

import datetime as dt
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from courseware.accounts.models import User
from courseware.core import clock
from courseware.core.database import session
from courseware.core.unit_of_work import unit_of_work
from courseware.enrollment.models import Enrollment
from courseware.jobs import registry
from courseware.jobs.registry import JobCancelled, JobRun
from courseware.libraries.models import Course
from courseware.progress import following, months, services

log = structlog.get_logger("keku.progress")
AT_ONCE = 100


@registry.every(dt.timedelta(hours=6))
def keep_months() -> None:
    """Makes the tables of coming months; where somebody reads for long, the next round does it."""
    try:
        with unit_of_work():
            kept = months.keep_months(clock.now())
    except OperationalError as busy:
        log.warning("months_of_events_wait", reason=str(busy.orig))
        return
    if kept.moved:
        log.warning("events_outside_months", moved=kept.moved, months=[month.table for month in kept.made])


@registry.handler("progress.completions")
def recount_completions(run: JobRun) -> dict[str, Any]:
    """Goes through those who are in the course, some at a time; doing it twice changes nothing."""
    last, completed = 0, 0
    while True:
        if run.cancelled():
            raise JobCancelled()
        with unit_of_work():
            places = _next_places(int(run.payload["course"]), last)
            completed += sum(_complete(place) for place in places)
            last = places[-1].id if places else 0
        if not places:
            return {"completed": completed}


def _next_places(course_id: int, last: int) -> list[Enrollment]:
    query = select(Enrollment).where(
        Enrollment.course_id == course_id, Enrollment.id > last, Enrollment.withdrawn_at.is_(None),
        Enrollment.completed_at.is_(None),
    )  # fmt: skip
    return list(session().scalars(query.order_by(Enrollment.id).limit(AT_ONCE)))


def _complete(place: Enrollment) -> bool:
    course = session().get_one(Course, place.course_id)
    if not following.completes_course(place.user_id, course):
        return False
    services.complete_course(session().get_one(User, place.user_id), course)
    return True
