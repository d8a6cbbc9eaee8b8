"""Working minutes: Monday to Friday, 9 to 17 in Shanghai."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from courseware.monitoring.working_time import working_minutes
from tests.monitoring.rows import on

MOMENTS = st.datetimes(dt.datetime(2020, 1, 1), dt.datetime(2030, 1, 1), timezones=st.just(dt.UTC))


def test_a_night_and_a_weekend_are_no_working_time() -> None:
    friday, monday = "2026-03-06", "2026-03-09"
    assert working_minutes(on(friday, "16:00"), on(monday, "10:30")) == 60 + 90
    assert working_minutes(on(friday, "18:00"), on(monday, "08:00")) == 0
    assert working_minutes(on("2026-03-07", "10:00"), on("2026-03-08", "15:00")) == 0
    assert working_minutes(on("2026-03-02", "00:00"), on("2026-03-09", "00:00")) == 5 * 480


def test_an_end_before_the_beginning_is_no_time() -> None:
    assert working_minutes(on("2026-03-06"), on("2026-03-05")) == 0


@given(MOMENTS, MOMENTS, MOMENTS)
def test_parts_of_a_stretch_add_up_and_never_exceed_the_clock(a: dt.datetime, b: dt.datetime, c: dt.datetime) -> None:
    a, b, c = (moment.replace(second=0, microsecond=0) for moment in sorted((a, b, c)))
    assert working_minutes(a, b) + working_minutes(b, c) == working_minutes(a, c)
    assert 0 <= working_minutes(a, c) <= (c - a).total_seconds() / 60


@given(MOMENTS)
def test_a_week_has_forty_hours_wherever_it_begins(start: dt.datetime) -> None:
    start = start.replace(second=0, microsecond=0)
    assert working_minutes(start, start + dt.timedelta(days=7)) == 40 * 60
