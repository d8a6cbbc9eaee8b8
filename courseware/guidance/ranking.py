"""From neighbours of what a person used to what may come next. Pure; pages and the benchmark use the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from courseware.guidance.co_use import Neighbour


@dataclass(frozen=True, slots=True)
class Ranked:
    """A resource to suggest. `because`: which of the person's own resources speaks for it most; `people` used both."""

    resource_id: int
    score: float
    because: int
    people: int


def rank(found: Iterable[Neighbour], leave_out: Collection[int] = (), limit: int = 10) -> list[Ranked]:
    """The candidates with the largest sums of scores; equal ones in the order of their ids, so that an answer repeats."""
    sums: dict[int, float] = defaultdict(float)
    best: dict[int, Neighbour] = {}
    for one in found:
        if one.other_id in leave_out:
            continue
        sums[one.other_id] += one.score
        if one.other_id not in best or one.score > best[one.other_id].score:
            best[one.other_id] = one
    order = sorted(sums, key=lambda number: (-sums[number], number))[:limit]
    return [Ranked(number, sums[number], best[number].resource_id, best[number].people) for number in order]
