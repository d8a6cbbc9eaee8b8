"""Periods are half-open and in Shanghai time."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courseware.monitoring.errors import UnknownPeriod
from courseware.monitoring.periods import parse_period, period_at, previous
from tests.monitoring.rows import on

moments = st.datetimes(dt.datetime(1995, 1, 1), dt.datetime(2150, 1, 1), timezones=st.just(dt.UTC))


def test_a_performance_year_begins_on_1_november_in_shanghai() -> None:
    period = parse_period("2026")
    assert (period.start, period.end) == (on("2025-11-01", "00:00"), on("2026-11-01", "00:00"))
    assert period.start == dt.datetime(2025, 10, 31, 16, tzinfo=dt.UTC)


def test_calendar_and_academic_years_can_be_asked_for() -> None:
    calendar, academic = parse_period("calendar:2026"), parse_period("academic:2026")
    assert (calendar.start, calendar.end) == (on("2026-01-01", "00:00"), on("2027-01-01", "00:00"))
    assert (academic.start, academic.end) == (on("2025-09-01", "00:00"), on("2026-09-01", "00:00"))
    assert [p.code for p in (parse_period("2026"), calendar, academic)] == ["2026", "calendar:2026", "academic:2026"]


def test_a_library_that_starts_in_january_has_calendar_years() -> None:
    assert parse_period("2026", 1).start == on("2026-01-01", "00:00")


def test_an_event_at_the_start_is_inside_and_one_at_the_end_is_not() -> None:
    period = parse_period("2026")
    assert period.contains(period.start)
    assert not period.contains(period.end)


def test_the_census_day_31_october_lies_in_the_period_it_closes() -> None:
    assert parse_period("2026").contains_day(dt.date(2026, 10, 31))
    assert not parse_period("2026").contains_day(dt.date(2025, 10, 31))


@pytest.mark.parametrize("text", ["", "26", "2026-11", "school:2026", "20261", "calendar:", "二〇二六"])
def test_a_period_that_cannot_be_read_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(UnknownPeriod):
        parse_period(text)


@given(moments, st.integers(1, 12))
def test_every_moment_lies_in_exactly_one_year_of_a_library(moment: dt.datetime, month: int) -> None:
    period = period_at(moment, month)
    assert period.contains(moment)
    assert previous(period).end == period.start
    assert parse_period(period.code, month) == period


@given(moments, st.integers(1, 12))
def test_twelve_months_make_a_period(moment: dt.datetime, month: int) -> None:
    period = period_at(moment, month)
    ends = list(period.month_ends())
    assert len(ends) == 12
    assert ends[-1] == period.end
    assert ends == sorted(set(ends))
