"""What a course promises, and taking it back (R96): free until a day; earlier than that two other persons agree, one by one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from courseware.accounts.models import User
from courseware.auditlog import services as auditlog
from courseware.catalog import policy
from courseware.catalog.changing import need, tell_course, touch_course
from courseware.catalog.completion import terms_for_update
from courseware.catalog.course_models import CourseTerms, CourseWithdrawal
from courseware.catalog.errors import (
    ApprovedAlready,
    NotPublished,
    OwnRequest,
    PromisesStand,
    RequestEnded,
    WithdrawalAsked,
)
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import Invalid
from courseware.core.roles import Role
from courseware.libraries import services as libraries
from courseware.libraries.models import Course, Library

YEARS = 5


def set_promise(actor: User, course: Course, free_until: dt.date | None, *, is_national: bool) -> None:
    """Until when the course stays free; five years or more for one selected nationally.

    A promise that holds is prolonged and never shortened: for that, withdrawing has its own way. Raises NotAllowed, Invalid.
    """
    need(policy.can_lead(actor, course))
    terms = terms_for_update(course)
    if problems := _problems(course, terms, free_until, is_national=is_national):
        raise Invalid({"free_until": problems})
    terms.free_until, terms.is_national = free_until, is_national
    touch_course(course)
    session().flush()
    auditlog.record("course.promise", actor, about=course, details={"free_until": str(free_until or "")})


def earliest_end(course: Course) -> dt.date:
    """The first day to which a nationally selected course may promise: five years after it was opened, or from today."""
    opened = _day(course.published_at or clock.now())
    try:
        return opened.replace(year=opened.year + YEARS)
    except ValueError:  # the 29th of February
        return opened.replace(year=opened.year + YEARS, day=28)


def promised_until(course: Course) -> dt.date | None:
    """The day until which the course is promised, where that day is not over."""
    terms = session().get(CourseTerms, course.id)
    day = terms.free_until if terms is not None else None
    return day if day is not None and day >= _day(clock.now()) else None


def request_withdrawal(actor: User, course: Course, reason: str) -> CourseWithdrawal:
    """Asks to take the course from learners; done at once where no promise holds.

    Raises NotAllowed, Invalid without a reason, NotPublished, WithdrawalAsked.
    """
    need(policy.can_lead(actor, course))
    if course.published_at is None:
        raise NotPublished()
    if not reason.strip():
        raise Invalid({"reason": [_l("Say why. Learners and the librarians read it.")]})
    request = CourseWithdrawal(
        course_id=course.id, requested_by_id=actor.id, reason=reason.strip()[:1000], promised_until=promised_until(course)
    )  # fmt: skip
    try:
        with session().begin_nested():
            session().add(request)
    except IntegrityError as twice:
        raise WithdrawalAsked() from twice
    auditlog.record("course.ask_withdrawal", actor, about=course, reason=request.reason)
    if request.promised_until is None:
        _carry_out(actor, request)
    return request


def approve_withdrawal(actor: User, request: CourseWithdrawal) -> CourseWithdrawal:
    """Agrees; the second agreement of a second person takes the course from learners.

    Raises NotAllowed, OwnRequest, ApprovedAlready, RequestEnded.
    """
    _lock(request)
    need(policy.can_approve_withdrawal(actor, request.course))
    if actor.id == request.requested_by_id:
        raise OwnRequest()
    if actor.id == request.first_by_id:
        raise ApprovedAlready()
    if request.first_by_id is None:
        request.first_by_id, request.first_at = actor.id, clock.now()
    else:
        request.second_by_id, request.second_at = actor.id, clock.now()
    session().flush()
    auditlog.record("course.approve_withdrawal", actor, about=request.course)
    if request.second_by_id is not None:
        _carry_out(actor, request)
    return request


def refuse_withdrawal(actor: User, request: CourseWithdrawal, note: str) -> None:
    """The course stays. Raises NotAllowed, OwnRequest, RequestEnded, Invalid without words for the person who asked."""
    _lock(request)
    need(policy.can_approve_withdrawal(actor, request.course))
    if actor.id == request.requested_by_id:
        raise OwnRequest()
    if not note.strip():
        raise Invalid({"note": [_l("Say why the course has to stay.")]})
    _end(actor, request, "refused", note)


def take_back_request(actor: User, request: CourseWithdrawal) -> None:
    """The person who asked, or the leader of the course, no longer wants it. Raises NotAllowed, RequestEnded."""
    _lock(request)
    need(actor.id == request.requested_by_id or policy.can_lead(actor, request.course))
    _end(actor, request, "taken_back")


def close_library(actor: User, library: Library) -> None:
    """Leaves the library to its own people (SEC8), unless one of its open courses is promised for longer.

    Raises NotAllowed, PromisesStand with the course promised longest.
    """
    terms = select(Course, CourseTerms.free_until).join(CourseTerms, CourseTerms.course_id == Course.id)
    terms = terms.where(Course.library_id == library.id, Course.published_at.is_not(None))
    held = terms.where(CourseTerms.free_until >= _day(clock.now())).order_by(CourseTerms.free_until.desc())
    found = session().execute(held.limit(1)).one_or_none()
    if found is not None:
        raise PromisesStand(course=found[0].name, day=found[1])
    libraries.close_library(library, actor)


def withdrawal_of(course: Course) -> CourseWithdrawal | None:
    """The request that is open, or the one that took the course from learners."""
    query = select(CourseWithdrawal).where(
        CourseWithdrawal.course_id == course.id, CourseWithdrawal.state.in_(("open", "done"))
    )
    return session().scalar(query.order_by(CourseWithdrawal.id.desc()).limit(1))


def requests_for(actor: User) -> Sequence[CourseWithdrawal]:
    """Open requests of the libraries the person answers for, the oldest first."""
    if not actor.has_role(Role.LIBRARIAN, Role.ADMINISTRATOR):
        return ()
    load = joinedload(CourseWithdrawal.course).joinedload(Course.library)
    query = select(CourseWithdrawal).where(CourseWithdrawal.state == "open").options(load).order_by(CourseWithdrawal.id)
    return [r for r in session().scalars(query) if policy.can_approve_withdrawal(actor, r.course)]


def reopen(course: Course) -> None:
    """The course is published again: what had withdrawn it is history."""
    request = withdrawal_of(course)
    if request is not None and request.state == "done":
        request.state = "reopened"


def _carry_out(actor: User, request: CourseWithdrawal) -> None:
    course = request.course or session().get_one(Course, request.course_id)
    course.published_at = None
    _end(actor, request, "done")
    auditlog.record("course.withdraw", actor, about=course, reason=request.reason)
    tell_course(course)


def _end(actor: User, request: CourseWithdrawal, state: str, note: str = "") -> None:
    request.state, request.ended_by_id, request.ended_at, request.note = (
        state,
        actor.id,
        clock.now(),
        note.strip()[:1000],
    )
    session().flush()
    auditlog.record(f"course.withdrawal_{state}", actor, about=request, reason=request.note)


def _lock(request: CourseWithdrawal) -> None:
    """Two who agree at the same moment do it one after the other."""
    session().refresh(request, with_for_update={"of": CourseWithdrawal})
    if request.state != "open":
        raise RequestEnded()


def _problems(course: Course, terms: CourseTerms, free_until: dt.date | None, *, is_national: bool) -> list[Any]:
    today, before = _day(clock.now()), terms.free_until
    if is_national and (free_until is None or free_until < earliest_end(course)):
        return [
            _l(
                "A nationally selected course stays free for five years at least: until %(day)s.",
                day=earliest_end(course),
            )
        ]
    if course.published_at is not None and before is not None and before >= today and (free_until or today) < before:
        return [_l("The promise until %(day)s holds. It can be prolonged, not shortened.", day=before)]
    if free_until is not None and free_until < today and free_until != before:
        return [_l("This day is over. Choose one to come.")]
    return []


def _day(moment: dt.datetime) -> dt.date:
    return moment.astimezone(clock.REPORTING_ZONE).date()
