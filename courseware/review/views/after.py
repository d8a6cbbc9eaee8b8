"""What comes after publication: withdrawal with a replacement, take-downs, re-checks."""

from __future__ import annotations

import re
import uuid as uuidlib
from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from courseware.accounts.models import User
from courseware.core import clock
from courseware.core.errors import DomainError, Invalid, NotAllowed
from courseware.libraries import policy as library_policy
from courseware.libraries import queries as libraries
from courseware.resources import policy as resource_policy
from courseware.resources import queries as resources
from courseware.resources.models import Resource
from courseware.resources.views.previews import preview_of
from courseware.review import policy, queries, rechecks, rulebook, takedowns, withdrawals
from courseware.review.models import TakeDown
from courseware.review.views import blueprint
from courseware.review.views.case import errors_of, found_in
from courseware.review.views.navigation import review_nav
from courseware.review.words import INCIDENT_NAMES
from courseware.web.access import login_needed, role_needed, signed_in
from courseware.web.requests import undo

_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


# --- withdrawal -------------------------------------------------------------------------------------------------------


@blueprint.route("/teach/resources/<uuid:resource_uuid>/withdrawal", methods=["GET", "POST"])
@login_needed
def withdrawal(resource_uuid: uuidlib.UUID) -> str | Response | tuple[str, int]:
    """Where it is used, why it goes, what takes its place; then it goes."""
    person = signed_in()
    resource = resources.resource_by_uuid(resource_uuid, person)
    if not resource_policy.can_withdraw(person, resource):
        raise NotAllowed()
    errors: dict[str, list[str]] = {}
    if request.method == "POST":
        try:
            withdrawals.withdraw(person, resource, request.form.get("reason", "")[:2000], _replacement(person))
        except DomainError as refusal:
            undo()
            errors, resource = errors_of(refusal), resources.resource_by_uuid(resource_uuid, person)
        else:
            flash(_("It is withdrawn. Lessons that use it say so."), "success")
            return redirect(url_for("resources.resource", resource_uuid=resource_uuid))
    body = render_template(
        "review/withdrawal.html", resource=resource, usage=queries.usage_of(resource), errors=errors,
        related=resources.related_to(resource), can_take_down=policy.can_take_down(person, resource),
        incidents=INCIDENT_NAMES, hours=rulebook.rules_of(resource.library).confirm_hours,
    )  # fmt: skip
    return (body, 422) if errors else body


def _replacement(person: User) -> Resource | None:
    """The resource chosen, or the one whose address was pasted. Raises Invalid where there is none."""
    typed = request.form.get("address", "").strip() or request.form.get("replacement", "").strip()
    match = _UUID.search(typed)
    if not typed:
        return None
    found = resources.resources_by_uuid([uuidlib.UUID(match.group(0))]) if match else {}
    if not found:
        raise Invalid({"replacement": [_("There is no resource at this address.")]})
    return next(iter(found.values()))


# --- take-downs -------------------------------------------------------------------------------------------------------


@blueprint.get("/review/take-downs")
@role_needed(*policy.REVIEWING)
def take_downs() -> str:
    """What was taken offline in an emergency: what waits for a second person, and the register of the rest."""
    person = signed_in()
    return render_template(
        "review/take_downs.html", rows=takedowns.listed(), incidents=INCIDENT_NAMES, now=clock.now(), person=person,
        may=policy.can_take_down, side_nav=review_nav(person),
    )  # fmt: skip


@blueprint.post("/review/resources/<uuid:resource_uuid>/take-down")
@role_needed(*policy.REVIEWING)
def take_down(resource_uuid: uuidlib.UUID) -> Response:
    """Takes a resource offline at once."""
    person = signed_in()
    resource = resources.resource_by_uuid(resource_uuid, person)
    given = request.form.get("reason", "")[:2000], request.form.get("incident", "content")
    try:
        takedowns.take_down(person, resource, *given)
    except Invalid as refusal:
        flash(" ".join(text for many in errors_of(refusal).values() for text in many), "error")
        return redirect(url_for("review.withdrawal", resource_uuid=resource_uuid, _anchor="emergency"))
    flash(_("It is offline now. A second person has to confirm or lift it."), "success")
    return redirect(url_for("review.take_downs"))


