"""The map of one learner: what is mastered, in progress or a gap, and the way to a point with its reasons (R15).

The rule, as the page states it: a point is mastered when the learner has finished a resource that teaches it, in
progress when one was begun. Everything else is a gap.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from courseware.accounts.models import User
from courseware.knowledge import queries
from courseware.knowledge.graph import Edges, way_to, within_reach
from courseware.knowledge.models import Point
from courseware.libraries.models import Library
from courseware.progress.queries import mastery_by_id
from courseware.web.i18n import local_text


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A point to take up, and why."""

    point: Point
    reason: str


def states_of(user: User | None, points: Iterable[Point]) -> Mapping[int, str]:
    """done or part by point id, nothing for a gap; one query, none for guests."""
    return mastery_by_id(user, [point.id for point in points]) if user is not None else {}


def next_points(
    points: Sequence[Point], edges: Edges[int], states: Mapping[int, str], limit: int = 3
) -> list[Suggestion]:
    """What can be taken up now: begun ones first, then those that most others wait for."""
    by_id = {point.id: point for point in points}
    held = _held(states)
    reach = within_reach(list(by_id), edges, held)
    begun_first = sorted(reach, key=lambda number: states.get(number) != "part")
    return [Suggestion(by_id[n], _why_now(n, by_id, edges, states)) for n in begun_first[:limit]]


def way_for(user: User | None, goal: Point) -> list[Suggestion]:
    """What this learner still needs for `goal`, in order, each with its reason; the goal itself comes last.

    Empty for a point that is mastered. Three queries.
    """
    edges = queries.prerequisite_edges(goal.library_id)
    states = _states_on_the_way(user, goal.library, edges, goal.id)
    if states.get(goal.id) == "done":
        return []
    steps = way_to(edges, goal.id, _held(states))
    by_id = queries.points_by_id([step.node for step in steps])
    return [
        Suggestion(by_id[step.node], _why(step.node, step.needed_by, by_id, edges, states))
        for step in steps
        if step.node in by_id
    ]


def _states_on_the_way(user: User | None, library: Library, edges: Edges[int], goal: int) -> Mapping[int, str]:
    ids = [step.node for step in way_to(edges, goal, frozenset())]
    return mastery_by_id(user, ids) if user is not None else {}


def _held(states: Mapping[int, str]) -> set[int]:
    return {number for number, state in states.items() if state == "done"}


def _why(
    number: int, needed_by: int | None, by_id: Mapping[int, Point], edges: Edges[int], states: Mapping[int, str]
) -> str:
    if states.get(number) == "part":
        return _("You have begun it.")
    if needed_by is not None and needed_by in by_id:
        return _("“%(name)s” needs it first.", name=local_text(by_id[needed_by], "name"))
    if all(states.get(need) == "done" for need in edges.get(number, ())):
        return _why_now(number, by_id, edges, states)
    return _("This is where you want to get.")


def _why_now(number: int, by_id: Mapping[int, Point], edges: Edges[int], states: Mapping[int, str]) -> str:
    if states.get(number) == "part":
        return _("You have begun it.")
    if list(edges.get(number, ())):
        return _("You have mastered everything that comes before it.")
    return _("Nothing has to be learned before it.")
