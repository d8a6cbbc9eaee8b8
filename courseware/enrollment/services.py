"""Joining, leaving, completing (R42: free of charge, by oneself)."""

from __future__ import annotations

import sys

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from courseware.accounts.models import User
from courseware.auditlog import services as auditlog
from courseware.catalog import services as catalog
from courseware.catalog.models import CourseRun
from courseware.core import clock, events
from courseware.core.database import session
from courseware.enrollment.errors import AlreadyEnrolled, ByClassOnly, NotEnrolled, NotOpen
from courseware.enrollment.models import Enrollment, EnrollmentChange
from courseware.libraries.models import Course

SENDER = sys.modules[__name__]


def enrol(user: User, course: Course, run_key: str = "1", *, by_class: bool = False) -> Enrollment:
    """Puts the person into the run; coming back after leaving is joining again.

    Raises AlreadyEnrolled, NotOpen, or ByClassOnly for a run with a class list unless it is a class that brings the
    person (`by_class`).
    """
    run, now = _open_run(course, run_key), clock.now()
    if run.kind == "spoc" and not by_class:
        raise ByClassOnly()
    place = session().scalar(
        select(Enrollment).where(Enrollment.user_id == user.id, Enrollment.run_id == run.id).with_for_update()
    )
    if place is None:
        place = _new_place(Enrollment(user_id=user.id, run_id=run.id, course_id=course.id, enrolled_at=now))
    elif place.withdrawn_at is None:
        raise AlreadyEnrolled()
    else:
        place.enrolled_at, place.withdrawn_at = now, None
    _note(place, "enrolled")
    auditlog.record("enrollment.enrol", user, about=course)
    return place


def leave(user: User, course: Course, run_key: str | None = None) -> Enrollment:
    """Takes the person out; what was learned stays. Raises NotEnrolled."""
    place = place_of(user, course, run_key)
    if place is None or place.withdrawn_at is not None:
        raise NotEnrolled()
    place.withdrawn_at = clock.now()
    _note(place, "withdrawn")
    auditlog.record("enrollment.leave", user, about=course)
    return place


def complete(user: User, course: Course) -> Enrollment:
    """Marks the course as completed, once, and tells it upward. Raises NotEnrolled."""
    place = place_of(user, course)
    if place is None or place.withdrawn_at is not None:
        raise NotEnrolled()
    if place.completed_at is None:
        place.completed_at = clock.now()
        _note(place, "completed")
        events.course_completed.send(SENDER, place=place)
    return place


def place_of(user: User, course: Course, run_key: str | None = None) -> Enrollment | None:
    """The person's newest place in the course, one they are in before one they left."""
    query = (
        select(Enrollment)
        .join(CourseRun, CourseRun.id == Enrollment.run_id)
        .where(Enrollment.user_id == user.id, Enrollment.course_id == course.id)
        .order_by(Enrollment.withdrawn_at.is_(None).desc(), Enrollment.enrolled_at.desc())
    )
    return session().scalar(query.where(CourseRun.key == run_key) if run_key else query)


def _new_place(place: Enrollment) -> Enrollment:
    """Two clicks at once: the second finds the place of the first. Raises AlreadyEnrolled."""
    try:
        with session().begin_nested():
            session().add(place)
    except IntegrityError as twice:
        raise AlreadyEnrolled() from twice
    return place


def _open_run(course: Course, run_key: str) -> CourseRun:
    run = session().scalar(select(CourseRun).where(CourseRun.course_id == course.id, CourseRun.key == run_key))
    if run is None and run_key == "1" and course.published_at is not None:
        run = catalog.open_run(course, "1", course.published_at)  # every published course has run "1"
    if run is None or course.published_at is None or (run.ends_at is not None and run.ends_at <= clock.now()):
        raise NotOpen()
    return run


def _note(place: Enrollment, kind: str) -> None:
    session().add(EnrollmentChange(enrollment_id=place.id, kind=kind, at=clock.now()))
    session().flush()
