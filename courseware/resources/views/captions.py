"""Captions of a draft: the editor beside the player, files in and out, and what a machine wrote."""

from __future__ import annotations

import uuid as uuidlib
from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from courseware.accounts.models import User
from courseware.core.errors import Conflict, Invalid, NotAllowed, NotFound
from courseware.resources import captioning, machine_captions, page_queries, policy, queries
from courseware.resources.errors import CaptionsChanged
from courseware.resources.models import Resource, ResourceVersion
from courseware.resources.reasons import sentence_of_caption
from courseware.resources.views import blueprint
from courseware.resources.views.previews import LANGUAGES, caption_label, preview_of
from courseware.web.access import login_needed, signed_in
from courseware.web.actor import actor
from courseware.web.navigation import teach_nav
from media.captions import check_cues, parse_captions, to_webvtt
from media.captions.writing import WRITERS
from media.errors import CaptionError

SHOWN_PROBLEMS = 200
TYPES = {"vtt": "text/vtt", "srt": "application/x-subrip", "ttml": "application/ttml+xml", "txt": "text/plain"}
BASE = "/teach/resources/<uuid:resource_uuid>/captions"


@blueprint.get(f"{BASE}/<language>/edit")
@login_needed
def edit_captions(resource_uuid: uuidlib.UUID, language: str) -> str:
    """The caption editor. Without a draft it shows the published captions and offers a new version."""
    person, resource = signed_in(), _own(resource_uuid, language)
    draft = captioning.version_to_edit(person, resource)
    version = draft or resource.draft_version or resource.published_version
    if version is None:
        raise NotFound()
    work = captioning.work_of(version, language)
    return render_template(
        "resources/captions.html", resource=resource, version=version, language=language, languages=LANGUAGES, work=work,
        label=caption_label(language), preview=preview_of(resource, version, person, is_study=False),
        can_write=draft is not None, can_open=_can_open(person, resource), text=to_webvtt(work.cues) if work.cues else "WEBVTT\n",
        engine=machine_captions.state_of(version, language), track=captioning.track_of(version, language), kinds=TYPES,
        side_nav=teach_nav(),
    )  # fmt: skip


@blueprint.get(f"{BASE}/<language>/cues")
@login_needed
def caption_cues(resource_uuid: uuidlib.UUID, language: str) -> Any:
    """The cues for the editor's script: [[start, end, text]] in seconds, the number to save with, who saved last."""
    person, resource = signed_in(), _own(resource_uuid, language)
    version = captioning.version_to_edit(person, resource) or resource.draft_version or resource.published_version
    if version is None:
        raise NotFound()
    return jsonify(_state(captioning.work_of(version, language)))


@blueprint.put(f"{BASE}/<language>/cues")
@login_needed
def keep_captions(resource_uuid: uuidlib.UUID, language: str) -> Any:
    """Keeps what is typed {cues, num}; 409 with the newer state where somebody else saved meanwhile."""
    person, resource = signed_in(), _own(resource_uuid, language)
    version, given = _editable(person, resource), _body()
    try:
        draft = captioning.keep_draft(person, version, language, given.get("cues") or [], _number(given))
    except CaptionsChanged as refusal:
        return _conflict(version, language, refusal)
    problems = check_cues(captioning.work_of(version, language).cues, version.duration_s)
    listed = [{"at": p.line - 1, "code": p.code} for p in problems[:SHOWN_PROBLEMS]]
    return jsonify({"num": draft.num, "problems": listed, "count": len(problems)})


@blueprint.post(f"{BASE}/<language>/save")
@login_needed
def save_captions(resource_uuid: uuidlib.UUID, language: str) -> Any:
    """Gives the captions to the draft version: JSON {cues, num} from the script, or a text from the form without one."""
    person, resource = signed_in(), _own(resource_uuid, language)
    version = _editable(person, resource)
    if not request.is_json:
        return _take(resource, language, request.form.get("text", "").encode(), _("the text"))
    given = _body()
    try:
        captioning.save(person, version, language, given.get("cues") or [], _number(given))
    except CaptionsChanged as refusal:
        return _conflict(version, language, refusal)
    except Invalid as refusal:
        return jsonify({"problems": _lines(refusal)}), 422
    flash(_("Captions saved: %(language)s.", language=caption_label(language)), "success")
    return jsonify({"url": _back(resource)})


@blueprint.post(BASE)
@login_needed
def add_captions(resource_uuid: uuidlib.UUID) -> Response:
    """Captions in one language from a file; of what is published they open the next version."""
    language = request.form.get("language", "zh")
    resource = _own(resource_uuid, language)
    given: FileStorage | None = request.files.get("file")
    if given is None or not given.filename:
        flash(_("Choose a caption file first."), "error")
        return redirect(_back(resource))
    return _take(resource, language, given.read(), given.filename)


@blueprint.post(f"{BASE}/<language>/open")
@login_needed
def open_captions(resource_uuid: uuidlib.UUID, language: str) -> Response:
    """Opens the next version, so that the captions of what is published can be changed."""
    person, resource = signed_in(), _own(resource_uuid, language)
    captioning.open_version(person, resource)
    return redirect(url_for("resources.edit_captions", resource_uuid=resource_uuid, language=language))


