"""Days as people in Shanghai count them, as whole numbers since 1970-01-01: what sums of learning are kept by.

China keeps one time without summer time, so a day is 86,400 s long and begins at 16:00 UTC.
"""

from __future__ import annotations

import datetime as dt

DAY_S = 86_400
SHANGHAI_S = 8 * 3600
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
OFFSET = dt.timedelta(seconds=SHANGHAI_S)
DAY = dt.timedelta(days=1)


def day_of(moment: dt.datetime) -> int:
    """The day in which an aware `moment` lies."""
    return (moment - EPOCH + OFFSET) // DAY


def start_of(day: int) -> dt.datetime:
    """00:00 of the day in Shanghai, as UTC."""
    return EPOCH + day * DAY - OFFSET


def date_of(day: int) -> dt.date:
    """The day as a date of the calendar."""
    return dt.date(1970, 1, 1) + dt.timedelta(days=day)


def number_of(date: dt.date) -> int:
    """The number of a date of the calendar."""
    return (date - dt.date(1970, 1, 1)).days
