"""Running simulations. They are programs of other people, so they run where they can reach nothing of ours.

Every answer carries a policy of its own: `sandbox` without `allow-same-origin` gives the document an origin that nobody
shares, so it has no cookies and sees no page of ours, even when somebody opens its address directly; and it loads from its
own package only. Such a document sends no cookies either: who may see what is not public yet is told by a signed key in
the address, good for twelve hours. With KEKU_SIMULATION_URL all this happens on another host as well.
"""

from __future__ import annotations

import uuid as uuidlib

from flask import current_app, redirect, request, url_for
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response as BaseResponse

from courseware.core.errors import NotFound
from courseware.core.roles import Actor
from courseware.resources import policy, queries, serving
from courseware.resources.media_views import FOREVER, NEVER, send_stored
from courseware.resources.models import Resource, ResourceVersion
from courseware.resources.views import blueprint
from courseware.web.actor import actor

KEY_S = 12 * 3600
OPEN = "open"
# What a simulation may do. Not: allow-same-origin (our cookies), allow-modals and allow-popups (they hold people up),
# allow-forms, allow-top-navigation, allow-downloads.
SANDBOX = "allow-scripts allow-pointer-lock"


@blueprint.get("/resources/<uuid:resource_uuid>/run")
def run_simulation(resource_uuid: uuidlib.UUID) -> BaseResponse:
    """Leads to the start page of the simulation, with a key for whoever may see it."""
    person = actor()
    resource = queries.resource_by_uuid(resource_uuid, person)
    version = _version(resource, person, request.args.get("version", type=uuidlib.UUID))
    rendition = version.asset.rendition("simulation") if version.asset is not None else None
    if rendition is None:
        raise NotFound()
    _prefix, is_public = serving.simulation_prefix(actor, rendition.uuid)
    key = OPEN if is_public else _signer().dumps(str(rendition.uuid))
    path = url_for("resources.simulation_file", rendition_uuid=rendition.uuid, key=key, name=rendition.facts["file"])
    answer = redirect(current_app.config["KEKU"].simulation_url.rstrip("/") + path)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/simulations/<uuid:rendition_uuid>/<key>/<path:name>")
def simulation_file(rendition_uuid: uuidlib.UUID, key: str, name: str) -> BaseResponse:
    """A file of the package."""
    prefix, is_public = _found(rendition_uuid, key)
    answer = send_stored(
        serving.simulation_file(prefix, name, is_public=is_public), FOREVER if is_public else NEVER, direct=False
    )
    answer.headers["Content-Security-Policy"] = _policy(rendition_uuid, key)
    answer.headers["Access-Control-Allow-Origin"] = "*"  # its own scripts ask from an origin that nobody shares
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


# Flask-Talisman reads this: the policy above is the only one, and it says who may frame.
simulation_file.talisman_view_options = {"content_security_policy": None, "frame_options": None}  # type: ignore[attr-defined]


def _version(resource: Resource, person: Actor | None, named: uuidlib.UUID | None) -> ResourceVersion:
    shown = resource.published_version or resource.draft_version
    found = shown if named is None else next((v for v in resource.versions if v.uuid == named), None)
    if found is None or not policy.can_read_version(person, found):
        raise NotFound()
    return found


def _found(rendition_uuid: uuidlib.UUID, key: str) -> tuple[str, bool]:
    """Where the files lie. A key opens what is not public; what was withdrawn closes for those who had none."""
    if key == OPEN:
        return serving.simulation_prefix(lambda: None, rendition_uuid)
    try:
        named = _signer().loads(key, max_age=KEY_S)
    except BadSignature as problem:
        raise NotFound() from problem
    if named != str(rendition_uuid):
        raise NotFound()
    return serving.rendition_prefix(rendition_uuid), False


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="simulation")


def _policy(rendition_uuid: uuidlib.UUID, key: str) -> str:
    """The whole policy. Addresses are written out: to a document without an origin 'self' means nothing certain."""
    settings = current_app.config["KEKU"]
    own = f"{request.host_url}simulations/{rendition_uuid}/{key}/"
    site = settings.public_url.rstrip("/") if settings.simulation_url else "'self'"
    return (
        f"sandbox {SANDBOX}; default-src 'none'; script-src {own} 'unsafe-inline' 'unsafe-eval' blob:; "
        f"style-src {own} 'unsafe-inline'; img-src {own} data: blob:; media-src {own} data: blob:; font-src {own} data:; "
        f"connect-src {own} data: blob:; worker-src {own} blob:; frame-src {own}; form-action 'none'; base-uri 'none'; "
        f"frame-ancestors {site}"
    )
