"""Which reading of a figure a library is judged by: the part of a figure's page, and the decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from courseware.core import clock
from courseware.libraries.models import Library
from courseware.monitoring import readings
from courseware.monitoring.definitions import BY_ID, Definition
from courseware.monitoring.errors import ReasonNeeded
from courseware.monitoring.models import ReadingChoice
from courseware.monitoring.periods import period_at
from courseware.monitoring.queries.monitor import Overview
from courseware.monitoring.results import IndicatorResult
from courseware.monitoring.views import figure
from courseware.monitoring.views.place import Place, nav_of
from courseware.web.access import signed_in

Page = str | Response | tuple[str, int]


@dataclass(frozen=True, slots=True)
class Readings:
    """The readings of a figure that can be judged; the one of the year that is shown, and that from `year` on; all decisions with
    the year from which each holds."""

    options: Sequence[IndicatorResult]
    now: str
    then: str
    year: str
    decisions: Sequence[tuple[ReadingChoice, str]]


def readings_of(library: Library, view: Overview, family: str) -> Readings | None:
    """What the page of a figure says of its readings; None where there is no choice."""
    options = readings.choosable(family)
    if not options:
        return None
    year, month = readings.next_year(library, clock.now()), library.period_start_month
    return Readings(
        options=[view.results[option.id] for option in options],
        now=next(key for key in view.judged if BY_ID[key].family == family),
        then=next(one.id for one in readings.judged(library, year) if one.family == family),
        year=year.code,
        decisions=[(one, period_at(one.starts_at, month).code) for one in readings.choices_of(library, family)],
    )


def page_of(definition: Definition, place: Place, problem: str = "") -> str:
    """The page of a figure; `problem`: why the decision was not taken."""
    judging = readings_of(place.library, place.view, definition.family)
    shown = {"place": place, "side_nav": nav_of(place), "judging": judging, "problem": problem}
    return figure.page(definition.id, place.library, place.view, **shown)


def choose(definition: Definition, place: Place) -> Page:
    """Takes the decision, or shows the page again with what is missing."""
    try:
        made = readings.choose(
            signed_in(), place.library, request.form.get("reading", ""), request.form.get("reason", ""), clock.now()
        )
    except ReasonNeeded as refusal:
        return page_of(definition, place, refusal.sentence()), refusal.status
    year = period_at(made.starts_at, place.library.period_start_month).code
    flash(_("From the year %(year)s on the library is judged by %(id)s.", year=year, id=made.definition_id), "success")
    code, period = place.library.code, place.period.code
    return redirect(url_for("monitoring.indicator", id=definition.id, library=code, period=period, _anchor="reading"))
