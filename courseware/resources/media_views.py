"""Files over HTTP: playlists, segments and pictures, originals, and the part protocol of uploads.

Nothing slow runs while the database is locked: a request that writes begins its transaction first (web/requests.py),
so these views give it back before they read a body or a file, and write in a short transaction of their own.
"""

from __future__ import annotations

import uuid as uuidlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, cast

from flask import Blueprint, Response, current_app, jsonify, redirect, request, send_file, url_for
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.wrappers import Response as BaseResponse

from courseware.accounts.models import User
from courseware.core.database import db, session
from courseware.core.errors import DomainError, NotAllowed, NotFound
from courseware.core.unit_of_work import unit_of_work
from courseware.exchange import imports
from courseware.libraries import queries as libraries
from courseware.resources import arrivals, serving, uploads
from courseware.resources.models import LIBRARY_FOLDER, Rendition, Resource, Upload
from courseware.resources.reasons import SENTENCES, sentence_of
from courseware.resources.serving import Served
from courseware.resources.storage import store
from courseware.web.access import login_needed, signed_in
from courseware.web.actor import actor
from courseware.web.health import checks
from media.errors import MediaError, ObjectNotFound, StoreUnavailable
from media.stores import ObjectInfo

blueprint = Blueprint("media_files", __name__)

# A permission is remembered for 15 s (serving.REMEMBER_S); the last address given out then ends within the minute.
SEGMENT_URL_S, SEGMENT_CACHE_S = 40, 20
FOREVER, NEVER = "private, max-age=31536000, immutable", "private, no-cache"
SHORT = "private, max-age=300"

View = TypeVar("View", bound=Callable[..., Any])


def foreign(view: View) -> View:
    """Marks a view that sends other people's bytes: they load nothing, run nothing, and may be framed by our pages only.

    Flask-Talisman reads this attribute; its own decorator would need the application's instance.
    """
    policy = {
        "default-src": "'none'",
        "style-src": "'unsafe-inline'",
        "object-src": "'self'",
        "frame-ancestors": "'self'",
    }
    view.talisman_view_options = {"content_security_policy": policy, "frame_options": "SAMEORIGIN"}  # type: ignore[attr-defined]
    return view


class StoreDown(DomainError):
    """The store does not answer."""

    status = 503
    code = "store_unreachable"


@blueprint.errorhandler(StoreUnavailable)
def store_down(problem: StoreUnavailable) -> Any:
    """A store that does not answer is nobody's mistake: 503 with a sentence."""
    return current_app.handle_user_exception(_store_down(problem))


def _store_down(problem: StoreUnavailable) -> StoreDown:
    error = StoreDown()
    error.code, error.message = problem.code, sentence_of(problem)
    return error


@blueprint.app_template_global("media_url")
def media_url(rendition: Rendition | None, name: str | None = None) -> str:
    """Address of a file of a rendition, its main one unless `name` says otherwise; empty without a rendition."""
    if rendition is None:
        return ""
    return url_for("media_files.playlist", rendition_uuid=rendition.uuid, name=name or rendition.facts.get("file", ""))


@blueprint.get("/media/<uuid:rendition_uuid>/<path:name>")
@foreign
def playlist(rendition_uuid: uuidlib.UUID, name: str) -> BaseResponse:
    """A playlist, segment or picture, for whoever may see a resource with it. A missing one gets a line, not a page."""
    try:
        served = serving.rendition_file(actor, rendition_uuid, name)
        session().rollback()
        return send_stored(served, FOREVER if served.is_immutable else NEVER)
    except NotFound as problem:
        return Response(problem.sentence(), 404, mimetype="text/plain")


@blueprint.get("/resources/<uuid:resource_uuid>/download")
@foreign
def download(resource_uuid: uuidlib.UUID) -> BaseResponse:
    """The original file, to save."""
    return _original(resource_uuid, inline=False)


@blueprint.get("/resources/<uuid:resource_uuid>/file")
@foreign
def original(resource_uuid: uuidlib.UUID) -> BaseResponse:
    """The original file, to show in the page (PDF and pictures only; everything else is saved)."""
    return _original(resource_uuid, inline=True)


def _original(resource_uuid: uuidlib.UUID, *, inline: bool) -> BaseResponse:
    resource = serving.resource_by_uuid(actor(), resource_uuid)
    version = request.args.get("version", type=uuidlib.UUID)
    served = serving.original_file(actor(), resource, version, inline=inline)
    return send_stored(served, SHORT if served.is_public else NEVER)


