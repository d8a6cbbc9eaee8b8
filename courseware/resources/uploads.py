"""Files on their way in: parts in any order, resumed after a lost connection, checked, and only then an asset.

`begin` recognises a file that is here already, for people who may see it. Parts go straight to the store by presigned
addresses, or through `receive_part`. Finishing has three steps, so that the slow one holds no database lock:
`join` (parts become an object), `inspect` (no database at all), `settle` (the verdict). `complete` does all three.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
import uuid as uuidlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import select

from courseware.auditlog import services as auditlog
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import Invalid, NotAllowed, NotFound
from courseware.core.roles import Actor, Role
from courseware.libraries.models import Library
from courseware.resources import policy
from courseware.resources.assets import (
    MAX_BYTES,
    Checked,
    check_file,
    find_asset,
    hash_file,
    refusal,
    register,
    too_large,
)
from courseware.resources.errors import FileRefused, PartRefused, UploadClosed
from courseware.resources.models import Asset, Resource, ResourceVersion, Upload, UploadPart
from courseware.resources.reasons import SENTENCES, sentence
from courseware.resources.storage import passing_folder, store
from media.errors import MediaError, StoreUnavailable, UploadInvalid
from media.stores import Part, pull_object

PART_BYTES = 8 * 1024 * 1024
URL_LIFE_S = 12 * 3600
KEEP = dt.timedelta(hours=24)
OPEN = ("open", "checking")
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")


@dataclass(frozen=True, slots=True)
class Begun:
    """An upload to send parts to; or a resource with these very bytes that the person may see."""

    upload: Upload | None
    existing: Resource | None = None


@dataclass(frozen=True, slots=True)
class PartState:
    """A part of an open upload: whether it is here, and where to PUT it (None: through the application)."""

    num: int
    done: bool
    url: str | None


@dataclass(frozen=True, slots=True)
class Finding:
    """What looking at the joined file said: checked, or a reason code and a sentence."""

    checked: Checked | None
    code: str = ""
    reason: str = ""


def begin(
    actor: Actor,
    filename: str,
    size: int,
    sha256: str = "",
    *,
    content_type: str = "",
    library: Library | None = None,
    resource: Resource | None = None,
) -> Begun:
    """Opens an upload of `size` bytes, or recognises the file before a byte travels.

    A file known here is told only to someone who may see a resource with it, or who sent it before; anyone else sends
    the bytes. Raises FileRefused (empty, too large, no name), Invalid (hash), NotAllowed.
    """
    _may_upload(actor, library, resource)
    name = _clean_name(filename)
    _check_size(size)
    if sha256 and not _SHA256.fullmatch(sha256):
        raise Invalid({"sha256": [SENTENCES["wrong_hash"]]})
    known = find_asset(sha256) if sha256 else None
    existing = _visible_use(actor, known, library) if known is not None else None
    if existing is not None:
        return Begun(None, existing)
    upload = _new_upload(actor, name, size, sha256.lower(), content_type, library, resource)
    if known is not None and _sent_before(actor, known):
        upload.state, upload.asset_id = "stored", known.id
    else:
        upload.store_upload_id = store().begin_upload(upload.store_key, content_type or "application/octet-stream")
    session().add(upload)
    session().flush()
    return Begun(upload)


def upload_by_uuid(actor: Actor, upload_uuid: uuidlib.UUID) -> Upload:
    """The person's own upload; NotFound for those of others."""
    upload = session().scalar(select(Upload).where(Upload.uuid == upload_uuid))
    if upload is None or upload.user_id != actor.id:
        raise NotFound()
    return upload


