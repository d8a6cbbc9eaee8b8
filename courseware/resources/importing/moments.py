"""When something was published, as sheets say it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from courseware.core import clock


def moment_of(given: Any) -> dt.datetime | None:
    """An instant; a time without a zone is Shanghai time, a date alone is its end (metrics.md)."""
    if isinstance(given, dt.datetime):
        return _with_zone(given) if given.time() != dt.time() else clock.end_of_day(given.date())
    if isinstance(given, dt.date):
        return clock.end_of_day(given)
    text = str(given).strip().replace("/", "-").replace("Z", "+00:00")
    try:
        return (
            clock.end_of_day(dt.date.fromisoformat(text))
            if len(text) <= 10
            else _with_zone(dt.datetime.fromisoformat(text))
        )
    except ValueError:
        return None


def _with_zone(moment: dt.datetime) -> dt.datetime:
    return (
        moment.astimezone(dt.UTC) if moment.tzinfo else moment.replace(tzinfo=clock.REPORTING_ZONE).astimezone(dt.UTC)
    )


def is_today(given: Any) -> bool:
    """Whether it is today's date, whose end has not come yet."""
    moment = moment_of(given)
    today = clock.end_of_day(clock.now().astimezone(clock.REPORTING_ZONE).date())
    return moment == today
