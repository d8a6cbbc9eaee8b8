"""Where a year will end: by pace, with a range, in whole numbers, never as a verdict."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from courseware.monitoring.definitions import BY_ID
from courseware.monitoring.facts import GivenFacts, SubmissionFact
from courseware.monitoring.indicators import registry
from courseware.monitoring.planning import outlook
from courseware.monitoring.planning.forecast import Forecast, Standing, foresee
from tests.monitoring.rows import YEAR, on, resources

UPDATES, REACHED = BY_ID["M4.A"], BY_ID["M12.A"]
MONTHS = [YEAR.start, *(end for end in YEAR.month_ends() if end <= on("2026-05-01", "00:00"))]


def steady(per_month: int, base: int, months: int = 7) -> list[Standing]:
    """The same number every month, from 1 November on."""
    return [Standing(at, per_month * n, base) for n, at in enumerate(MONTHS[:months])]


def test_a_steady_pace_goes_on_to_the_end_of_the_period() -> None:
    ahead = foresee(UPDATES, YEAR, steady(10, 2000))
    assert ahead is not None
    assert (ahead.numerator, ahead.denominator) == (121, 2000)  # 60 by 1 May, 40 of them since 1 January, 184 days left
    assert ahead.low < ahead.at_period_end < ahead.high
    assert (ahead.missing, ahead.is_met) == (79, False)


def test_what_waits_for_review_counts_where_it_is_more_than_the_pace_gives() -> None:
    by_pace = foresee(UPDATES, YEAR, steady(10, 2000), pending=20)
    by_queue = foresee(UPDATES, YEAR, steady(10, 2000), pending=150)
    assert by_pace == foresee(UPDATES, YEAR, steady(10, 2000))
    assert by_queue is not None
    assert (by_queue.numerator, by_queue.is_met, by_queue.missing) == (210, True, 0)


def test_the_last_people_on_a_roster_are_reached_ever_more_slowly() -> None:
    half_each_quarter = [Standing(at, reached, 800) for at, reached in zip(MONTHS[::3], (0, 400, 600), strict=True)]
    ahead = foresee(REACHED, YEAR, half_each_quarter)
    assert ahead is not None
    assert 740 <= ahead.numerator <= 760  # a straight line would pass 800
    assert Decimal("75.00") <= ahead.low


def test_nothing_is_foreseen_too_early_too_late_without_a_base_or_without_a_target() -> None:
    early = [Standing(YEAR.start, 0, 10), Standing(YEAR.start + dt.timedelta(days=29), 1, 10)]
    late = [Standing(YEAR.start, 0, 10), Standing(YEAR.end, 1, 10)]
    empty = [Standing(at, 0, 0) for at in MONTHS]
    assert [foresee(UPDATES, YEAR, given) for given in (early, late, empty, steady(1, 10)[:1])] == [None] * 4
    assert foresee(BY_ID["M5.A"], YEAR, steady(1, 10)) is None


@given(st.lists(st.integers(0, 100), min_size=6, max_size=6), st.integers(100, 5000), st.integers(0, 50))
def test_a_range_holds_its_value_and_no_share_leaves_0_to_100(grown: list[int], base: int, pending: int) -> None:
    numbers = [sum(grown[:n]) for n in range(len(grown) + 1)]
    history = [Standing(at, min(n, base), base) for at, n in zip(MONTHS, numbers, strict=True)]
    for definition in (UPDATES, REACHED, BY_ID["M8.A"]):
        ahead = foresee(definition, YEAR, history, pending)
        assert isinstance(ahead, Forecast)
        assert ahead.low <= ahead.at_period_end <= ahead.high
        assert ahead.is_met == (ahead.missing == 0)
        if definition is not UPDATES:
            assert Decimal(0) <= ahead.low <= ahead.high <= Decimal(100)


def test_a_running_period_answers_with_a_forecast_and_a_closed_one_without() -> None:
    old = resources(100)
    new = [r for month in range(1, 5) for r in resources(2, published=on(f"2026-0{month}-10"))]
    decided = [SubmissionFact(n, n, on("2026-02-02"), on("2026-02-03"), n > 1) for n in range(1, 5)]
    running = GivenFacts(YEAR, on("2026-05-01", "00:00"), resources=old + new, submissions=decided)
    shown = outlook.add_forecasts(running, [registry.count(key, running) for key in ("M4.A", "M4.B", "M5.A")], 40)
    assert shown[0].as_dict()["forecast"]["at_period_end"] == 38.0  # 8 and three quarters of the 40 that wait
    assert all("forecast" not in result.as_dict() for result in shown[1:])
    closed = running.at(YEAR.end)
    assert "forecast" not in outlook.add_forecasts(closed, [registry.count("M4.A", closed)], 40)[0].as_dict()
