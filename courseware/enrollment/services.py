"""Joining, leaving, completing (R42: free of charge, by oneself)."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from sqlalchemy import delete, exists, or_, select
from sqlalchemy.exc import IntegrityError

from courseware.accounts.models import User
from courseware.auditlog import services as auditlog
from courseware.catalog import policy
from courseware.catalog import services as catalog
from courseware.catalog.course_models import CoursePrerequisite, RunOpening
from courseware.catalog.models import CourseRun
from courseware.core import clock, events
from courseware.core.database import session
from courseware.core.errors import NotAllowed
from courseware.enrollment.errors import (
    AlreadyEnrolled,
    ByClassOnly,
    FirstOther,
    NotBegun,
    NotEnrolled,
    NotOpen,
    RunInUse,
)
from courseware.enrollment.models import Enrollment, EnrollmentChange, TeachingClass
from courseware.libraries.models import Course

SENDER = sys.modules[__name__]


def enrol(user: User, course: Course, run_key: str = "1", *, by_class: bool = False) -> Enrollment:
    """Puts the person into the run; coming back after leaving is joining again.

    Raises AlreadyEnrolled, NotOpen; and unless it is a class that brings the person (`by_class`) ByClassOnly for a run with
    a class list, NotBegun, FirstOther where another course is a condition of joining.
    """
    run, now = _open_run(course, run_key), clock.now()
    if not by_class:
        _check_door(user, course, run)
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


def remove_run(actor: User, run: CourseRun) -> None:
    """Takes a run away that nobody used. Raises NotAllowed, RunInUse."""
    if not policy.can_teach(actor, run.course):
        raise NotAllowed()
    session().execute(select(CourseRun.id).where(CourseRun.id == run.id).with_for_update())
    joined = exists().where(Enrollment.run_id == run.id)
    taught = exists().where(TeachingClass.run_id == run.id)
    if run.key == "1" or session().scalar(select(or_(joined, taught))):
        raise RunInUse()
    auditlog.record("run.remove", actor, about=run, details={"key": run.key})
    session().execute(delete(RunOpening).where(RunOpening.run_id == run.id))
    catalog.touch_course(run.course)
    session().delete(run)
    session().flush()


def _check_door(user: User, course: Course, run: CourseRun) -> None:
    """Who joins by oneself: a run open to all, that has begun, after the courses set as a condition."""
    if run.kind == "spoc":
        raise ByClassOnly()
    if run.starts_at > clock.now():
        raise NotBegun(key=run.key, day=f"{run.starts_at.astimezone(clock.REPORTING_ZONE):%Y-%m-%d %H:%M}")
    if missing := first_others(user, course):
        raise FirstOther(courses="".join(f"“{name}”" for name in missing))


def first_others(user: User, course: Course) -> Sequence[str]:
    """The names of courses that are a condition of joining this one and that the person has not completed; one query."""
    completed = exists().where(
        Enrollment.course_id == CoursePrerequisite.prerequisite_id, Enrollment.user_id == user.id,
        Enrollment.completed_at.is_not(None),
    )  # fmt: skip
    query = (
        select(Course.name)
        .join(CoursePrerequisite, CoursePrerequisite.prerequisite_id == Course.id)
        .where(CoursePrerequisite.course_id == course.id, CoursePrerequisite.is_required, ~completed)
    )
    return session().scalars(query.order_by(Course.id)).all()


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
