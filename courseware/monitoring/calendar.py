"""The yearly calendar (R60): the windows in which a library reports, what is still to be done in them, and reminders."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from courseware.core.clock import REPORTING_ZONE
from courseware.core.database import session
from courseware.libraries.models import Library
from courseware.monitoring.alerts.models import OPEN, Finding
from courseware.monitoring.models import Roster, Snapshot
from courseware.monitoring.periods import Period
from courseware.monitoring.rosters import queries as rosters

COLLECTION, FILING = "collection", "filing"
WINDOWS = ((COLLECTION, (11, 1), (12, 15)), (FILING, (1, 1), (8, 31)))
ROSTERS, UNUSUAL, FROZEN = "rosters", "unusual", "frozen"
BEFORE_CLOSE = (30, 14, 7, 3, 1)
AHEAD = 14


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of the calendar in which a library reports, both days included."""

    name: str
    opens: dt.date
    closes: dt.date
    today: dt.date

    @property
    def is_open(self) -> bool:
        """Whether today lies inside."""
        return self.opens <= self.today <= self.closes

    @property
    def days(self) -> int:
        """Days left when it is open, else days until it opens."""
        return (self.closes - self.today).days if self.is_open else (self.opens - self.today).days

    @property
    def mark(self) -> str:
        """The reminder that is due: "open", then 30, 14, 7, 3 days and one day before it closes; empty while it is closed.

        A mark stands until the next one, so a worker that slept on the very day reminds when it wakes.
        """
        if not self.is_open:
            return ""
        return str(min((days for days in BEFORE_CLOSE if self.days <= days), default="open"))


@dataclass(frozen=True, slots=True)
class Step:
    """Something to be done before the year is reported. `open`: how much of it is left."""

    name: str
    open: int
    at: dt.datetime | None = None

    @property
    def is_done(self) -> bool:
        """Whether nothing is left."""
        return self.open == 0


def windows(now: dt.datetime) -> list[Window]:
    """The open or next occurrence of each window, the nearest first."""
    today = now.astimezone(REPORTING_ZONE).date()
    found = [_next(name, opens, closes, today) for name, opens, closes in WINDOWS]
    return sorted(found, key=lambda window: (not window.is_open, window.opens))


def collection(now: dt.datetime) -> Window:
    """The window in which yearly data are collected: the open or the next one."""
    return next(window for window in windows(now) if window.name == COLLECTION)


def steps(library: Library, period: Period, *, without_roster: int | None = None) -> list[Step]:
    """What a year needs before it is reported, in order: rosters of every school, findings looked at, figures frozen.

    `without_roster`: how many schools sent none, where that was counted already (M12).
    """
    query = select(func.count()).where(
        Finding.library_id == library.id, Finding.period_code == period.code, Finding.state == OPEN, Finding.gone_at.is_(None)
    )  # fmt: skip
    frozen = select(func.max(Snapshot.taken_at)).where(
        Snapshot.library_id == library.id, Snapshot.period_code == period.code, Snapshot.taken_at >= period.end
    )
    taken_at = session().scalar(frozen)
    return [
        Step(ROSTERS, len(missing_rosters(library, period)) if without_roster is None else without_roster),
        Step(UNUSUAL, session().scalar(query) or 0),
        Step(FROZEN, 0 if taken_at else 1, taken_at),
    ]


def missing_rosters(library: Library, period: Period) -> Sequence[str]:
    """Schools that have sent no list with a census day of the period."""
    inside = Roster.census_on >= period.first_day, Roster.census_on < period.end_day
    have = set(session().scalars(select(Roster.unit_id).where(Roster.library_id == library.id, *inside)))
    return [unit.name for unit in rosters.schools_of(library) if unit.id not in have]


def _next(name: str, opens: tuple[int, int], closes: tuple[int, int], today: dt.date) -> Window:
    year = today.year if today <= dt.date(today.year, *closes) else today.year + 1
    return Window(name, dt.date(year, *opens), dt.date(year, *closes), today)
