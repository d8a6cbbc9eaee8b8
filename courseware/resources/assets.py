"""Files come into the house: looked at, stored once under their SHA-256, processed after commit."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import exists, select
from sqlalchemy.exc import IntegrityError

from courseware.auditlog import services as auditlog
from courseware.core import events
from courseware.core.database import session
from courseware.core.errors import NotFound
from courseware.core.roles import Actor
from courseware.jobs import services as jobs
from courseware.jobs.models import Job
from courseware.resources.errors import FileRefused, TooLarge
from courseware.resources.models import Asset, Rendition
from courseware.resources.reasons import SENTENCES, sentence_of
from courseware.resources.storage import store
from media.errors import MediaError, StoreUnavailable, UnsafeFile
from media.gate import MediaInfo, inspect_media
from media.office import find_office
from media.pictures import open_image
from media.sniff import FileKind, sniff

MAX_BYTES = 4 * 1024**3
PROFILE = "1"  # raise it when processing makes something new of every file
SOON, WHENEVER = jobs.SOON, 9
PROCESSED = ("video", "audio", "image", "pdf", "presentation", "document", "sheet", "text", "captions")


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that passed the gate."""

    sha256: str
    size: int
    kind: FileKind
    info: MediaInfo | None


def check_file(path: Path, filename: str, sha256: str = "") -> Checked:
    """Looks into the file: its true type, and for recordings and pictures whether they can be opened at all.

    `sha256` saves reading it when the caller knows it. Raises media.errors.MediaError.
    """
    kind = sniff(path, filename)
    info = inspect_media(path) if kind.kind in ("video", "audio") else None
    if kind.kind == "image":
        open_image(path).close()
    return Checked(sha256 or hash_file(path), path.stat().st_size, kind, info)


