"""Single acts on the board: by a plain form, or by the script, which then takes over the answer without a new page."""

from __future__ import annotations

import uuid as uuidlib
from collections.abc import Callable, Mapping
from typing import Any

from flask import flash, jsonify, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from courseware.catalog import services, undoing
from courseware.catalog.board import DEFAULT_MINUTES
from courseware.catalog.models import Activity, Lesson
from courseware.catalog.queries.teaching import lesson_for_board
from courseware.catalog.queries.withdrawn import replacements_of
from courseware.catalog.views import TEACHERS, blueprint
from courseware.catalog.views.board import as_it_is, back
from courseware.core.errors import DomainError, Invalid
from courseware.resources.models import Resource
from courseware.resources.queries import version_before
from courseware.web.access import role_needed, signed_in
from courseware.web.requests import undo

Held = list[dict[str, Any]]
ANSWERS = {
    "accept": _l("It holds the newest version now. Publish the lesson, so that learners see it."),
    "decline": _l("It keeps the version it holds."),
    "hold": _l("It holds the version before now. Publish the lesson, so that learners see it."),
    "replace": _l("Replaced. It stands in the same place."),
}


@blueprint.post("/teach/lessons/<uuid:uuid>/items")
@role_needed(*TEACHERS)
def add_item(uuid: uuidlib.UUID) -> Response:
    """Adds one thing by a plain form: a resource, or a text, task, discussion, question or link."""
    lesson, form = lesson_for_board(uuid, signed_in()), request.form
    item: dict[str, Any] = {name: form.get(name, "") for name in ("segment", "title", "text", "url")}
    item["kind"] = form.get("kind", "resource")
    item["minutes"] = form.get("minutes") or DEFAULT_MINUTES.get(item["kind"], 5)
    item["resource"] = form.get("resource") or None
    return act(lesson, lambda: _save(lesson, [*_held(lesson), item]), _("Added."))


@blueprint.post("/teach/lessons/<uuid:uuid>/items/<uuid:key>")
@role_needed(*TEACHERS)
def change_item(uuid: uuidlib.UUID, key: uuidlib.UUID) -> Response:
    """Moves an item up or down, takes it out, puts another resource in its place, or answers an update of what it holds.

    accept: holds the newest version from now on; decline: is not asked about this one again; hold: goes back to the version
    before the newest; replace: by `resource`, or what was named when it was withdrawn.
    """
    lesson, action = lesson_for_board(uuid, signed_in()), request.form.get("action", "")
    said = str(ANSWERS.get(action, _("Saved.")))
    return act(lesson, lambda: _save(lesson, _changed(_held(lesson), key, action)), said)


def _changed(held: Held, key: uuidlib.UUID, action: str) -> Held:
    at = next((n for n, item in enumerate(held) if item["key"] == key), None)
    if at is None:
        return held
    if action in ANSWERS:
        held[at] |= _replaced(held[at]) if action == "replace" else _answered(held[at], action)
        return held
    item = held.pop(at)
    if action != "remove":
        held.insert(max(0, at + (-1 if action == "up" else 1)), item)
    return held


def _replaced(item: Mapping[str, Any]) -> dict[str, Any]:
    """Another resource in the same place: a new thing to learners, so it gets a new key."""
    resource: Resource | None = item.get("resource")
    named = request.form.get("resource") or (replacements_of([resource.id]).get(resource.id) if resource else None)
    if named is None:
        raise Invalid({"resource": [_("Nothing was named that could take its place. Choose a unit from the tray.")]})
    return {"key": uuidlib.uuid4(), "resource": named, "pinned": None, "declined": None, "title": ""}


def _answered(item: Mapping[str, Any], action: str) -> dict[str, Any]:
    """What an answer to an update changes in an item."""
    resource: Resource | None = item.get("resource")
    if resource is None or resource.published_version is None:
        return {}
    if action == "decline":
        return {"declined": resource.published_version_id}
    if action == "accept":
        return {"pinned": resource.published_version}
    before = version_before(resource.published_version)
    return {"pinned": before, "declined": resource.published_version_id} if before is not None else {}


@blueprint.post("/teach/lessons/<uuid:uuid>/undo")
@role_needed(*TEACHERS)
def undo_step(uuid: uuidlib.UUID) -> Response:
    """Takes back one's last step; `version` is the revision the page shows."""
    lesson = lesson_for_board(uuid, signed_in())
    return act(lesson, lambda: undoing.undo(signed_in(), lesson, request.form.get("version", type=int)), _("Undone."))


@blueprint.post("/teach/lessons/<uuid:uuid>/redo")
@role_needed(*TEACHERS)
def redo_step(uuid: uuidlib.UUID) -> Response:
    """Does again what was taken back last."""
    lesson = lesson_for_board(uuid, signed_in())
    return act(
        lesson, lambda: undoing.redo(signed_in(), lesson, request.form.get("version", type=int)), _("Done again.")
    )


def act(lesson: Lesson, change: Callable[[], object], said: str) -> Response:
    """Does it and shows the board: as JSON to the script, else as a page with a sentence."""
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        change()
        return jsonify(as_it_is(lesson, said=said))
    try:
        change()
    except DomainError as refusal:
        undo()
        flash(_first_problem(refusal), "error")
    else:
        flash(said, "success")
    return back(lesson)


def _held(lesson: Lesson) -> Held:
    return [as_item(activity) for activity in services.open_draft(lesson).activities]


def _save(lesson: Lesson, items: Held) -> object:
    return services.save_draft(signed_in(), lesson, items)


def as_item(activity: Activity) -> dict[str, Any]:
    """An activity as services.save_draft takes it."""
    same = ("key", "kind", "segment", "title", "text", "url", "minutes")
    own: dict[str, Any] = {name: getattr(activity, name) for name in same}
    return {
        **own, "resource": activity.resource, "pinned": activity.pinned_version, "required": activity.is_required,
        "declined": activity.declined_version_id,
    }  # fmt: skip


def _first_problem(refusal: DomainError) -> str:
    problems = getattr(refusal, "problems", {})
    return str(next(iter(problems.values()))[0]) if problems else refusal.sentence()
