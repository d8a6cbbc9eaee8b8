"""One figure: how it was counted, taken apart, and its ledger as page and file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, render_template
from flask_babel import lazy_gettext as _l

from courseware.libraries.models import Library
from courseware.monitoring import disclosure
from courseware.monitoring.closed import frozen_year, reported
from courseware.monitoring.queries import ledger
from courseware.monitoring.queries import monitor as reading
from courseware.monitoring.queries.monitor import Overview
from courseware.monitoring.queries.names import Names, names_for
from courseware.monitoring.results import LISTS, IndicatorResult
from courseware.monitoring.views import breakdown, cards, closed, export, trend
from courseware.monitoring.views.narrowing import PAGE, choose
from courseware.monitoring.words import change_words, counted_things, reason_words, target_words
from courseware.web.access import signed_in

HEADS = {
    "resource": _l("Resource"), "version": _l("Version"), "course": _l("Course"), "point": _l("Point"), "standard_point": _l("Point"),
    "answer": _l("Answer"), "question": _l("Question"), "unit": _l("Unit"), "year": _l("Virtual simulation"),
}  # fmt: skip
HINTS = {
    "resource": _l("Title, number, author"), "version": _l("Title, number, author"), "year": _l("Title, number, author, year"),
    "course": _l("Name or code"), "point": _l("Name or key"), "standard_point": _l("Point or course"), "question": _l("Words of the question"),
    "enrolment": _l("Name or course"), "pair": _l("Name or course"), "watch": _l("Name or resource"), "unit": _l("Name or province"),
}  # fmt: skip
"""What the search field of a ledger looks for; a list of people is searched by name, number and unit."""


def page(indicator_id: str, library: Library, view: Overview, **shared: Any) -> str:
    """The page of a figure. Where its rows name people, that they were read is noted."""
    result, courses = view.results[indicator_id], reading.courses_of(library)
    names = names_for(signed_in(), library, view.homes)
    chosen = choose(library, view, result, names)
    named, year = _named(names, result, chosen.shown), frozen_year(library, view.period)
    html = render_template(
        "monitoring/indicator.html", beside=closed.beside(year, result), view=view, result=result, definition=result.definition, courses=courses,
        card=closed.card_of(year, cards.card(view, result, library.code)), neighbours=[reported(year, view.results[d.id]).result for d in reading.neighbours(result.definition)],
        chosen=chosen, rows=names.without_others(result.definition.subject, ledger.look_up(result, chosen.shown, view.period)),
        equation=breakdown.equation(result), stairs=breakdown.stairs(result),
        shares=breakdown.shares(view, result, courses), units=breakdown.units(view, result, library),
        trend=trend.trend(view, result), reason_words=reason_words, change_words=change_words, page_size=PAGE,
        group_words=export.group_words, opens_url=export.opens_url, evidence_url=lambda row: export.evidence_url(row, library, view, result.id),
        head=HEADS.get(result.definition.subject, _l("Person")), amount_head=export.amount_head(result.definition), counted_things=counted_things, target=target_words(result.definition), groups=LISTS,
        url=lambda key, **more: cards.indicator_url(library.code, view, key, **more),
        searchable=ledger.may_be_searched(result.definition.subject), search_hint=HINTS.get(result.definition.subject, _l("Name, number, unit")),
        names_people=disclosure.names_people(result) and bool(named), hides_names=named < len(chosen.shown), **shared,
    )  # fmt: skip
    disclosure.note_ledger(signed_in(), library, view.period, result, named, chosen.filters)
    return html


def file(indicator_id: str, library: Library, view: Overview, kind: str) -> Response:
    """Its ledger as csv or xlsx, by the same filter as on the screen; the name of the file says how many rows of all it holds."""
    result = view.results[indicator_id]
    names = names_for(signed_in(), library, view.homes)
    chosen = choose(library, view, result, names)
    rows = names.without_others(result.definition.subject, ledger.look_up(result, chosen.entries, view.period))
    part = f"{len(chosen.entries)}-of-{chosen.whole}" if chosen.is_narrowed else ""
    answer = export.ledger_file(result, library, view, rows, kind, part)
    size, filters = _named(names, result, chosen.entries), chosen.filters
    disclosure.note_ledger(signed_in(), library, view.period, result, size, filters, is_export=True)
    return answer


def _named(names: Names, result: IndicatorResult, entries: Sequence[ledger.Entry]) -> int:
    """How many of these rows the reader sees by name; of a list without people all of them."""
    return sum(names.shows(result.definition.subject, entry.key) for entry in entries)
