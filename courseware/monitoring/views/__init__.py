"""Monitor: the overview, one figure with its list, exports, and the public page of definitions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask_babel import get_locale
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from courseware.catalog.memory import memory
from courseware.core.errors import NotFound
from courseware.core.roles import Role
from courseware.libraries import queries as libraries
from courseware.libraries.models import Library
from courseware.monitoring import calendar, dimensions, policy, queries
from courseware.monitoring.alerts import views as alerts
from courseware.monitoring.definitions import DEFINITIONS, UNRECORDED
from courseware.monitoring.indicators import registry
from courseware.monitoring.pages import side_nav
from courseware.monitoring.periods import Period
from courseware.monitoring.queries import ledger
from courseware.monitoring.queries import monitor as reading
from courseware.monitoring.queries.monitor import CourseName
from courseware.monitoring.radar import views as radar
from courseware.monitoring.reminders import step_words
from courseware.monitoring.results import GROUPS, IndicatorResult
from courseware.monitoring.rosters import views as rosters
from courseware.monitoring.surveys import views as surveys
from courseware.monitoring.views import breakdown, cards, comparison, export, frozen, lists, plan, todo, trend, yearly
from courseware.monitoring.views.by_dimension import dimension_parts
from courseware.monitoring.views.keeping import kept_library
from courseware.monitoring.words import change_words, common_rules, reason_words, target_words, things
from courseware.web.access import role_needed
from courseware.web.actor import actor

blueprint = Blueprint("monitoring", __name__)
blueprints = (blueprint, rosters.blueprint, surveys.blueprint, alerts.blueprint, radar.blueprint)

PAGE = 25
FIRST_TODOS = 3


@dataclass(frozen=True)
class Place:
    """Which library and period a page is about, and what the reader may choose instead."""

    library: Library
    period: Period
    libraries: Sequence[Library]
    periods: Sequence[Period]
    view: reading.Overview


@blueprint.get("/monitor")
@role_needed(Role.ADMINISTRATOR, Role.LIBRARIAN)
def monitor() -> str | AnyResponse:
    """All figures of a library in a period: what is met, what is missing, how it moved."""
    place = _place()
    if place is None:
        return render_template("monitoring/no_library.html", side_nav=_side_nav(None))
    days_left, left = _days_left(place), _left(place)
    key = (
        place.view,
        left,
        str(get_locale()),
        days_left,
        tuple(library.code for library in place.libraries),
        request.host_url,
    )
    body = memory("monitor_pages", 40).get(key, lambda: _draw(place, days_left, left))
    return render_template("monitoring/monitor.html", body=body, side_nav=_side_nav(place))


def _draw(place: Place, days_left: int | None, left: Left | None) -> Markup:
    view, courses = place.view, reading.courses_of(place.library)
    judged = [cards.card(view, result, place.library.code) for result in view.official]
    html = render_template(
        "monitoring/_monitor.html", place=place, view=view, courses=courses,
        cards=judged, parts=dimension_parts(judged, breakdown.reference_rows(view, place.library.code)),
        verdicts=view.verdicts(), todos=todo.todos(view, place.library.code, courses), first_todos=FIRST_TODOS,
        days_left=days_left, left=left,
        step_words=step_words, step_urls=yearly.STEP_PAGES,
        url=lambda key, **more: cards.indicator_url(place.library.code, view, key, **more),
        heat=breakdown.heat, heat_of_updates=breakdown.heat_of_updates,
    )  # fmt: skip
    return Markup(html)  # noqa: S704  a template of ours, which escapes


@blueprint.get("/monitor/indicators/<id>")
@role_needed(Role.ADMINISTRATOR, Role.LIBRARIAN)
def indicator(id: str) -> str | AnyResponse:  # noqa: A002 - the name in the address
    """One figure: how it was counted, course by course, and every item with the reason why it counts or not."""
    registry.definition_of(id)
    place = _place()
    if place is None:
        return redirect(url_for("monitoring.monitor"))
    view, result, courses = place.view, place.view.results[id], reading.courses_of(place.library)
    chosen = _chosen(place, result, courses)
    rows = ledger.look_up(result.definition.subject, chosen.shown, place.period)
    return render_template(
        "monitoring/indicator.html", place=place, view=view, result=result, definition=result.definition, courses=courses,
        side_nav=_side_nav(place), card=cards.card(view, result, place.library.code),
        neighbours=[view.results[d.id] for d in reading.neighbours(result.definition)], chosen=chosen, rows=rows,
        equation=breakdown.equation(result), stairs=breakdown.stairs(result),
        shares=breakdown.shares(view, result, courses), units=breakdown.units(view, result, place.library),
        trend=trend.trend(view, result), reason_words=reason_words, change_words=change_words, page_size=PAGE, group_words=export.group_words, opens_url=export.opens_url,
        things=things, target=target_words(result.definition), groups=GROUPS,
        url=lambda key, **more: cards.indicator_url(place.library.code, view, key, **more),
    )  # fmt: skip


@blueprint.get("/monitor/indicators/<id>.<any(csv, xlsx):kind>")
@role_needed(Role.ADMINISTRATOR, Role.LIBRARIAN)
def export_indicator(id: str, kind: str) -> Response:  # noqa: A002 - the name in the address
    """The list behind a figure as a file, by the same filter as on the screen."""
    registry.definition_of(id)
    place = _place()
    if place is None:
        raise NotFound()
    result, courses = place.view.results[id], reading.courses_of(place.library)
    chosen = _chosen(place, result, courses)
    rows = ledger.look_up(result.definition.subject, chosen.entries, place.period)
    return export.ledger_file(result, place.period, rows, courses, kind)


@blueprint.get("/monitor/export.csv")
@role_needed(Role.ADMINISTRATOR, Role.LIBRARIAN)
def export_figures() -> Response:
    """All figures as CSV."""
    place = _place()
    if place is None:
        raise NotFound()
    results = [place.view.results[d.id] for d in DEFINITIONS]
    return export.figures_file(results, place.library.code, place.period)


@blueprint.get(
    "/monitor/lists/<any(coverage, comparison, points, tasks, unusual, rosters, survey):list_name>.<any(csv, xlsx):kind>"
)
@role_needed(Role.ADMINISTRATOR, Role.LIBRARIAN)
def export_list(list_name: str, kind: str) -> Response:
    """A list of one of the pages as a file, from the same rows as the page."""
    place = _place()
    if place is None:
        raise NotFound()
    return lists.file_of(list_name, kind, place.library, place.view)


@blueprint.get("/monitor/compare")
@role_needed(Role.ADMINISTRATOR, Role.LIBRARIAN)
def compare() -> str | AnyResponse:
    """One figure with courses, units or years side by side."""
    place = _place()
    if place is None:
        return redirect(url_for("monitoring.monitor"))
    return comparison.page(place.library, place.view, place=place, side_nav=_side_nav(place))


@blueprint.get("/monitor/snapshots")
@role_needed(Role.ADMINISTRATOR, Role.LIBRARIAN)
def snapshots() -> str | AnyResponse:
    """The frozen figures of a period: each with its file, and what changed since the newest."""
    place = _place()
    if place is None:
        return redirect(url_for("monitoring.monitor"))
    return frozen.page(place.library, place.period, place=place, side_nav=_side_nav(place))


blueprint.post("/monitor/snapshots")(frozen.freeze_now)
blueprint.get("/monitor/snapshots/<uuid:snapshot_uuid>")(frozen.download)


@blueprint.get("/monitor/plan", endpoint="plan")
@role_needed(Role.ADMINISTRATOR, Role.LIBRARIAN)
def plan_page() -> str | AnyResponse:
    """Where the year will end, what if, what to do first, and who was asked."""
    place = _place()
    if place is None:
        return redirect(url_for("monitoring.monitor"))
    return plan.page(place.library, place.view, place=place, side_nav=_side_nav(place))


blueprint.get("/monitor/plan/what-if", endpoint="what_if")(plan.what_if)
blueprint.post("/monitor/plan", endpoint="assign_plan")(plan.assign)
blueprint.post("/monitor/plan/tasks/<uuid:task_uuid>/drop", endpoint="drop_task")(plan.drop)


@blueprint.get("/monitor/yearly", endpoint="yearly")
@role_needed(Role.ADMINISTRATOR, Role.LIBRARIAN)
def yearly_page() -> str | AnyResponse:
    """The windows in which a library reports, the report as files, the figures beside last year's."""
    place = _place()
    if place is None:
        return redirect(url_for("monitoring.monitor"))
    about = {"place": place, "side_nav": _side_nav(place), "window_words": yearly.window_words}
    return yearly.page(place.library, place.view, **about)


