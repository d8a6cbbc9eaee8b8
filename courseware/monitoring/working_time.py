"""Working time: Monday to Friday, 9:00 to 17:00 in Shanghai. Public holidays are not known here and count as weekdays."""

from __future__ import annotations

import datetime as dt

from courseware.core.clock import REPORTING_ZONE

OPENS, CLOSES = 9 * 60, 17 * 60
DAY = CLOSES - OPENS
SATURDAY = 5


def working_minutes(start: dt.datetime, end: dt.datetime) -> int:
    """Whole working minutes in [start, end); 0 where it ends before it begins (M17)."""
    if end <= start:
        return 0
    return _since_monday_of_old(end) - _since_monday_of_old(start)


def _since_monday_of_old(moment: dt.datetime) -> int:
    """Working minutes from a fixed Monday to `moment`: differences of it are working time."""
    local = moment.astimezone(REPORTING_ZONE)
    weeks, weekday = divmod(local.toordinal() - 1, 7)
    done = (weeks * 5 + min(weekday, SATURDAY)) * DAY
    today = min(max(local.hour * 60 + local.minute, OPENS), CLOSES) - OPENS
    return done + (today if weekday < SATURDAY else 0)
