"""Runs of a course (R52): from when until when it is taught, to whom, and at which state of its contents.

A run is frozen at a moment and not copied (decision 19): its learners see the lesson and resource versions of that moment.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select

from courseware.accounts.models import User
from courseware.auditlog import services as auditlog
from courseware.catalog import policy
from courseware.catalog.changing import need, touch_course
from courseware.catalog.course_models import RunOpening
from courseware.catalog.models import CourseRun, Lesson
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import Invalid
from courseware.libraries.models import Course

RUN_KINDS = ("mooc", "spoc")
STATES = ("upcoming", "self_paced", "running", "closed")
LONGEST = dt.timedelta(days=3 * 366)
_KEY = re.compile(r"[\w.\-]{1,20}")


def state_of(run: CourseRun, now: dt.datetime) -> str:
    """One of STATES: to come, open without an end, going on, over."""
    if run.starts_at > now:
        return "upcoming"
    if run.ends_at is None:
        return "self_paced"
    return "running" if run.ends_at > now else "closed"


def open_run(
    course: Course, key: str, starts_at: dt.datetime, ends_at: dt.datetime | None = None, *, kind: str = "mooc"
) -> CourseRun:
    """The run of this key, made if need be; a run must end after it starts. It follows what is published."""
    if problem := _wrong_times(starts_at, ends_at):
        raise Invalid({"ends_at": [problem]})
    return run_by_key(course, key) or _add(
        CourseRun(course_id=course.id, key=key, kind=kind, starts_at=starts_at, ends_at=ends_at), course
    )


def create_run(
    actor: User,
    course: Course,
    key: str,
    *,
    kind: str,
    starts_at: dt.datetime | None,
    ends_at: dt.datetime | None,
    title: str = "",
    is_frozen: bool = True,
) -> CourseRun:
    """A new run; `is_frozen` holds the contents of its start. Raises NotAllowed, Invalid with every problem at once."""
    need(policy.can_teach(actor, course))
    problems = _problems(starts_at, ends_at)
    if not _KEY.fullmatch(key):
        problems["key"] = [_l("The name of a run has 1 to 20 letters, figures, dots or dashes, such as 2026-1.")]
    elif run_by_key(course, key) is not None:
        problems["key"] = [_l("There is a run with this name already.")]
    if kind not in RUN_KINDS:
        problems["kind"] = [_l("Choose whether the run is open to all or for a class list.")]
    if problems or starts_at is None:
        raise Invalid(problems)
    run = CourseRun(
        course_id=course.id, key=key, kind=kind, title=title.strip()[:100], starts_at=starts_at, ends_at=ends_at,
        frozen_at=max(starts_at, clock.now()) if is_frozen else None,
    )  # fmt: skip
    auditlog.record("run.create", actor, about=_add(run, course), details={"key": key, "kind": kind})
    return run


def change_run(
    actor: User, run: CourseRun, *, starts_at: dt.datetime | None, ends_at: dt.datetime | None, title: str
) -> None:
    """Other dates, another title. A run that has not begun freezes at its new start. Raises NotAllowed, Invalid."""
    need(policy.can_teach(actor, run.course))
    problems = _problems(starts_at, ends_at)
    if problems or starts_at is None:
        raise Invalid(problems)
    if run.frozen_at is not None and max(run.frozen_at, starts_at) > clock.now():
        run.frozen_at = max(starts_at, clock.now())
    run.starts_at, run.ends_at, run.title = starts_at, ends_at, title.strip()[:100]
    touch_course(run.course)
    session().flush()
    auditlog.record("run.change", actor, about=run)


def take_newest(actor: User, run: CourseRun) -> None:
    """The learners of the run see what is published now; what they did stays done. Raises NotAllowed."""
    need(policy.can_teach(actor, run.course))
    run.frozen_at = max(clock.now(), run.starts_at)
    touch_course(run.course)
    session().flush()
    auditlog.record("run.take_newest", actor, about=run, details={"key": run.key})


def set_schedule(actor: User, run: CourseRun, opens: Mapping[int, dt.datetime]) -> None:
    """When lessons open in the run, by lesson id; others are open from its start. Raises NotAllowed, Invalid."""
    need(policy.can_teach(actor, run.course))
    known = set(session().scalars(select(Lesson.id).where(Lesson.course_id == run.course_id)))
    if opens.keys() - known:
        raise Invalid({"opens": [_l("A lesson of the schedule no longer belongs to this course. Reload the page.")]})
    if run.ends_at is not None and any(moment >= run.ends_at for moment in opens.values()):
        raise Invalid({"opens": [_l("A lesson would open after the run has ended. Choose an earlier day.")]})
    session().execute(delete(RunOpening).where(RunOpening.run_id == run.id))
    session().add_all(RunOpening(run_id=run.id, lesson_id=number, opens_at=at) for number, at in sorted(opens.items()))
    touch_course(run.course)
    session().flush()
    auditlog.record("run.schedule", actor, about=run, details={"lessons": len(opens)})


def one_after_another(run: CourseRun, module_lessons: list[list[int]], days: int = 7) -> dict[int, dt.datetime]:
    """A schedule that opens a module every so many days, at the hour of the start of the run."""
    return {
        lesson: run.starts_at + dt.timedelta(days=days * number)
        for number, lessons in enumerate(module_lessons)
        for lesson in lessons
    }


def run_by_key(course: Course, key: str) -> CourseRun | None:
    """The run of that name."""
    return session().scalar(select(CourseRun).where(CourseRun.course_id == course.id, CourseRun.key == key))


def next_key(course: Course) -> str:
    """A free name for the next run: the year in Shanghai and a number, as schools count."""
    year = clock.now().astimezone(clock.REPORTING_ZONE).year
    taken = set(session().scalars(select(CourseRun.key).where(CourseRun.course_id == course.id)))
    return next(key for number in range(1, len(taken) + 2) if (key := f"{year}-{number}") not in taken)


def _add(run: CourseRun, course: Course) -> CourseRun:
    session().add(run)
    touch_course(course)
    session().flush()
    return run


def _problems(starts_at: dt.datetime | None, ends_at: dt.datetime | None) -> dict[str, list[Any]]:
    if starts_at is None:
        return {"starts_at": [_l("Say when the run begins.")]}
    problem = _wrong_times(starts_at, ends_at)
    return {"ends_at": [problem]} if problem else {}


def _wrong_times(starts_at: dt.datetime, ends_at: dt.datetime | None) -> Any:
    if ends_at is None:
        return None
    if ends_at <= starts_at:
        return _l("A run ends after it starts.")
    return _l("A run lasts three years at most.") if ends_at - starts_at > LONGEST else None
