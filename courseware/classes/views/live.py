"""In the room, for teachers: what goes on, sign-ins, the screen with the code, the list and its corrections."""

from __future__ import annotations

import io
import uuid as uuidlib

import segno
from flask import redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from courseware.bulk.export import as_csv, plain
from courseware.classes import board_sheet, policy
from courseware.classes.models import ClassSignIn
from courseware.classes.queries import live as queries
from courseware.classes.queries.people import count_people, person_of
from courseware.classes.services import sign_ins as services
from courseware.classes.views import blueprint
from courseware.classes.views.frame import attempt, by_person, draw, group_label, taught, whole
from courseware.classes.words import POLL_KINDS, PRESENCES
from courseware.core.errors import NotFound
from courseware.web.access import login_needed, signed_in
from courseware.web.security import limiter

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/teach/classes/<uuid:class_uuid>/live")
@login_needed
def live(class_uuid: uuidlib.UUID) -> str:
    """Sign-ins and questions of the class, and the forms for the next ones."""
    klass = taught(class_uuid)
    count = count_people(klass)
    return draw(
        "live", klass, "live", running=services.running(klass), sign_ins=queries.sign_ins_of(klass, count), people=count,
        polls=queries.polls_of(klass), periods=services.PERIODS_S, kinds=POLL_KINDS, problems={}, given=request.args,
    )  # fmt: skip


@blueprint.post("/teach/classes/<uuid:class_uuid>/sign-ins")
@login_needed
def open_sign_in(class_uuid: uuidlib.UUID) -> Response:
    """Begins to take attendance, and goes to the screen."""
    klass, made = taught(class_uuid), list[ClassSignIn]()
    title, period_s = request.form.get("title", ""), whole(request.form.get("period", ""), 20)
    if attempt(lambda: made.append(services.open_sign_in(signed_in(), klass, title, period_s))):
        return redirect(url_for("classes.sign_in_screen", sign_in_uuid=made[0].uuid))
    return redirect(url_for("classes.live", class_uuid=class_uuid))


@blueprint.get("/teach/sign-ins/<uuid:sign_in_uuid>")
@login_needed
def sign_in_list(sign_in_uuid: uuidlib.UUID) -> str:
    """Who was there."""
    opened = _opened(sign_in_uuid)
    return draw(
        "sign_in", opened.teaching_class, "live", sign_in=opened, lines=queries.attendance_of(opened), presences=PRESENCES,
        group_label=group_label,
    )  # fmt: skip


@blueprint.get("/teach/sign-ins/<uuid:sign_in_uuid>/screen")
@login_needed
def sign_in_screen(sign_in_uuid: uuidlib.UUID) -> str:
    """The code in large type, for the projector."""
    return render_template("classes/sign_in_screen.html", **_screen(_opened(sign_in_uuid)))


@blueprint.get("/teach/sign-ins/<uuid:sign_in_uuid>/screen/now")
@login_needed
@limiter.limit("120 per minute", key_func=by_person)
def sign_in_now(sign_in_uuid: uuidlib.UUID) -> str:
    """The changing part of the screen."""
    return render_template("classes/_sign_in_now.html", **_screen(_opened(sign_in_uuid)))


@blueprint.post("/teach/sign-ins/<uuid:sign_in_uuid>/close")
@login_needed
def close_sign_in(sign_in_uuid: uuidlib.UUID) -> Response:
    """Ends the sign-in and shows the list."""
    opened = _opened(sign_in_uuid)
    attempt(lambda: services.close(signed_in(), opened), _("The sign-in is closed. Who is not in by now is absent."))
    return redirect(url_for("classes.sign_in_list", sign_in_uuid=sign_in_uuid))


@blueprint.post("/teach/sign-ins/<uuid:sign_in_uuid>/people/<uuid:person_uuid>")
@login_needed
def correct_sign_in(sign_in_uuid: uuidlib.UUID, person_uuid: uuidlib.UUID) -> Response:
    """Puts the list right, with a reason."""
    opened = _opened(sign_in_uuid)
    person = person_of(opened.teaching_class, person_uuid)
    state, reason = request.form.get("state", ""), request.form.get("reason", "")
    attempt(lambda: services.correct(signed_in(), opened, person, state, reason), _("Saved with its reason."))
    return redirect(url_for("classes.sign_in_list", sign_in_uuid=sign_in_uuid, _anchor=f"p-{person_uuid}"))


@blueprint.get("/teach/sign-ins/<uuid:sign_in_uuid>/list.<any(csv, xlsx):kind>")
@login_needed
def export_sign_in(sign_in_uuid: uuidlib.UUID, kind: str) -> Response:
    """The list as a sheet."""
    opened = _opened(sign_in_uuid)
    heads = [_("Name"), _("Number"), _("Study group"), _("Attendance"), _("When"), _("Changed by"), _("Reason")]
    lines = [
        [a.user.name, a.user.key or "", a.group, str(PRESENCES[a.state]), plain(a.at), a.by, a.reason]
        for a in queries.attendance_of(opened)
    ]
    content = as_csv(heads, lines) if kind == "csv" else board_sheet.as_xlsx(heads, lines)
    return send_file(
        io.BytesIO(content), mimetype="text/csv" if kind == "csv" else XLSX, as_attachment=True,
        download_name=f"{opened.teaching_class.name}-{plain(opened.opened_at)[:10]}.{kind}",
    )  # fmt: skip


def _screen(opened: ClassSignIn) -> dict[str, object]:
    code, left = services.code_now(opened)
    klass = opened.teaching_class
    return {
        "sign_in": opened, "klass": klass, "code": code, "left": left, "present": queries.count_present(opened),
        "people": count_people(klass), "join_address": url_for("classes.my_classes", _external=True),
        "picture": _picture(opened) if opened.closed_at is None else "",
    }  # fmt: skip


def _picture(opened: ClassSignIn) -> Markup:
    """The address that a phone opens, as a QR code."""
    address = url_for(
        "classes.scanned", class_uuid=opened.teaching_class.uuid, **{"pass": services.pass_now(opened)}, _external=True
    )
    drawn = segno.make_qr(address, error="l").svg_inline(omitsize=True, border=3, svgclass="qr", light="#fff")
    return Markup(drawn)  # noqa: S704  drawn by the library from our own address


def _opened(sign_in_uuid: uuidlib.UUID) -> ClassSignIn:
    opened = queries.sign_in_by_uuid(sign_in_uuid)
    if not policy.can_lead(signed_in(), opened.teaching_class):
        raise NotFound()
    return opened
