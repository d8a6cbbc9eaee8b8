"""The list behind a figure: every item counted and not counted, with the reason, the date and the evidence.

The rows are the very sets whose sizes make the figure; only the part that is shown is looked up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from courseware.monitoring.periods import Period
from courseware.monitoring.queries.ledger import people, resources, teaching
from courseware.monitoring.queries.ledger.rows import Change, Entry, Ledger, Row, entries_of
from courseware.monitoring.queries.ledger.searching import LONGEST, matching, may_be_searched
from courseware.monitoring.results import IndicatorResult

__all__ = ["LONGEST", "Change", "Entry", "Ledger", "Row", "entries_of", "look_up", "matching", "may_be_searched"]

CHUNK = 500

LOOK_UPS: dict[str, Callable[[Sequence[Entry], Period], list[Row]]] = {
    "resource": resources.resources, "version": resources.versions, "year": resources.years,
    "course": teaching.courses, "point": teaching.points, "standard_point": teaching.standard_points, "question": teaching.questions,
    "person": people.people, "roster": people.roster, "answer": people.answers, "enrolment": people.enrolments,
    "pair": people.pairs, "watch": people.watches, "unit": people.units,
}  # fmt: skip


def look_up(result: IndicatorResult, entries: Iterable[Entry], period: Period) -> list[Row]:
    """The rows of `entries` of a figure, in their order, in a fixed number of queries for every 500."""
    wanted, amounts = list(entries), result.tally.amounts
    rows: list[Row] = []
    for start in range(0, len(wanted), CHUNK):
        rows += LOOK_UPS[result.definition.subject](wanted[start : start + CHUNK], period)
    return [replace(row, amount=amounts.get(row.entry.key)) for row in rows] if amounts else rows
