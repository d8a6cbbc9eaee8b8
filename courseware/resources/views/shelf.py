"""My resources: the table of a teacher, new texts, and how far a file is."""

from __future__ import annotations

import uuid as uuidlib
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from courseware.accounts.models import User
from courseware.core.errors import NotAllowed, NotFound
from courseware.core.roles import Role
from courseware.libraries import queries as libraries
from courseware.libraries.models import Library
from courseware.monitoring.planning import tasks
from courseware.monitoring.words import TASK_KINDS
from courseware.resources import assets, page_queries, policy, queries, services
from courseware.resources.assets import MAX_BYTES
from courseware.resources.errors import DuplicateContent
from courseware.resources.forms import NewTextForm
from courseware.resources.models import RESOURCE_TYPES, Asset
from courseware.resources.queries import STATES, MyFilters, MyRow
from courseware.resources.reasons import reason_of
from courseware.resources.steps import step_name
from courseware.resources.views import blueprint
from courseware.resources.words import FIELDS, TYPES
from courseware.resources.words import STATES as STATE_WORDS
from courseware.review import queries as reviews
from courseware.review import rechecks
from courseware.web.access import login_needed, role_needed, signed_in
from courseware.web.navigation import teach_nav

MAKERS = (Role.TEACHER, Role.LIBRARIAN, Role.ADMINISTRATOR)


@blueprint.get("/teach/resources")
@role_needed(*MAKERS)
def my_resources() -> str:
    """The person's own resources with state and uses; what came back stands on top. Uploading starts here."""
    person = signed_in()
    filters = _filters()
    page = queries.my_resources(person, filters, request.args.get("after"))
    counts = page_queries.count_by_state(person)
    return render_template(
        "resources/my_resources.html", page=page, filters=filters, counts=counts, tabs=_tabs(counts, filters),
        returned=reviews.returned_to(person), rechecked=rechecks.returned_to(person), progress=_progress(page.items), names=FIELDS, types=TYPES, state_words=STATE_WORDS,
        asked=tasks.tasks_of(person), task_kinds=TASK_KINDS, max_bytes=MAX_BYTES, side_nav=teach_nav(), next_href=_address(after=page.next) if page.next else None,
        first_href=_address() if request.args.get("after") else None, **_libraries(person),
    )  # fmt: skip


@blueprint.route("/teach/resources/new", methods=["GET", "POST"])
@role_needed(*MAKERS)
def new() -> str | Response | tuple[str, int]:
    """A resource that is written here: library, title, text."""
    person, form = signed_in(), NewTextForm()
    mine = my_libraries(person)
    form.library.choices = [(library.code, library.name) for library in mine]
    problem: DuplicateContent | None = None
    if form.validate_on_submit():
        library = next(library for library in mine if library.code == form.library.data)
        try:
            made = services.create_resource(
                person, library, type="text", title=form.title.data or "", body=form.body.data or ""
            )
        except DuplicateContent as refusal:
            problem = refusal
        else:
            return redirect(url_for("resources.edit", resource_uuid=made.uuid))
    body = render_template("resources/new.html", form=form, problem=problem, side_nav=teach_nav())
    return (body, 422) if request.method == "POST" else body


@blueprint.get("/teach/resources/<uuid:resource_uuid>/processing")
@login_needed
def processing(resource_uuid: uuidlib.UUID) -> str:
    """How far the file of the draft is, as a piece of a page that asks again while there is something to wait for."""
    person = signed_in()
    shown = queries.resource_by_uuid(resource_uuid, person)
    if not policy.can_edit(person, shown):
        raise NotAllowed()
    version = shown.draft_version or shown.published_version
    if version is None:
        raise NotFound()
    progress = page_queries.progress_of([version.asset])
    return render_template(
        "resources/_processing.html", resource=shown, asset=version.asset, is_row="row" in request.args,
        progress=progress.get(version.asset_id or 0), arrived=True,
    )  # fmt: skip


@blueprint.post("/teach/resources/<uuid:resource_uuid>/processing/retry")
@login_needed
def retry_processing(resource_uuid: uuidlib.UUID) -> Response:
    """Asks for the processing of the file once more."""
    assets.retry_processing(signed_in(), _own_asset(resource_uuid))
    return redirect(url_for("resources.edit", resource_uuid=resource_uuid))


@blueprint.post("/teach/resources/<uuid:resource_uuid>/processing/cancel")
@login_needed
def cancel_processing(resource_uuid: uuidlib.UUID) -> Response:
    """Stops the processing of the file."""
    assets.cancel_processing(signed_in(), _own_asset(resource_uuid))
    return redirect(url_for("resources.edit", resource_uuid=resource_uuid))


def _own_asset(resource_uuid: uuidlib.UUID) -> Asset:
    shown = queries.resource_by_uuid(resource_uuid, signed_in())
    if not policy.can_edit(signed_in(), shown):
        raise NotAllowed()
    version = shown.draft_version or shown.published_version
    if version is None or version.asset is None:
        raise NotFound()
    return version.asset


blueprint.add_app_template_filter(reason_of, "reason")
blueprint.add_app_template_filter(step_name, "step_name")


def my_libraries(person: User) -> list[Library]:
    """Libraries that take resources of the person, those of the own unit first."""
    rows = [row.library for row in libraries.list_libraries(person)]
    allowed = [library for library in rows if policy.can_create(person, library)]
    return sorted(allowed, key=lambda library: not any(m.unit_id == person.unit_id for m in library.members))


def _filters() -> MyFilters:
    given = request.args
    state, kind = given.get("state", ""), given.get("type", "")
    return MyFilters(
        text=given.get("q", "")[:100],
        state=state if state in STATES else "",
        type=kind if kind in RESOURCE_TYPES else "",
    )


def _tabs(counts: dict[str, int], filters: MyFilters) -> list[dict[str, Any]]:
    labels = {"": _("All"), **{state: STATE_WORDS[state] for state in STATES}}
    return [
        {
            "label": label,
            "href": _address(state=state or None),
            "current": filters.state == state,
            "n": counts.get(state, 0),
        }
        for state, label in labels.items()
    ]


def _address(**changes: Any) -> str:
    kept = {name: request.args[name] for name in ("q", "type", "state", "library") if request.args.get(name)}
    return url_for("resources.my_resources", **{**kept, **changes})


def _progress(rows: Any) -> dict[int, page_queries.Progress]:
    return page_queries.progress_of([_asset_of(row) for row in rows])


def _asset_of(row: MyRow) -> Any:
    version = row.draft or row.published
    return version.asset if version is not None else None


def _libraries(person: User) -> dict[str, Any]:
    mine = my_libraries(person)
    wanted = request.args.get("library", "")
    return {"libraries": mine, "library": next((x for x in mine if x.code == wanted), mine[0] if mine else None)}
