"""The list of classes, opening one, the progress board, settings."""

from __future__ import annotations

import io
import uuid as uuidlib

from flask import flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from courseware.bulk.export import as_csv
from courseware.classes import board_sheet, words
from courseware.classes.queries import board
from courseware.classes.queries.classes import classes_taught, runs_to_teach
from courseware.classes.services import classes as services
from courseware.classes.views import blueprint
from courseware.classes.views.frame import STAFF, attempt, draw, problems_of, taught, whole
from courseware.core.errors import DomainError, Invalid, NotFound
from courseware.web.access import login_needed, role_needed, signed_in
from courseware.web.navigation import teach_nav
from courseware.web.requests import number_arg, undo

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/teach/classes")
@role_needed(*STAFF)
def classes() -> str:
    """The classes one teaches."""
    page = classes_taught(signed_in(), number_arg("after"))
    following = url_for("classes.classes", after=page.next) if page.next else None
    return render_template(
        "classes/classes.html", page=page, next_href=following, is_ended=services.is_ended, side_nav=teach_nav()
    )


@blueprint.route("/teach/classes/new", methods=["GET", "POST"])
@role_needed(*STAFF)
def new_class() -> str | Response | tuple[str, int]:
    """A new class for a run of a course one teaches."""
    person, runs, problems = signed_in(), runs_to_teach(signed_in()), {}
    chosen = next((run for run in runs if str(run.uuid) == request.values.get("run", "")), None)
    if request.method == "POST":
        try:
            if chosen is None:
                raise Invalid({"run": [_("Choose the run that the class learns in.")]})
            made = services.open_class(person, chosen, request.form.get("name", ""))
        except DomainError as refusal:
            undo()
            problems = problems_of(refusal)
        else:
            flash(_("The class is open. Give its code to your students, or send a list."), "success")
            return redirect(url_for("classes.people", class_uuid=made.uuid))
    page = render_template(
        "classes/new.html",
        runs=runs,
        chosen=chosen,
        problems=problems,
        name=request.form.get("name", ""),
        side_nav=teach_nav(),
    )
    return (page, 422) if problems else page


@blueprint.get("/teach/classes/<uuid:class_uuid>")
@login_needed
def overview(class_uuid: uuidlib.UUID) -> str:
    """The progress board: everybody, or those of whom a rule warns."""
    klass, only = taught(class_uuid), request.args.get("show", "")
    find = board.warned_in if only == "warned" else board.board_of
    shown = find(klass, number_arg("after"))
    following = url_for("classes.overview", class_uuid=class_uuid, show=only or None, after=shown.next)
    return draw(
        "overview", klass, "overview", board=shown, only=only, warned=shown.warned, sentence=words.sentence,
        short=words.SHORT, rule_sentences=words.rule_sentences(shown.rules),
        next_href=following if shown.next else None, first=not number_arg("after"),
    )  # fmt: skip


@blueprint.get("/teach/classes/<uuid:class_uuid>/board.<any(csv, xlsx):kind>")
@login_needed
def export_board(class_uuid: uuidlib.UUID, kind: str) -> Response:
    """The whole board as a sheet, equal to the pages."""
    klass = taught(class_uuid)
    heads, lines = board_sheet.sheet_of(klass)
    content = as_csv(heads, lines) if kind == "csv" else board_sheet.as_xlsx(heads, lines)
    return send_file(
        io.BytesIO(content), mimetype="text/csv" if kind == "csv" else XLSX, as_attachment=True,
        download_name=f"{klass.name}-board.{kind}",
    )  # fmt: skip


@blueprint.route("/teach/classes/<uuid:class_uuid>/settings", methods=["GET", "POST"])
@login_needed
def settings(class_uuid: uuidlib.UUID) -> str | Response | tuple[str, int]:
    """The name of the class, when the board warns, ending it."""
    klass, problems = taught(class_uuid), {}
    if request.method == "POST":
        try:
            services.rename(signed_in(), klass, request.form.get("name", ""))
            services.set_rules(
                signed_in(), klass, **{name: whole(request.form.get(name, ""), 0) for name in services.BOUNDS}
            )
        except DomainError as refusal:
            undo()
            problems, klass = problems_of(refusal), taught(class_uuid)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("classes.settings", class_uuid=class_uuid))
    page = draw(
        "settings",
        klass,
        "settings",
        rules=services.rules_of(klass),
        problems=problems,
        given=request.form,
        bounds=services.BOUNDS,
    )
    return (page, 422) if problems else page


@blueprint.post("/teach/classes/<uuid:class_uuid>/end")
@login_needed
def end_class(class_uuid: uuidlib.UUID) -> Response:
    """Ends the class, or takes the end back."""
    klass, act = taught(class_uuid), request.form.get("act", "")
    if act == "reopen":
        attempt(
            lambda: services.reopen(signed_in(), klass),
            _("The class goes on. Make a new code if people should join by it."),
        )
    elif act == "close":
        attempt(
            lambda: services.close(signed_in(), klass), _("The class has ended. Everything in it can still be read.")
        )
    else:
        raise NotFound()
    return redirect(url_for("classes.settings", class_uuid=class_uuid))
