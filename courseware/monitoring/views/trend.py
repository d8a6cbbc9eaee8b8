"""The trend of a figure month by month, for the picture and for the table beside it."""

from __future__ import annotations

from dataclasses import dataclass

from courseware.core.clock import REPORTING_ZONE
from courseware.monitoring.definitions import Definition
from courseware.monitoring.queries.monitor import Overview
from courseware.monitoring.results import IndicatorResult


@dataclass(frozen=True, slots=True)
class Trend:
    """Labels and values, oldest first; the target where there is one."""

    labels: list[str]
    values: list[float | None]
    target: int | None

    def as_chart(self) -> dict[str, object]:
        """What assets/ts/charts.ts draws."""
        return {"labels": self.labels, "measured": self.values, "target": self.target, "unit": "%"}


def trend(view: Overview, result: IndicatorResult) -> Trend | None:
    """The trend of a judged figure; None for others and where nothing has passed yet."""
    values = list(view.trends.get(result.id, []))
    if sum(value is not None for value in values) < 2:
        return None
    return Trend(_labels(view, len(values)), values, _target(result.definition))


def _labels(view: Overview, count: int) -> list[str]:
    """The months by name, 2026-03; a running month by its day."""
    ends = list(view.period.month_ends())
    labels = []
    for end in ends[:count]:
        is_running = end > view.now
        moment = (view.now if is_running else end).astimezone(REPORTING_ZONE)
        labels.append(
            moment.strftime("%m-%d") if is_running or moment.day != 1 else _month_before(moment.year, moment.month)
        )
    return labels


def _month_before(year: int, month: int) -> str:
    return f"{year - (month == 1)}-{(month - 2) % 12 + 1:02}"


def _target(definition: Definition) -> int | None:
    return definition.threshold
