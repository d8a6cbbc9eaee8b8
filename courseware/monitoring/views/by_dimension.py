"""The overview by the five dimensions: each with its judged figures, those without a limit, and what is not recorded yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from courseware.monitoring.definitions import UNRECORDED, Unrecorded
from courseware.monitoring.dimensions import DIMENSIONS, Dimension
from courseware.monitoring.results import FAIL, PASS
from courseware.monitoring.views.breakdown import ReferenceRow
from courseware.monitoring.views.cards import Card


@dataclass(frozen=True)
class DimensionPart:
    """What the overview shows under one dimension."""

    dimension: Dimension
    cards: Sequence[Card]
    reference: Sequence[ReferenceRow]
    unrecorded: Sequence[Unrecorded]

    @property
    def passed(self) -> int:
        """How many of its judged figures are met."""
        return sum(one.verdict in (PASS, "warn") for one in self.cards)

    @property
    def failed(self) -> int:
        """How many are not met."""
        return sum(one.verdict == FAIL for one in self.cards)

    @property
    def first_id(self) -> str:
        """The figure with which a comparison of this dimension begins."""
        return self.cards[0].result.id if self.cards else self.reference[0].result.id


def dimension_parts(cards: Sequence[Card], reference: Sequence[ReferenceRow]) -> list[DimensionPart]:
    """The five dimensions in their order; every figure of the overview stands under exactly one."""
    return [
        DimensionPart(
            one,
            [card for card in cards if card.result.definition.dimension == one.id],
            [row for row in reference if row.result.definition.dimension == one.id],
            [missing for missing in UNRECORDED if missing.dimension == one.id],
        )
        for one in DIMENSIONS
    ]
