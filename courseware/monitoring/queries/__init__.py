"""Reading figures: facts from the database, and what pages and commands show of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from sqlalchemy import select

from courseware.core import clock
from courseware.core.clock import REPORTING_ZONE
from courseware.core.database import session
from courseware.libraries.models import Library
from courseware.monitoring.closed import frozen_year, reported
from courseware.monitoring.definitions import PUBLIC_IDS
from courseware.monitoring.indicators import registry
from courseware.monitoring.models import HeldClock
from courseware.monitoring.periods import PERFORMANCE, Period, parse_period, period_at, previous
from courseware.monitoring.planning import outlook
from courseware.monitoring.planning.waiting import waiting_updates
from courseware.monitoring.queries.cache import remember
from courseware.monitoring.queries.facts import StoredFacts
from courseware.monitoring.results import IndicatorResult

COLLECTION = dt.timedelta(days=45)  # 1 November to 15 December: the year that ended is being collected


def reporting_now() -> dt.datetime:
    """The moment figures are shown as of: where a replayed scenario ended, else now."""
    return session().scalar(select(HeldClock.at)) or clock.now()


def compute(
    library: Library, period: Period, now: dt.datetime | None = None, ids: Iterable[str] | None = None
) -> list[IndicatorResult]:
    """The figures of `library` in `period` as known at `now`: the one source of pages, exports and commands.

    Those of a running period say where they will probably end.
    """
    moment = now or reporting_now()
    facts, before = StoredFacts(library, period, moment), StoredFacts(library, previous(period), moment)
    results = registry.count_all(facts, ids)
    return outlook.add_forecasts(facts, before, results, waiting_updates(library.id, moment))


def default_period(library: Library, now: dt.datetime) -> Period:
    """The year being collected during its collection window, else the running one."""
    running = period_at(now, library.period_start_month)
    return previous(running) if now - running.start < COLLECTION else running


def chosen_period(library: Library, text: str | None, now: dt.datetime) -> Period:
    """The period asked for, or the default one. Raises UnknownPeriod."""
    return parse_period(text, library.period_start_month) if text else default_period(library, now)


def headline(library: Library, now: dt.datetime | None = None) -> list[IndicatorResult]:
    """The figures anybody may see, for the strip on home and library pages: M1, M2, M3, M4, M9."""
    moment = now or reporting_now()
    period = default_period(library, moment)
    key = ("headline", str(library.uuid), period.code)

    def count() -> list[IndicatorResult]:
        return registry.count_all(StoredFacts(library, period, moment), PUBLIC_IDS)

    year = frozen_year(library, period)
    return [reported(year, result).result for result in remember(key, moment, count, is_about_people=False)]


def periods_to_choose(library: Library, now: dt.datetime) -> list[Period]:
    """The library's own years from its first facts to now, newest first, then the calendar and school year."""
    running = period_at(now, library.period_start_month)
    first = period_at(library.baseline_at or library.created_at, library.period_start_month)
    own = [previous(running, years) for years in range(max(1, running.year - first.year + 1))]
    year = now.astimezone(REPORTING_ZONE).year
    return own + [parse_period(f"{kind}:{year}") for kind in ("calendar", "academic") if kind != PERFORMANCE]
