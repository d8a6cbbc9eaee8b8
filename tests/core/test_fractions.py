"""Shares are compared as integers and shown with two decimals, half-up (metrics.md, common rules)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courseware.core.fractions import Ratio


def test_9_95_per_cent_is_shown_and_does_not_reach_10() -> None:
    ratio = Ratio(199, 2000)
    assert ratio.display() == "9.95 %"
    assert not ratio.at_least(10)


def test_9_995_per_cent_shows_10_00_and_still_does_not_reach_10() -> None:
    ratio = Ratio(1999, 20000)
    assert ratio.display() == "10.00 %"
    assert not ratio.at_least(10)


@pytest.mark.parametrize(("numerator", "denominator"), [(200, 2000), (1, 10), (10, 100)])
def test_exactly_10_per_cent_reaches_10_from_both_sides(numerator: int, denominator: int) -> None:
    assert Ratio(numerator, denominator).at_least(10)
    assert Ratio(numerator, denominator).at_most(10)


@pytest.mark.parametrize(
    ("numerator", "denominator", "shown"),
    [(1, 3, "33.33 %"), (2, 3, "66.67 %"), (1, 8, "12.50 %"), (1, 16, "6.25 %"), (1, 800, "0.13 %"), (0, 7, "0.00 %"),
     (7, 7, "100.00 %"), (3, 2, "150.00 %")],
)  # fmt: skip
def test_two_decimals_round_half_up(numerator: int, denominator: int, shown: str) -> None:
    assert Ratio(numerator, denominator).display() == shown


def test_nothing_over_nothing_is_not_a_share() -> None:
    assert Ratio(0, 0).percent() is None
    assert Ratio(0, 0).display() == "n/a"


@given(st.integers(0, 10**12), st.integers(1, 10**12), st.integers(0, 200))
def test_judging_agrees_with_exact_arithmetic(numerator: int, denominator: int, threshold: int) -> None:
    ratio = Ratio(numerator, denominator)
    assert ratio.at_least(threshold) == (Decimal(numerator) * 100 >= Decimal(threshold) * denominator)
    assert ratio.at_least(threshold) or ratio.at_most(threshold)


@given(st.integers(0, 10**9), st.integers(1, 10**9))
def test_the_shown_value_is_never_farther_away_than_half_a_hundredth(numerator: int, denominator: int) -> None:
    shown = Ratio(numerator, denominator).percent()
    assert shown is not None
    assert abs(shown * denominator - numerator * 100) <= Decimal("0.005") * denominator
