"""Reporting periods: half-open, in Asia/Shanghai (metrics.md, common rules)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

from courseware.core.clock import REPORTING_ZONE
from courseware.monitoring.errors import UnknownPeriod

PERFORMANCE, CALENDAR, ACADEMIC = "performance", "calendar", "academic"
KINDS = (PERFORMANCE, CALENDAR, ACADEMIC)
ACADEMIC_START_MONTH = 9
FIRST_YEAR, LAST_YEAR = 1990, 2200


@dataclass(frozen=True, slots=True)
class Period:
    """[start, end) of one reporting year. `year` is the year that names it, `kind` its sort."""

    kind: str
    year: int
    start: dt.datetime
    end: dt.datetime

    @property
    def code(self) -> str:
        """How the period is asked for again: "2026", "calendar:2026", "academic:2026"."""
        return str(self.year) if self.kind == PERFORMANCE else f"{self.kind}:{self.year}"

    @property
    def first_day(self) -> dt.date:
        """The first day inside, as people in Shanghai count it."""
        return self.start.astimezone(REPORTING_ZONE).date()

    @property
    def start_month(self) -> int:
        """The month with which it begins."""
        return self.first_day.month

    @property
    def end_day(self) -> dt.date:
        """The day after the last one."""
        return self.end.astimezone(REPORTING_ZONE).date()

    def contains(self, moment: dt.datetime) -> bool:
        """An event at `start` belongs here, one at `end` to the next period."""
        return self.start <= moment < self.end

    def contains_day(self, day: dt.date) -> bool:
        """Whether the whole of `day` lies inside."""
        return self.first_day <= day < self.end_day

    def moment(self, now: dt.datetime) -> dt.datetime:
        """The moment whose state is shown: min(end, now)."""
        return min(self.end, now)

    def share_passed(self, now: dt.datetime) -> float:
        """How much of the period has passed, 0 to 1."""
        whole = (self.end - self.start).total_seconds()
        return max(0.0, min(1.0, (now - self.start).total_seconds() / whole))

    def month_ends(self) -> Iterator[dt.datetime]:
        """The ends of its months, the last one being `end`."""
        day = self.first_day
        while day < self.end_day:
            day = (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
            yield midnight(day)


def midnight(day: dt.date) -> dt.datetime:
    """00:00 of `day` in Shanghai, as UTC."""
    return dt.datetime.combine(day, dt.time(), REPORTING_ZONE).astimezone(dt.UTC)


def performance_year(year: int, start_month: int = 11) -> Period:
    """[month 1 of year-1, month 1 of year); a library that starts in January gets the calendar year `year`."""
    return _year(PERFORMANCE, year, start_month)


def parse_period(text: str, start_month: int = 11) -> Period:
    """ "2026" is the library's own kind of year; "calendar:2026" and "academic:2026" ask for another.

    academic:2026 is the school year [1 Sep 2025, 1 Sep 2026). Raises UnknownPeriod.
    """
    match = re.fullmatch(r"(?:(calendar|academic|performance):)?(\d{4})", text.strip())
    if not match or not FIRST_YEAR <= int(match[2]) <= LAST_YEAR:
        raise UnknownPeriod(period=text)
    kind = match[1] or PERFORMANCE
    month = {CALENDAR: 1, ACADEMIC: ACADEMIC_START_MONTH, PERFORMANCE: start_month}[kind]
    return _year(kind, int(match[2]), month)


def period_at(moment: dt.datetime, start_month: int = 11) -> Period:
    """The library's own year in which `moment` lies."""
    year = moment.astimezone(REPORTING_ZONE).year
    candidates = (performance_year(y, start_month) for y in (year, year + 1))
    return next(p for p in candidates if p.contains(moment))


def previous(period: Period, years: int = 1) -> Period:
    """The period of the same kind `years` before."""
    return _year(period.kind, period.year - years, period.start_month)


def _year(kind: str, year: int, month: int) -> Period:
    first = year if month == 1 else year - 1
    return Period(kind, year, midnight(dt.date(first, month, 1)), midnight(dt.date(first + 1, month, 1)))
