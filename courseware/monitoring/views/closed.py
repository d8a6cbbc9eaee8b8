"""How pages draw a year that is over and frozen: the frozen figure first, today's recount beside it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from flask_babel import gettext as _

from courseware.monitoring.closed import FrozenFigure, FrozenYear
from courseware.monitoring.results import INSUFFICIENT, NOT_APPLICABLE, PASS, IndicatorResult
from courseware.monitoring.views.breakdown import ReferenceRow, shown
from courseware.monitoring.views.cards import Card
from courseware.monitoring.words import counted_things, things, verdict_words
from courseware.web.i18n import show_date


@dataclass(frozen=True)
class Closed:
    """What a page says of a frozen year: when it was frozen, and which figures are counted differently today."""

    frozen_at: dt.datetime
    changed: Sequence[str]


@dataclass(frozen=True)
class Beside:
    """A frozen figure and the one counted today, in words: values, fractions, versions of the rule."""

    frozen_at: dt.datetime
    value: str
    fraction: str
    version: str
    today: str
    today_fraction: str
    today_version: str


def closed_of(year: FrozenYear | None, results: Iterable[IndicatorResult]) -> Closed | None:
    """The words at the head of an overview; None where the year is not frozen."""
    return Closed(year.taken_at, [result.id for result in year.changed(results)]) if year else None


def card_of(year: FrozenYear | None, card: Card) -> Card:
    """The card with the frozen figure in front, where it is another than today's."""
    frozen = year.other_than(card.result) if year else None
    if year is None or frozen is None:
        return card
    return replace(
        card, verdict=verdict_of(frozen, card.result), verdict_label=None, value=None if frozen.value is None else f"{frozen.value}",
        fraction=_fraction(frozen, card.result), numeric=None if frozen.value is None else float(frozen.value),
        forecast=None, claimed=None, foot=sentence(year, frozen, card.result),
    )  # fmt: skip


def row_of(year: FrozenYear | None, row: ReferenceRow) -> ReferenceRow:
    """The row of a figure without a limit, by the same rule."""
    frozen = year.other_than(row.result) if year else None
    if year is None or frozen is None:
        return row
    fraction = "—" if frozen.denominator is None else f"{frozen.numerator or 0:,} / {frozen.denominator:,}"
    words = sentence(year, frozen, row.result)
    return replace(row, value=value_of(frozen, row.result), fraction=fraction, note=words, frozen=words)


def beside(year: FrozenYear | None, today: IndicatorResult) -> Beside | None:
    """Both for the page of one figure; None where they are the same or the year is not frozen."""
    frozen = year.other_than(today) if year else None
    if year is None or frozen is None:
        return None
    now = FrozenFigure(today.numerator, today.denominator, today.value, today.verdict, today.definition.version)
    return Beside(
        year.taken_at, value_of(frozen, today), _fraction(frozen, today), frozen.version,
        shown(today), _fraction(now, today), today.definition.version,
    )  # fmt: skip


def verdicts(cards: Iterable[Card]) -> Counter[str | None]:
    """How many cards are met, not met, without a verdict, as they are shown."""
    return Counter(PASS if card.verdict == "warn" else card.verdict for card in cards)


def verdict_of(frozen: FrozenFigure, today: IndicatorResult) -> str | None:
    """The frozen verdict; a reminder where the lower end of its interval lay under the target."""
    threshold, low = today.definition.threshold, frozen.lower_end
    is_warning = frozen.verdict == PASS and low is not None and threshold is not None and low < threshold
    return "warn" if is_warning else frozen.verdict


def value_of(frozen: FrozenFigure, today: IndicatorResult) -> str:
    """The frozen value with its unit, as the overview writes it."""
    definition, n = today.definition, frozen.numerator or 0
    if not definition.is_count:
        return "—" if frozen.value is None else f"{frozen.value} %"
    if definition.is_seconds:
        return _("%(n)s min", n=f"{n // 60:,}")
    return f"{n:,} {counted_things(definition, n)}"


def sentence(year: FrozenYear, frozen: FrozenFigure, today: IndicatorResult) -> str:
    """When it was frozen by which rules, and what is counted today."""
    return _(
        "Frozen on %(date)s (rules %(version)s). Counted today by the rules in force (%(now)s): %(value)s",
        date=show_date(year.taken_at), version=frozen.version, now=today.definition.version, value=shown(today),
    )  # fmt: skip


def cells_of(year: FrozenYear | None, today: IndicatorResult) -> list[str]:
    """For a file: the frozen value, its verdict, the day; empty where the year is not frozen."""
    frozen = year.figure(today) if year else None
    if year is None or frozen is None:
        return ["", "", ""]
    return [value_of(frozen, today), verdict_words(frozen.verdict), show_date(year.taken_at)]


def _fraction(figure: FrozenFigure, today: IndicatorResult) -> str:
    """Numerator and denominator in words; of what was withheld, that it was."""
    if figure.value is None and figure.verdict in (INSUFFICIENT, NOT_APPLICABLE):
        return _("Too few answers") if figure.verdict == INSUFFICIENT else _("Not applicable")
    if figure.denominator is None or figure.numerator is None:
        return ""
    return f"{figure.numerator:,} / {figure.denominator:,} {things(today.definition.subject, figure.denominator)}"
