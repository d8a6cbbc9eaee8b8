"""The staleness radar: what grows old, the links behind it, the register of standards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as BaseResponse

from courseware.bulk.export import plain
from courseware.core.errors import Invalid
from courseware.core.roles import Role
from courseware.monitoring import pages
from courseware.monitoring.planning import board, route
from courseware.monitoring.planning.route import Stop
from courseware.monitoring.queries import monitor as reading
from courseware.monitoring.radar import links, places, register, words
from courseware.monitoring.radar.models import LINK_STATES
from courseware.monitoring.sheets import table_file
from courseware.web.access import role_needed, signed_in
from courseware.web.i18n import local_text
from courseware.web.requests import number_arg, undo

blueprint = Blueprint("monitoring_radar", __name__)
KEEPERS = (Role.LIBRARIAN, Role.ADMINISTRATOR)
HOME = "monitoring_radar.radar"
PAGE = 25


@blueprint.get("/monitor/radar")
@role_needed(*KEEPERS)
def radar() -> str:
    """Every published resource without an update this year that anything speaks for revising, by what speaks for it."""
    place = pages.place()
    stops, why = _stops(place), _why()
    chosen, start = _of(stops, why), number_arg("after")
    shown = chosen[start : start + PAGE]
    return render_template(
        "monitoring/radar.html", place=place, side_nav=_side(place), why=why, signs=words.SIGNS, weights=route.WEIGHTS,
        sizes=Counter(reason for stop in stops for reason in stop.reasons), all=len(stops), size=len(chosen), start=start,
        rows=board.suggestions(shown), reasons=words.reasons, next=start + PAGE if start + PAGE < len(chosen) else None,
        links=links.sizes_of(place.library), links_on=links.is_on(), standards=register.size(),
    )  # fmt: skip


@blueprint.get("/monitor/radar.<any(csv, xlsx):kind>")
@role_needed(*KEEPERS)
def export(kind: str) -> Response:
    """The same list as a file, by the same filter."""
    place = pages.place()
    rows = board.suggestions(_of(_stops(place), _why()))
    heads = [_("Resource"), _("Course"), _("Why"), _("Weight"), _("Users in the period"), _("Who is asked"), _("Link")]
    lines = [_line(row) for row in rows]
    return table_file(f"{place.library.code}-{place.period.code}-radar", kind, heads, lines)


def _line(row: board.Suggestion) -> list[Any]:
    assert row.stop is not None
    assert row.resource is not None
    course = local_text(row.course, "name") if row.course else ""
    href = url_for("resources.resource", resource_uuid=row.resource.uuid)
    why = "；".join(words.reasons(row))
    return [local_text(row.resource, "title"), course, why, row.stop.weight, row.stop.candidate.users, row.owner, href]


def _stops(place: pages.Place) -> Sequence[Stop]:
    view = reading.overview(place.library, place.period, place.now)
    return board.stops(place.library, place.period, place.now, view.results)


def _of(stops: Sequence[Stop], why: str) -> Sequence[Stop]:
    return [stop for stop in stops if why in stop.reasons] if why else stops


def _why() -> str:
    why = request.args.get("why", "")
    return why if why in route.SIGNS else ""


# --- links -------------------------------------------------------------------------------------------------------------


@blueprint.get("/monitor/radar/links")
@role_needed(*KEEPERS)
def link_list() -> str:
    """The addresses outside that stand in what is published, and how each answered."""
    place, state = pages.place(), _state()
    found, start = links.links_of(place.library, state), number_arg("after")
    shown = found[start : start + PAGE]
    return render_template(
        "monitoring/links.html", place=place, side_nav=_side(place), state=state, states=words.LINK_STATES, size=len(found),
        sizes=links.sizes_of(place.library), rows=shown, where=places.of(place.library, shown), answer=words.answer,
        is_on=links.is_on(), looked_at=links.looked_at(place.library), start=start,
        next=start + PAGE if start + PAGE < len(found) else None,
    )  # fmt: skip


@blueprint.get("/monitor/radar/links.<any(csv, xlsx):kind>")
@role_needed(*KEEPERS)
def export_links(kind: str) -> Response:
    """The same list as a file: a line for each place an address stands in."""
    place = pages.place()
    found = links.links_of(place.library, _state())
    where = places.of(place.library, found)
    heads = [_("Address"), _("State"), _("Answer"), _("Last asked"), _("Failing since"), _("Moved to"), _("Stands in"), _("Answers for it")]  # fmt: skip
    lines = [
        [
            link.address, words.LINK_STATES[link.state], words.answer(link.answer), plain(link.checked_at),
            plain(link.failing_since), link.moved_to, spot.title, spot.owner,
        ]
        for link in found for spot in where[link.id]
    ]  # fmt: skip
    return table_file(f"{place.library.code}-links", kind, heads, lines)


@blueprint.post("/monitor/radar/links/look")
@role_needed(*KEEPERS)
def look() -> BaseResponse:
    """Asks the worker to look now."""
    place = pages.place()
    if links.ask_for_a_look(signed_in()) is None:
        flash(_("This site does not look at links outside: KEKU_LINK_CHECK is off."), "warning")
    else:
        flash(_("The worker looks at the links now. Come back in some minutes."), "success")
    return redirect(url_for("monitoring_radar.link_list", library=place.library.code, period=place.period.code))


def _state() -> str:
    state = request.args.get("state", "")
    return state if state in LINK_STATES else ""


# --- the register of standards -----------------------------------------------------------------------------------------


@blueprint.get("/monitor/radar/standards")
@role_needed(*KEEPERS)
def standards() -> str:
    """The register, and the form that takes a list."""
    return _standards()


def _standards(problems: Sequence[Any] = (), refusal: str = "") -> str:
    place, search = pages.place(), request.args.get("q", "").strip()[:60]
    found, start = register.listed(search), number_arg("after")
    return render_template(
        "monitoring/standards.html", place=place, side_nav=_side(place), search=search, rows=found[start : start + PAGE],
        size=len(found), start=start, problems=problems, refusal=refusal, next=start + PAGE if start + PAGE < len(found) else None,
    )  # fmt: skip


@blueprint.post("/monitor/radar/standards")
@role_needed(*KEEPERS)
def take_standards() -> BaseResponse | tuple[str, int]:
    """Takes a list, or says what is wrong with which line and takes nothing."""
    place, sent = pages.place(), request.files.get("file")
    if sent is None or not sent.filename:
        return _standards(refusal=_("Choose the file first.")), 422
    try:
        with pages.sent_file(sent) as path:
            read = register.read_list(path)
    except Invalid as refusal:
        undo()
        return _standards(refusal=refusal.sentence()), 422
    if read.problems:
        return _standards(read.problems), 422
    changed = register.import_list(signed_in(), read)
    flash(ngettext("%(num)d standard is new or changed.", "%(num)d standards are new or changed.", changed), "success")
    return redirect(url_for("monitoring_radar.standards", library=place.library.code, period=place.period.code))


@blueprint.post("/monitor/radar/standards/<int:standard_id>/forget")
@role_needed(*KEEPERS)
def forget_standard(standard_id: int) -> BaseResponse:
    """Takes one off the register."""
    place = pages.place()
    register.forget(signed_in(), standard_id)
    flash(_("The standard is off the register."), "success")
    return redirect(url_for("monitoring_radar.standards", library=place.library.code, period=place.period.code))


@blueprint.get("/monitor/radar/standards.<any(csv, xlsx):kind>")
@role_needed(*KEEPERS)
def export_standards(kind: str) -> Response:
    """The register as a file that the form takes again; with an example line where it is empty."""
    rows = [[one.number, one.superseded_by, one.title] for one in register.listed()]
    example = [["GB/T 5226.1-2002", "GB/T 5226.1-2019", "机械电气安全"]]
    return table_file("standards", kind, ["标准号", "代替标准", "名称"], rows or example)


def _side(place: pages.Place) -> dict[str, Any]:
    return pages.side_nav(place.library, place.period, HOME)
