"""The answer of the API, of `flask metrics show` and of the data file: the figures of a year in the shape of interfaces.md."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from courseware.core.clock import REPORTING_ZONE
from courseware.monitoring.closed import FrozenYear, reported
from courseware.monitoring.periods import Period
from courseware.monitoring.results import IndicatorResult


def as_document(
    library_code: str, period: Period, results: Iterable[IndicatorResult], year: FrozenYear | None
) -> dict[str, Any]:
    """The figures that the year shows. Of a closed year `frozen` names its snapshot, and a figure that is counted otherwise today says
    so in `counted_today`."""
    ends = [moment.astimezone(REPORTING_ZONE).isoformat() for moment in (period.start, period.end)]
    figures = [reported(year, result).as_dict() for result in results]
    about = {"frozen": {"at": year.taken_at.isoformat(), "sha256": year.sha256}} if year else {}
    return {"library": library_code, "period": ends, **about, "indicators": figures}
