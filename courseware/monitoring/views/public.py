"""The figures of a library for everybody: values, targets, verdicts and what was left out, never a list or a name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, render_template, request
from flask_babel import gettext as _

from courseware.core.errors import NotFound
from courseware.libraries import queries as libraries
from courseware.libraries.models import Library
from courseware.monitoring import chain, freezing, policy, queries
from courseware.monitoring.closed import frozen_year, frozen_years, reported
from courseware.monitoring.definitions import DEFINITIONS
from courseware.monitoring.periods import PERFORMANCE, Period, previous
from courseware.monitoring.queries.monitor import Overview, overview
from courseware.monitoring.results import IndicatorResult
from courseware.monitoring.views import breakdown, cards, closed, export
from courseware.monitoring.views.by_dimension import dimension_parts
from courseware.monitoring.words import reason_words
from courseware.web.actor import actor


@dataclass(frozen=True)
class Shown:
    """A library and year as the public may ask for them."""

    library: Library
    period: Period
    periods: Sequence[Period]
    view: Overview


def page(code: str) -> str:
    """The page. Raises NotFound for a library that is not open and a year that it does not report."""
    found = _shown(code)
    view, library = found.view, found.library
    before = previous(found.period)
    years = frozen_years(library, [found.period, before])
    year = years.get(found.period.code)
    judged = [closed.card_of(year, cards.card(view, result, library.code)) for result in view.official]
    reference = [
        closed.row_of(year, years.get(before.code), row) for row in breakdown.reference_rows(view, library.code)
    ]
    return render_template(
        "monitoring/public.html", found=found, library=library, view=view, verdicts=closed.verdicts(judged), judged=judged,
        parts=dimension_parts(judged, reference), closed=closed.closed_of(year, view.results.values()), excluded=_excluded(view),
        snapshots=[one for one in freezing.snapshots_of(library) if one.period_code == found.period.code],
        own_key=chain.own_key(), may_open=policy.can_monitor(actor(), library),
    )  # fmt: skip


def file(code: str) -> Response:
    """All figures as CSV, equal to those of the Monitor; what may not be published stands there without its numbers."""
    found = _shown(code)
    year, results = frozen_year(found.library, found.period), found.view.results
    figures = [reported(year, results[definition.id]).published() for definition in DEFINITIONS]
    return export.figures_file(figures, found.library.code, found.period)


def _shown(code: str) -> Shown:
    library, now = libraries.library_by_code(code, actor()), queries.reporting_now()
    own = [period for period in queries.periods_to_choose(library, now) if period.kind == PERFORMANCE]
    asked = request.args.get("period") or queries.default_period(library, now).code
    period = next((one for one in own if one.code == asked), None)
    if period is None and request.args.get("period"):
        raise NotFound()
    period = period or queries.default_period(library, now)
    return Shown(library, period, own if period in own else [period, *own], overview(library, period, now))


def _excluded(view: Overview) -> list[tuple[IndicatorResult, str]]:
    """The figures beside which something was counted and left out, in words."""
    return [
        (result, _("; ").join(f"{reason_words(reason)} {n:,}" for reason, n in found.items()))
        for result in (*view.official, *view.reference) if (found := result.tally.exclusions())
    ]  # fmt: skip
