"""How pages draw a year that is over and frozen: the frozen figure first, today's recount beside it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from flask_babel import gettext as _

from courseware.monitoring.closed import FrozenYear, Reported, reported
from courseware.monitoring.results import INSUFFICIENT, NOT_APPLICABLE, PASS, IndicatorResult
from courseware.monitoring.views.breakdown import ReferenceRow, shown
from courseware.monitoring.views.cards import Card
from courseware.monitoring.words import things, verdict_words
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
        card, verdict="warn" if frozen.has_warning else frozen.verdict, verdict_label=None, value=None if frozen.value is None else f"{frozen.value}",
        fraction=_fraction(frozen), numeric=None if frozen.value is None else float(frozen.value),
        forecast=None, claimed=None, foot=sentence(year, frozen, card.result), missing=_("See the list"),
    )  # fmt: skip


def row_of(year: FrozenYear | None, before: FrozenYear | None, row: ReferenceRow) -> ReferenceRow:
    """The row of a figure without a limit, by the same rule; `before` is the year that stands beside it."""
    if before is not None and row.last_year is not None:
        row = replace(row, before=shown(reported(before, row.last_year).result))
    frozen = year.other_than(row.result) if year else None
    if year is None or frozen is None:
        return row
    fraction = "—" if frozen.denominator is None else f"{frozen.numerator or 0:,} / {frozen.denominator:,}"
    words = sentence(year, frozen, row.result)
    return replace(row, value=shown(frozen), fraction=fraction, note=words, frozen=words)


def beside(year: FrozenYear | None, today: IndicatorResult) -> Beside | None:
    """Both for the page of one figure; None where they are the same or the year is not frozen."""
    frozen = year.other_than(today) if year else None
    if year is None or frozen is None:
        return None
    return Beside(
        year.taken_at, shown(frozen), _fraction(frozen), frozen.definition.version,
        shown(today), _fraction(today), today.definition.version,
    )  # fmt: skip


def verdicts(cards: Iterable[Card]) -> Counter[str | None]:
    """How many cards are met, not met, without a verdict, as they are shown."""
    return Counter(PASS if card.verdict == "warn" else card.verdict for card in cards)


def sentence(year: FrozenYear, frozen: IndicatorResult, today: IndicatorResult) -> str:
    """When it was frozen by which rules, and what is counted today."""
    return _(
        "Frozen on %(date)s (rules %(version)s). Counted today by the rules in force (%(now)s): %(value)s",
        date=show_date(year.taken_at), version=frozen.definition.version, now=today.definition.version, value=shown(today),
    )  # fmt: skip


def note_of(figure: Reported) -> str:
    """What a row says beside a frozen figure: the day, and today's count where it is another; empty for a year that is not frozen."""
    if figure.year is None:
        return ""
    day = show_date(figure.year.taken_at)
    if not figure.is_changed:
        return _("Frozen on %(date)s", date=day)
    return _("Frozen on %(date)s, counted today: %(value)s", date=day, value=in_words(figure.today))


def in_words(result: IndicatorResult) -> str:
    """A figure with its fraction, as one text: 16.67 % (1 / 6)."""
    if result.numerator is None or result.denominator is None or result.value is None:
        return shown(result)
    return f"{shown(result)} ({result.numerator:,} / {result.denominator:,})"


def cells_of(figure: Reported) -> list[str]:
    """For a file: the day of freezing, what is counted today, its verdict; empty where the year is not frozen."""
    if figure.year is None:
        return ["", "", ""]
    today = figure.today
    return [show_date(figure.year.taken_at), shown(today), verdict_words(today.verdict)]


def _fraction(figure: IndicatorResult) -> str:
    """Numerator and denominator in words; of what was withheld, that it was."""
    if figure.value is None and figure.verdict in (INSUFFICIENT, NOT_APPLICABLE):
        return _("Too few answers") if figure.verdict == INSUFFICIENT else _("Not applicable")
    if figure.denominator is None or figure.numerator is None:
        return ""
    return f"{figure.numerator:,} / {figure.denominator:,} {things(figure.definition.subject, figure.denominator)}"
