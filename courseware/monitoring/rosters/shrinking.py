"""Lists that lose people: the denominator of M12 gets smaller and its share better, so somebody has to mean it (metrics.md)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from courseware.monitoring.rosters.people import STUDENT, TEACHER

MOST_LOST_PERCENT = 20
GROUPS = (STUDENT, TEACHER)


@dataclass(frozen=True, slots=True)
class ListSize:
    """How many of each group stand on a list, of which school and day. Later files have greater ids."""

    roster_id: int
    unit_id: int
    census_on: dt.date
    received_at: dt.datetime
    sizes: Mapping[str, int]

    @property
    def whole(self) -> int:
        """Everybody."""
        return sum(self.sizes.values())


@dataclass(frozen=True, slots=True)
class Loss:
    """What a list lost against an earlier one of the same school."""

    before: ListSize
    now: Mapping[str, int]

    @property
    def gone(self) -> tuple[str, ...]:
        """Groups that stood there and stand there no more."""
        return tuple(group for group in GROUPS if self.before.sizes[group] and not self.now[group])

    @property
    def people(self) -> int:
        """How many fewer."""
        return self.before.whole - sum(self.now.values())

    @property
    def is_great(self) -> bool:
        """More than 20 of 100, or a whole group."""
        return bool(self.gone) or 100 * self.people > MOST_LOST_PERCENT * self.before.whole


def great_loss(now: Mapping[str, int], earlier: Iterable[ListSize]) -> Loss | None:
    """What a list of these sizes lost against the one of the earlier lists that had most people; None where that is little."""
    largest = max(earlier, key=lambda one: (one.whole, one.roster_id), default=None)
    loss = Loss(largest, now) if largest is not None else None
    return loss if loss is not None and loss.is_great else None


def earlier_than(census_on: dt.date, lists: Iterable[ListSize]) -> list[ListSize]:
    """With what a list of this day is compared: every file of the day, and the newest file of the census day before."""
    sent = sorted(lists, key=lambda one: (one.census_on, one.roster_id))
    before = [one for one in sent if one.census_on < census_on]
    return [one for one in sent if one.census_on == census_on] + before[-1:]


def losses(lists: Iterable[ListSize]) -> list[tuple[ListSize, Loss]]:
    """The lists that count, each the newest of its school and day, that lost much; with what they lost."""
    by_unit: dict[int, list[ListSize]] = {}
    for one in lists:
        by_unit.setdefault(one.unit_id, []).append(one)
    return [pair for _unit, mine in sorted(by_unit.items()) for pair in _losses_of_one(mine)]


def _losses_of_one(mine: Iterable[ListSize]) -> list[tuple[ListSize, Loss]]:
    sent = sorted(mine, key=lambda one: one.roster_id)
    newest = {one.census_on: one for one in sent}
    found = []
    for day, one in sorted(newest.items()):
        earlier = earlier_than(day, (other for other in sent if other.roster_id != one.roster_id))
        loss = great_loss(one.sizes, earlier)
        if loss is not None:
            found.append((one, loss))
    return found