# --- the part protocol ------------------------------------------------------------------------------------------------


@blueprint.post("/teach/uploads")
@login_needed
def begin_upload() -> Any:
    """Opens an upload {filename, size, sha256, library?, resource?, purpose?, user?}, or names the resource that has the file.

    `purpose`: "course" for a course of another platform, which becomes an import and no file of the library.
    `user` is who chose the file: in a browser that another person uses by now, nothing is sent in their name.
    """
    person, given = signed_in(), request.get_json(silent=True)
    given = given if isinstance(given, dict) else {}
    if given.get("user") and str(given["user"]) != str(person.uuid):
        raise NotAllowed()
    begun = uploads.prepare(
        person, str(given.get("filename", "")), _whole(given.get("size")), str(given.get("sha256", "")),
        content_type=str(given.get("content_type", "")), library=_library(given), resource=_resource(person, given),
        folder=imports.FOLDER if given.get("purpose") == "course" else LIBRARY_FOLDER,
    )  # fmt: skip
    if begun.upload is None:
        assert begun.existing is not None
        return jsonify({"upload": None, "existing": _existing(begun.existing)})
    _give_back_lock()
    uploads.open_in_store(begun.upload)
    with unit_of_work():
        uploads.keep(begun.upload)
    return jsonify(_state(begun.upload)), 201


@blueprint.get("/teach/uploads/<uuid:upload_uuid>")
@login_needed
def upload_state(upload_uuid: uuidlib.UUID) -> Any:
    """How far the upload is: fresh addresses for the parts that are missing, or what became of it."""
    return _answer(uploads.upload_by_uuid(signed_in(), upload_uuid))


@blueprint.put("/teach/uploads/<uuid:upload_uuid>/parts/<int:num>")
@login_needed
def put_part(upload_uuid: uuidlib.UUID, num: int) -> Any:
    """One part, as the body of the request."""
    _give_back_lock()
    person = signed_in()
    upload = uploads.upload_by_uuid(person, upload_uuid)
    _detach(upload)
    size, etag = uploads.send_part(upload, num, cast(BinaryIO, request.stream))
    with unit_of_work():
        uploads.note_part(uploads.upload_by_uuid(signed_in(), upload_uuid), num, size, etag)
    return jsonify({"num": num, "size": size, "etag": etag})


@blueprint.post("/teach/uploads/<uuid:upload_uuid>/complete")
@login_needed
def complete_upload(upload_uuid: uuidlib.UUID) -> Any:
    """Every part was sent: a job joins and checks the file (202 meanwhile). Asking again tells how far it is."""
    upload = uploads.upload_by_uuid(signed_in(), upload_uuid)
    _give_back_lock()
    here = {part.num for part in uploads.received(upload)} if upload.state == "open" else set()
    session().rollback()
    with unit_of_work():
        upload = uploads.upload_by_uuid(signed_in(), upload_uuid)
        arrivals.arrive(signed_in(), upload, here)
    if upload.state == "stored":
        arrivals.finish(upload_uuid)
    return _answer(uploads.upload_by_uuid(signed_in(), upload_uuid))


@blueprint.post("/teach/uploads/<uuid:upload_uuid>/abort")
@blueprint.delete("/teach/uploads/<uuid:upload_uuid>")
@login_needed
def abort_upload(upload_uuid: uuidlib.UUID) -> Any:
    """Gives the upload up."""
    uploads.abort(signed_in(), uploads.upload_by_uuid(signed_in(), upload_uuid))
    return jsonify({"upload": str(upload_uuid), "state": "aborted"})


def _answer(upload: Upload) -> Any:
    """The state of an upload; raises why it was refused, and StoreDown while a check waits for the store."""
    if upload.state == "open":
        return jsonify(_state(upload))
    if upload.state == "checking":
        return jsonify(_checking(upload)), 202
    if upload.state == "stored" and not upload.is_for_library:
        return jsonify(_state(upload) | {"resource_url": url_for("exchange.new_import", upload=upload.uuid)})
    asset = arrivals.require_stored(upload)
    resource = session().get(Resource, upload.resource_id) if upload.resource_id is not None else None
    return jsonify(
        {
            "upload": str(upload.uuid), "resource": str(resource.uuid) if resource else None, "resource_url": _edit_url(resource),
            "asset": str(asset.uuid), "kind": asset.kind, "duration_s": asset.duration_s, "state": upload.state,
            "processing": asset.state, "received": list(range(1, uploads.count_parts(upload) + 1)), "parts": [],
        }
    )  # fmt: skip


