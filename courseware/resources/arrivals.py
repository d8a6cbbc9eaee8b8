"""What happens when all parts of an upload are here: joined, looked into, and made an asset and the content of a draft.

The request only says so (`arrive`); a job does the rest, because joining and hashing two gigabytes takes longer than a
page may wait. Each step may be done again after a crash: `join` (parts become an object) and `inspect` touch no table,
`settle` writes the verdict, `take_in` gives the file to its draft.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid as uuidlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select

from courseware.accounts.models import User
from courseware.auditlog import services as auditlog
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import DomainError
from courseware.core.roles import Actor
from courseware.core.unit_of_work import unit_of_work
from courseware.jobs import registry
from courseware.jobs import services as jobs
from courseware.jobs.models import Job
from courseware.jobs.registry import JobCancelled, JobRun
from courseware.resources import proposals, services
from courseware.resources.assets import Checked, check_file, refusal, register
from courseware.resources.errors import DuplicateContent, FileRefused, PartRefused, SameContent, UploadClosed
from courseware.resources.models import Asset, Resource, Upload
from courseware.resources.reasons import sentence
from courseware.resources.storage import passing_folder, place, store, store_of_kind
from courseware.resources.uploads import count_parts, received, require_own, store_of
from media.errors import MediaError, ObjectNotFound, StoreUnavailable, UploadInvalid
from media.stores import ObjectStore, pull_object
from media.stores.interface import CHUNK_BYTES
from media.stores.moving import copy_object

KIND = "uploads.check"
NOW = 0  # somebody looks at the bar
PATIENCE = dt.timedelta(minutes=2)
Tell = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Finding:
    """What looking at the joined file said: a reason code with its parameters, or that it is well.

    `checked` is what the gate found of a file of the library; of one for another subject only its `sha256` is known.
    """

    checked: Checked | None
    code: str = ""
    reason: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    sha256: str = ""


class RefusedAtTheEnd(DomainError):
    """The file came whole and is not taken: the rules of the library speak against it."""

    status = 409

    def __init__(self, code: str, reason: str, existing: str = "") -> None:
        self.code, self.message, self.existing_uuid = code, reason, existing or None
        super().__init__()


def arrive(actor: Actor, upload: Upload, here: set[int]) -> None:
    """All parts are here (`here`: their numbers): the upload is `checking` from now on, and its job is asked for.

    Asking again changes nothing, but a check that failed because the store was away is asked for anew. Raises
    PartRefused while parts are missing, UploadClosed after an abort.
    """
    require_own(actor, upload)
    if upload.state == "aborted":
        raise UploadClosed()
    if upload.state == "open":
        missing = sorted(set(range(1, count_parts(upload) + 1)) - here)
        if missing:
            raise PartRefused(num=missing[0])
        upload.state = "checking"
    if upload.state == "checking":
        jobs.enqueue(KIND, _key(upload), {"upload": str(upload.uuid)}, priority=NOW)
    session().flush()


def complete(actor: Actor, upload: Upload) -> Upload:
    """Everything here and now, for commands and tests: ends in `stored` (with its asset) or `refused` (with the reason).

    Asking again gives the same answer. Raises PartRefused while parts are missing, UploadClosed after an abort.
    """
    arrive(actor, upload, {part.num for part in received(upload)} if upload.state == "open" else set())
    if upload.state == "checking":
        settle(actor, upload, join(upload) or inspect(upload))
    return upload


def join(upload: Upload) -> Finding | None:
    """Makes one object of the parts, in the store where the library is now. A Finding when parts were lost meanwhile."""
    if not upload.store_upload_id:
        return None
    kept_in = store_of(upload)
    try:
        kept_in.complete_upload(upload.store_key, upload.store_upload_id, received(upload))
    except (UploadInvalid, UploadClosed):
        if not _was_joined(kept_in, upload):
            return Finding(None, "parts_lost", sentence("parts_lost"))
    if upload.store_kind and upload.store_kind != place().kind:
        copy_object(kept_in, store_of_kind(place().kind), upload.store_key)
    return None


def _was_joined(kept_in: ObjectStore, upload: Upload) -> bool:
    """Whether a worker that ended before it could say so has made the object; `inspect` still compares every byte."""
    try:
        return kept_in.stat(upload.store_key).size == upload.size
    except ObjectNotFound:
        return False


def inspect(upload: Upload, tell: Tell = lambda _percent: None) -> Finding:
    """Looks at the joined file: size, checksum, true type, playable. Reads the store only; writes nothing."""
    with passing_folder() as folder:
        try:
            path = pull_object(store(), upload.store_key, folder / "file")
            return _verdict(upload, path, tell)
        except StoreUnavailable:
            raise
        except MediaError as problem:
            plain = {name: value for name, value in problem.params.items() if isinstance(value, str | int | float)}
            return Finding(None, problem.code, refusal(problem).sentence(), plain)


def settle(actor: Actor, upload: Upload, finding: Finding) -> Upload:
    """Writes the verdict: an asset and its job, a file that stays as it is, or the refusal; what is not needed leaves."""
    if upload.state != "checking":
        return upload
    if finding.code:
        _refuse(upload, finding.code, finding.reason, finding.params)
        store().delete(upload.store_key)
        auditlog.record("upload.refuse", actor, about=upload, result="refused", reason=finding.code)
    elif finding.checked is None:
        upload.state, upload.sha256 = "stored", finding.sha256
    else:
        asset = register(actor, finding.checked, upload.filename, upload.store_key)
        upload.state, upload.asset_id = "stored", asset.id
        if asset.store_key != upload.store_key:
            store().delete(upload.store_key)
    session().flush()
    return upload


def take_in(person: User, upload: Upload) -> Resource | None:
    """The stored file becomes the content of its draft, or of a new one in its library; None where it has neither.

    A file for another subject stays where it is, until that subject asks for it.
    Doing it again changes nothing. Raises DuplicateContent and SameContent, noted by the caller, and what else
    `services.create_resource` and `attach_asset` raise.
    """
    if not upload.is_for_library:
        return None
    asset = require_stored(upload)
    resource = session().get(Resource, upload.resource_id) if upload.resource_id is not None else None
    if resource is None and upload.library_id is not None:
        resource = proposals.create_from_asset(person, upload.library_id, asset, upload.filename)
        upload.resource_id = resource.id
    elif resource is not None and (resource.draft_version is None or resource.draft_version.asset_id != asset.id):
        services.attach_asset(person, resource, asset)
    session().flush()
    return resource


def require_stored(upload: Upload) -> Asset:
    """The asset of a finished upload. Raises FileRefused with the reason, UploadClosed while there is none."""
    if upload.state == "refused":
        raise refused(upload)
    asset = session().get(Asset, upload.asset_id) if upload.asset_id is not None else None
    if asset is None:
        raise UploadClosed()
    return asset


def refused(upload: Upload) -> DomainError:
    """Why an upload was refused, in the language of the reader."""
    params = dict(upload.reason_params)
    if upload.reason_code in (DuplicateContent.code, SameContent.code) or "status" in params:
        return RefusedAtTheEnd(upload.reason_code, _sentence_at_the_end(upload, params), params.get("existing", ""))
    return FileRefused(upload.reason_code, sentence(upload.reason_code, params))


def check_of(upload: Upload) -> Job | None:
    """The job that looks at the file; None before the parts were complete."""
    return session().scalar(select(Job).where(Job.key == _key(upload)))


@registry.handler(KIND, is_quick=True)
def check_upload(run: JobRun) -> dict[str, Any]:
    """Joins, looks, decides, and gives the file to its draft. A store that is away fails the job, to be asked again."""
    upload_uuid = uuidlib.UUID(run.payload["upload"])
    upload = _detached(upload_uuid)
    if upload.state == "checking":
        run.progress(1, "joining the parts")
        finding = join(upload)
        if finding is None:
            run.progress(10, "reading")
            finding = inspect(upload, _telling(run))
        return {"state": finish(upload_uuid, finding)}
    return {"state": finish(upload_uuid)}


def finish(upload_uuid: uuidlib.UUID, finding: Finding | None = None) -> str:
    """Writes the verdict and gives a stored file to its draft, in one: nobody sees a stored file without its draft.

    A refusal by the rules of the library is written down and counted. Returns the upload's state.
    """
    try:
        with unit_of_work():
            upload = _settled(upload_uuid, finding)
            if upload.state == "stored":
                take_in(_person(upload), upload)
            return upload.state
    except DomainError as problem:
        with unit_of_work():
            if isinstance(problem, DuplicateContent | SameContent):
                services.note_refusal(problem)
            upload = _settled(upload_uuid, finding)
            existing = getattr(problem, "existing_uuid", None)
            params = {**_plain(problem.params), "status": problem.status, "existing": str(existing or "")}
            _refuse(upload, problem.code, problem.sentence(), params)
            return upload.state


@registry.every(PATIENCE)
def ask_again() -> None:
    """Uploads whose check failed because the store was away are checked once more, whether or not anybody waits."""
    with unit_of_work():
        before = clock.now() - PATIENCE
        keys = {_key(upload): upload for upload in session().scalars(select(Upload).where(Upload.state == "checking"))}
        failed = select(Job).where(Job.key.in_(keys), Job.state == "failed", Job.ended_at < before)
        for job in session().scalars(failed):
            jobs.requeue(job)


def _settled(upload_uuid: uuidlib.UUID, finding: Finding | None) -> Upload:
    upload = _upload(upload_uuid)
    return settle(_person(upload), upload, finding) if finding is not None else upload


def _refuse(upload: Upload, code: str, reason: str, params: dict[str, Any]) -> None:
    upload.state, upload.reason_code, upload.reason, upload.reason_params = "refused", code, reason, params
    session().flush()


def _sentence_at_the_end(upload: Upload, params: dict[str, Any]) -> str:
    if upload.reason_code == SameContent.code:
        return str(SameContent.message)
    if upload.reason_code == DuplicateContent.code:
        title = params.get("title")
        return str(DuplicateContent.message) % {"title": title} if title else str(DuplicateContent.unseen)
    return upload.reason


def _verdict(upload: Upload, path: Path, tell: Tell) -> Finding:
    size = path.stat().st_size
    if size != upload.size:
        params = {"declared": upload.size, "actual": size}
        return Finding(None, "wrong_size", sentence("wrong_size", params), params)
    sha256 = _hash(path, tell)
    if upload.sha256 and sha256 != upload.sha256:
        return Finding(None, "wrong_hash", sentence("wrong_hash"))
    if not upload.is_for_library:
        return Finding(None, sha256=sha256)
    return Finding(check_file(path, upload.filename, sha256))


def _hash(path: Path, tell: Tell) -> str:
    """SHA-256 as hex; says now and then how far it is."""
    digest, size, done, told = hashlib.sha256(), max(1, path.stat().st_size), 0, 0
    with path.open("rb") as stream:
        while chunk := stream.read(4 * CHUNK_BYTES):
            digest.update(chunk)
            done += len(chunk)
            if 10 * done // size > told:
                told = 10 * done // size
                tell(100 * done / size)
    return digest.hexdigest()


def _telling(run: JobRun) -> Tell:
    def tell(percent: float) -> None:
        if run.cancelled():
            raise JobCancelled()
        run.progress(10 + 0.8 * percent, "reading")

    return tell


def _key(upload: Upload) -> str:
    return f"upload:{upload.uuid}"


def _upload(upload_uuid: uuidlib.UUID) -> Upload:
    return session().scalars(select(Upload).where(Upload.uuid == upload_uuid)).one()


def _detached(upload_uuid: uuidlib.UUID) -> Upload:
    """The upload with its parts, read once; slow work follows that holds no transaction."""
    upload = _upload(upload_uuid)
    _ = upload.parts
    session().expunge(upload)
    session().rollback()
    return upload


def _person(upload: Upload) -> User:
    return session().scalars(select(User).where(User.id == upload.user_id)).one()


def _plain(params: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in params.items() if isinstance(value, str | int | float | bool)}
