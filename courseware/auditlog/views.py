"""The security log, read-only."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from courseware.auditlog import queries
from courseware.core.roles import Role
from courseware.web.access import role_needed
from courseware.web.navigation import admin_nav
from courseware.web.requests import number_arg

blueprint = Blueprint("auditlog", __name__)


@blueprint.get("/admin/audit")
@role_needed(Role.ADMINISTRATOR)
def admin() -> str:
    """Who did what, newest first, and whether the chain holds."""
    action, about = request.args.get("action", "")[:60], request.args.get("about", "")[:60]
    page = queries.list_entries(action, before=number_arg("before"), about=about)
    return render_template(
        "admin/audit.html", page=page, action=action, about=about, actions=queries.known_actions(), side_nav=admin_nav()
    )