@blueprint.get("/monitor/report.<report_format>")
@role_needed(Role.ADMINISTRATOR, Role.LIBRARIAN)
def report_file(report_format: str) -> Response:
    """The yearly report as docx, pdf or xlsx in both languages; the figures as json."""
    place = _place()
    if place is None:
        raise NotFound()
    return yearly.report_file(place.library, place.view, report_format)


@blueprint.get("/about/definitions")
def definitions() -> str:
    """What every figure means, for everybody."""
    return render_template(
        "monitoring/definitions.html",
        families=reading.index_of_definitions(),
        target=target_words,
        rules=common_rules(),
        dimensions=dimensions.BY_ID,
        unrecorded=UNRECORDED,
    )


@dataclass(frozen=True)
class Chosen:
    """The part of a ledger that the reader asked for, and the part of it on this page."""

    entries: Sequence[ledger.Entry]
    shown: Sequence[ledger.Entry]
    sizes: dict[str, int]
    group: str
    course: CourseName | None
    reason: str
    start: int
    next: int | None


def _chosen(place: Place, result: IndicatorResult, courses: dict[int, CourseName]) -> Chosen:
    group, reason = request.args.get("group", ""), request.args.get("reason", "")
    course = _course(courses)
    only = reading.keys_of_course(place.view.homes, result, course.id) if course else None
    found = ledger.entries_of(result, only)
    entries = [e for e in found.entries if (not group or e.group == group) and (not reason or e.reason == reason)]
    start = max(0, request.args.get("after", 0, type=int))
    following = start + PAGE if start + PAGE < len(entries) else None
    return Chosen(entries, entries[start : start + PAGE], found.sizes, group, course, reason, start, following)


