"""Files on their way in: parts in any order, resumed after a lost connection, checked, and only then an asset.

`begin` recognises a file that is here already, for people who may see it. Parts go straight to the store by presigned
addresses, or through `receive_part`. What happens when all are here stands in `arrivals.py`.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
import uuid as uuidlib
from dataclasses import dataclass
from typing import Any, BinaryIO

from sqlalchemy import select

from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import Invalid, NotAllowed, NotFound
from courseware.core.roles import Actor, Role
from courseware.libraries.models import Library
from courseware.resources import policy
from courseware.resources.assets import MAX_BYTES, find_asset, too_large
from courseware.resources.errors import FileRefused, PartRefused, UploadClosed
from courseware.resources.models import LIBRARY_FOLDER, Asset, Resource, ResourceVersion, Upload, UploadPart
from courseware.resources.reasons import SENTENCES
from courseware.resources.storage import place, store, store_of_kind
from media.errors import UploadInvalid
from media.stores import ObjectStore, Part

PART_BYTES = 8 * 1024 * 1024
LARGE_PART_BYTES = 2 * PART_BYTES  # half as many requests and addresses
LARGE_BYTES = 1024**3  # files from here on travel in large parts
URL_LIFE_S = 12 * 3600
KEEP = dt.timedelta(hours=72)  # somebody who goes home on Friday may go on on Monday morning
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


def begin(actor: Actor, filename: str, size: int, sha256: str = "", **more: Any) -> Begun:
    """`prepare`, `open_in_store` and `keep` in one, for callers that hold no lock worth freeing."""
    begun = prepare(actor, filename, size, sha256, **more)
    if begun.upload is not None:
        open_in_store(begun.upload)
        keep(begun.upload)
    return begun


def prepare(
    actor: Actor,
    filename: str,
    size: int,
    sha256: str = "",
    *,
    content_type: str = "",
    library: Library | None = None,
    resource: Resource | None = None,
    folder: str = LIBRARY_FOLDER,
) -> Begun:
    """An upload of `size` bytes, to be opened and kept; or the file is recognised before a byte travels.

    A file known here is told only to someone who may see a resource with it, or who sent it before; anyone else sends
    the bytes. In another `folder` than the library's it stays as it is, for the subject that keeps the folder. Raises FileRefused (empty, too large, no name), Invalid (hash), NotAllowed.
    """
    _may_upload(actor, library, resource)
    name = _clean_name(filename)
    _check_size(size)
    if sha256 and not _SHA256.fullmatch(sha256):
        raise Invalid({"sha256": [SENTENCES["wrong_hash"]]})
    known = find_asset(sha256) if sha256 and folder == LIBRARY_FOLDER else None
    existing = _visible_use(actor, known, library) if known is not None else None
    if existing is not None:
        return Begun(None, existing)
    upload = _new_upload(actor, name, size, sha256.lower(), content_type, library, resource, folder)
    if known is not None and _sent_before(actor, known):
        upload.state, upload.asset_id = "stored", known.id
    return Begun(upload)


def open_in_store(upload: Upload) -> None:
    """Begins the parts in the store. Touches no table: a store that is slow to answer holds up nobody who writes."""
    if upload.state == "open":
        upload.store_kind = place().kind
        content_type = upload.content_type or "application/octet-stream"
        upload.store_upload_id = store_of(upload).begin_upload(upload.store_key, content_type)


def keep(upload: Upload) -> Upload:
    """Remembers an upload that was prepared and opened."""
    session().add(upload)
    session().flush()
    return upload


def store_of(upload: Upload) -> ObjectStore:
    """The store that holds the parts, also when the library moved after they came."""
    return store_of_kind(upload.store_kind) if upload.store_kind else store()


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
    here = {part.num for part in received(upload)}
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
        etag = store_of(upload).put_part(upload.store_key, upload.store_upload_id, num, counted)  # type: ignore[arg-type]
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
    require_own(actor, upload)
    size, etag = send_part(upload, num, data)
    return note_part(upload, num, size, etag)


def abort(actor: Actor, upload: Upload) -> Upload:
    """Gives an upload up; its parts leave the store. Giving up twice is no error."""
    require_own(actor, upload)
    if upload.state in OPEN:
        _drop(upload)
    session().flush()
    return upload


def sweep(now: dt.datetime | None = None) -> int:
    """Drops uploads that were begun longer ago than KEEP and never finished, and parts in the store that no upload
    knows of; returns how many of both."""
    before = (now or clock.now()) - KEEP
    old = session().scalars(select(Upload).where(Upload.state.in_(OPEN), Upload.created_at < before)).all()
    for upload in old:
        _drop(upload)
    session().flush()
    return len(old) + _sweep_store(before)


def _sweep_store(before: dt.datetime) -> int:
    """Parts whose upload was given up while the store did not answer, or was never written down."""
    known = set(session().scalars(select(Upload.store_upload_id).where(Upload.state.in_(OPEN))))
    lost = [found for found in store().list_uploads(before) if found.upload_id not in known]
    for found in lost:
        store().abort_upload(found.key, found.upload_id)
    return len(lost)


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
    folder: str,
) -> Upload:
    upload_uuid = uuidlib.uuid4()
    return Upload(
        uuid=upload_uuid, user_id=actor.id, library_id=library.id if library else None, filename=name, size=size, sha256=sha256,
        resource_id=resource.id if resource else None, content_type=content_type[:100],
        part_size=PART_BYTES if size < LARGE_BYTES else LARGE_PART_BYTES, store_key=_new_key(folder, upload_uuid, sha256),
        store_upload_id="", state="open",
    )  # fmt: skip


def _new_key(folder: str, upload_uuid: uuidlib.UUID, sha256: str) -> str:
    """Where the file will lie. The announced hash is only a claim: the key holds the upload's own number too, so that no
    claim can ever replace the bytes of a file that was checked."""
    if folder != LIBRARY_FOLDER:
        return f"{folder}{upload_uuid.hex}"
    return (
        f"{folder}{sha256[:2]}/{sha256}-{upload_uuid.hex[:12]}"
        if sha256
        else f"{folder}{upload_uuid.hex[:2]}/{upload_uuid.hex}"
    )


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


def received(upload: Upload) -> list[Part]:
    """The parts that are here, in order. Where browsers send straight to the store, the store knows; else our table."""
    noted = {part.num: Part(part.num, part.etag, part.size) for part in upload.parts}
    if len(noted) < count_parts(upload) and _part_url(upload, 1) is not None:
        try:
            for part in store_of(upload).list_parts(upload.store_key, upload.store_upload_id):
                if part.num <= count_parts(upload) and part.size == part_length(upload, part.num):
                    noted[part.num] = part
        except UploadInvalid as problem:
            raise UploadClosed() from problem
    return [noted[num] for num in sorted(noted)]


def _part_url(upload: Upload, num: int) -> str | None:
    return store_of(upload).part_url(upload.store_key, upload.store_upload_id, num, URL_LIFE_S)


def require_own(actor: Actor, upload: Upload) -> None:
    if upload.user_id != actor.id:
        raise NotFound()


def _drop(upload: Upload) -> None:
    if upload.state == "open" or upload.store_upload_id:
        store_of(upload).abort_upload(upload.store_key, upload.store_upload_id)
    store().delete(upload.store_key)
    upload.state = "aborted"
