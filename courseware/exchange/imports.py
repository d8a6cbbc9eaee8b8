"""A package on its way into a course: taken in, looked at, done, taken back. The slow parts are jobs."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid as uuidlib
from collections.abc import Collection, Sequence
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
from courseware.libraries.models import Course, CourseTeacher, Library
from courseware.libraries.policy import visible_to
from courseware.resources import uploads
from courseware.resources.errors import UploadClosed
from courseware.resources.models import Upload
from courseware.resources.storage import store
from media.errors import ObjectNotFound

CHECK, WRITE, UNDO = "exchange.check", "exchange.import", "exchange.undo"
JOB_OF = {"checking": CHECK, "importing": WRITE, "undoing": UNDO}
FOLDER = "cartridges/"
WAITS = dt.timedelta(days=7)  # for somebody to confirm it
FILE_STAYS = dt.timedelta(days=30)
SENT_WAITS = 2 * uploads.KEEP  # from the beginning of its upload: for somebody to say which course it is for
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
    return _enter(actor, course, CourseImport(filename=name, size=size, sha256=digest, store_key=key))


def take_over(actor: User, course: Course, upload: Upload) -> CourseImport:
    """As `take_in`, for a package that came in parts (`resources.uploads`). Asked again it gives the same import.

    Raises NotAllowed, NotFound for somebody else's upload, UploadClosed where there is no file (yet, or any more).
    """
    if not policy.can_import(actor, course):
        raise NotAllowed()
    uploads.require_own(actor, upload)
    session().refresh(upload, with_for_update=True)  # two pages that wait for the same file ask at the same moment
    known = import_from(upload)
    if known is not None:
        return known
    if not is_sent(upload):
        raise UploadClosed()
    sent = CourseImport(filename=upload.filename, size=upload.size, sha256=upload.sha256, store_key=upload.store_key)
    return _enter(actor, course, sent)


def import_from(upload: Upload) -> CourseImport | None:
    """The import that was made of an upload."""
    return session().scalar(select(CourseImport).where(CourseImport.store_key == upload.store_key))


def is_sent(upload: Upload) -> bool:
    """Whether the upload is a package that is here, whole."""
    if upload.state != "stored" or not upload.store_key.startswith(FOLDER):
        return False
    try:
        store().stat(upload.store_key)
    except ObjectNotFound:
        return False
    return True


def _enter(actor: User, course: Course, incoming: CourseImport) -> CourseImport:
    """Notes a package that lies in the store and asks for its dry run."""
    incoming.course_id, incoming.actor_id, incoming.state = course.id, actor.id, "checking"
    incoming.course, incoming.actor = course, actor
    session().add(incoming)
    session().flush()
    ask_for_job(incoming)
    auditlog.record(
        "course.import.upload", actor, about=course, details={"file": incoming.filename, "sha256": incoming.sha256}
    )
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
    taught = Course.id.in_(select(CourseTeacher.course_id).where(CourseTeacher.user_id == actor.id))
    if actor.has_role(Role.LIBRARIAN, Role.ADMINISTRATOR):
        query = query.where(taught | Course.library_id.in_(select(Library.id).where(visible_to(actor))))
    else:
        query = query.where(taught)
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
    """Stored packages that nothing names."""
    before = dt.datetime.now(dt.UTC) - COMES_FIRST  # the store's own time, whatever the clock of a story says
    old = [one.key for one in store().list(FOLDER) if one.modified_at < before]
    named = named_of(old)
    return [key for key in old if key not in named]


def named_of(keys: Collection[str]) -> set[str]:
    """Those of the keys that an import names, or an upload: under way, or waiting to be made an import."""
    waits = (Upload.state == "stored") & (Upload.created_at > clock.now() - SENT_WAITS)
    sent = select(Upload.store_key).where(Upload.store_key.in_(keys), Upload.state.in_(uploads.OPEN) | waits)
    known = select(CourseImport.store_key).where(CourseImport.store_key.in_(keys))
    return {*session().scalars(known), *session().scalars(sent)}


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
