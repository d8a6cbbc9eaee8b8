"""M19: the yearly update rate (M4.A) of simulation resources over three years, with the resources behind each year."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from courseware.core.fractions import Ratio
from courseware.monitoring.facts import Facts
from courseware.monitoring.indicators.once import once
from courseware.monitoring.indicators.updates import Updates
from courseware.monitoring.periods import Period, previous
from courseware.monitoring.results import FAIL, NOT_APPLICABLE, PASS, Tally

Pairs = Sequence[tuple[int, int]]
"""Of each year, oldest first: how many were updated, and how many were published at its start."""

Key = tuple[int, int]
"""A year and a resource: one resource stands in the list of M19 once for every year."""

NOT_UPDATED = "not_updated"


def last_three(period: Period) -> list[Period]:
    """The period and the two before it, oldest first."""
    return [previous(period, years) for years in (2, 1, 0)]


def three_years(rule: Callable[[Pairs], Tally]) -> Callable[[Facts], Tally]:
    """The figure that `rule` makes of three pairs, with the list whose parts the pairs are the sizes of."""
    return lambda facts: with_list(rule([_pair(year) for year in years_of(facts)]), years_of(facts))


@once
def years_of(facts: Facts) -> list[Updates]:
    """The sets of M4 of simulation resources in each of the three years, oldest first."""
    chosen = [r for r in facts.resources if r.type == "simulation"]
    return [
        Updates(chosen, (), period, period.moment(facts.now), facts.now) for period in last_three(facts.period)
    ]  # fmt: skip


def with_list(tally: Tally, years: Iterable[Updates]) -> Tally:
    """`tally` with every simulation of every year; what the figure itself says stays as it was.

    Of each year the counted rows are the first number of its pair; those of them that were revised, and the rest,
    are the second. Outside stands what came in the year and is no update.
    """
    found = list(years)
    return replace(
        tally, numerator=tally.numerator or 0, denominator=tally.denominator or 0, excluded_counts={},
        counted=_keyed((one, one.counted) for one in found),
        rest=_keyed((one, _not_updated(one)) for one in found),
        excluded=_keyed((one, _outside(one)) for one in found),
    )  # fmt: skip


def _not_updated(year: Updates) -> dict[int, str]:
    return {key: year.excluded.get(key, NOT_UPDATED) for key in sorted(year.at_start - year.counted.keys())}


def _outside(year: Updates) -> dict[int, str]:
    return {key: reason for key, reason in year.excluded.items() if key not in year.at_start}


def _keyed(groups: Iterable[tuple[Updates, Mapping[int, str]]]) -> dict[Key, str]:
    return {(one.period.year, key): reason for one, group in groups for key, reason in group.items()}


def _pair(year: Updates) -> tuple[int, int]:
    return len(year.counted), len(year.at_start)


def m19_a(years: Pairs) -> Tally:
    """Exact mean of three yearly rates."""
    if not _complete(years):
        return Tally(is_mean=True, lists=tuple(years), verdict=NOT_APPLICABLE)
    mean = sum((Fraction(100 * num, den) for num, den in years), Fraction()) / 3
    return Tally(is_mean=True, value=mean, lists=tuple(years), verdict=PASS if mean >= 10 else FAIL)


def m19_b(years: Pairs) -> Tally:
    """Sum of the numerators over three times the first start."""
    if not _complete(years):
        return Tally(denominator=0, lists=tuple(years), verdict=NOT_APPLICABLE)
    return Tally(numerator=sum(num for num, _ in years), denominator=3 * years[0][1], lists=tuple(years))


def m19_c(years: Pairs) -> Tally:
    """How many of the three years reach 10 %; met when all do."""
    if not _complete(years):
        return Tally(denominator=0, lists=tuple(years), verdict=NOT_APPLICABLE)
    reached = sum(Ratio(num, den).at_least(10) for num, den in years)
    return Tally(numerator=reached, denominator=3, lists=tuple(years), verdict=PASS if reached == 3 else FAIL)


def _complete(years: Pairs) -> bool:
    return len(years) == 3 and all(den for _, den in years)
