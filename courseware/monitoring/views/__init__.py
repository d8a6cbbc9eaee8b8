"""Monitor: the overview, one figure with its list, exports, and the public page of definitions."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request
from flask_babel import get_locale
from markupsafe import Markup

from courseware.catalog.memory import memory
from courseware.core.roles import Role
from courseware.monitoring import calendar, dimensions, queries
from courseware.monitoring.alerts import views as alerts
from courseware.monitoring.closed import FrozenYear, frozen_year, frozen_years, reported
from courseware.monitoring.definitions import DEFINITIONS, UNRECORDED
from courseware.monitoring.handover import views as handover
from courseware.monitoring.indicators import registry
from courseware.monitoring.periods import previous
from courseware.monitoring.queries.monitor import courses_of, index_of_definitions
from courseware.monitoring.radar import views as radar
from courseware.monitoring.reminders import step_words
from courseware.monitoring.rosters import views as rosters
from courseware.monitoring.surveys import views as surveys
from courseware.monitoring.views import (
    breakdown,
    cards,
    closed,
    comparison,
    coverage,
    evidence,
    export,
    figure,
    frozen,
    functions,
    lists,
    plan,
    public,
    reading,
    todo,
    yearly,
)
from courseware.monitoring.views.by_dimension import dimension_parts
from courseware.monitoring.views.place import Place, known_place, nav_of, page_place, place_or_none
from courseware.monitoring.words import common_rules, target_words
from courseware.web.access import role_needed

blueprint = Blueprint("monitoring", __name__)
blueprints = (blueprint, handover.blueprint, rosters.blueprint, surveys.blueprint, alerts.blueprint, radar.blueprint)

FIRST_TODOS = 3


@blueprint.get("/monitor")
@role_needed(Role.ADMINISTRATOR, Role.LIBRARIAN)
def monitor() -> str:
    """All figures of a library in a period: what is met, what is missing, how it moved."""
    place = place_or_none()
    if place is None:
        return render_template("monitoring/no_library.html", side_nav=nav_of(None))
    days_left, left = _days_left(place), _left(place)
    before = previous(place.period)
    years = frozen_years(place.library, [place.period, before])
    year, year_before = years.get(place.period.code), years.get(before.code)
    key = (
        place.view,
        year.id if year else None,
        year_before.id if year_before else None,
        left,
        str(get_locale()),
        days_left,
        tuple(library.code for library in place.libraries),
        request.host_url,
    )
    body = memory("monitor_pages", 40).get(key, lambda: _draw(place, year, year_before, days_left, left))
    return render_template("monitoring/monitor.html", body=body, side_nav=nav_of(place))


def _draw(
    place: Place, year: FrozenYear | None, before: FrozenYear | None, days_left: int | None, left: Left | None
) -> Markup:
    view, courses = place.view, courses_of(place.library)
    judged = [closed.card_of(year, cards.card(view, result, place.library.code)) for result in view.official]
    reference = [closed.row_of(year, before, row) for row in breakdown.reference_rows(view, place.library.code)]
    html = render_template(
        "monitoring/_monitor.html", place=place, view=view, courses=courses,
        cards=judged, parts=dimension_parts(judged, reference), closed=closed.closed_of(year, view.results.values()),
        verdicts=closed.verdicts(judged), todos=todo.todos(view, place.library.code, courses), first_todos=FIRST_TODOS,
        days_left=days_left, left=left,
        step_words=step_words, step_urls=yearly.STEP_PAGES,
        url=lambda key, **more: cards.indicator_url(place.library.code, view, key, **more),
        heat=breakdown.heat, heat_of_updates=breakdown.heat_of_updates,
    )  # fmt: skip
    return Markup(html)  # noqa: S704  a template of ours, which escapes


@blueprint.get("/monitor/indicators/<id>")
@role_needed(Role.ADMINISTRATOR, Role.LIBRARIAN)
def indicator(id: str) -> str:  # noqa: A002 - the name in the address
    """One figure: how it was counted, course by course, and every item with the reason why it counts or not."""
    definition, place = registry.definition_of(id), page_place()
    return reading.page_of(definition, place)


@blueprint.get("/monitor/indicators/<id>.<any(csv, xlsx):kind>")
@role_needed(Role.ADMINISTRATOR, Role.LIBRARIAN)
def export_indicator(id: str, kind: str) -> Response:  # noqa: A002 - the name in the address
    """The list behind a figure as a file, by the same filter as on the screen."""
    registry.definition_of(id)
    place = known_place()
    return figure.file(id, place.library, place.view, kind)


@blueprint.post("/monitor/indicators/<id>/reading")
@role_needed(Role.ADMINISTRATOR, Role.LIBRARIAN)
def choose_reading(id: str) -> reading.Page:  # noqa: A002 - the name in the address
    """From the next year on, the library is judged by another reading of this figure."""
    return reading.choose(registry.definition_of(id), page_place())


@blueprint.get("/monitor/export.csv")
@role_needed(Role.ADMINISTRATOR, Role.LIBRARIAN)
def export_figures() -> Response:
    """All figures as CSV."""
    place = known_place()
    year = frozen_year(place.library, place.period)
    figures = [reported(year, place.view.results[d.id]) for d in DEFINITIONS]
    return export.figures_file(figures, place.library.code, place.period)


@blueprint.get(
    "/monitor/lists/<any(coverage, functions, map, comparison, points, tasks, unusual, rosters, survey):list_name>.<any(csv, xlsx):kind>"
)
@role_needed(Role.ADMINISTRATOR, Role.LIBRARIAN)
def export_list(list_name: str, kind: str) -> Response:
    """A list of one of the pages as a file, from the same rows as the page."""
    place = known_place()
    return lists.file_of(list_name, kind, place.library, place.view)


@blueprint.get("/monitor/compare")
@role_needed(Role.ADMINISTRATOR, Role.LIBRARIAN)
def compare() -> str:
    """One figure with courses, units or years side by side."""
    place = page_place()
    return comparison.page(place.library, place.view, place=place, side_nav=nav_of(place))


@blueprint.get("/monitor/map")
@role_needed(Role.ADMINISTRATOR, Role.LIBRARIAN)
def coverage_map() -> str:
    """What every point of the core courses has, and work for what is empty."""
    place = page_place()
    return coverage.page(place.library, place.view, place=place, side_nav=nav_of(place))


blueprint.get("/monitor/people/<uuid:user_uuid>")(evidence.person_evidence)
blueprint.get("/monitor/people/<uuid:user_uuid>/<sheet>.<any(csv, xlsx):kind>")(evidence.export_person)
blueprint.get("/monitor/resources/<uuid:resource_uuid>")(evidence.resource_evidence)
blueprint.get("/monitor/resources/<uuid:resource_uuid>/<sheet>.<any(csv, xlsx):kind>")(evidence.export_resource)


@blueprint.get("/monitor/functions", endpoint="functions")
@role_needed(Role.ADMINISTRATOR, Role.LIBRARIAN)
def functions_page() -> str:
    """The functions of the platform, and how often each was used."""
    place = page_place()
    return functions.page(place.library, place.view, place=place, side_nav=nav_of(place))


@blueprint.get("/monitor/snapshots")
@role_needed(Role.ADMINISTRATOR, Role.LIBRARIAN)
def snapshots() -> str:
    """The frozen figures of a period: each with its file, and what changed since the newest."""
    place = page_place()
    return frozen.page(place.library, place.period, place=place, side_nav=nav_of(place))


blueprint.post("/monitor/snapshots")(frozen.freeze_now)
blueprint.get("/monitor/snapshots/<uuid:snapshot_uuid>")(frozen.download)


@blueprint.get("/monitor/plan", endpoint="plan")
@role_needed(Role.ADMINISTRATOR, Role.LIBRARIAN)
def plan_page() -> str:
    """Where the year will end, what if, what to do first, and who was asked."""
    place = page_place()
    return plan.page(place.library, place.view, place=place, side_nav=nav_of(place))


blueprint.get("/monitor/plan/what-if", endpoint="what_if")(plan.what_if)
blueprint.post("/monitor/plan", endpoint="assign_plan")(plan.assign)
blueprint.post("/monitor/plan/tasks/<uuid:task_uuid>/drop", endpoint="drop_task")(plan.drop)


@blueprint.get("/monitor/yearly", endpoint="yearly")
@role_needed(Role.ADMINISTRATOR, Role.LIBRARIAN)
def yearly_page() -> str:
    """The windows in which a library reports, the report as files, the figures beside last year's."""
    place = page_place()
    about = {"place": place, "side_nav": nav_of(place), "window_words": yearly.window_words}
    return yearly.page(place.library, place.view, **about)


