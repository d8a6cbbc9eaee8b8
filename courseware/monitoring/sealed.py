"""Taking a frozen figure apart: its courses and units come from the facts in the signed file, so that they make up the frozen figure.

Only where the rules in force still give that figure from those facts; else whoever asks has to say that parts are counted today.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from courseware.core.fractions import Ratio
from courseware.monitoring.closed import FrozenYear, Reported
from courseware.monitoring.facts import GivenFacts
from courseware.monitoring.indicators import registry
from courseware.monitoring.queries.homes import Homes
from courseware.monitoring.queries.monitor import MapRow, by_unit, map_rows
from courseware.monitoring.results import IndicatorResult
from courseware.monitoring.snapshots import document
from courseware.monitoring.snapshots.document import NoSnapshot
from courseware.resources.storage import store
from media.errors import ObjectNotFound

SHOWN_BY_COURSE_AND_UNIT = ("M4.A", "M12.A")


@dataclass(frozen=True)
class Breakdown:
    """The coverage map and the units as they were when the year was frozen."""

    map_rows: Sequence[MapRow]
    units: Sequence[tuple[int, Ratio, Ratio]]


def parts_of(figure: Reported) -> tuple[Homes, IndicatorResult] | None:
    """The frozen figure with its lists, and where their items belonged. None where the file cannot give it any more."""
    facts = _facts(figure.year) if figure.year else None
    if facts is None:
        return None
    counted = registry.count(figure.result.id, facts)
    return (Homes.read(facts), counted) if _same(counted, figure.result) else None


def breakdown(year: FrozenYear, figures: Sequence[Reported]) -> Breakdown | None:
    """The tables of a report by course and unit, from the facts that were frozen. None where the file cannot give them any more."""
    facts = _facts(year)
    if facts is None:
        return None
    frozen = {figure.result.id: figure.result for figure in figures}
    counted = {key: registry.count(key, facts) for key in SHOWN_BY_COURSE_AND_UNIT}
    if not all(_same(counted[key], frozen[key]) for key in counted):
        return None
    return Breakdown(map_rows(facts), by_unit(facts, counted["M12.A"]))


def _facts(year: FrozenYear) -> GivenFacts | None:
    try:
        with store().open(year.store_key) as file:
            return document.read(file).facts
    except (ObjectNotFound, NoSnapshot):
        return None


def _same(one: IndicatorResult, other: IndicatorResult) -> bool:
    return (one.numerator, one.denominator, one.value) == (other.numerator, other.denominator, other.value)
