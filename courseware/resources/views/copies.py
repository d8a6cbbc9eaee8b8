"""What resembles a resource: the remark, the question, the author's answer."""

from __future__ import annotations

import uuid as uuidlib
from collections.abc import Sequence
from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from courseware.core.errors import Invalid, NotFound
from courseware.core.roles import Actor
from courseware.resources import likeness, policy, queries
from courseware.resources.fingerprints import Resemblance
from courseware.resources.models import Resource
from courseware.resources.views import blueprint
from courseware.web.access import login_needed, signed_in


@dataclass(frozen=True, slots=True)
class Copy:
    """A resemblance as its reader may see it: what is not theirs to see has no name and no address."""

    found: Resemblance
    is_visible: bool


def copies_of(resource: Resource, actor: Actor | None) -> Sequence[Copy]:
    """What was found for a resource, most alike first."""
    return [Copy(found, policy.can_view(actor, found.other)) for found in likeness.found_for(resource)]


@blueprint.post("/teach/resources/<uuid:resource_uuid>/likeness")
@login_needed
def answer_likeness(resource_uuid: uuidlib.UUID) -> Response:
    """The author says whether the resource is derived from the one it resembles, or independent and why."""
    person = signed_in()
    resource = queries.resource_by_uuid(resource_uuid, person)
    number = request.form.get("resemblance", "")
    found = next((r for r in likeness.found_for(resource) if str(r.id) == number), None)
    if not policy.can_edit(person, resource) or (number and found is None):
        raise NotFound()
    editor = redirect(url_for("resources.edit", resource_uuid=resource_uuid, _anchor="copies"))
    if found is None:
        flash(_("Say first which resource you mean."), "error")
        return editor
    try:
        likeness.answer(
            person, resource, found.other, request.form.get("answer", ""), request.form.get("note", "")[:2000]
        )
    except Invalid as refusal:
        flash(" ".join(str(text) for many in refusal.problems.values() for text in many), "error")
        return editor
    flash(_("Your answer is saved; the reviewer sees it."), "success")
    return editor
