"""Handing over to another platform: choose a mapping, look at what the file will hold, take it; write and change mappings."""

from __future__ import annotations

import json
import uuid as uuidlib
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from courseware.core.errors import Conflict, Invalid
from courseware.core.roles import Role
from courseware.monitoring import pages, policy
from courseware.monitoring.errors import MappingUnusable
from courseware.monitoring.handover import queries, services
from courseware.monitoring.handover.drafting import Draft, draft_from, draft_of, empty_draft
from courseware.monitoring.handover.looking import lines_of, look
from courseware.monitoring.handover.mapping import read_mapping
from courseware.monitoring.handover.models import FieldMapping
from courseware.monitoring.handover.records import FIELDS
from courseware.monitoring.handover.words import FIELD_WORDS, ROWS, WORDS_OF
from courseware.monitoring.pages import Place
from courseware.monitoring.sheets import table_file
from courseware.web.access import role_needed, signed_in
from courseware.web.requests import undo

blueprint = Blueprint("monitoring_handover", __name__)
HOME = "monitoring_handover.hand_over"
KEEPERS = role_needed(Role.ADMINISTRATOR, Role.LIBRARIAN)
LARGEST = 1_000_000
Page = str | AnyResponse | tuple[str, int]


@blueprint.get("/monitor/hand-over")
@KEEPERS
def hand_over() -> str:
    """The mappings of the library; of the chosen one a dry look and the files."""
    return _home(pages.place())


def _home(place: Place, problem: str = "") -> str:
    kept = queries.mappings_of(place.library)
    chosen = next((one for one in kept if str(one.uuid) == request.args.get("mapping")), kept[0] if kept else None)
    mapping = read_mapping(chosen.text) if chosen else None
    return render_template(
        "monitoring/hand_over.html", kept=kept, chosen=chosen, mapping=mapping, problem=problem, words=FIELD_WORDS, row_words=ROWS, words_of=WORDS_OF,
        look=look(mapping, place.library, place.period) if mapping else None, **_shared(place),
    )  # fmt: skip


@blueprint.get("/monitor/hand-over/new")
@KEEPERS
def new() -> str:
    """An empty form, filled with all our fields."""
    asked = request.args.get("rows", "")
    return _form(pages.place(), empty_draft(asked if asked in FIELDS else "resources"))


@blueprint.post("/monitor/hand-over/new")
@KEEPERS
def create() -> Page:
    """Keeps a new mapping, or shows the form again with everything that is wrong."""
    return _keep(pages.place(), None)


@blueprint.route("/monitor/hand-over/<uuid:mapping_uuid>", methods=["GET", "POST"])
@KEEPERS
def edit(mapping_uuid: uuidlib.UUID) -> Page:
    """Changes a mapping."""
    kept = _kept(mapping_uuid)
    if request.method == "POST":
        return _keep(_place_of(kept), kept)
    return _form(_place_of(kept), draft_of(kept.name, read_mapping(kept.text)), kept)


@blueprint.post("/monitor/hand-over/file")
@KEEPERS
def take_file() -> Page:
    """Keeps the mapping of a JSON file under the name of the file."""
    place, sent = pages.place(), request.files.get("file")
    try:
        text = sent.stream.read(LARGEST).decode("utf-8-sig") if sent is not None else ""
        name = (sent.filename or "").removesuffix(".json") if sent is not None else ""
        kept = services.keep(signed_in(), place.library, name, read_mapping(text))
    except UnicodeDecodeError:
        return _home(
            place, _("The file is no text in UTF-8. Save the mapping as JSON in UTF-8 and send it again.")
        ), 422
    except (Invalid, Conflict) as refusal:
        undo()
        return _home(place, refusal.sentence()), refusal.status
    flash(_("The mapping is kept."), "success")
    return redirect(url_for(HOME, **_about(place, kept)))


@blueprint.post("/monitor/hand-over/<uuid:mapping_uuid>/remove")
@KEEPERS
def remove(mapping_uuid: uuidlib.UUID) -> AnyResponse:
    """Forgets a mapping."""
    kept = _kept(mapping_uuid)
    about = _about(_place_of(kept))
    services.remove(signed_in(), kept)
    flash(_("The mapping is removed."), "success")
    return redirect(url_for(HOME, **about))


@blueprint.get("/monitor/hand-over/<uuid:mapping_uuid>/rows.<any(csv, xlsx, json):kind>")
@KEEPERS
def rows_file(mapping_uuid: uuidlib.UUID, kind: str) -> Page:
    """All rows as a file under their names; nothing where a word has no code of theirs."""
    kept = _kept(mapping_uuid)
    place, mapping = _place_of(kept), read_mapping(kept.text)
    heads = [field.name for field in mapping.fields]
    try:
        lines = list(lines_of(mapping, place.library, place.period))
    except MappingUnusable as refusal:
        return _home(place, refusal.sentence()), refusal.status
    services.note_taken(signed_in(), kept, len(lines), place.period.code)
    name = f"{place.library.code}-{place.period.code}-{mapping.rows}"
    if kind != "json":
        return table_file(name, kind, heads, lines)
    return _json_file(f"{name}.json", [dict(zip(heads, line, strict=True)) for line in lines])


@blueprint.get("/monitor/hand-over/<uuid:mapping_uuid>/mapping.json")
@KEEPERS
def mapping_file(mapping_uuid: uuidlib.UUID) -> Response:
    """The mapping itself, for another library or for `flask metrics hand-over`."""
    return _json_file("mapping.json", json.loads(_kept(mapping_uuid).text))


def _keep(place: Place, kept: FieldMapping | None) -> Page:
    draft = draft_from(request.form)
    if faults := draft.faults():
        return _form(place, draft, kept, faults), 422
    try:
        done = services.keep(signed_in(), place.library, draft.name, draft.mapping(), kept)
    except (Invalid, Conflict) as refusal:
        undo()
        return _form(place, draft, kept, [refusal.sentence()]), refusal.status
    flash(_("The mapping is kept."), "success")
    return redirect(url_for(HOME, **_about(place, done)))


def _form(place: Place, draft: Draft, kept: FieldMapping | None = None, faults: list[str] | None = None) -> str:
    offered = FIELDS.get(draft.rows, ())
    return render_template(
        "monitoring/mapping.html", draft=draft, kept=kept, faults=faults or [], offered=offered, words=FIELD_WORDS, row_words=ROWS, words_of=WORDS_OF,
        **_shared(place),
    )  # fmt: skip


def _kept(mapping_uuid: uuidlib.UUID) -> FieldMapping:
    """The mapping of the address, for those who keep its library. Raises NotFound, NotAllowed."""
    kept = queries.mapping_by_uuid(mapping_uuid)
    policy.require_monitor(signed_in(), kept.library)
    return kept


def _place_of(kept: FieldMapping) -> Place:
    return pages.place(kept.library)


def _shared(place: Place) -> dict[str, Any]:
    return {"place": place, "about": _about(place), "side_nav": pages.side_nav(place.library, place.period, HOME)}


def _about(place: Place, kept: FieldMapping | None = None) -> dict[str, Any]:
    about = {"library": place.library.code, "period": place.period.code}
    return about | ({"mapping": str(kept.uuid)} if kept else {})


def _json_file(name: str, told: Any) -> Response:
    response = Response(json.dumps(told, ensure_ascii=False, indent=1), mimetype="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="{name.replace(":", "-")}"'
    return response
