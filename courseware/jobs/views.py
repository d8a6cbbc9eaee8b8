"""Background work, for administrators."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from courseware.core.roles import Role
from courseware.jobs import queries, services
from courseware.web.access import role_needed, signed_in
from courseware.web.health import checks
from courseware.web.navigation import admin_nav

blueprint = Blueprint("jobs", __name__)
SILENT_AFTER_S = 30


@blueprint.get("/admin/jobs")
@role_needed(Role.ADMINISTRATOR)
def admin() -> str:
    """What runs, what waits, what failed and why."""
    return render_template(
        "admin/jobs.html", jobs=queries.recent_jobs(), state=queries.work_state(), side_nav=admin_nav()
    )


@blueprint.post("/admin/jobs/<uuid:job_uuid>/retry")
@role_needed(Role.ADMINISTRATOR)
def retry(job_uuid: uuid.UUID) -> Response:
    """Once more."""
    services.retry(signed_in(), job_uuid, request.args.get("step", ""))
    flash(_("The job is queued again."), "success")
    return redirect(url_for("jobs.admin"))


@blueprint.post("/admin/jobs/<uuid:job_uuid>/cancel")
@role_needed(Role.ADMINISTRATOR)
def cancel(job_uuid: uuid.UUID) -> Response:
    """Stop it."""
    services.cancel(signed_in(), job_uuid)
    flash(_("The job was asked to stop."), "success")
    return redirect(url_for("jobs.admin"))


def _worker_lives() -> tuple[bool, str]:
    silent = queries.work_state().worker_silent_s
    if silent is None:
        return False, "no worker has been heard of"
    return silent <= SILENT_AFTER_S, f"heard {silent:.0f} s ago"


checks["worker"] = _worker_lives
