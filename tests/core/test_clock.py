"""One clock: aware, in UTC, and in the hand of whoever replays the past."""

from __future__ import annotations

import contextlib
import datetime as dt
import threading

import pytest

from courseware.core import clock

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=clock.REPORTING_ZONE)


def test_now_is_aware_and_in_utc() -> None:
    assert clock.now().tzinfo is dt.UTC


def test_a_set_clock_stands_still_and_runs_again() -> None:
    clock.set_clock(NOON)
    assert clock.now() == clock.now() == NOON
    assert clock.now().utcoffset() == dt.timedelta()
    clock.set_clock(None)
    assert clock.now() - dt.datetime.now(dt.UTC) < dt.timedelta(seconds=5)


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        clock.set_clock(dt.datetime(2026, 3, 1))


def test_a_frozen_stretch_gives_back_what_was_before_even_after_an_error() -> None:
    clock.set_clock(NOON)
    later = NOON + dt.timedelta(days=1)
    with contextlib.suppress(RuntimeError), clock.frozen(later):
        assert clock.now() == later
        raise RuntimeError
    assert clock.now() == NOON


def test_another_thread_keeps_its_own_time() -> None:
    clock.set_clock(dt.datetime(2001, 1, 1, tzinfo=dt.UTC))
    seen: list[dt.datetime] = []
    thread = threading.Thread(target=lambda: seen.append(clock.now()))
    thread.start()
    thread.join()
    assert seen[0].year > 2001


def test_a_day_ends_at_midnight_in_shanghai() -> None:
    assert clock.end_of_day(dt.date(2026, 10, 31)) == dt.datetime(2026, 10, 31, 16, tzinfo=dt.UTC)
