"""Ratios as people and rules need them: integers inside, two decimals half-up outside (metrics.md, common rules)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal


@dataclass(frozen=True, slots=True)
class Ratio:
    """A numerator and a denominator that stay integers."""

    numerator: int
    denominator: int

    def percent(self) -> Decimal | None:
        """Per cent with two decimals, half-up; None where the denominator is 0."""
        if self.denominator == 0:
            return None
        exact = Decimal(self.numerator * 100) / Decimal(self.denominator)
        return exact.quantize(Decimal("0.01"), ROUND_HALF_UP)

    def display(self) -> str:
        """ "9.95 %", or "n/a" where the denominator is 0."""
        value = self.percent()
        return "n/a" if value is None else f"{value} %"

    def at_least(self, percent: int) -> bool:
        """Compares by cross-multiplication, never on the rounded value."""
        return 100 * self.numerator >= percent * self.denominator

    def at_most(self, percent: int) -> bool:
        """Compares by cross-multiplication, never on the rounded value."""
        return 100 * self.numerator <= percent * self.denominator
