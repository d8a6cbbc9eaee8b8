"""Asking for packages, and letting go of old ones."""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from courseware.accounts.models import User
from courseware.auditlog import services as auditlog
from courseware.catalog import queries as catalog
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import Invalid, NotAllowed, NotFound
from courseware.exchange import plan, policy
from courseware.exchange.errors import NothingToPack, PackageGone
from courseware.exchange.models import FORMATS, CoursePackage
from courseware.jobs import services as jobs
from courseware.jobs.models import Job
from courseware.libraries.models import Course
from courseware.resources.storage import store

PACK = "exchange.pack"
KEPT = dt.timedelta(days=7)
FORGOTTEN = dt.timedelta(days=1)  # a package that was not made, and that nobody asked for again
FOLDER = "packages/"
COMES_FIRST = dt.timedelta(hours=6)  # a file is stored before the row that names it


def ask_for_package(actor: User, course: Course, form: str) -> CoursePackage:
    """The package of the present state of `course` for the actor: the one there is, or one that is being made.

    Raises NotAllowed, Invalid for an unknown format, NothingToPack.
    """
    if not policy.can_take(actor, course):
        raise NotAllowed()
    if form not in FORMATS:
        raise Invalid()
    if not catalog.contents_of(course).lessons:
        raise NothingToPack()
    package = _known(course, form, audience_for(actor, course, form)) or _insert(actor, course, form)
    if package.state in ("failed", "cancelled"):
        package.state = "making"
    session().flush()
    if package.state == "making":
        jobs.enqueue(PACK, job_key(package), {"package": str(package.uuid)}, priority=jobs.SOON)
    auditlog.record("course.take", actor, about=course, details={"format": form, "audience": package.audience})
    return package


def audience_for(actor: User, course: Course, form: str) -> str:
    """Whose package of this format the actor gets. An offline folder holds no questions and is the same for all."""
    return policy.audience_of(actor, course) if form == "cc" else "open"


def current_package(actor: User, course: Course, form: str) -> CoursePackage | None:
    """The package of the present state, if somebody asked for it."""
    return _known(course, form, audience_for(actor, course, form))


def package_of(actor: User, package_uuid: uuidlib.UUID) -> CoursePackage:
    """The package, for people who may fetch it. Raises NotFound."""
    query = select(CoursePackage).where(CoursePackage.uuid == package_uuid)
    package = session().scalar(query.options(joinedload(CoursePackage.course).joinedload(Course.library)))
    if package is None or not policy.can_fetch(actor, package):
        raise NotFound()
    return package


def fetch(actor: User, package: CoursePackage) -> str:
    """The key of the package's file; the log keeps who took it. Raises PackageGone."""
    if package.state != "ready" or not package.store_key:
        raise PackageGone()
    auditlog.record(
        "course.fetch", actor, about=package.course, details={"format": package.format, "size": package.size}
    )
    return package.store_key


def cancel(actor: User, package: CoursePackage) -> None:
    """Stops a package that is being made. Only who asked for it, or the course's team: others may be waiting too."""
    if actor.id != package.asked_by_id and policy.audience_of(actor, package.course) != "team":
        raise NotAllowed()
    job = job_of(package)
    if package.state == "making" and job is not None:
        jobs.cancel(actor, job.uuid)


def job_of(package: CoursePackage) -> Job | None:
    """The job that makes the package."""
    return session().scalar(select(Job).where(Job.key == job_key(package)))


def job_key(package: CoursePackage) -> str:
    """The key of that job: one for each state of a course."""
    return f"{PACK}:{package.uuid}"


def let_go(limit: int = 50) -> list[str]:
    """Forgets packages whose time is over, and those that were never made; returns the keys of their files."""
    now = clock.now()
    old = CoursePackage.expires_at < now
    unmade = CoursePackage.state.in_(("failed", "cancelled")) & (CoursePackage.created_at < now - FORGOTTEN)
    rows = session().scalars(select(CoursePackage).where(old | unmade).order_by(CoursePackage.id).limit(limit)).all()
    keys = [row.store_key for row in rows if row.store_key]
    for row in rows:
        session().delete(row)
    session().flush()
    return keys


def unnamed_files() -> list[str]:
    """Packages in the store that no row names: of a stop between storing and writing it down."""
    before = dt.datetime.now(dt.UTC) - COMES_FIRST  # the store's own time, whatever the clock of a story says
    named = set(session().scalars(select(CoursePackage.store_key)))
    return [one.key for one in store().list(FOLDER) if one.modified_at < before and one.key not in named]


def _known(course: Course, form: str, audience: str) -> CoursePackage | None:
    key = plan.content_key(course, plan.count_questions(course) if audience == "team" else 0)
    query = select(CoursePackage).where(CoursePackage.course_id == course.id, CoursePackage.format == form)
    return session().scalar(query.where(CoursePackage.audience == audience, CoursePackage.content_key == key))


def _insert(actor: User, course: Course, form: str) -> CoursePackage:
    """A new row, or the one that somebody wrote in this very moment."""
    audience = audience_for(actor, course, form)
    key = plan.content_key(course, plan.count_questions(course) if audience == "team" else 0)
    package = CoursePackage(
        course_id=course.id, asked_by_id=actor.id, format=form, audience=audience, content_key=key, state="making"
    )
    try:
        with session().begin_nested():
            session().add(package)
    except IntegrityError:
        return session().scalars(
            select(CoursePackage).where(
                CoursePackage.course_id == course.id, CoursePackage.format == form, CoursePackage.audience == audience,
                CoursePackage.content_key == key,
            )
        ).one()  # fmt: skip
    return package
