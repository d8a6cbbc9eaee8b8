"""From what people used together and what is popular in a course to what may come next. Pure; pages and the benchmark use it.

What belongs to the course at hand goes first: people finish a course before they look elsewhere. Among it, and among the
rest, the sum of co-use with one's own resources decides, and the share of the course's people who used it is added: both
lie between 0 and about 1, so neither silences the other. Why so: decision 22.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum

from courseware.guidance.co_use import Neighbour

COURSE_FIRST = 10.0  # more than sums of co-use reach


@dataclass(frozen=True, slots=True)
class Ranked:
    """A resource to suggest. `because`: the person's own resource that speaks for it most, None where it is only popular.

    `people`: how many used both, or how many used it.
    """

    resource_id: int
    score: float
    because: int | None
    people: int


def rank(
    found: Iterable[Neighbour], popular: Mapping[int, int] | None = None, leave_out: Collection[int] = (), limit: int = 10
) -> list[Ranked]:  # fmt: skip
    """The best candidates; equal ones in the order of their ids, so that an answer repeats.

    `found` are neighbours of what the person used; `popular` how many people used what is popular in the course at hand.
    """
    near: dict[int, list[Neighbour]] = defaultdict(list)
    for one in found:
        near[one.other_id].append(one)
    scores = defaultdict(float, {number: fsum(one.score for one in many) for number, many in near.items()})
    known = popular or {}
    most = max(known.values(), default=1)
    for number, people in known.items():
        scores[number] += COURSE_FIRST + people / most
    order = sorted(scores.keys() - set(leave_out), key=lambda number: (-scores[number], number))[:limit]
    return [_ranked(number, scores[number], near.get(number, ()), known.get(number, 0)) for number in order]


def _ranked(number: int, score: float, near: Sequence[Neighbour], people: int) -> Ranked:
    if not near:
        return Ranked(number, score, None, people)
    best = max(near, key=lambda one: (one.score, one.people, -one.resource_id))
    return Ranked(number, score, best.resource_id, best.people)