def hash_file(path: Path) -> str:
    """SHA-256 as hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def store_file(
    path: Path, filename: str, actor: Actor | None, *, priority: int = WHENEVER, process: bool = True
) -> Asset:
    """Takes a local file in: gate, store, processing job. An equal file that is here already is returned as it is.

    Raises FileRefused with a sentence for people; nothing is kept then.
    """
    known = find_asset(hash_file(path)) if path.is_file() else None
    if known is not None:
        return known
    checked = bring(path, filename)
    return register(actor, checked, filename, key_of(checked.sha256), priority=priority, process=process)


def bring(path: Path, filename: str) -> Checked:
    """Gate and store, without a table: the slow part, for those who hold a transaction afterwards (`register`).

    Raises FileRefused with a sentence for people; nothing is kept then.
    """
    checked = pass_gate(path, filename)
    keep(checked, path)
    return checked


def pass_gate(path: Path, filename: str) -> Checked:
    """The verdict of the gate on a local file. Raises FileRefused with a sentence for people."""
    try:
        if not path.is_file() or path.stat().st_size == 0:
            raise UnsafeFile("empty_file")
        if path.stat().st_size > MAX_BYTES:
            raise too_large(path.stat().st_size)
        return check_file(path, filename)
    except MediaError as problem:
        raise refusal(problem) from problem


def keep(checked: Checked, path: Path) -> None:
    """Puts the file into the store under its hash."""
    with path.open("rb") as stream:
        store().put(key_of(checked.sha256), stream, checked.size, checked.kind.mime)


def key_of(sha256: str) -> str:
    """Where a file that was taken in whole lies in the store."""
    return f"assets/{sha256[:2]}/{sha256}"


def register(
    actor: Actor | None, checked: Checked, filename: str, store_key: str, *, priority: int = SOON, process: bool = True
) -> Asset:
    """The asset of a checked file that lies in the store at `store_key`, and its job; the one known already wins."""
    asset = _insert(_new_asset(checked, filename, store_key))
    if asset.store_key == store_key:
        auditlog.record("asset.store", actor, about=asset, details={"sha256": asset.sha256, "size": asset.size})
        events.asset_stored.send("resources", asset=asset)
        if process:
            process_asset(asset, priority=priority)
    return asset


def process_asset(asset: Asset, *, priority: int = SOON) -> Job | None:
    """Asks for processing; after a failure it begins anew. None when there is nothing to process (other archives)."""
    if asset.kind not in PROCESSED and asset.facts.get("resource_type") != "simulation":
        asset.state = "ready"
        return None
    asset.state, asset.reason_code, asset.reason, asset.reason_params = "processing", "", "", {}
    return jobs.enqueue("media.process", job_key(asset), {"asset": str(asset.uuid)}, priority=priority)


def job_key(asset: Asset) -> str:
    """The key of the job that processes the file."""
    return f"media:{asset.uuid}:{PROFILE}"


def hurry(asset: Asset) -> None:
    """Somebody wants to see the file now: its job goes before those nobody waits for."""
    if asset.state == "processing":
        jobs.hurry(job_key(asset))


def retry_processing(actor: Actor, asset: Asset) -> None:
    """A person asks once more after a failure: it goes on at the step that failed. Raises NotFound, Conflict."""
    jobs.retry(actor, _job(asset).uuid)
    asset.state, asset.reason_code, asset.reason, asset.reason_params = "processing", "", "", {}


def cancel_processing(actor: Actor, asset: Asset) -> None:
    """A person stops the work; what plays already goes on playing. Raises NotFound."""
    jobs.cancel(actor, _job(asset).uuid)


def _job(asset: Asset) -> Job:
    job = session().scalar(select(Job).where(Job.key == job_key(asset)))
    if job is None:
        raise NotFound()
    return job


def lacking_previews() -> list[Asset]:
    """Ready files without what processing makes of their kind by now: unpacked simulations, pages of Office files.

    Office files only where this machine can draw them.
    """
    wanted = [("archive", "simulation")]
    if find_office(current_app.config["KEKU"].office_binary) is not None:
        wanted += [(kind, "preview") for kind in ("presentation", "document", "sheet")]
    found: list[Asset] = []
    for kind, rendition in wanted:
        has_one = exists().where(Rendition.asset_id == Asset.id, Rendition.kind == rendition)
        query = select(Asset).where(Asset.kind == kind, Asset.state == "ready", ~has_one).order_by(Asset.id)
        found += session().scalars(query)
    return [a for a in found if a.kind != "archive" or a.facts.get("resource_type") == "simulation"]


def find_asset(sha256: str) -> Asset | None:
    """The asset with these bytes, or None."""
    return session().scalar(select(Asset).where(Asset.sha256 == sha256.lower()))


def refusal(problem: MediaError) -> FileRefused:
    """The gate's answer as an error for people. A store that does not answer is no refusal: that is raised as it is."""
    if isinstance(problem, StoreUnavailable):
        raise problem
    return FileRefused(problem.code, sentence_of(problem))


def too_large(size: int) -> TooLarge:
    """The refusal of a file beyond MAX_BYTES."""
    return TooLarge("too_large", SENTENCES["too_large"], size=_gigabytes(size), limit=_gigabytes(MAX_BYTES))


def _gigabytes(size: int) -> str:
    return f"{size / 1024**3:.1f} GB"


def _new_asset(checked: Checked, filename: str, store_key: str) -> Asset:
    info = checked.info
    return Asset(
        sha256=checked.sha256, size=checked.size, media_type=checked.kind.mime, filename=filename, store_key=store_key,
        kind=info.kind if info else checked.kind.kind, duration_s=info.duration_s if info else None,
        width=info.width or None if info else None, height=info.height or None if info else None,
        facts=_facts(checked), state="stored",
    )  # fmt: skip


def _facts(checked: Checked) -> dict[str, Any]:
    kind: dict[str, Any] = {
        "extension": checked.kind.extension,
        "resource_type": checked.kind.resource_type,
        "encoding": checked.kind.encoding,
    }
    if checked.info is not None:
        kind["resource_type"] = checked.info.kind
        kind["media"] = _plain(asdict(checked.info))
    return kind


def _plain(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if isinstance(value, str | int | float | bool)}


def _insert(asset: Asset) -> Asset:
    """Stores the row, or gives the one that an equal upload stored at the same moment."""
    db = session()
    try:
        with db.begin_nested():
            db.add(asset)
    except IntegrityError:
        return db.scalars(select(Asset).where(Asset.sha256 == asset.sha256)).one()
    return asset
