"""Evidence of rights: brought in the editor, looked at by those who judge it."""

from __future__ import annotations

import uuid as uuidlib
from pathlib import Path

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from courseware.core.errors import Conflict
from courseware.resources import evidence, policy, queries
from courseware.resources.errors import FileRefused
from courseware.resources.media_views import NEVER, foreign, send_stored
from courseware.resources.models import Resource, RightsEvidence
from courseware.resources.storage import passing_folder
from courseware.resources.views import blueprint
from courseware.web.access import login_needed, signed_in
from courseware.web.actor import actor


@blueprint.app_template_global("rights_evidence")
def rights_evidence(resource: Resource) -> list[RightsEvidence]:
    """The evidence files that the reader may see; for the editor and the page of a review."""
    return list(evidence.evidence_of(resource)) if policy.can_see_evidence(actor(), resource) else []


@blueprint.post("/teach/resources/<uuid:resource_uuid>/evidence")
@login_needed
def add_evidence(resource_uuid: uuidlib.UUID) -> Response:
    """Takes one file in."""
    person = signed_in()
    resource = queries.resource_by_uuid(resource_uuid, person)
    given = request.files.get("file")
    back = redirect(url_for("resources.edit", resource_uuid=resource_uuid, _anchor="evidence-files"))
    name = given.filename if given is not None and given.filename else ""
    try:
        with passing_folder() as folder:
            path = Path(folder) / "file"
            if given is None or not name:
                path.write_bytes(b"")
            else:
                given.save(path)
            evidence.add_evidence(person, resource, path, name)
    except (FileRefused, Conflict) as refusal:
        flash(refusal.sentence(), "error")
        return back
    flash(_("Kept. Only you, reviewers and librarians see it."), "success")
    return back


@blueprint.post("/teach/resources/<uuid:resource_uuid>/evidence/<uuid:evidence_uuid>/remove")
@login_needed
def remove_evidence(resource_uuid: uuidlib.UUID, evidence_uuid: uuidlib.UUID) -> Response:
    """Takes one away, as long as no reviewer was shown it."""
    person = signed_in()
    resource = queries.resource_by_uuid(resource_uuid, person)
    try:
        evidence.remove_evidence(person, evidence.evidence_by_uuid(person, resource, evidence_uuid))
    except Conflict:
        flash(_("It was handed in with a version and stays with it."), "error")
    else:
        flash(_("Removed."), "success")
    return redirect(url_for("resources.edit", resource_uuid=resource_uuid, _anchor="evidence-files"))


@blueprint.get("/resources/<uuid:resource_uuid>/evidence/<uuid:evidence_uuid>")
@foreign
def evidence_file(resource_uuid: uuidlib.UUID, evidence_uuid: uuidlib.UUID) -> Response:
    """The file itself, for those who may see it."""
    person = actor()
    resource = queries.resource_by_uuid(resource_uuid, person)
    answer = send_stored(
        evidence.served(evidence.evidence_by_uuid(person, resource, evidence_uuid)), NEVER, direct=False
    )
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
