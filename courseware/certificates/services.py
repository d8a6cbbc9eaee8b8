"""Issuing certificates, the holder's choice of name, revoking (R47)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from courseware.accounts.models import User
from courseware.auditlog import services as auditlog
from courseware.certificates import policy
from courseware.certificates.codes import new_code
from courseware.certificates.errors import AlreadyRevoked, NotRevoked, ReasonNeeded
from courseware.certificates.models import NAME_CHOICES, Certificate
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import NotAllowed, NotFound
from courseware.enrollment.models import Enrollment
from courseware.enrollment.queries import learned_contents
from courseware.libraries.models import HOST, Course

REASON_LEAST, REASON_MOST = 10, 500
RULE_VERSION = 2  # 1 knew only "every required step of all lessons"
Judgement = Callable[[User, Certificate, str], None]


def issue(place: Enrollment) -> Certificate | None:
    """The certificate of a completed place in a run, made when there is none yet.

    None for whoever has not completed it and for test accounts. The day is that on which the server noted the
    completion, so no learner's clock has a say in it.
    """
    made = session().scalar(select(Certificate).where(Certificate.enrollment_id == place.id))
    if made is not None or place.completed_at is None or place.user.is_test:
        return made
    course = place.run.course
    made = Certificate(
        user=place.user, enrollment=place, course=course, code=new_code(), holder_name=place.user.name,
        course_name=course.name, course_name_en=course.name_en, library_name=course.library.name,
        library_name_en=course.library.name_en, units=_units(course), run_key=place.run.key,
        hours=course.theory_hours + course.practice_hours, completed_at=place.completed_at, issued_at=clock.now(),
        rule=rule_of(place),
    )  # fmt: skip
    session().add(made)
    session().flush()
    auditlog.record("certificate.issue", place.user, about=made, details={"course": str(course.uuid)})
    return made


def issue_missing(limit: int = 200) -> int:
    """Issues certificates for completions from before there were any, oldest first; returns how many."""
    query = (
        select(Enrollment)
        .join(User, User.id == Enrollment.user_id)
        .outerjoin(Certificate, Certificate.enrollment_id == Enrollment.id)
        .where(Enrollment.completed_at.is_not(None), Certificate.id.is_(None), User.is_test.is_(False))
        .order_by(Enrollment.completed_at, Enrollment.id)
        .limit(limit)
    )
    return sum(issue(place) is not None for place in session().scalars(query).all())


def rule_of(place: Enrollment) -> dict[str, Any]:
    """By which rule the place was completed: the lessons that the course asks for, as the person's run has them (R47)."""
    contents = learned_contents(place.user, place.run.course)
    return {
        "name": contents.terms.completion, "version": RULE_VERSION, "content_version": contents.version,
        "needed": contents.lessons_needed, "lessons": len(contents.completing),
        "steps": sum(lesson.required for lesson in contents.completing),
    }  # fmt: skip


def choose_name(holder: User, certificate: Certificate, choice: str) -> None:
    """The holder says whether the name is printed; can be changed at any time. Raises NotAllowed, NotFound."""
    if certificate.user_id != holder.id:
        raise NotAllowed()
    if choice not in NAME_CHOICES[1:]:
        raise NotFound()
    certificate.name_choice = choice
    auditlog.record("certificate.name", holder, about=certificate, details={"choice": choice})


def revoke(actor: User, certificate: Certificate, reason: str) -> None:
    """Puts the certificate out of force; verification says so, with the reason, from now on.

    Raises NotAllowed, OwnCertificate, AlreadyRevoked, ReasonNeeded.
    """
    policy.require_judge(actor, certificate)
    if not certificate.is_valid:
        raise AlreadyRevoked()
    certificate.revoked_because = _reason(reason)
    certificate.revoked_at, certificate.revoked_by_id = clock.now(), actor.id
    auditlog.record("certificate.revoke", actor, about=certificate, reason=certificate.revoked_because)


def reinstate(actor: User, certificate: Certificate, reason: str) -> None:
    """Puts a revoked certificate in force again. Raises NotAllowed, OwnCertificate, NotRevoked, ReasonNeeded."""
    policy.require_judge(actor, certificate)
    if certificate.is_valid:
        raise NotRevoked()
    why = _reason(reason)
    certificate.revoked_at = certificate.revoked_by_id = None
    certificate.revoked_because = ""
    auditlog.record("certificate.reinstate", actor, about=certificate, reason=why)


def _reason(words: str) -> str:
    reason = " ".join(words.split())
    if not REASON_LEAST <= len(reason) <= REASON_MOST:
        raise ReasonNeeded(least=REASON_LEAST, most=REASON_MOST)
    return reason


def _units(course: Course) -> list[list[str]]:
    """The host units as they are printed, the first host first: [name, English name]."""
    hosts = [member for member in course.library.members if member.role == HOST]
    return [[host.unit.name, host.unit.name_en] for host in sorted(hosts, key=lambda member: not member.is_first_host)]
