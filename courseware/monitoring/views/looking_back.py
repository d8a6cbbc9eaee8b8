"""What the forecasts of a year that is over had said, month by month, as a small picture and a table beside it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from courseware.core.clock import REPORTING_ZONE
from courseware.libraries.models import Library
from courseware.monitoring.periods import Period, previous
from courseware.monitoring.planning.forecast import LEAST
from courseware.monitoring.planning.outlook import Hindsight, Said
from courseware.monitoring.queries import monitor as reading
from courseware.monitoring.queries.monitor import Overview

WIDTH, HEIGHT, EDGE = 320, 96, 6
LEAST_SPAN = 10.0


@dataclass(frozen=True, slots=True)
class Line:
    """What was said at the end of one month."""

    month: str
    said: Said


@dataclass(frozen=True, slots=True)
class Picture:
    """Points of an SVG of 320 by 96: the band of the ranges, the line of what was said, the height of the end and the target."""

    band: str
    line: str
    end: str
    target: str


@dataclass(frozen=True, slots=True)
class Back:
    """One figure: its end, its lines, its picture."""

    found: Hindsight
    lines: Sequence[Line]
    picture: Picture


@dataclass(frozen=True, slots=True)
class LookingBack:
    """The figures of a year that is over; `begins` says from when on the year asked for will have forecasts of its own."""

    period: Period
    figures: Sequence[Back]
    begins: dt.datetime | None


def look_back(library: Library, view: Overview) -> LookingBack | None:
    """For a year that is over its own forecasts, for one younger than 30 days those of the year before; else None."""
    is_over, begins = view.now >= view.period.end, view.period.start + LEAST
    if not is_over and view.now >= begins:
        return None
    period = view.period if is_over else previous(view.period)
    found = reading.hindsight(library, period, view.now)
    return LookingBack(period, [_back(one) for one in found], None if is_over else begins)


def _back(found: Hindsight) -> Back:
    return Back(found, [Line(_month(one), one) for one in found.said], _picture(found))


def _month(said: Said) -> str:
    """A forecast made as a month ends is that of the month."""
    at = said.at.astimezone(REPORTING_ZONE)
    return f"{at.year - (at.month == 1)}-{(at.month - 2) % 12 + 1:02}"


def _picture(found: Hindsight) -> Picture:
    end, target = float(found.end.value or 0), float(found.end.definition.threshold or 0)
    ranges = [(float(one.forecast.low), float(one.forecast.high)) for one in found.said]
    low, high = _scale([end, target, *(side for both in ranges for side in both)])

    def y(value: float | Decimal) -> str:
        return f"{HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * (float(value) - low) / (high - low):.1f}"

    xs = [f"{EDGE + (WIDTH - 2 * EDGE) * n / max(1, len(ranges) - 1):.1f}" for n in range(len(ranges))]
    tops = [f"{x},{y(top)}" for x, (_, top) in zip(xs, ranges, strict=True)]
    bottoms = [f"{x},{y(bottom)}" for x, (bottom, _) in zip(xs, ranges, strict=True)]
    line = [f"{x},{y(one.forecast.at_period_end)}" for x, one in zip(xs, found.said, strict=True)]
    return Picture(" ".join([*tops, *reversed(bottoms)]), " ".join(line), y(end), y(target))


def _scale(values: Sequence[float]) -> tuple[float, float]:
    """From the lowest to the highest, ten points at least: a steady figure is drawn as a steady one."""
    low, high = min(values), max(values)
    lacking = max(0.0, LEAST_SPAN - (high - low)) / 2
    return low - lacking, high + lacking
