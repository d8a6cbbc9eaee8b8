"""What counting gives: the sets behind a figure, and the figure judged by its definition."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any, Protocol

from courseware.core.fractions import Ratio
from courseware.monitoring.definitions import Definition

PASS, FAIL, NOT_APPLICABLE, INSUFFICIENT = "pass", "fail", "n/a", "insufficient"
COUNTED, REST, EXCLUDED = "counted", "rest", "excluded"
GROUPS = (COUNTED, REST, EXCLUDED)
#: The members of a fixed base, such as what was published when the year began; most of them stand in no other set.
BASE = "base"
LISTS = (*GROUPS, BASE)

Group = Mapping[Any, str]  # key of the thing (its id, or a pair) and the reason why it stands here


@dataclass(frozen=True)
class Tally:
    """The sets behind one figure: each key with the reason why it stands where it stands.

    `counted` make the numerator, `counted` and `rest` the denominator, unless `numerator` or `denominator` say
    otherwise (sums, a fixed base). `excluded` stand outside and are shown beside the figure. `withheld` names why
    no value may be published: n/a, insufficient. `base_keys` are the members of a fixed base, for breakdowns. `amounts` say
    what each counted key brings to a numerator that is a sum: seconds, visits; together they make it. `is_hidden`: so few answered that the numerator is told to nobody.
    """

    counted: Group = field(default_factory=dict)
    rest: Group = field(default_factory=dict)
    excluded: Group = field(default_factory=dict)
    numerator: int | None = None
    denominator: int | None = None
    excluded_counts: Mapping[str, int] | None = None
    parts: Mapping[str, int | tuple[int, int]] = field(default_factory=dict)
    claimed: Ratio | None = None
    interval: tuple[Decimal, Decimal] | None = None
    is_mean: bool = False
    value: Fraction | None = None
    verdict: str | None = None
    withheld: str = ""
    base_keys: tuple[Any, ...] = ()
    lists: tuple[tuple[int, int], ...] = ()
    amounts: Mapping[Any, float] = field(default_factory=dict)
    is_hidden: bool = False

    def count(self) -> int:
        """The numerator: the size of the counted set, or the sum that `numerator` gives."""
        return len(self.counted) if self.numerator is None else self.numerator

    def base(self) -> int:
        """The denominator of a share."""
        return len(self.counted) + len(self.rest) if self.denominator is None else self.denominator

    def ratio(self) -> Ratio:
        """Numerator and denominator as integers."""
        return Ratio(self.count(), self.base())

    def exclusions(self) -> dict[str, int]:
        """How many stand outside, by reason."""
        return dict(self.excluded_counts if self.excluded_counts is not None else Counter(self.excluded.values()))

    def group(self, name: str) -> Group:
        """One of the sets by name."""
        if name == BASE:
            return dict.fromkeys(self.base_keys, BASE)
        return {COUNTED: self.counted, REST: self.rest, EXCLUDED: self.excluded}[name]


class Foreseen(Protocol):
    """Where a figure will stand at the end of its period (planning/forecast.py)."""

    @property
    def at_period_end(self) -> Decimal: ...
    @property
    def low(self) -> Decimal: ...
    @property
    def high(self) -> Decimal: ...
    @property
    def missing(self) -> int: ...
    @property
    def is_met(self) -> bool: ...
    def as_dict(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class IndicatorResult:
    """One figure of one library in one period, judged. Shares keep their integers; `value` is only for showing."""

    definition: Definition
    tally: Tally
    numerator: int | None
    denominator: int | None
    value: Decimal | int | None
    display: str
    verdict: str | None
    forecast: Foreseen | None = None

    @property
    def id(self) -> str:
        """The definition id, for example M4.A."""
        return self.definition.id

    @property
    def has_warning(self) -> bool:
        """Passed, but the lower end of the interval lies under the threshold (M13)."""
        low = self.tally.interval[0] if self.tally.interval else None
        threshold = self.definition.threshold
        return self.verdict == PASS and low is not None and threshold is not None and low < threshold

    @property
    def missing(self) -> int | None:
        """Whole things missing to the threshold, the denominator held; 0 when met, None where nothing is judged or told."""
        is_judged = self.definition.threshold is not None and not self.tally.is_hidden
        return self.definition.missing(self.tally.ratio()) if is_judged else None

    def published(self) -> IndicatorResult:
        """As everybody may read it: of a sample too small to publish its size, and nothing of what was answered (M13)."""
        if self.tally.withheld != INSUFFICIENT:
            return self
        tally = Tally(denominator=self.denominator, withheld=INSUFFICIENT, excluded_counts=self.tally.exclusions())
        return replace(self, tally=tally, numerator=None, forecast=None)

    def as_dict(self) -> dict[str, Any]:
        """The shape of interfaces.md."""
        shown: dict[str, Any] = {
            "id": self.id, "name": self.definition.local_name(), "numerator": self.numerator,
            "denominator": self.denominator, "value": _plain(self.value), "display": self.display,
            "threshold": self.definition.threshold, "comparison": self.definition.comparison,
            "verdict": self.verdict, "excluded": self.tally.exclusions(), "version": self.definition.version,
        }  # fmt: skip
        return shown | self._details()

    def _details(self) -> dict[str, Any]:
        claimed, tally = self.tally.claimed, self.tally
        details = {
            "claimed": {"numerator": claimed.numerator, "denominator": claimed.denominator} if claimed else None,
            "parts": {name: list(p) if isinstance(p, tuple) else p for name, p in tally.parts.items()}
            | ({"years": [list(pair) for pair in tally.lists]} if tally.lists else {}),
            "interval": [float(end) for end in tally.interval] if tally.interval else None,
            "forecast": self.forecast.as_dict() if self.forecast else None,
        }
        return {name: value for name, value in details.items() if value}


def judge(definition: Definition, tally: Tally) -> IndicatorResult:
    """The figure of `tally` by the definition's own rule, compared as integers."""
    if definition.is_count:
        count = tally.count()
        return IndicatorResult(definition, tally, count, None, count, definition.show_count(count), None)
    if tally.is_mean:
        value = two_decimals(tally.value) if tally.value is not None else None
        shown = f"{value} %" if value is not None else "n/a"
        return IndicatorResult(definition, tally, None, None, value, shown, tally.verdict)
    ratio = tally.ratio()
    value, shown = (None, tally.withheld) if tally.withheld else (ratio.percent(), ratio.display())
    verdict = tally.withheld or tally.verdict or verdict_of(definition, ratio)
    numerator = None if tally.is_hidden else ratio.numerator
    return IndicatorResult(definition, tally, numerator, ratio.denominator, value, shown, verdict)


def verdict_of(definition: Definition, ratio: Ratio) -> str | None:
    """pass or fail by cross-multiplication; n/a over nothing; None where no threshold is set."""
    if definition.threshold is None:
        return None
    if ratio.denominator == 0:
        return NOT_APPLICABLE
    return PASS if definition.meets(ratio) else FAIL


def two_decimals(value: Fraction) -> Decimal:
    """Half-up to two decimals."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(Decimal("0.01"), ROUND_HALF_UP)


def _plain(value: Decimal | int | None) -> float | int | None:
    return float(value) if isinstance(value, Decimal) else value
