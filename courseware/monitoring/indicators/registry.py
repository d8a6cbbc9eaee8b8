"""Which function counts which definition."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from courseware.monitoring.definitions import BY_ID, DEFINITIONS, Definition
from courseware.monitoring.errors import UnknownIndicator
from courseware.monitoring.facts import Facts
from courseware.monitoring.indicators import (
    coverage,
    curriculum,
    learning,
    people,
    reach,
    reviews,
    satisfaction,
    simulations,
    stock,
    updates,
    use,
)
from courseware.monitoring.indicators.simulations import three_years
from courseware.monitoring.results import IndicatorResult, Tally, judge

Count = Callable[[Facts], Tally]
COUNTS: Mapping[str, Count] = {
    "M1.A": stock.m1_a, "M1.B": stock.m1_b,
    "M2.A": stock.m2_a, "M2.B": stock.m2_b,
    "M3.A": stock.m3_a, "M3.B": stock.m3_b, "M3.C": stock.m3_c,
    "M4.A": updates.m4_a, "M4.B": updates.m4_b, "M4.C": updates.m4_c,
    "M5.A": use.m5_a, "M5.B": use.m5_b, "M5.C": use.m5_c,
    "M6.A": use.m6_a, "M6.B": use.m6_b, "M6.C": use.m6_c,
    "M7.A": stock.m7_a, "M7.B": stock.m7_b,
    "M8.A": curriculum.m8_a, "M8.B": curriculum.m8_b, "M8.objective": curriculum.m8_objective,
    "M9.A": curriculum.m9_a, "M9.B": curriculum.m9_b,
    "M10.A": people.m10_a, "M10.B": people.m10_b,
    "M11.A": people.m11_a, "M11.B": people.m11_b, "M11.C": people.m11_c, "M11.growth": people.m11_growth,
    "M12.A": coverage.m12_a, "M12.B": coverage.m12_b,
    "M13.A": satisfaction.m13_a, "M13.B": satisfaction.m13_b,
    "M14.visits.A": learning.m14_visits_a, "M14.visits.B": learning.m14_visits_b,
    "M14.enrolments": use.m14_enrolments, "M14.persons": use.m14_persons,
    "M14.coverage": learning.m14_coverage, "M14.time": learning.m14_time,
    "M14.completion.A": learning.m14_completion_a, "M14.completion.B": learning.m14_completion_b,
    "M15.A": curriculum.m15_a, "M15.B": curriculum.m15_b,
    "M16.metadata": stock.m16_metadata, "M16.naming": stock.m16_naming,
    "M17": reviews.m17,
    "M18.in_school": reach.share_of(reach.IN_SCHOOL), "M18.other_school": reach.share_of(reach.OTHER_SCHOOL),
    "M18.enterprise": reach.share_of(reach.ENTERPRISE), "M18.society": reach.share_of(reach.SOCIETY),
    "M18.cross_province": reach.m18_cross_province, "M18.units": reach.m18_units,
    "M19.A": three_years(simulations.m19_a), "M19.B": three_years(simulations.m19_b), "M19.C": three_years(simulations.m19_c),
}  # fmt: skip


def definition_of(indicator_id: str) -> Definition:
    """The definition by its id; raises UnknownIndicator."""
    if indicator_id not in BY_ID:
        raise UnknownIndicator(id=indicator_id)
    return BY_ID[indicator_id]


def count(indicator_id: str, facts: Facts) -> IndicatorResult:
    """One figure from `facts`."""
    definition = definition_of(indicator_id)
    return judge(definition, COUNTS[indicator_id](facts))


def count_all(facts: Facts, ids: Iterable[str] | None = None) -> list[IndicatorResult]:
    """All figures in the order of the registry, or those named."""
    wanted = set(ids) if ids is not None else None
    return [count(d.id, facts) for d in DEFINITIONS if wanted is None or d.id in wanted]
