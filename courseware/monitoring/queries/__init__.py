"""Reading figures: facts from the database, and what pages and commands show of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from courseware.core import clock
from courseware.libraries.models import Library
from courseware.monitoring.indicators import registry
from courseware.monitoring.periods import Period
from courseware.monitoring.queries.facts import StoredFacts
from courseware.monitoring.results import IndicatorResult


def compute(
    library: Library, period: Period, now: dt.datetime | None = None, ids: Iterable[str] | None = None
) -> list[IndicatorResult]:
    """The figures of `library` in `period` as known at `now`: the one source of pages, exports and commands."""
    return registry.count_all(StoredFacts(library, period, now or clock.now()), ids)
