"""The graph as a file: out, and in again after a look at what would change (R14)."""

from __future__ import annotations

import base64
import binascii
import json
import zlib

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from courseware.core.errors import Conflict, Invalid, NotFound
from courseware.core.tables import TableUnreadable
from courseware.knowledge.graphfile.applying import GraphMoved, take_in
from courseware.knowledge.graphfile.changes import changes_of
from courseware.knowledge.graphfile.model import Graph, as_document
from courseware.knowledge.graphfile.reading import SIZE_LIMIT, Reading, read_graph
from courseware.knowledge.graphfile.sheets import write_workbook
from courseware.knowledge.graphfile.stored import stored_graph
from courseware.knowledge.views import blueprint
from courseware.knowledge.views.graph_editor import kept_library
from courseware.knowledge.views.points import KEEPERS
from courseware.libraries.models import Library
from courseware.web.access import role_needed
from courseware.web.actor import actor
from courseware.web.requests import undo

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Page = str | Response | tuple[str, int]


@blueprint.get("/admin/libraries/<code>/graph/export.<kind>")
@role_needed(*KEEPERS)
def export_graph(code: str, kind: str) -> Response:
    """The whole graph as xlsx or JSON."""
    graph = stored_graph(kept_library(code))
    if kind == "xlsx":
        body, media_type = write_workbook(graph), XLSX
    elif kind == "json":
        body = json.dumps(as_document(graph), ensure_ascii=False, indent=1).encode()
        media_type = "application/json"
    else:
        raise NotFound()
    answer = Response(body, mimetype=media_type)
    answer.headers.set("Content-Disposition", "attachment", filename=f"graph-{code}.{kind}")
    return answer


@blueprint.route("/admin/libraries/<code>/graph/import", methods=["GET", "POST"])
@role_needed(*KEEPERS)
def import_graph(code: str) -> Page:
    """First a file and its differences; then, from the same page, taking them in."""
    library = kept_library(code)
    if request.method == "GET":
        return render_template("knowledge/import_graph.html", library=library)
    try:
        reading = _sent()
    except TableUnreadable as refusal:
        return _refused(library, refusal.sentence())
    if reading is None:
        return _refused(library, _("Choose a file first."))
    return _apply(library, reading) if request.form.get("act") == "apply" else _differences(library, reading)


def _sent() -> Reading | None:
    """The file of the form, or what the page of differences carried along."""
    kept = request.form.get("document", "")
    if kept:
        return read_graph("", _unpacked(kept))
    file = request.files.get("file")
    return read_graph(file.filename or "", file.read(SIZE_LIMIT + 1)) if file is not None and file.filename else None


def _apply(library: Library, reading: Reading) -> Page:
    remove = request.form.get("remove") == "1"
    try:
        changes = take_in(library, reading, actor(), remove=remove, base=request.form.get("base"))
    except GraphMoved as refusal:
        undo()
        return _differences(library, reading, refusal.sentence(), status=409)
    except (Conflict, Invalid) as refusal:
        undo()
        return _differences(library, reading, refusal.sentence(), status=422)
    flash(_("Imported. Facts written: %(num)s.", num=changes.count), "success")
    return redirect(url_for("knowledge.graph_editor", code=library.code))


def _differences(library: Library, reading: Reading, problem: str = "", status: int = 200) -> Page:
    remove = request.form.get("remove") == "1"
    changes = changes_of(library, reading, remove=remove)
    body = render_template(
        "knowledge/import_graph.html", library=library, changes=changes, remove=remove, problem=problem,
        document=_packed(reading.graph), base=changes.stored.digest(),
    )  # fmt: skip
    return body, 422 if changes.problems and status == 200 else status


def _refused(library: Library, problem: str) -> Page:
    return render_template("knowledge/import_graph.html", library=library, problem=problem), 422


def _packed(graph: Graph) -> str:
    """The graph small enough for a hidden field, so that taking in needs no second upload and no file is kept."""
    return base64.b64encode(zlib.compress(json.dumps(as_document(graph), ensure_ascii=False).encode(), 9)).decode()


def _unpacked(kept: str) -> bytes:
    try:
        unpacking = zlib.decompressobj()
        return unpacking.decompress(base64.b64decode(kept, validate=True), SIZE_LIMIT + 1)
    except (binascii.Error, ValueError, zlib.error) as error:
        raise NotFound() from error
