"""One figure: how it was counted, taken apart, and its ledger as page and file."""

from __future__ import annotations

from typing import Any

from flask import Response, render_template
from flask_babel import lazy_gettext as _l

from courseware.libraries.models import Library
from courseware.monitoring.closed import frozen_year
from courseware.monitoring.queries import ledger
from courseware.monitoring.queries import monitor as reading
from courseware.monitoring.queries.monitor import Overview
from courseware.monitoring.results import GROUPS
from courseware.monitoring.views import breakdown, cards, closed, export, trend
from courseware.monitoring.views.narrowing import PAGE, choose
from courseware.monitoring.words import change_words, counted_things, reason_words, target_words

HEADS = {
    "resource": _l("Resource"), "version": _l("Version"), "course": _l("Course"), "point": _l("Point"), "standard_point": _l("Point"),
    "answer": _l("Answer"), "question": _l("Question"), "unit": _l("Unit"),
}  # fmt: skip


def page(indicator_id: str, library: Library, view: Overview, **shared: Any) -> str:
    """The page of a figure."""
    result, courses = view.results[indicator_id], reading.courses_of(library)
    chosen, year = choose(library, view, result), frozen_year(library, view.period)
    return render_template(
        "monitoring/indicator.html", beside=closed.beside(year, result), view=view, result=result, definition=result.definition, courses=courses,
        card=closed.card_of(year, cards.card(view, result, library.code)), neighbours=[view.results[d.id] for d in reading.neighbours(result.definition)],
        chosen=chosen, rows=ledger.look_up(result, chosen.shown, view.period),
        equation=breakdown.equation(result), stairs=breakdown.stairs(result),
        shares=breakdown.shares(view, result, courses), units=breakdown.units(view, result, library),
        trend=trend.trend(view, result), reason_words=reason_words, change_words=change_words, page_size=PAGE,
        group_words=export.group_words, opens_url=export.opens_url, evidence_url=lambda row: export.evidence_url(row, library, view),
        head=HEADS.get(result.definition.subject, _l("Person")), amount_head=export.amount_head(result.definition), counted_things=counted_things, target=target_words(result.definition), groups=GROUPS,
        url=lambda key, **more: cards.indicator_url(library.code, view, key, **more), **shared,
    )  # fmt: skip


def file(indicator_id: str, library: Library, view: Overview, kind: str) -> Response:
    """Its ledger as csv or xlsx, by the same filter as on the screen."""
    result = view.results[indicator_id]
    chosen = choose(library, view, result)
    rows = ledger.look_up(result, chosen.entries, view.period)
    return export.ledger_file(result, library, view, rows, kind)
