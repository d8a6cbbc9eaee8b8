"""A closed year keeps its figures: what was frozen of it stands first, and beside it what is counted today.

Frozen is a year whose newest snapshot was counted as of its end or later; one taken on the way is a state, and the year goes on.
"""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import undefer

from courseware.core.database import session
from courseware.libraries.models import Library
from courseware.monitoring.models import Snapshot
from courseware.monitoring.periods import Period
from courseware.monitoring.results import IndicatorResult

COMPARED = ("denominator", "value", "verdict")


@dataclass(frozen=True, slots=True)
class FrozenFigure:
    """One figure as it was frozen, and the version of its rule."""

    numerator: int | None
    denominator: int | None
    value: Decimal | int | None
    verdict: str | None
    version: str
    lower_end: float | None = None
    """Of the interval, where the figure has one (M13)."""


@dataclass(frozen=True, eq=False)
class FrozenYear:
    """The figures of a year that is over, as they were frozen last."""

    id: int
    uuid: uuidlib.UUID
    taken_at: dt.datetime
    figures: Mapping[str, Mapping[str, Any]]

    def figure(self, today: IndicatorResult) -> FrozenFigure | None:
        """A figure as it was frozen; None where it did not exist then."""
        frozen = self.figures.get(today.id)
        return _figure(today, frozen) if frozen is not None else None

    def other_than(self, today: IndicatorResult) -> FrozenFigure | None:
        """The frozen figure where it is another than the one counted today; None where they are the same."""
        frozen = self.figures.get(today.id)
        return _figure(today, frozen) if frozen is not None and _differs(frozen, today) else None

    def changed(self, today: Iterable[IndicatorResult]) -> list[IndicatorResult]:
        """The figures that are counted differently today."""
        return [result for result in today if self.other_than(result)]


def frozen_year(library: Library, period: Period) -> FrozenYear | None:
    """The newest snapshot of a year that was over when it was counted; None while nothing closes the year. One query."""
    query = select(Snapshot).where(Snapshot.library_id == library.id, Snapshot.period_code == period.code)
    query = query.where(Snapshot.as_of >= period.end).order_by(Snapshot.id.desc()).limit(1)
    found = session().scalar(query.options(undefer(Snapshot.figures)))
    if found is None:
        return None
    return FrozenYear(found.id, found.uuid, found.taken_at, {figure["id"]: figure for figure in found.figures})


def _differs(frozen: Mapping[str, Any], today: IndicatorResult) -> bool:
    """A numerator that is told to nobody today (few answers) is no difference."""
    names = COMPARED if today.tally.is_hidden else ("numerator", *COMPARED)
    counted = today.as_dict()
    return any(frozen[name] != counted[name] for name in names)


def _figure(today: IndicatorResult, frozen: Mapping[str, Any]) -> FrozenFigure:
    value = frozen["value"]
    shown = value if value is None or today.definition.is_count else Decimal(str(value)).quantize(Decimal("0.01"))
    low = frozen["interval"][0] if frozen.get("interval") else None
    return FrozenFigure(frozen["numerator"], frozen["denominator"], shown, frozen["verdict"], frozen["version"], low)
