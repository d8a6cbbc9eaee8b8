"""When a resource counts as published."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from courseware.monitoring.spans import counts_at_end, counts_at_start, is_live, live_for, stays
from tests.monitoring.rows import AFTER, LONG_BEFORE, YEAR, on

END, START = YEAR.end, YEAR.start
DAY = dt.timedelta(days=1)
moments = st.integers(0, 2 * 365 * 24).map(lambda hours: on("2025-01-01", "00:00") + dt.timedelta(hours=hours))
spans_of = st.lists(moments, min_size=2, max_size=8, unique=True).map(
    lambda times: tuple(zip(sorted(times)[::2], sorted(times)[1::2], strict=False))
)


def test_the_state_at_a_moment_is_the_one_before_its_own_events() -> None:
    at = on("2026-03-01")
    assert not is_live([(at, None)], at)
    assert is_live([(LONG_BEFORE, at)], at)


def test_away_over_the_end_for_less_than_30_days_each_way_counts_as_there() -> None:
    gone, back = END - 30 * DAY, END + 30 * DAY
    assert counts_at_end([(LONG_BEFORE, gone), (back, None)], END, AFTER)
    assert not counts_at_end([(LONG_BEFORE, gone - DAY), (back, None)], END, AFTER)
    assert not counts_at_end([(LONG_BEFORE, gone), (back + DAY, None)], END, AFTER)


def test_what_is_still_away_now_does_not_count_at_the_end() -> None:
    spans = [(LONG_BEFORE, END - DAY), (END + 5 * DAY, None)]
    assert not counts_at_end(spans, END, END + DAY)


def test_taking_down_over_the_start_for_less_than_90_days_changes_nothing() -> None:
    assert counts_at_start([(LONG_BEFORE, START - 90 * DAY), (START + 200 * DAY, None)], START, END)
    assert not counts_at_start([(LONG_BEFORE, START - 91 * DAY), (START, None)], START, END)
    assert not counts_at_start([(LONG_BEFORE, START - DAY)], START, END)


def test_what_goes_within_30_days_after_the_end_does_not_stay() -> None:
    assert stays([(on("2026-03-01"), None)], END, AFTER)
    assert not stays([(on("2026-03-01"), END + 29 * DAY)], END, AFTER)
    assert stays([(on("2026-03-01"), END + 31 * DAY)], END, AFTER)
    assert stays([(on("2026-03-01"), None)], END, END + DAY)


@given(spans_of, moments, moments)
def test_live_time_inside_is_never_more_than_the_window(spans: tuple, a: dt.datetime, b: dt.datetime) -> None:
    start, end = sorted((a, b))
    assert dt.timedelta() <= live_for(spans, start, end) <= end - start


@given(spans_of, moments)
def test_windows_side_by_side_add_up(spans: tuple, middle: dt.datetime) -> None:
    start, end = on("2024-12-01"), on("2027-02-01")
    assert live_for(spans, start, middle) + live_for(spans, middle, end) == live_for(spans, start, end)


@given(spans_of, moments)
def test_whatever_is_live_at_the_end_counts(spans: tuple, moment: dt.datetime) -> None:
    assert not is_live(spans, moment) or counts_at_end(spans, moment, AFTER)