def _checking(upload: Upload) -> dict[str, Any]:
    job = arrivals.check_of(upload)
    if job is not None and job.state == "failed":
        raise _store_down(StoreUnavailable(job.reason_code if job.reason_code in SENTENCES else None))
    return {"upload": str(upload.uuid), "state": "checking", "percent": job.percent if job else 0}


def _state(upload: Upload) -> dict[str, Any]:
    parts = uploads.part_states(upload)
    return {
        "upload": str(upload.uuid), "state": upload.state, "part_size": upload.part_size,
        "received": [part.num for part in parts if part.done],
        "parts": [{"num": part.num, "done": part.done, "url": part.url} for part in parts],
    }  # fmt: skip


def _existing(resource: Resource) -> dict[str, str]:
    return {"title": resource.title, "url": f"/resources/{resource.uuid}", "uuid": str(resource.uuid)}


def _edit_url(resource: Resource | None) -> str | None:
    return f"/teach/resources/{resource.uuid}/edit" if resource is not None else None


def _library(given: dict[str, Any]) -> Any:
    return libraries.library_by_code(str(given["library"]), actor()) if given.get("library") else None


def _resource(person: User, given: dict[str, Any]) -> Resource | None:
    if not given.get("resource"):
        return None
    try:
        return serving.resource_by_uuid(person, uuidlib.UUID(str(given["resource"])))
    except ValueError as problem:
        raise NotFound() from problem


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _give_back_lock() -> None:
    """Ends the transaction of the request, with what it wrote, before slow work begins."""
    db.session.commit()


def _detach(row: Any) -> None:
    """Reads what the slow work needs, then lets go of the database."""
    session().refresh(row)
    session().expunge(row)
    db.session.rollback()


# --- sending ----------------------------------------------------------------------------------------------------------


def send_stored(served: Served, caching: str, *, direct: bool = True) -> BaseResponse:
    """The object: a file where the store has one here, an address of the store where browsers reach it, else its bytes.

    Without `direct` the bytes come through us, with the headers that the caller adds.
    """
    try:
        path = store().local_path(served.key)
        if path is not None:
            return _send_path(path, served, caching)
        url = _direct_url(served) if direct else None
        answer = redirect(url) if url else _stream(served, store().stat(served.key))
    except ObjectNotFound as problem:
        raise NotFound() from problem
    answer.headers["Cache-Control"] = f"private, max-age={SEGMENT_CACHE_S}" if url else caching
    return answer


def _direct_url(served: Served) -> str | None:
    """Playlists come through us, since their lines are relative; the bytes come from the store."""
    if served.media_type == serving.TYPES[".m3u8"]:
        return None
    return store().presigned_get(served.key, SEGMENT_URL_S, served.filename or None, served.media_type)


def _send_path(path: Path, served: Served, caching: str) -> BaseResponse:
    answer = send_file(
        path,
        served.media_type,
        as_attachment=bool(served.filename),
        download_name=served.filename or None,
        conditional=True,
    )
    answer.headers["Cache-Control"] = caching
    return answer


def _stream(served: Served, info: ObjectInfo) -> BaseResponse:
    """The object's bytes through us, whole or the one range that was asked for."""
    start, stop, status = _wanted(info.size)
    body: Iterator[bytes] = store().get_range(served.key, start, stop - start) if stop > start else iter(())
    answer = Response(body, status, mimetype=served.media_type, direct_passthrough=True)
    answer.headers["Accept-Ranges"] = "bytes"
    answer.content_length = stop - start
    answer.set_etag(info.etag.strip('"'))
    if status == 206:
        answer.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{info.size}"
    if served.filename:
        answer.headers.set("Content-Disposition", "attachment", filename=served.filename)
    return answer if status == 206 else answer.make_conditional(request)


def _wanted(size: int) -> tuple[int, int, int]:
    if request.range is None or request.range.units != "bytes" or len(request.range.ranges) != 1:
        return 0, size, 200
    found = request.range.range_for_length(size)
    if found is None:
        raise RequestedRangeNotSatisfiable(length=size)
    return found[0], found[1], 206


def _store_check() -> tuple[bool, str]:
    try:
        next(iter(store().list("readyz/")), None)
    except MediaError as problem:
        return False, problem.code
    return True, "answers"


checks["store"] = _store_check