def _course(courses: dict[int, CourseName]) -> CourseName | None:
    wanted = request.args.get("course", "")
    found = next((course for course in courses.values() if str(course.uuid) == wanted), None)
    if wanted and found is None:
        raise NotFound()
    return found


def _place() -> Place | None:
    """The library and period of the address; None where the reader keeps no library. Raises NotAllowed, NotFound."""
    mine = [library for library in libraries.all_libraries() if policy.can_monitor(actor(), library)]
    code = request.args.get("library", "")
    if not code and not mine:
        return None
    library = kept_library(code) if code else mine[0]
    now = queries.reporting_now()
    period = queries.chosen_period(library, request.args.get("period"), now)
    periods = queries.periods_to_choose(library, now)
    periods = periods if period in periods else [period, *periods]
    return Place(library, period, mine, periods, reading.overview(library, period, now))


Left = tuple[calendar.Window, tuple[calendar.Step, ...]]


def _left(place: Place) -> Left | None:
    """While a year that ended is collected, or its window opens within 14 days: the window and what is still to be done."""
    window = calendar.collection(place.view.now)
    is_near = window.is_open or window.days <= calendar.AHEAD
    if not is_near or place.period != queries.default_period(place.library, place.view.now):
        return None
    return window, tuple(calendar.steps(place.library, place.period))


def _days_left(place: Place) -> int | None:
    left = place.period.end - place.view.now
    return left.days if left.total_seconds() > 0 else None


def _side_nav(place: Place | None) -> dict[str, Any]:
    return side_nav(place.library if place else None, place.period if place else None, request.endpoint or "")