def count_parts(upload: Upload) -> int:
    """How many parts the file has; part numbers count from 1."""
    return max(1, -(-upload.size // upload.part_size))


def part_length(upload: Upload, num: int) -> int:
    """Bytes of part `num`. Raises PartRefused for a number the file does not have."""
    if not 1 <= num <= count_parts(upload):
        raise PartRefused(num=num)
    return min(upload.part_size, upload.size - (num - 1) * upload.part_size)


def part_states(upload: Upload) -> list[PartState]:
    """Every part of the upload: what is here (asked of the store where browsers send there), and where the rest goes."""
    count = count_parts(upload)
    if upload.state != "open":
        return [PartState(num, True, None) for num in range(1, count + 1)]
    here = {part.num for part in _received(upload)}
    return [PartState(num, num in here, None if num in here else _part_url(upload, num)) for num in range(1, count + 1)]


def send_part(upload: Upload, num: int, data: BinaryIO) -> tuple[int, str]:
    """Passes one part to the store: (size, etag). Touches no table, so that a slow sender holds no lock.

    Raises UploadClosed, PartRefused (wrong number, or not as many bytes as the part has).
    """
    if upload.state != "open":
        raise UploadClosed()
    wanted = part_length(upload, num)
    counted = _Counted(data, wanted)
    try:
        etag = store().put_part(upload.store_key, upload.store_upload_id, num, counted)  # type: ignore[arg-type]
    except UploadInvalid as problem:
        raise PartRefused(num=num) from problem
    if counted.count != wanted or data.read(1):
        raise PartRefused(num=num)
    return wanted, etag


def note_part(upload: Upload, num: int, size: int, etag: str) -> UploadPart:
    """Remembers a part that the store has acknowledged; sending it again replaces it."""
    part = session().scalar(select(UploadPart).where(UploadPart.upload_id == upload.id, UploadPart.num == num))
    if part is None:
        part = UploadPart(upload_id=upload.id, num=num)
        session().add(part)
    part.size, part.etag = size, etag
    session().flush()
    session().expire(upload, ["parts"])
    return part


def receive_part(actor: Actor, upload: Upload, num: int, data: BinaryIO) -> UploadPart:
    """`send_part` and `note_part` in one, for callers that hold no lock worth freeing."""
    _own(actor, upload)
    size, etag = send_part(upload, num, data)
    return note_part(upload, num, size, etag)


def complete(actor: Actor, upload: Upload) -> Upload:
    """Joins the parts, checks the file, and ends in `stored` (with its asset) or `refused` (with the reason).

    Asking again gives the same answer. Raises PartRefused while parts are missing, UploadClosed after an abort.
    """
    join(actor, upload)
    if upload.state != "checking":
        return upload
    return settle(actor, upload, inspect(upload))


def join(actor: Actor, upload: Upload) -> None:
    """Makes one object of the parts; the upload is then `checking`."""
    _own(actor, upload)
    if upload.state == "aborted":
        raise UploadClosed()
    if upload.state != "open":
        return
    parts = _received(upload)
    missing = sorted(set(range(1, count_parts(upload) + 1)) - {part.num for part in parts})
    if missing:
        raise PartRefused(num=missing[0])
    try:
        store().complete_upload(upload.store_key, upload.store_upload_id, parts)
    except UploadInvalid as problem:
        raise PartRefused(num=problem.params.get("num", "?")) from problem
    upload.state = "checking"
    session().flush()


def inspect(upload: Upload) -> Finding:
    """Looks at the joined file: size, checksum, true type, playable. Reads the store only; writes nothing."""
    with passing_folder() as folder:
        try:
            path = pull_object(store(), upload.store_key, folder / "file")
            return _verdict(upload, path)
        except StoreUnavailable:
            raise
        except MediaError as problem:
            return Finding(None, problem.code, refusal(problem).sentence())


def settle(actor: Actor, upload: Upload, finding: Finding) -> Upload:
    """Writes the verdict: an asset and its job, or the refusal; what is not needed leaves the store."""
    if upload.state != "checking":
        return upload
    if finding.checked is None:
        upload.state, upload.reason_code, upload.reason = "refused", finding.code, finding.reason
        store().delete(upload.store_key)
        auditlog.record("upload.refuse", actor, about=upload, result="refused", reason=finding.code)
    else:
        asset = register(actor, finding.checked, upload.filename, upload.store_key)
        upload.state, upload.asset_id = "stored", asset.id
        if asset.store_key != upload.store_key:
            store().delete(upload.store_key)
    session().flush()
    return upload


def require_stored(upload: Upload) -> Asset:
    """The asset of a finished upload. Raises FileRefused with the reason, UploadClosed while there is none."""
    if upload.state == "refused":
        raise FileRefused(upload.reason_code, upload.reason)
    asset = session().get(Asset, upload.asset_id) if upload.asset_id is not None else None
    if asset is None:
        raise UploadClosed()
    return asset


def abort(actor: Actor, upload: Upload) -> Upload:
    """Gives an upload up; its parts leave the store. Giving up twice is no error."""
    _own(actor, upload)
    if upload.state in OPEN:
        _drop(upload)
    session().flush()
    return upload


def sweep(now: dt.datetime | None = None) -> int:
    """Drops uploads that were begun more than a day ago and never finished; returns how many."""
    before = (now or clock.now()) - KEEP
    old = session().scalars(select(Upload).where(Upload.state.in_(OPEN), Upload.created_at < before)).all()
    for upload in old:
        _drop(upload)
    session().flush()
    return len(old)


class _Counted:
    """A stream that gives at most `limit` bytes and counts them."""

    def __init__(self, stream: BinaryIO, limit: int) -> None:
        self._stream, self._limit, self.count = stream, limit, 0

    def read(self, size: int = -1) -> bytes:
        left = self._limit - self.count
        data = self._stream.read(left if size < 0 else min(size, left)) if left else b""
        self.count += len(data)
        return data


def _may_upload(actor: Actor, library: Library | None, resource: Resource | None) -> None:
    if resource is not None and not policy.can_edit(actor, resource):
        raise NotAllowed()
    if library is not None and not policy.can_create(actor, library):
        raise NotAllowed()
    if not actor.has_role(Role.TEACHER, *policy.STEWARDS):
        raise NotAllowed()


def _clean_name(filename: str) -> str:
    """The last part of the path, composed, without control characters, at most 200 characters."""
    name = unicodedata.normalize("NFC", re.split(r"[\\/]", filename)[-1])
    name = "".join(c for c in name if unicodedata.category(c)[0] != "C").strip().lstrip(".")
    if not name:
        raise FileRefused("bad_name", SENTENCES["bad_name"])
    stem, dot, ending = name.rpartition(".")
    return name if len(name) <= 200 else f"{stem[: 199 - len(ending)]}{dot}{ending}"[-200:]


def _check_size(size: int) -> None:
    if size <= 0:
        raise FileRefused("empty_file", SENTENCES["empty_file"])
    if size > MAX_BYTES:
        raise too_large(size)


def _new_upload(
    actor: Actor,
    name: str,
    size: int,
    sha256: str,
    content_type: str,
    library: Library | None,
    resource: Resource | None,
) -> Upload:
    upload_uuid = uuidlib.uuid4()
    # The announced hash is only a claim: the key holds the upload's own number too, so that no claim can ever
    # replace the bytes of a file that was checked.
    key = (
        f"assets/{sha256[:2]}/{sha256}-{upload_uuid.hex[:12]}"
        if sha256
        else f"assets/{upload_uuid.hex[:2]}/{upload_uuid.hex}"
    )
    return Upload(
        uuid=upload_uuid, user_id=actor.id, library_id=library.id if library else None, filename=name, size=size, sha256=sha256,
        resource_id=resource.id if resource else None, content_type=content_type[:100], part_size=PART_BYTES, store_key=key,
        store_upload_id="", state="open",
    )  # fmt: skip


def _visible_use(actor: Actor, asset: Asset, library: Library | None) -> Resource | None:
    """A resource with this file that the person may see; one of the same library first."""
    uses = select(Resource).join(ResourceVersion, ResourceVersion.resource_id == Resource.id)
    found = session().scalars(
        uses.where(ResourceVersion.asset_id == asset.id).distinct().order_by(Resource.id).limit(20)
    )
    seen = [r for r in found if (library is None or r.library_id == library.id) and policy.can_view(actor, r)]
    return seen[0] if seen else None


def _sent_before(actor: Actor, asset: Asset) -> bool:
    own = select(Upload.id).where(Upload.user_id == actor.id, Upload.asset_id == asset.id, Upload.state == "stored")
    return session().scalar(own.limit(1)) is not None


def _received(upload: Upload) -> list[Part]:
    """The parts that are here. Where browsers send straight to the store, the store knows; else our table."""
    noted = {part.num: Part(part.num, part.etag, part.size) for part in upload.parts}
    if len(noted) < count_parts(upload) and _part_url(upload, 1) is not None:
        try:
            for part in store().list_parts(upload.store_key, upload.store_upload_id):
                if part.num <= count_parts(upload) and part.size == part_length(upload, part.num):
                    noted[part.num] = part
        except UploadInvalid as problem:
            raise UploadClosed() from problem
    return [noted[num] for num in sorted(noted)]


def _part_url(upload: Upload, num: int) -> str | None:
    return store().part_url(upload.store_key, upload.store_upload_id, num, URL_LIFE_S)


def _verdict(upload: Upload, path: Path) -> Finding:
    size = path.stat().st_size
    if size != upload.size:
        params = {"declared": upload.size, "actual": size}
        return Finding(None, "wrong_size", sentence("wrong_size", params))
    sha256 = hash_file(path)
    if upload.sha256 and sha256 != upload.sha256:
        return Finding(None, "wrong_hash", sentence("wrong_hash"))
    return Finding(check_file(path, upload.filename, sha256))


def _own(actor: Actor, upload: Upload) -> None:
    if upload.user_id != actor.id:
        raise NotFound()


def _drop(upload: Upload) -> None:
    if upload.state == "open":
        store().abort_upload(upload.store_key, upload.store_upload_id)
    else:
        store().delete(upload.store_key)
    upload.state = "aborted"
