"""A package on its way into a course: taken in, looked at, done, taken back. The slow parts are jobs."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid as uuidlib
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any, BinaryIO

from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select, update
from sqlalchemy.orm import joinedload

from courseware.accounts.models import User
from courseware.auditlog import services as auditlog
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import Invalid, NotAllowed, NotFound
from courseware.core.roles import Role
from courseware.exchange import policy
from courseware.exchange.errors import NotReady
from courseware.exchange.models import CourseImport
from courseware.jobs import services as jobs
from courseware.jobs.models import Job
from courseware.libraries.models import Course, CourseTeacher
from courseware.resources.storage import store

CHECK, WRITE, UNDO = "exchange.check", "exchange.import", "exchange.undo"
JOB_OF = {"checking": CHECK, "importing": WRITE, "undoing": UNDO}
FOLDER = "cartridges/"
WAITS = dt.timedelta(days=7)  # for somebody to confirm it
FILE_STAYS = dt.timedelta(days=30)
MOST_COURSES = 500  # in the list of a form
COMES_FIRST = dt.timedelta(hours=6)


def take_in(actor: User, course: Course, filename: str, stream: BinaryIO) -> CourseImport:
    """Keeps a package and asks for its dry run. Raises NotAllowed, Invalid for an empty file."""
    if not policy.can_import(actor, course):
        raise NotAllowed()
    digest, size = _measure(stream)
    if not size:
        raise Invalid({"file": [_l("The file is empty. Choose the exported course once more.")]})
    name = PurePosixPath(filename.replace("\\", "/")).name.replace("\0", "")[:200] or "course"
    key = f"{FOLDER}{uuidlib.uuid4().hex}"
    store().put(key, stream, size, "application/octet-stream")
    incoming = CourseImport(
        course_id=course.id, actor_id=actor.id, filename=name, size=size, sha256=digest, store_key=key, state="checking"
    )
    incoming.course, incoming.actor = course, actor
    session().add(incoming)
    session().flush()
    ask_for_job(incoming)
    auditlog.record("course.import.upload", actor, about=course, details={"file": name, "sha256": digest})
    return incoming


def begin(actor: User, incoming: CourseImport) -> None:
    """Does what the dry run showed. Raises NotReady, NotAllowed."""
    _may(actor, incoming)
    _move(incoming, "prepared", "importing", started_at=clock.now(), actor_id=actor.id)
    auditlog.record("course.import", actor, about=incoming.course, details={"file": incoming.filename})
    ask_for_job(incoming)


def undo(actor: User, incoming: CourseImport) -> None:
    """Takes the whole import back; what was changed or used since stays and is counted. Raises NotReady, NotAllowed."""
    _may(actor, incoming)
    _move(incoming, "done", "undoing")
    auditlog.record("course.import.undo", actor, about=incoming.course, details={"file": incoming.filename})
    ask_for_job(incoming)


def go_on(actor: User, incoming: CourseImport) -> None:
    """Asks anew for the job of an import that stopped in the middle: what is made is not made twice. Raises NotReady."""
    _may(actor, incoming)
    if incoming.state not in JOB_OF:
        raise NotReady()
    ask_for_job(incoming)


def discard(actor: User, incoming: CourseImport) -> str:
    """Forgets a package that nothing was made of; returns the key of its file, to be removed. Raises NotReady."""
    _may(actor, incoming)
    if incoming.state not in ("prepared", "failed"):
        raise NotReady()
    key = incoming.store_key
    session().delete(incoming)
    session().flush()
    return key


def import_of(actor: User, import_uuid: uuidlib.UUID) -> CourseImport:
    """The import, for people who build its course. Raises NotFound."""
    query = select(CourseImport).where(CourseImport.uuid == import_uuid)
    query = query.options(joinedload(CourseImport.course).joinedload(Course.library), joinedload(CourseImport.actor))
    incoming = session().scalar(query)
    if incoming is None or not policy.can_see_import(actor, incoming):
        raise NotFound()
    return incoming


def courses_of(actor: User) -> Sequence[Course]:
    """The courses the actor may import into: those whose team they are in, for librarians and administrators all."""
    query = select(Course).options(joinedload(Course.library)).order_by(Course.library_id, Course.seq, Course.id)
    if not actor.has_role(Role.LIBRARIAN, Role.ADMINISTRATOR):
        query = query.where(Course.id.in_(select(CourseTeacher.course_id).where(CourseTeacher.user_id == actor.id)))
    return session().scalars(query.limit(MOST_COURSES)).all()


def recent(courses: Sequence[Course], limit: int = 20) -> Sequence[CourseImport]:
    """The latest imports into these courses."""
    query = select(CourseImport).where(CourseImport.course_id.in_([course.id for course in courses]))
    query = query.options(joinedload(CourseImport.course), joinedload(CourseImport.actor))
    return session().scalars(query.order_by(CourseImport.id.desc()).limit(limit)).all()


def job_of(incoming: CourseImport) -> Job | None:
    """The job that works on the import now, or did last."""
    kind = JOB_OF.get(incoming.state)
    return session().scalar(select(Job).where(Job.key == f"{kind}:{incoming.uuid}")) if kind else None


def ask_for_job(incoming: CourseImport) -> None:
    """A durable job for the state the import is in, in the language of whoever asks."""
    kind = JOB_OF[incoming.state]
    payload = {"import": str(incoming.uuid), "locale": str(get_locale() or "zh_Hans")}
    jobs.enqueue(kind, f"{kind}:{incoming.uuid}", payload, priority=jobs.SOON)


def finish(incoming: CourseImport, state: str, **facts: Any) -> None:
    """The import has come to `state`; facts join its report."""
    incoming.state, incoming.ended_at = state, clock.now()
    incoming.report = {**incoming.report, **facts}
    session().flush()


def let_go() -> None:
    """Forgets packages nobody confirmed for a week, and lets files of old imports go; the record of an import stays."""
    now = clock.now()
    waiting = CourseImport.state.in_(("checking", "prepared", "failed")) & (CourseImport.created_at < now - WAITS)
    session().execute(delete(CourseImport).where(waiting))
    old = CourseImport.state.in_(("done", "undone")) & (CourseImport.ended_at < now - FILE_STAYS)
    session().execute(update(CourseImport).where(old).values(store_key=""))


def unnamed_files() -> list[str]:
    """Stored packages that no import names."""
    before = dt.datetime.now(dt.UTC) - COMES_FIRST  # the store's own time, whatever the clock of a story says
    named = set(session().scalars(select(CourseImport.store_key)))
    return [one.key for one in store().list(FOLDER) if one.modified_at < before and one.key not in named]


def _may(actor: User, incoming: CourseImport) -> None:
    if not policy.can_import(actor, incoming.course):
        raise NotAllowed()


def _move(incoming: CourseImport, come_from: str, to: str, **more: Any) -> None:
    """To the next state, once: of two people who press at the same moment the second is told."""
    change = update(CourseImport).where(CourseImport.id == incoming.id, CourseImport.state == come_from)
    moved: Any = session().execute(change.values(state=to, **more))
    if not moved.rowcount:
        raise NotReady()
    session().refresh(incoming)


def _measure(stream: BinaryIO) -> tuple[str, int]:
    digest = hashlib.sha256()
    while chunk := stream.read(1 << 20):
        digest.update(chunk)
    size = stream.tell()
    stream.seek(0)
    return digest.hexdigest(), size
