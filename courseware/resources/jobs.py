"""Processing of a stored file, in durable steps: playable first, pictures, then the lower rungs; text for search.

Everything made goes under a prefix of this run (`hls/<asset>/<run>/`, `pictures/<asset>/<run>/`), so that doing a step
again replaces its own files and nobody else's. The asset tells the truth at any moment: processing, ready, or failed
with a reason; a recording is ready as soon as it plays.
"""

from __future__ import annotations

import datetime as dt
import shutil
import uuid as uuidlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import select, update

from courseware.core import events
from courseware.core.database import session
from courseware.core.unit_of_work import unit_of_work
from courseware.jobs import registry
from courseware.jobs.registry import JobCancelled, JobRun
from courseware.resources import caption_jobs, change, comparing, likeness, uploads, versions
from courseware.resources.models import Asset, Rendition, Resource, ResourceVersion
from courseware.resources.storage import store, work_folder
from media import hls, pictures, quality
from media.comparing import fingerprints
from media.comparing.documents import Transcripts
from media.documents import extract_text
from media.errors import SENTENCES as ENGLISH
from media.errors import Cancelled, MediaError, UnsafeFile
from media.gate import MediaInfo, inspect_media
from media.office import CONVERTED, convert_to_pdf, find_office
from media.packages import unpack_package
from media.playlists import Rendition as Playlist
from media.sniff import PDF, FileKind, sniff
from media.stores import pull_object, push_folder

RUNG_RESERVE = 2  # free space beside the fetched file, in sizes of it
DOCUMENTS = ("pdf", "presentation", "document", "sheet", "text", "captions")
FILES = "files"  # measured by looking into both files, not by their texts alone
SEARCHED = (*versions.EDITABLE, "in_review", "published")
THUMBNAIL = "thumbnail.webp"
PAGES = "preview.pdf"


@dataclass(slots=True)
class _Work:
    """One run over one file."""

    run: JobRun
    asset_uuid: uuidlib.UUID
    store_key: str
    filename: str
    size: int
    folder: Path

    @property
    def name(self) -> str:
        """The name of this run in keys and rows."""
        return self.run.job_uuid.replace("-", "")[:16]

    def source(self) -> Path:
        """The file on this machine, fetched when it is not here (another host may have begun the work)."""
        return pull_object(store(), self.store_key, self.folder / "source", reserve=RUNG_RESERVE * self.size)

    def output(self, name: str) -> Path:
        """A folder for results."""
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def prefix(self, kind: str) -> str:
        """Where results of `kind` go in the store."""
        return f"{kind}/{self.asset_uuid}/{self.name}"

    def telling(self, start: float, end: float, text: str) -> Callable[[float], None]:
        """Progress of a part of the work as progress of the whole."""
        return lambda percent: self.run.progress(start + (end - start) * percent / 100, text)


@registry.handler("media.process")
def process_media(run: JobRun) -> dict[str, Any]:
    """Makes what pages need of the file named in the payload; the asset ends ready or failed with its reason."""
    asset_uuid = uuidlib.UUID(run.payload["asset"])
    with _truthful(asset_uuid), _working(run, asset_uuid) as work:
        kind = run.step("look", lambda: _look(work))
        if kind in ("video", "audio"):
            return _process_recording(work)
        if kind == "image":
            return _process_image(work)
        if kind == "archive":
            return _process_package(work)
        return _process_document(work) if kind in DOCUMENTS else _finish(work, {})


