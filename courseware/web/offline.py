"""Pages without network: the service worker, the page it shows, and the header by which it knows whose a page is."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Flask, Response, current_app, render_template, request

from courseware.web.actor import actor
from courseware.web.assets import asset_file

PERSON = "X-Keku-Person"
#: What the worker says when it asks by itself for a page to keep.
KEEPS = "X-Keku-Keeps"
GUEST = "guest"

blueprint = Blueprint("offline", __name__)


def init_offline(app: Flask) -> None:
    """Registers both addresses, and names the person on every page of a browser that has the worker."""
    app.register_blueprint(blueprint)
    app.after_request(_name_person)


@blueprint.get("/service-worker.js")
def service_worker() -> Response:
    """The worker, at the root because it may only serve what lies below its own address; asked anew at every visit."""
    script = Path(current_app.static_folder or "static") / asset_file("service_worker.js")
    return Response(script.read_bytes(), mimetype="text/javascript", headers={"Cache-Control": "no-cache"})


@blueprint.get("/offline")
def offline() -> str:
    """What still works without network; kept by the worker when it is installed."""
    return render_template("errors/offline.html")


def _name_person(response: Response) -> Response:
    """The worker keeps pages of one person alone and drops them when another name comes by. Only navigations matter,
    and what the worker itself asks for: kept before anybody was noted, it went when the next answer named somebody."""
    is_kept = request.headers.get("Sec-Fetch-Mode") == "navigate" or KEEPS in request.headers
    if is_kept and response.mimetype == "text/html":
        person = actor()
        response.headers[PERSON] = str(person.uuid) if person is not None else GUEST
    return response
