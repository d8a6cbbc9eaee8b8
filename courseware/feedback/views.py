"""Rating a resource, reporting a problem, answering reports, the record of contributions."""

from __future__ import annotations

import uuid as uuidlib

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from courseware.core.errors import DomainError, Invalid, NotAllowed
from courseware.core.roles import Role
from courseware.feedback import queries, services
from courseware.feedback.forms import KINDS, STATES, AnswerForm, RatingForm, ReportForm
from courseware.resources import queries as resources
from courseware.resources.words import CLASSES
from courseware.web.access import login_needed, role_needed, signed_in
from courseware.web.actor import actor
from courseware.web.navigation import teach_nav
from courseware.web.requests import undo
from courseware.web.security import limiter

blueprint = Blueprint("feedback", __name__)


@blueprint.post("/resources/<uuid:resource_uuid>/rating")
@login_needed
@limiter.limit("30 per minute")
def rate(resource_uuid: uuidlib.UUID) -> Response:
    """Stars for a resource; with `remove` one's own are taken back."""
    person, form = signed_in(), RatingForm()
    resource = resources.resource_by_uuid(resource_uuid, person)
    back = redirect(url_for("resources.resource", resource_uuid=resource_uuid, _anchor="ratings"))
    if "remove" in request.form:
        services.take_back_rating(person, resource)
        flash(_("Your stars are taken back."), "success")
        return back
    try:
        stars = int(form.stars.data) if str(form.stars.data or "").isdecimal() else 0
        services.rate(person, resource, stars, form.words.data or "")
    except (Invalid, NotAllowed) as refusal:
        undo()
        flash(_sentences(refusal), "error")
        return back
    flash(_("Thank you. You can change your stars at any time."), "success")
    return back


@blueprint.route("/resources/<uuid:resource_uuid>/report", methods=["GET", "POST"])
@limiter.limit("6 per minute; 30 per hour", methods=["POST"])
def report(resource_uuid: uuidlib.UUID) -> str | Response | tuple[str, int]:
    """Something is wrong with a resource: open to guests, who get no answer but help all the same."""
    person, form = actor(), ReportForm()
    resource = resources.resource_by_uuid(resource_uuid, person)
    if form.validate_on_submit():
        if not form.website.data:
            services.report(person, resource, form.kind.data or "", form.words.data or "")
        flash(
            _("Thank you. You will find the answer under “My reports”.") if person
            else _("Thank you. Its author and the librarians will look at it."), "success",
        )  # fmt: skip
        return redirect(url_for("resources.resource", resource_uuid=resource_uuid))
    page = render_template("feedback/report.html", resource=resource, form=form)
    return (page, 422) if form.is_submitted() else page


@blueprint.get("/my-reports")
@login_needed
def my_reports() -> str:
    """What the person reported, and the answers."""
    return render_template(
        "feedback/my_reports.html", reports=queries.my_reports(signed_in()), kinds=KINDS, states=STATES
    )


@blueprint.get("/teach/reports")
@role_needed(Role.TEACHER, Role.LIBRARIAN, Role.ADMINISTRATOR)
def reports() -> str:
    """Reports on one's own resources; librarians see those of all."""
    person, state = signed_in(), request.args.get("state", "open")
    page = queries.reports_for(person, state, request.args.get("after"))
    following = url_for("feedback.reports", state=state, after=page.next) if page.next else None
    return render_template(
        "feedback/reports.html", page=page, next_href=following, state=state, counts=queries.count_reports(person), kinds=KINDS,
        states=STATES, side_nav=teach_nav(),
    )  # fmt: skip


@blueprint.post("/teach/reports/<uuid:report_uuid>")
@role_needed(Role.TEACHER, Role.LIBRARIAN, Role.ADMINISTRATOR)
def answer(report_uuid: uuidlib.UUID) -> Response:
    """Says what became of a report."""
    person, form = signed_in(), AnswerForm()
    found = queries.report_by_uuid(report_uuid, person)
    try:
        services.handle(
            person, found, form.state.data or "", form.answer.data or "", seen_state=form.seen_state.data or None
        )
    except DomainError as refusal:
        undo()
        flash(_sentences(refusal), "error")
    else:
        flash(_("Saved. Whoever reported it signed in reads it under “My reports”."), "success")
    return redirect(url_for("feedback.reports", state=request.form.get("shown", "open")))


@blueprint.get("/people/<uuid:person_uuid>/contributions")
def contributions(person_uuid: uuidlib.UUID) -> str:
    """What somebody gave: whole for themselves and librarians, figures for others where they allow it."""
    person = actor()
    return render_template(
        "feedback/contributions.html", page=queries.contributions_of(person_uuid, person), classes=CLASSES, me=person
    )


@blueprint.post("/people/<uuid:person_uuid>/contributions")
@login_needed
def share(person_uuid: uuidlib.UUID) -> Response:
    """The person shows their figures to everybody, or no longer."""
    person = signed_in()
    if person.uuid != person_uuid:
        raise NotAllowed()
    is_public = request.form.get("public") == "yes"
    services.share_contributions(person, is_public=is_public)
    flash(
        _("Everybody can see your figures now.") if is_public else _("Only you and the librarians see them now."),
        "success",
    )
    return redirect(url_for("feedback.contributions", person_uuid=person_uuid))


def _sentences(refusal: DomainError) -> str:
    if isinstance(refusal, Invalid):
        return " ".join(str(sentence) for many in refusal.problems.values() for sentence in many)
    return refusal.sentence()
