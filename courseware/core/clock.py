"""The one clock. Time is an argument everywhere; whoever needs "now" asks here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from zoneinfo import ZoneInfo

REPORTING_ZONE = ZoneInfo("Asia/Shanghai")

_frozen: ContextVar[dt.datetime | None] = ContextVar("keku_frozen_clock", default=None)


def now() -> dt.datetime:
    """The present moment as an aware UTC datetime, or the moment the clock was set to."""
    return _frozen.get() or dt.datetime.now(dt.UTC)


def set_clock(moment: dt.datetime | None) -> None:
    """Sets the clock of this context to an aware `moment`; None lets it run again."""
    if moment is not None and moment.tzinfo is None:
        raise ValueError("The clock takes only times with a zone.")
    _frozen.set(moment.astimezone(dt.UTC) if moment else None)


@contextmanager
def frozen(moment: dt.datetime) -> Iterator[None]:
    """Holds the clock at `moment` inside the block."""
    before = _frozen.get()
    set_clock(moment)
    try:
        yield
    finally:
        _frozen.set(before)


def end_of_day(day: dt.date) -> dt.datetime:
    """24:00 of `day` in Asia/Shanghai, as UTC (metrics.md: a date without time names the end of that day)."""
    midnight = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), REPORTING_ZONE)
    return midnight.astimezone(dt.UTC)
