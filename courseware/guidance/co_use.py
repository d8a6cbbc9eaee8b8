"""Which resources are used by the same people, counted from histories of use. Pure; the worker and the benchmark use it.

The score of a pair is the cosine of the two sets of people, damped for pairs that few know: together / (√(a·b) + 3).
Pairs with fewer than `LEAST_PEOPLE` are dropped, so that no suggestion tells what two persons did. Of each person the
newest `LAST` uses count, of each resource the best `KEPT` neighbours are kept: bounded, however much is learned.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LAST, KEPT = 40, 12
LEAST_PEOPLE = 3
DAMPING = 3.0
AT_ONCE = 2_000_000
Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """`people` used both `resource_id` and `other_id`."""

    resource_id: int
    other_id: int
    people: int
    score: float


def people_by_resource(histories: Iterable[Iterable[int]]) -> dict[int, int]:
    """How many people used each resource."""
    ids, counts = np.unique(np.concatenate([np.empty(0, np.int64), *map(_newest, histories)]), return_counts=True)
    return dict(zip(ids.tolist(), counts.tolist(), strict=True))


def neighbours(histories: Iterable[Sequence[int]], least: int = LEAST_PEOPLE) -> list[Neighbour]:
    """The best neighbours of each resource, best first. A history is one person's resources, newest first."""
    sets = [_newest(history) for history in histories]
    people = people_by_resource(sets)
    if not people:
        return []
    known = np.array(sorted(people), np.int64)
    sizes = np.array([people[number] for number in known.tolist()], np.float64)
    pairs, together = _count(sets, known)
    pairs, together = pairs[together >= least], together[together >= least]
    first, second = pairs // len(known), pairs % len(known)
    scores = together / (np.sqrt(sizes[first] * sizes[second]) + DAMPING)
    a, b = np.concatenate([first, second]), np.concatenate([second, first])
    return _best(known, a, b, np.tile(together, 2), np.tile(scores, 2))


def _newest(history: Iterable[int]) -> Ids:
    """The newest uses of a person, each resource once, in the order of their ids."""
    return np.unique(np.fromiter(dict.fromkeys(list(history)[:LAST]), np.int64))


def _count(sets: Iterable[Ids], known: Ids) -> tuple[Ids, Ids]:
    """Pairs (as place · number of resources + place) and in how many sets they stand, some millions at a time."""
    pairs, together = np.empty(0, np.int64), np.empty(0, np.int64)
    waiting: list[Ids] = []
    for mine in sets:
        places = np.searchsorted(known, mine)
        one, two = np.triu_indices(len(places), 1)
        waiting.append(places[one] * len(known) + places[two])
        if sum(map(len, waiting)) > AT_ONCE:
            pairs, together, waiting = *_joined(pairs, together, waiting), []
    return _joined(pairs, together, waiting)


def _joined(pairs: Ids, together: Ids, waiting: list[Ids]) -> tuple[Ids, Ids]:
    more, counts = np.unique(np.concatenate([np.empty(0, np.int64), *waiting]), return_counts=True)
    everything, places = np.unique(np.concatenate([pairs, more]), return_inverse=True)
    return everything, np.bincount(places, np.concatenate([together, counts]), len(everything)).astype(np.int64)


def _best(known: Ids, a: Ids, b: Ids, together: Ids, scores: NDArray[np.float64]) -> list[Neighbour]:
    order = np.lexsort((b, -scores, a))
    a, b, together, scores = a[order], b[order], together[order], scores[order]
    begins = np.searchsorted(a, a)  # where each resource's rows begin
    kept = np.arange(len(a)) - begins < KEPT
    columns = (known[a[kept]], known[b[kept]], together[kept], scores[kept])
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [Neighbour(*row) for row in rows]