@blueprint.get("/monitor/report.<report_format>")
@role_needed(Role.ADMINISTRATOR, Role.LIBRARIAN)
def report_file(report_format: str) -> Response:
    """The yearly report as docx, pdf or xlsx in both languages; the figures as json."""
    place = known_place()
    return yearly.report_file(place.library, place.view, report_format)


blueprint.get("/libraries/<code>/figures", endpoint="public_figures")(public.page)
blueprint.get("/libraries/<code>/figures.csv", endpoint="public_file")(public.file)


@blueprint.get("/about/definitions")
def definitions() -> str:
    """What every figure means, for everybody."""
    return render_template(
        "monitoring/definitions.html",
        families=index_of_definitions(),
        target=target_words,
        rules=common_rules(),
        dimensions=dimensions.BY_ID,
        unrecorded=UNRECORDED,
    )


Left = tuple[calendar.Window, tuple[calendar.Step, ...]]


def _left(place: Place) -> Left | None:
    """While a year that ended is collected, or its window opens within 14 days: the window and what is still to be done."""
    window = calendar.collection(place.view.now)
    is_near = window.is_open or window.days <= calendar.AHEAD
    if not is_near or place.period != queries.default_period(place.library, place.view.now):
        return None
    missing = len(place.view.gaps.units_without_roster)
    return window, tuple(calendar.steps(place.library, place.period, without_roster=missing))


def _days_left(place: Place) -> int | None:
    left = place.period.end - place.view.now
    return left.days if left.total_seconds() > 0 else None
