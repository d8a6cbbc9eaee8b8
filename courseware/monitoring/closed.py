"""Which figure a year shows: the one rule for pages, files, reports, comparisons and the API.

A year that is over and frozen shows what was frozen of it; what today's rules and late facts give stands beside it. Every other
year shows today's count. Frozen is a year whose newest snapshot was counted as of its end or later; one taken on the way is a
state, and the year goes on.
"""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import undefer

from courseware.core.database import session
from courseware.core.fractions import Ratio
from courseware.libraries.models import Library
from courseware.monitoring.models import Snapshot
from courseware.monitoring.periods import Period
from courseware.monitoring.results import INSUFFICIENT, NOT_APPLICABLE, IndicatorResult, Tally

COMPARED = ("denominator", "value", "verdict")
TOLD_OF_TODAY = ("numerator", "denominator", "value", "display", "verdict", "version")


@dataclass(frozen=True, eq=False)
class FrozenYear:
    """The figures of a year that is over, as they were frozen last."""

    id: int
    uuid: uuidlib.UUID
    taken_at: dt.datetime
    sha256: str
    store_key: str
    figures: Mapping[str, Mapping[str, Any]]

    def figure(self, today: IndicatorResult) -> IndicatorResult | None:
        """A figure as it was frozen, without its lists; None where it did not exist then."""
        frozen = self.figures.get(today.id)
        return _restored(frozen, today) if frozen is not None else None

    def other_than(self, today: IndicatorResult) -> IndicatorResult | None:
        """The frozen figure where it is another than the one counted today; None where they are the same."""
        frozen = self.figures.get(today.id)
        return _restored(frozen, today) if frozen is not None and _differs(frozen, today) else None

    def changed(self, today: Iterable[IndicatorResult]) -> list[IndicatorResult]:
        """The figures that are counted differently today."""
        return [result for result in today if self.other_than(result)]


@dataclass(frozen=True, slots=True)
class Reported:
    """The figure that a year shows, and what is counted of it today. `year` is None where nothing was frozen of the figure."""

    result: IndicatorResult
    today: IndicatorResult
    year: FrozenYear | None = None

    @property
    def is_changed(self) -> bool:
        """Whether something else is counted today than was frozen."""
        return self.year is not None and self.year.other_than(self.today) is not None

    def published(self) -> Reported:
        """As everybody may read it (M13)."""
        return replace(self, result=self.result.published(), today=self.today.published())

    def as_dict(self) -> dict[str, Any]:
        """The shape of interfaces.md; where today's count is another one, it stands in `counted_today`."""
        told = self.result.as_dict()
        if not self.is_changed:
            return told
        today = self.today.as_dict()
        return told | {"counted_today": {name: today[name] for name in TOLD_OF_TODAY}}


def reported(year: FrozenYear | None, today: IndicatorResult) -> Reported:
    """The rule: what was frozen of a closed year, else what is counted today."""
    frozen = year.figure(today) if year is not None else None
    return Reported(today, today) if frozen is None else Reported(frozen, today, year)


def frozen_year(library: Library, period: Period) -> FrozenYear | None:
    """The newest snapshot of a year that was over when it was counted; None while nothing closes the year."""
    return frozen_years(library, [period]).get(period.code)


def frozen_years(library: Library, periods: Sequence[Period]) -> dict[str, FrozenYear]:
    """By the code of the period, those of `periods` that are closed; two queries, however many there are."""
    ends = {period.code: period.end for period in periods}
    query = select(Snapshot.id, Snapshot.period_code, Snapshot.as_of).where(Snapshot.library_id == library.id)
    newest: dict[str, int] = {}
    for key, code, as_of in session().execute(query.where(Snapshot.period_code.in_(ends)).order_by(Snapshot.id)):
        if as_of >= ends[code]:
            newest[code] = key
    if not newest:
        return {}
    rows = session().scalars(
        select(Snapshot).where(Snapshot.id.in_(newest.values())).options(undefer(Snapshot.figures))
    )
    return {row.period_code: _year(row) for row in rows}


def _year(row: Snapshot) -> FrozenYear:
    figures = {figure["id"]: figure for figure in row.figures}
    return FrozenYear(row.id, row.uuid, row.taken_at, row.sha256, row.store_key, figures)


def _differs(frozen: Mapping[str, Any], today: IndicatorResult) -> bool:
    """A numerator that is told to nobody today (few answers) is no difference."""
    names = COMPARED if today.tally.is_hidden else ("numerator", *COMPARED)
    counted = today.as_dict()
    return any(frozen[name] != counted[name] for name in names)


def _restored(frozen: Mapping[str, Any], today: IndicatorResult) -> IndicatorResult:
    """The figure by the rule it was frozen by. A numerator that is told to nobody today stays untold."""
    definition = replace(
        today.definition, version=frozen["version"], threshold=frozen["threshold"], comparison=frozen["comparison"]
    )
    numerator = None if today.tally.is_hidden else frozen["numerator"]
    value = _value(frozen, is_count=definition.is_count)
    tally = _tally(frozen, today)
    if definition.is_count:
        return IndicatorResult(definition, tally, numerator, None, value, definition.show_count(numerator or 0), None)
    shown = f"{value} %" if value is not None else tally.withheld or NOT_APPLICABLE
    return IndicatorResult(definition, tally, numerator, frozen["denominator"], value, shown, frozen["verdict"])


def _value(frozen: Mapping[str, Any], *, is_count: bool) -> Decimal | int | None:
    value = frozen["value"]
    return value if value is None or is_count else Decimal(str(value)).quantize(Decimal("0.01"))


def _tally(frozen: Mapping[str, Any], today: IndicatorResult) -> Tally:
    """What was frozen beside the figure; its lists are in the signed file."""
    parts = {name: tuple(part) if isinstance(part, list) else part for name, part in frozen.get("parts", {}).items()}
    years = parts.pop("years", ())
    claimed, ends, verdict = frozen.get("claimed"), frozen.get("interval"), frozen["verdict"]
    is_withheld = frozen["value"] is None and verdict in (INSUFFICIENT, NOT_APPLICABLE)
    return Tally(
        numerator=frozen["numerator"] or 0, denominator=frozen["denominator"], excluded_counts=frozen["excluded"],
        parts=parts, lists=tuple((n, d) for n, d in years), withheld=verdict if is_withheld else "",
        claimed=Ratio(claimed["numerator"], claimed["denominator"]) if claimed else None,
        interval=(_two(ends[0]), _two(ends[1])) if ends else None,
        is_mean=today.tally.is_mean, is_hidden=today.tally.is_hidden,
    )  # fmt: skip


def _two(value: float) -> Decimal:
    return Decimal(str(value)).quantize(Decimal("0.01"))
