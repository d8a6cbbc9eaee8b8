"""The plan on the Monitor: where the year will end, what if, what to do first, and who was asked."""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.wrappers import Response

from courseware.core.roles import Role
from courseware.libraries.models import Library
from courseware.monitoring.periods import parse_period
from courseware.monitoring.planning import tasks
from courseware.monitoring.planning.board import Board, board, wanted_by
from courseware.monitoring.planning.what_if import Outcome, Wishes, outcomes
from courseware.monitoring.queries import monitor as reading
from courseware.monitoring.queries import reporting_now
from courseware.monitoring.queries.monitor import Overview
from courseware.monitoring.radar.words import reasons
from courseware.monitoring.views.keeping import kept_library
from courseware.monitoring.views.looking_back import look_back
from courseware.monitoring.words import TASK_KINDS
from courseware.web.access import role_needed, signed_in

WISHES = {
    "updates": _l("Substantive revisions"), "media": _l("New video, audio, animation, simulation"),
    "texts": _l("New texts, slides, images"), "evidence": _l("Originals whose evidence is accepted"),
    "questions": _l("Points that get their first question"),
}  # fmt: skip


def page(library: Library, view: Overview, **shared: object) -> str:
    """The whole page."""
    wishes = Wishes.of(request.args)
    return render_template(
        "monitoring/plan.html", view=view, foreseen=[r for r in view.official if r.forecast], back=look_back(library, view), wishes=wishes,
        outcomes=outcomes(view.results, wishes), wish_names=WISHES, most=_most(view),
        board=_board(library, view), reasons=reasons, kinds=TASK_KINDS, standings=tasks.standings(library), **shared,
    )  # fmt: skip


@role_needed(Role.ADMINISTRATOR, Role.LIBRARIAN)
def what_if() -> str:
    """The table of the what-if form alone, for a page that asks while a slider moves."""
    library = kept_library(request.args.get("library", ""))
    period = parse_period(request.args.get("period", ""), library.period_start_month)
    view = reading.overview(library, period, reporting_now())
    found: list[Outcome] = outcomes(view.results, Wishes.of(request.args))
    return render_template("monitoring/_what_if.html", outcomes=found)


@role_needed(Role.ADMINISTRATOR, Role.LIBRARIAN)
def assign() -> Response:
    """Gives the ticked things to the people who answer for them."""
    library = kept_library(request.form.get("library", ""))
    period = parse_period(request.form.get("period", ""), library.period_start_month)
    view = reading.overview(library, period, reporting_now())
    wanted = wanted_by(library, view.period, view.now, view.results, request.form.getlist("thing"))
    made = tasks.assign(
        signed_in(), library, wanted, due_on=_day(request.form.get("due_on", "")), note=request.form.get("note", "").strip()
    )  # fmt: skip
    flash(_given(len(made), len(wanted)), "success")
    return _back(library, period.code)


@role_needed(Role.ADMINISTRATOR, Role.LIBRARIAN)
def drop(task_uuid: uuidlib.UUID) -> Response:
    """Takes a task back."""
    task = tasks.drop(signed_in(), task_uuid)
    flash(_("The task was taken back."), "success")
    return _back(task.library, request.form.get("period", ""))


def _board(library: Library, view: Overview) -> Board:
    return board(library, view.period, view.now, view.results)


def _most(view: Overview) -> dict[str, int]:
    """How far each slider goes: twice what is missing, at least 20, never more than there is."""
    results = view.results
    short = {key: results[key].missing or 0 for key in ("M2.A", "M3.A", "M4.A", "M8.A")}
    wide = {
        "updates": 2 * short["M4.A"], "media": 2 * max(short["M2.A"], short["M4.A"]), "texts": short["M4.A"],
        "evidence": 2 * short["M3.A"], "questions": short["M8.A"],
    }  # fmt: skip
    return {name: max(20, width) for name, width in wide.items()}


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _given(made: int, asked: int) -> str:
    text = ngettext("%(num)d task was given.", "%(num)d tasks were given.", made)
    kept = asked - made
    if kept:
        text += " " + ngettext(
            "%(num)d was given before and is still open.", "%(num)d were given before and are still open.", kept
        )
    return text


def _back(library: Library, period: str) -> Response:
    return redirect(url_for("monitoring.plan", library=library.code, period=period or None, _anchor="tasks"))
