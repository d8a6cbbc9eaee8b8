"""Learning time: what was credited and what was not, appeals of learners, and who decides them."""

from __future__ import annotations

import uuid as uuidlib

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from courseware.core.errors import DomainError, Invalid, NotFound
from courseware.core.roles import Role
from courseware.progress import appeals
from courseware.progress.days import date_of
from courseware.progress.models import APPEAL_STATES
from courseware.progress.views import blueprint
from courseware.progress.words import appeal_states, credit_reason, credit_rule
from courseware.web.access import login_needed, role_needed, signed_in
from courseware.web.requests import undo


@blueprint.get("/my-learning/time")
@login_needed
def my_time() -> str:
    """Time that was credited and time that was not, with the reason; what can be appealed."""
    account = appeals.account_of(signed_in())
    return render_template(
        "progress/my_time.html", account=account, reason=credit_reason, rule=credit_rule, days=appeals.SHOWN_DAYS,
        reasons=list(dict.fromkeys(one.reason for one in account.lost)),
    )  # fmt: skip


@blueprint.post("/my-learning/time/appeal")
@login_needed
def appeal_time() -> Response:
    """The learner says that time was rightly spent."""
    form = request.form
    try:
        resource, day = uuidlib.UUID(form.get("resource", "")), int(form.get("day", ""))
    except ValueError as problem:
        raise NotFound() from problem
    try:
        appeals.appeal(signed_in(), day, resource, form.get("reason", ""), form.get("words", ""))
    except DomainError as refusal:
        undo()
        flash(refusal.sentence(), "error")
    else:
        flash(_("Your appeal is on its way. The answer appears here."), "success")
    return redirect(url_for("progress.my_time"))


@blueprint.get("/monitor/appeals")
@role_needed(Role.LIBRARIAN, Role.ADMINISTRATOR)
def time_appeals() -> str:
    """What learners say about time that was not credited; those who keep the library decide."""
    state = request.args.get("state", "open")
    state = state if state in APPEAL_STATES else "open"
    return render_template(
        "progress/time_appeals.html", appeals=appeals.appeals_for(signed_in(), state), state=state, reason=credit_reason,
        rule=credit_rule, date_of=date_of, states=appeal_states(),
    )  # fmt: skip


@blueprint.post("/monitor/appeals/<uuid:appeal_uuid>")
@role_needed(Role.LIBRARIAN, Role.ADMINISTRATOR)
def decide_appeal(appeal_uuid: uuidlib.UUID) -> Response:
    """Gives the time back, or says why not."""
    try:
        appeals.decide(
            signed_in(), appeal_uuid, accept=request.form.get("decision") == "accept", note=request.form.get("note", "")
        )
    except Invalid as refusal:
        undo()
        flash(refusal.sentence(), "error")
    else:
        flash(_("Decided. The learner reads the answer under “My learning”."), "success")
    return redirect(url_for("progress.time_appeals"))