@blueprint.post(f"{BASE}/<language>/accept")
@login_needed
def accept_captions(resource_uuid: uuidlib.UUID, language: str) -> Response:
    """A person has read what a machine wrote: learners no longer see the mark."""
    person, resource = signed_in(), _own(resource_uuid, language)
    captioning.accept(person, _editable(person, resource), language)
    flash(_("Accepted: learners see these captions without the mark."), "success")
    return redirect(_back(resource))


@blueprint.post(f"{BASE}/<language>/remove")
@login_needed
def remove_captions(resource_uuid: uuidlib.UUID, language: str) -> Response:
    """Takes the captions in one language off the draft."""
    person, resource = signed_in(), _own(resource_uuid, language)
    captioning.remove(person, _editable(person, resource), language)
    flash(_("Removed: captions in %(language)s.", language=caption_label(language)), "success")
    return redirect(_back(resource))


@blueprint.post(f"{BASE}/<language>/machine")
@login_needed
def write_captions(resource_uuid: uuidlib.UUID, language: str) -> Response:
    """Asks the engine of this installation to write captions; a sentence where there is none."""
    person, resource = signed_in(), _own(resource_uuid, language)
    machine_captions.ask(person, captioning.open_version(person, resource), language)
    flash(_("A machine is writing the captions. You can leave this page; they stand here when it is done."), "success")
    return redirect(url_for("resources.edit_captions", resource_uuid=resource_uuid, language=language))


@blueprint.get("/media/captions/<uuid:track_uuid>.<any(vtt,srt,ttml,txt):ending>")
def captions(track_uuid: uuidlib.UUID, ending: str) -> Response:
    """Captions as WebVTT, SRT, TTML or plain text, for whoever may see the version."""
    track = page_queries.track_by_uuid(track_uuid, actor())
    text = track.webvtt
    if ending != "vtt":
        try:
            text = WRITERS[ending](parse_captions(text.encode()), track.language)
        except CaptionError as problem:
            raise NotFound() from problem
    answer = Response(text, mimetype=TYPES[ending])
    answer.headers["Cache-Control"] = "private, max-age=60"
    if ending != "vtt":
        answer.headers.set("Content-Disposition", "attachment", filename=f"captions-{track.language}.{ending}")
    return answer


def _own(resource_uuid: uuidlib.UUID, language: str) -> Resource:
    resource = queries.resource_by_uuid(resource_uuid, signed_in())
    if language not in LANGUAGES:
        raise NotFound()
    if not policy.can_edit(signed_in(), resource):
        raise NotAllowed()
    return resource


def _editable(person: User, resource: Resource) -> ResourceVersion:
    version = captioning.version_to_edit(person, resource)
    if version is None:
        raise Conflict()
    return version


def _can_open(person: User, resource: Resource) -> bool:
    return resource.draft_version_id is None and resource.is_live and policy.can_revise(person, resource)


def _take(resource: Resource, language: str, data: bytes, name: str) -> Response:
    """A refused file opens no version."""
    is_lenient = request.form.get("rest") == "y"
    try:
        captioning.check_file(data, is_lenient=is_lenient)
        version = captioning.open_version(signed_in(), resource)
        _track, problems = captioning.take_file(signed_in(), version, language, data, is_lenient=is_lenient)
    except Invalid as refusal:
        flash(_("“%(name)s” was not taken: %(reason)s", name=name, reason=_shortened(_lines(refusal))), "error")
        return redirect(_back(resource))
    flash(_("Captions saved: %(language)s.", language=caption_label(language)), "success")
    if problems:
        flash(
            _("Please look at this: %(what)s", what=_shortened([sentence_of_caption(p) for p in problems])), "warning"
        )
    return redirect(_back(resource))


def _shortened(lines: list[str], limit: int = 12) -> str:
    more = len(lines) - limit
    rest = [ngettext("and %(num)s more line", "and %(num)s more lines", more)] if more > 0 else []
    return " ".join([*lines[:limit], *rest])


def _lines(refusal: Invalid) -> list[str]:
    return [str(sentence) for many in refusal.problems.values() for sentence in many]


def _back(resource: Resource) -> str:
    return url_for("resources.edit", resource_uuid=resource.uuid, _anchor="captions")


def _body() -> dict[str, Any]:
    given = request.get_json(silent=True)
    return given if isinstance(given, dict) else {}


def _number(given: dict[str, Any]) -> int:
    number = given.get("num")
    return number if isinstance(number, int) and 0 <= number < 2**31 - 1 else 0


def _conflict(version: ResourceVersion, language: str, refusal: CaptionsChanged) -> Any:
    state = _state(captioning.work_of(version, language))
    return jsonify(state | {"code": refusal.code, "detail": refusal.sentence()}), 409


def _state(work: captioning.Work) -> dict[str, Any]:
    draft = work.draft
    return {
        "cues": [[cue.start_s, cue.end_s, cue.text] for cue in work.cues], "num": work.num, "is_draft": draft is not None,
        "by": draft.user.name if draft else "", "at": draft.at.isoformat() if draft else "",
    }  # fmt: skip