@registry.handler("resources.compare")
def compare_versions(run: JobRun) -> dict[str, Any]:
    """Looks into the files of a draft and of the version it is to replace; the evidence stands with the draft."""
    folder = work_folder(run.job_uuid)
    try:
        measured = run.step("compare", lambda: _compare(run, folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    run.step("keep", lambda: _keep_measured(run.payload, measured))
    return {"class": measured["class"], "share": measured["share"]}


registry.handler(caption_jobs.KIND)(caption_jobs.write_captions)


@registry.handler("resources.alike")
def look_for_copies(run: JobRun) -> dict[str, Any]:
    """Looks whether the content of a draft stands in the library already."""
    return {"found": run.step("alike", lambda: _look_for_copies(run.payload["version"]))}


def _compare(run: JobRun, folder: Path) -> dict[str, Any]:
    run.progress(5, "fetching both files")
    base, version = (_version(run.payload[name]) for name in ("base", "version"))
    assert base.asset is not None
    assert version.asset is not None
    spoken = Transcripts(versions.spoken_in(base), versions.spoken_in(version))
    kind, files = version.resource.type, [(a.store_key, a.filename) for a in (base.asset, version.asset)]
    session().rollback()
    old, new = (
        (pull_object(store(), key, folder / str(number)), filename) for number, (key, filename) in enumerate(files)
    )
    run.progress(20, "comparing")
    return comparing.compare_stored(old, new, kind, spoken, run.cancelled)


def _keep_measured(payload: dict[str, Any], measured: dict[str, Any]) -> None:
    """The author's own choice of the class stays; a draft that got other content meanwhile has its own job."""
    with unit_of_work():
        version = _version(payload["version"])
        if version.content_hash != payload["content"] or version.state not in (*versions.EDITABLE, "in_review"):
            return
        if version.state in versions.EDITABLE and version.proposed_class == change.propose_class(version.measured):
            version.proposed_class = change.propose_class(measured)
        version.measured = {**measured, "by": FILES}


def _look_for_copies(version_uuid: str) -> int:
    with unit_of_work():
        version = _version(version_uuid)
        return len(likeness.find_resemblances(version)) if version.state in SEARCHED else 0


def _version(version_uuid: str) -> ResourceVersion:
    return session().scalars(select(ResourceVersion).where(ResourceVersion.uuid == uuidlib.UUID(version_uuid))).one()


@registry.every(dt.timedelta(hours=1))
def sweep_uploads() -> None:
    """Drops uploads that nobody finished within a day, with their parts."""
    with unit_of_work():
        uploads.sweep()


@contextmanager
def _truthful(asset_uuid: uuidlib.UUID) -> Iterator[None]:
    """However the work ends, the asset says so."""
    try:
        yield
    except Cancelled as problem:
        _fail(asset_uuid, problem.code)
        raise JobCancelled() from problem
    except MediaError as problem:
        _fail(asset_uuid, problem.code, str(problem))
        raise
    except Exception:
        _fail(asset_uuid, "processing_failed")
        raise


@contextmanager
def _working(run: JobRun, asset_uuid: uuidlib.UUID) -> Iterator[_Work]:
    folder = work_folder(run.job_uuid)
    asset = session().scalars(select(Asset).where(Asset.uuid == asset_uuid)).one()
    work = _Work(run, asset_uuid, asset.store_key, asset.filename, asset.size, folder)
    session().rollback()
    try:
        yield work
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _look(work: _Work) -> str:
    """Says that work has begun, and what kind of file it is."""
    with unit_of_work():
        asset = _asset(work.asset_uuid)
        asset.state, asset.reason_code, asset.reason = "processing", "", ""
        return asset.kind


def _process_recording(work: _Work) -> dict[str, Any]:
    made = work.run.step("playable", lambda: _make_playable(work))
    if made[0]["kind"] == "video":
        work.run.step("pictures", lambda: _make_video_pictures(work))
    everything = work.run.step("rungs", lambda: _make_rungs(work, made))
    work.run.step("quality", lambda: _measure_quality(work))
    work.run.step("fingerprint", lambda: _fingerprint_recording(work))
    return _finish(work, {"playlists": [p["name"] for p in everything]})


def _make_playable(work: _Work) -> list[dict[str, Any]]:
    source = work.source()
    info = inspect_media(source)
    out = work.output("hls")
    made = hls.make_playable(source, info, out, work.telling(5, 50, "making it playable"), work.run.cancelled)
    _push_playlists(work, out, made)
    with unit_of_work():
        asset = _asset(work.asset_uuid)
        _note_facts(asset, info)
        _put_rendition(asset, work, "hls", "hls", {"file": "master.m3u8", "rungs": [p.name for p in made]})
        asset.state = "ready"
        _tell(asset)
    return [_plain(p) for p in made]


def _make_rungs(work: _Work, made: list[dict[str, Any]]) -> list[dict[str, Any]]:
    have = [_playlist(p) for p in made]
    source = work.source()
    info = inspect_media(source)
    out = work.output("rungs")
    more = hls.make_rungs(source, info, out, have, work.telling(60, 98, "making smaller sizes"), work.run.cancelled)
    if more:
        _push_playlists(work, out, [*have, *more])
        with unit_of_work():
            _put_rendition(
                _asset(work.asset_uuid),
                work,
                "hls",
                "hls",
                {"file": "master.m3u8", "rungs": [p.name for p in [*have, *more]]},
            )
    return [_plain(p) for p in [*have, *more]]


def _push_playlists(work: _Work, out: Path, playlists: list[Playlist]) -> None:
    """Segments, then playlists, then the master over all of them: whoever reads it finds everything it names."""
    hls.write_master(out, playlists)
    push_folder(store(), out, work.prefix("hls"))


def _make_video_pictures(work: _Work) -> None:
    source = work.source()
    info = inspect_media(source)
    out = work.output("pictures")
    work.run.progress(52, "making pictures")
    poster = pictures.make_poster(source, info, out / "poster.jpg")
    size = pictures.make_thumbnail(poster, out / THUMBNAIL)
    pictures.make_sprite(source, info, out)
    push_folder(store(), out, work.prefix("pictures"))
    with unit_of_work():
        asset = _asset(work.asset_uuid)
        _put_rendition(asset, work, "poster", "pictures", {"file": poster.name})
        _put_rendition(asset, work, "thumbnail", "pictures", _sized(size))
        _put_rendition(asset, work, "sprite", "pictures", {"file": "thumbs.vtt"})


def _measure_quality(work: _Work) -> None:
    """What a reviewer is told beside the recording: loudest sound, share of still picture. No file fails for it."""
    source = work.source()
    info = inspect_media(source)
    found = quality.measure(source, info, work.output("quality"))
    with unit_of_work():
        asset = _asset(work.asset_uuid)
        asset.facts = {**asset.facts, **found}


def _process_image(work: _Work) -> dict[str, Any]:
    work.run.step("thumbnail", lambda: _make_thumbnail(work))
    work.run.step("fingerprint", lambda: _fingerprint(work, [fingerprints.fingerprint_picture(work.source())]))
    return _finish(work, {})


def _make_thumbnail(work: _Work) -> None:
    out = work.output("pictures")
    with pictures.open_image(work.source()) as image:
        width, height = image.size
    size = pictures.make_thumbnail(work.source(), out / THUMBNAIL)
    preview = pictures.make_thumbnail(work.source(), out / "preview.webp", side=1600)
    push_folder(store(), out, work.prefix("pictures"))
    with unit_of_work():
        asset = _asset(work.asset_uuid)
        asset.width, asset.height = width, height
        _put_rendition(asset, work, "thumbnail", "pictures", _sized(size))
        _put_rendition(asset, work, "preview", "pictures", {**_sized(preview), "file": "preview.webp"})


def _process_package(work: _Work) -> dict[str, Any]:
    """A simulation that starts in a browser is unpacked; other packages (H5P, SCORM alone) stay files to download."""
    return _finish(work, {"files": work.run.step("unpack", lambda: _unpack(work))})


def _unpack(work: _Work) -> int:
    work.run.progress(20, "unpacking")
    out = work.output("simulation")
    try:
        package = unpack_package(work.source(), out)
    except UnsafeFile as problem:
        if problem.code != "no_start_page":
            raise
        return 0
    push_folder(store(), out, work.prefix("simulation"))
    with unit_of_work():
        facts = {"file": package.entry, "files": package.files, "size": package.size}
        _put_rendition(_asset(work.asset_uuid), work, "simulation", "simulation", facts)
    return package.files


def _process_document(work: _Work) -> dict[str, Any]:
    pages = work.run.step("text", lambda: _read_text(work))
    work.run.step("pages", lambda: _draw_pages(work))
    work.run.step("first page", lambda: _picture_first_page(work))
    work.run.step("fingerprint", lambda: _fingerprint_document(work))
    return _finish(work, {"pages": pages})


def _read_text(work: _Work) -> int | None:
    work.run.progress(20, "reading the text")
    source = work.source()
    found = extract_text(source, _kind(work, source))
    with unit_of_work():
        asset = _asset(work.asset_uuid)
        asset.pages, asset.extracted_text = found.pages, found.text.replace("\0", "")
        asset.facts = {**asset.facts, "title": found.title, "truncated": found.truncated}
    return found.pages


def _draw_pages(work: _Work) -> bool:
    """Office files as PDF, where this machine has LibreOffice; without one the page shows their text and says so."""
    source = work.source()
    kind, program = _kind(work, source), find_office(current_app.config["KEKU"].office_binary)
    if kind.extension not in CONVERTED or program is None:
        return False
    work.run.progress(45, "drawing the pages")
    out = work.output("pages")
    if not convert_to_pdf(source, kind.extension, out / PAGES, program):
        return False
    pages = extract_text(out / PAGES, PDF, max_chars=1).pages
    push_folder(store(), out, work.prefix("pages"))
    with unit_of_work():
        _put_rendition(_asset(work.asset_uuid), work, "preview", "pages", {"file": PAGES, "pages": pages})
    return True


def _picture_first_page(work: _Work) -> bool:
    source = work.source()
    drawn = work.output("pages") / PAGES
    if drawn.exists():
        source = drawn
    elif _kind(work, source).kind != "pdf":
        return False
    out = work.output("pictures")
    size = pictures.make_pdf_thumbnail(source, out / THUMBNAIL)
    if size is None:
        return False
    push_folder(store(), out, work.prefix("pictures"))
    with unit_of_work():
        _put_rendition(_asset(work.asset_uuid), work, "thumbnail", "pictures", _sized(size))
    return True


def _fingerprint_recording(work: _Work) -> int:
    source = work.source()
    return _fingerprint(work, fingerprints.fingerprint_recording(source, inspect_media(source)))


def _fingerprint_document(work: _Work) -> int:
    text = fingerprints.fingerprint_text(_asset(work.asset_uuid).extracted_text)
    session().rollback()
    return _fingerprint(work, [text] if text is not None else [])


def _fingerprint(work: _Work, made: list[fingerprints.Fingerprint]) -> int:
    """Keeps the marks, and looks for copies of everything that has this file and is not decided yet."""
    with unit_of_work():
        asset = _asset(work.asset_uuid)
        likeness.keep_fingerprints(asset.sha256, made)
        waiting = select(ResourceVersion).where(
            ResourceVersion.asset_id == asset.id, ResourceVersion.state.in_(SEARCHED)
        )
        for version in session().scalars(waiting):
            likeness.find_resemblances(version)
    return len(made)


def _finish(work: _Work, result: dict[str, Any]) -> dict[str, Any]:
    with unit_of_work():
        asset = _asset(work.asset_uuid)
        asset.state = "ready"
        _complete_versions(asset)
        _drop_older_runs(asset, work)
        _tell(asset)
    return result


def _fail(asset_uuid: uuidlib.UUID, code: str, reason: str = "") -> None:
    session().rollback()
    with unit_of_work():
        asset = _asset(asset_uuid)
        asset.state = "failed" if asset.rendition("hls") is None else "ready"  # what plays already goes on playing
        asset.reason_code, asset.reason = code, (reason or ENGLISH.get(code, ""))[:500]


def _asset(asset_uuid: uuidlib.UUID) -> Asset:
    return session().scalars(select(Asset).where(Asset.uuid == asset_uuid)).one()


def _kind(work: _Work, source: Path) -> FileKind:
    return sniff(source, work.filename)


def _note_facts(asset: Asset, info: MediaInfo) -> None:
    asset.duration_s = info.duration_s
    asset.width, asset.height = info.width or None, info.height or None


def _put_rendition(asset: Asset, work: _Work, kind: str, folder: str, facts: dict[str, Any]) -> None:
    """The row of a result; a step done twice leaves one."""
    known = next((r for r in asset.renditions if r.kind == kind and r.run == work.name), None)
    if known is None:
        asset.renditions.append(Rendition(kind=kind, run=work.name, store_key=work.prefix(folder), facts=facts))
    else:
        known.facts = facts


def _drop_older_runs(asset: Asset, work: _Work) -> None:
    """Rows of earlier runs that this one replaces; their files stay for those who watch now."""
    kinds = {r.kind for r in asset.renditions if r.run == work.name}
    for old in [r for r in asset.renditions if r.run != work.name and r.kind in kinds]:
        session().delete(old)


def _complete_versions(asset: Asset) -> None:
    """Technical data by machine (R18): the length where nobody knew it, and the evidence of change of open drafts."""
    if asset.duration_s is not None:
        unknown = update(ResourceVersion).where(
            ResourceVersion.asset_id == asset.id, ResourceVersion.duration_s.is_(None)
        )
        session().execute(unknown.values(duration_s=asset.duration_s))
    drafts = select(ResourceVersion).where(
        ResourceVersion.asset_id == asset.id, ResourceVersion.state.in_(versions.EDITABLE)
    )
    for version in session().scalars(drafts):
        base = version.resource.published_version
        if base is not None and asset.extracted_text and version.measured.get("by") != FILES:
            version.measured = versions.measure(base, version)


def _tell(asset: Asset) -> None:
    """Search learns the text, the length and the picture of every resource with this file."""
    uses = select(Resource.uuid).join(ResourceVersion, ResourceVersion.resource_id == Resource.id)
    for resource_uuid in session().scalars(uses.where(ResourceVersion.asset_id == asset.id).distinct()):
        events.content_changed.send(versions.SENDER, kind="resource", uuid=resource_uuid)


def _sized(size: tuple[int, int]) -> dict[str, Any]:
    return {"file": THUMBNAIL, "width": size[0], "height": size[1]}


def _plain(playlist: Playlist) -> dict[str, Any]:
    return {**asdict(playlist), "files": list(playlist.files)}


def _playlist(facts: dict[str, Any]) -> Playlist:
    return Playlist(**{**facts, "files": tuple(facts["files"])})