@blueprint.post("/review/take-downs/<uuid:take_down_uuid>/confirm")
@role_needed(*policy.REVIEWING)
def confirm(take_down_uuid: uuidlib.UUID) -> Response:
    """The second person confirms."""
    return _settle(take_down_uuid, takedowns.confirm, _("Confirmed: it stays offline."))


@blueprint.post("/review/take-downs/<uuid:take_down_uuid>/lift")
@role_needed(*policy.REVIEWING)
def lift(take_down_uuid: uuidlib.UUID) -> Response:
    """The second person lifts it."""
    return _settle(take_down_uuid, takedowns.lift, _("Lifted: it is published again."))


def _settle(take_down_uuid: uuidlib.UUID, act: Callable[[User, TakeDown, str], None], done: str) -> Response:
    person = signed_in()
    try:
        act(person, takedowns.find(take_down_uuid, person), request.form.get("note", "")[:2000])
    except (Invalid, NotAllowed) as refusal:
        undo()
        flash(" ".join(text for many in errors_of(refusal).values() for text in many), "error")
    else:
        flash(done, "success")
    return redirect(url_for("review.take_downs"))


# --- re-checks --------------------------------------------------------------------------------------------------------


@blueprint.get("/review/rechecks", endpoint="rechecks")
@role_needed(*policy.REVIEWING)
def list_rechecks() -> str:
    """Published resources to look at again, the samples they come from, and how they went."""
    return _list_rechecks({})


def _list_rechecks(errors: dict[str, list[str]]) -> str:
    person = signed_in()
    state = "done" if request.args.get("show") == "done" else "open"
    kept = [row for row in libraries.all_libraries() if library_policy.can_manage(person, row)]
    return render_template(
        "review/rechecks.html", rows=rechecks.listed(state), state=state, samples=rechecks.samples(), kept=kept,
        now=clock.now(), errors=errors, side_nav=review_nav(person),
    )  # fmt: skip


@blueprint.post("/review/samples")
@role_needed(*policy.STEWARDS)
def draw_sample() -> Response | tuple[str, int]:
    """Draws a sample of a library."""
    person = signed_in()
    library = libraries.library_by_code(request.form.get("library", ""), person)
    try:
        sample = rechecks.draw(person, library, request.form.get("asked", ""), request.form.get("seed", ""))
    except Invalid as refusal:
        undo()
        return _list_rechecks(errors_of(refusal)), refusal.status
    flash(_("Drawn from %(num)s published resources with the seed %(seed)s.", num=sample.population, seed=sample.seed), "success")  # fmt: skip
    return redirect(url_for("review.rechecks"))


@blueprint.route("/review/rechecks/<uuid:recheck_uuid>", methods=["GET", "POST"])
@role_needed(*policy.REVIEWING)
def recheck(recheck_uuid: uuidlib.UUID) -> str | Response | tuple[str, int]:
    """One published resource looked at again: as it is, what the machine notices, one verdict."""
    person = signed_in()
    row = rechecks.find(recheck_uuid, person)
    errors: dict[str, list[str]] = {}
    if request.method == "POST":
        given = request.form
        try:
            rechecks.check(
                person, row, is_passed=given.get("verdict") == "pass", note=given.get("note", "")[:2000],
                remedy=given.get("remedy", "") if given.get("verdict") == "fail" else "",
            )  # fmt: skip
        except DomainError as refusal:
            undo()
            errors, row = errors_of(refusal), rechecks.find(recheck_uuid, person)
        else:
            flash(_("Noted."), "success")
            return redirect(url_for("review.rechecks"))
    body = render_template(
        "review/recheck.html", row=row, resource=row.resource, version=row.version, errors=errors, given=request.form,
        preview=preview_of(row.resource, row.version, person, is_study=False), usage=queries.usage_of(row.resource),
        hints=found_in(row.version, rulebook.rules_of(row.resource.library)), can=policy.can_recheck(person, row.resource),
    )  # fmt: skip
    return (body, 422) if errors else body
