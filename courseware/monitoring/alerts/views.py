"""The page "Unusual": findings with their evidence, and what people say to them."""

from __future__ import annotations

import datetime as dt
import io
import uuid as uuidlib
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as BaseResponse

from courseware.bulk.export import as_csv
from courseware.core.clock import REPORTING_ZONE
from courseware.core.roles import Role
from courseware.monitoring import disclosure, pages, policy
from courseware.monitoring.alerts import queries, services, words
from courseware.monitoring.alerts.models import OPEN, Finding
from courseware.monitoring.alerts.rules import RULES
from courseware.monitoring.errors import NoteNeeded
from courseware.monitoring.periods import parse_period
from courseware.web.access import role_needed, signed_in
from courseware.web.requests import undo

blueprint = Blueprint("monitoring_alerts", __name__)
KEEPERS = (Role.LIBRARIAN, Role.ADMINISTRATOR)
HOME = "monitoring_alerts.unusual"


@blueprint.get("/monitor/unusual")
@role_needed(*KEEPERS)
def unusual() -> str:
    """What was found in a year: what, when, how much, what it does to the figure, what people said."""
    place = pages.place()
    found = queries.findings(place.library, place.period)
    show = request.args.get("show", "")
    shown = [f for f in found if (f.state == OPEN and f.gone_at is None) == (show != "done")]
    html = render_template(
        "monitoring/alerts.html", place=place, found=shown, names=queries.subjects(shown, policy.names_of(signed_in(), place.library)), words=words, show=show, rules=RULES,
        sizes={"open": sum(f.state == OPEN and f.gone_at is None for f in found), "all": len(found)},
        looked_at=max((f.seen_at for f in found), default=None), day=_day,
        by_rule={rule: sum(f.rule == rule and f.gone_at is None for f in found) for rule in RULES},
        side_nav=pages.side_nav(place.library, place.period, HOME),
    )  # fmt: skip
    rows, period = sum(map(queries.names_people, shown)), place.period.code
    disclosure.note(signed_in(), place.library, "unusual", rows, library=place.library.code, period=period)
    return html


@blueprint.post("/monitor/unusual/look")
@role_needed(*KEEPERS)
def look() -> BaseResponse:
    """Looks now, instead of at the worker's next round."""
    place = pages.place()
    found = services.find(place.library, place.period, place.now)
    count = services.keep(place.library, place.period, found)
    flash(ngettext("%(num)d finding stands.", "%(num)d findings stand.", count), "success")
    return redirect(url_for(HOME, library=place.library.code, period=place.period.code))


@blueprint.get("/monitor/unusual/<uuid:finding_uuid>")
@role_needed(*KEEPERS)
def finding(finding_uuid: uuidlib.UUID) -> str:
    """One finding with its rows."""
    return _page(_kept(finding_uuid), "")


@blueprint.post("/monitor/unusual/<uuid:finding_uuid>")
@role_needed(*KEEPERS)
def settle(finding_uuid: uuidlib.UUID) -> BaseResponse | tuple[str, int]:
    """Keeps a note and a state."""
    shown = _kept(finding_uuid)
    try:
        services.settle(shown, request.form.get("state", ""), request.form.get("note", ""), signed_in())
    except NoteNeeded as refusal:
        undo()
        return _page(_kept(finding_uuid), refusal.sentence()), 422
    flash(_("Kept."), "success")
    return redirect(url_for("monitoring_alerts.finding", finding_uuid=finding_uuid))


@blueprint.get("/monitor/unusual/<uuid:finding_uuid>.csv")
@role_needed(*KEEPERS)
def export(finding_uuid: uuidlib.UUID) -> Response:
    """The rows of a finding, as on the screen."""
    shown = _kept(finding_uuid)
    heads = [_("What"), _("By whom"), _("When"), str(words.COLUMNS.get(shown.rule, _("Value"))), str(words.OTHERS.get(shown.rule, ""))]  # fmt: skip
    lines = [[line.title, line.note, _moment(line.at), "" if line.value is None else line.value, line.other] for line in queries.lines(shown, policy.names_of(signed_in(), shown.library))]  # fmt: skip
    name = f"{shown.library.code}-{shown.period_code.replace(':', '-')}-{shown.rule}.csv"
    answer = send_file(io.BytesIO(as_csv(heads, lines)), mimetype="text/csv", as_attachment=True, download_name=name)
    _note(shown, is_export=True)
    return answer


def _note(shown: Finding, *, is_export: bool = False) -> None:
    rows, told = queries.rows_about_people(shown), {"library": shown.library.code, "period": shown.period_code}
    disclosure.note(signed_in(), shown, f"unusual/{shown.rule}", rows, is_export=is_export, **told)


def _page(shown: Finding, problem: str) -> str:
    period = parse_period(shown.period_code, shown.library.period_start_month)
    html = render_template(
        "monitoring/alert.html", finding=shown, lines=queries.lines(shown, policy.names_of(signed_in(), shown.library)), words=words, problem=problem, day=_day,
        name=queries.subjects([shown], policy.names_of(signed_in(), shown.library)).get(shown.id, ""), library=shown.library, period=period,
        side_nav=pages.side_nav(shown.library, period, HOME),
    )  # fmt: skip
    _note(shown)
    return html


def _kept(finding_uuid: uuidlib.UUID) -> Finding:
    found = queries.finding_by_uuid(finding_uuid)
    policy.require_monitor(signed_in(), found.library)
    return found


def _day(text: str | None) -> Any:
    """A moment of a finding's facts."""
    return dt.datetime.fromisoformat(text) if text else None


def _moment(at: Any) -> str:
    return at.astimezone(REPORTING_ZONE).strftime("%Y-%m-%d %H:%M") if at else ""
