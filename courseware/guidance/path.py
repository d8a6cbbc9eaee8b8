"""Where a learner stands on the points of a course, and what comes next along prerequisites (R15). Pure functions.

A point is `done` when a resource that teaches it was finished, `part` when one was begun. It is a `gap` when neither,
although something that directly builds on it was begun: it was skipped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

States = Mapping[int, str]
Needs = Mapping[int, Sequence[int]]

DONE, PART, GAP = "done", "part", "gap"


@dataclass(frozen=True, slots=True)
class Step:
    """A point to learn next. `reason`: gap (`because` builds on it), follows (`because` was learned), begun, first."""

    point_id: int
    reason: str
    because: int | None = None


def with_gaps(order: Sequence[int], needs: Needs, states: States) -> dict[int, str]:
    """The states of the points, gaps added; points without a state are not begun and nobody misses them yet."""
    known = {point: states[point] for point in order if point in states}
    missed = {need for point in known for need in needs.get(point, ())} & set(order)
    return {**dict.fromkeys(missed, GAP), **known}


def next_steps(order: Sequence[int], needs: Needs, states: States, limit: int = 2) -> list[Step]:
    """What to learn next: what leads to a gap before all else, then what was begun, then what follows from what is known.

    Every step's own prerequisites within the course are done, so no step asks for what was not taught. In the order
    of the standard.
    """
    skipped = _skipped_by(order, needs, states)
    found: dict[str, list[Step]] = {"gap": [], "begun": [], "follows": [], "first": []}
    known = set(order)
    for point in order:
        before = [need for need in needs.get(point, ()) if need in known]
        if states.get(point) == DONE or any(states.get(need) != DONE for need in before):
            continue
        step = _step(point, before, skipped, states)
        found[step.reason].append(step)
    return [step for steps in found.values() for step in steps][:limit]


def _step(point: int, before: Sequence[int], skipped: Mapping[int, int], states: States) -> Step:
    if point in skipped:
        return Step(point, "gap", skipped[point])
    if states.get(point) == PART:
        return Step(point, "begun")
    return Step(point, "follows", before[-1]) if before else Step(point, "first")


def _skipped_by(order: Sequence[int], needs: Needs, states: States) -> dict[int, int]:
    """Points not begun below something that was, each with the point that was begun; also through several steps."""
    known, skipped = set(order), dict[int, int]()
    waiting = [(point, point) for point in reversed(order) if point in states]
    while waiting:
        point, begun = waiting.pop()
        for need in needs.get(point, ()):
            if need in known and need not in states and need not in skipped:
                skipped[need] = begun
                waiting.append((need, begun))
    return skipped
