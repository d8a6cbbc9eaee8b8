"""Where a figure will stand at the end of its period, by one stated method.

The pace of the last 90 days goes on; what covers a fixed set (points, courses, a roster) goes on reaching the same share
of those still missing. What authors already began (in review, or drafts) counts at the share that will probably come of it,
where that is more. The range (80 %) comes from what the months of the period varied by and from how short a time the pace
was seen, never narrower than chance alone; that of the update rate also reaches to where the same months of the year
before would lead. It knows nothing of holidays or a rush: decisions 17 and 44 tell how far it was off.
"""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import stdev

from courseware.core.fractions import Ratio
from courseware.monitoring.definitions import Definition
from courseware.monitoring.periods import Period
from courseware.monitoring.results import IndicatorResult

FORECAST = ("M2.A", "M3.A", "M4.A", "M8.A", "M9.A", "M12.A")
GROWS_PAST_BASE = frozenset({"M4.A"})
"""A library can be updated by more than it held; every other numerator is a part of its denominator."""
COVERS = frozenset({"M8.A", "M9.A", "M12.A"})
"""What covers a fixed set gets slower the less of it is left."""

BATCHED = {"M2.A": 3, "M3.A": 3, "M4.A": 3}
"""Authors publish several things at once: the variance of a month's growth is up to three times its mean (decision 44)."""
HAS_SEASONS = frozenset({"M4.A"})
"""Updates come when teachers have time: the range spans what the same months of last year brought."""

WINDOW = dt.timedelta(days=90)
MONTH_S = 30 * 24 * 3600
LEAST = dt.timedelta(days=30)
SHORTEST_STEP = dt.timedelta(days=10)
EIGHTY_PERCENT = 1.2816


@dataclass(frozen=True, slots=True)
class Standing:
    """A figure at one moment of its period."""

    at: dt.datetime
    numerator: int
    denominator: int


@dataclass(frozen=True, slots=True)
class Rest:
    """What the same part of the year before brought until its end, and what that was a share of."""

    grew: int
    base: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """At the end of the period: whole numbers, the value with its range in per cent, whole things missing then."""

    numerator: int
    denominator: int
    low: Decimal
    high: Decimal
    missing: int
    is_met: bool

    @property
    def at_period_end(self) -> Decimal:
        """The value in per cent, two decimals half-up."""
        return Ratio(self.numerator, self.denominator).percent() or Decimal("0.00")

    def holds(self, end: Standing) -> bool:
        """Whether the figure ended within the range; by the two decimals that are shown."""
        value = Ratio(end.numerator, end.denominator).percent()
        return value is not None and self.low <= value <= self.high

    def as_dict(self) -> dict[str, float | int]:
        """The shape of interfaces.md."""
        return {
            "at_period_end": float(self.at_period_end),
            "low": float(self.low),
            "high": float(self.high),
            "missing": self.missing,
        }


def standing(at: dt.datetime, result: IndicatorResult) -> Standing:
    """A counted figure as a point of its history."""
    return Standing(at, result.numerator or 0, result.denominator or 0)


def foresee(
    definition: Definition, period: Period, history: Sequence[Standing], pending: int = 0, rest: Rest | None = None
) -> Forecast | None:
    """From the standings of a running period, oldest first, the last one being now.

    `pending` is how many updates will probably come of what authors began; `rest` what the year before brought from this
    day on. None before 30 days have passed, after the end, for figures without a target, and where there is nothing to
    divide by.
    """
    if definition.threshold is None or len(history) < 2:
        return None
    now = history[-1]
    if not period.start + LEAST <= now.at < period.end or now.denominator == 0:
        return None
    return _foresee(definition, history, (period.end - now.at).total_seconds(), pending, rest)


def _foresee(
    definition: Definition, history: Sequence[Standing], left_s: float, pending: int, rest: Rest | None
) -> Forecast:
    now, then = history[-1], _window_start(history)
    added = max(_growth(definition, then, now, left_s), pending)
    base = max(1, round(now.denominator + _pace(then, now, "denominator") * left_s))
    half = _half_range(history, then, left_s, added, BATCHED.get(definition.id, 1))
    grows = (added - half, added, added + half)
    if rest is not None and definition.id in HAS_SEASONS:
        grows = _spanned(grows, rest.grew * now.denominator / rest.base)
    low, middle, high = (_bounded(definition, now, round(now.numerator + grown), base) for grown in grows)
    shown = [Ratio(end, base).percent() or Decimal("0.00") for end in (low, high)]
    ratio = Ratio(middle, base)
    return Forecast(middle, base, shown[0], shown[1], definition.missing(ratio) or 0, definition.meets(ratio))


def _growth(definition: Definition, then: Standing, now: Standing, left_s: float) -> float:
    """Things that come until the end: at the same pace, or, of a fixed set, the same share of those still missing."""
    if definition.id not in COVERS:
        return _pace(then, now, "numerator") * left_s
    open_now, open_then = now.denominator - now.numerator, then.denominator - then.numerator
    if open_now <= 0 or open_then <= 0:
        return 0.0
    months = left_s / (now.at - then.at).total_seconds()
    return open_now - open_now * min(1.0, open_now / open_then) ** months


def _spanned(grows: tuple[float, float, float], before: float) -> tuple[float, float, float]:
    """The same range, reaching to what the year before brought."""
    low, middle, high = grows
    return min(low, before), middle, max(high, before)


def _half_range(history: Sequence[Standing], then: Standing, left_s: float, added: float, batch: int) -> float:
    """Half of the 80 % range: what months vary by, how badly the pace itself is known, and no less than chance.

    Chance is that of things which come `batch` at a time; after quiet months one is still expected, so that no range is empty.
    """
    months = left_s / MONTH_S
    seen = max(1.0, (history[-1].at - then.at).total_seconds() / MONTH_S)
    varied = _spread(history) * math.sqrt(months + months * months / seen)
    return EIGHTY_PERCENT * max(varied, math.sqrt(batch * max(1.0, abs(added))))


def _window_start(history: Sequence[Standing]) -> Standing:
    """The latest standing at least 90 days before the last one, else the first."""
    edge = history[-1].at - WINDOW
    return next((s for s in reversed(history) if s.at <= edge), history[0])


def _pace(then: Standing, now: Standing, part: str) -> float:
    """Things a second between two standings."""
    seconds = (now.at - then.at).total_seconds()
    return (getattr(now, part) - getattr(then, part)) / seconds if seconds else 0.0


def _spread(history: Sequence[Standing]) -> float:
    """By how much the growth of the numerator in 30 days has varied; parts of a month are left out."""
    steps = itertools.pairwise(history)
    paces = [_pace(a, b, "numerator") * MONTH_S for a, b in steps if b.at - a.at >= SHORTEST_STEP]
    return stdev(paces) if len(paces) > 1 else 0.0


def _bounded(definition: Definition, now: Standing, numerator: int, denominator: int) -> int:
    """No part exceeds its whole; whoever is reached stays reached."""
    top = numerator if definition.id in GROWS_PAST_BASE else denominator
    bottom = min(now.numerator, denominator) if definition.id in COVERS else 0
    return max(bottom, min(numerator, top))
