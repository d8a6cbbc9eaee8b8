"""Paths, circles, levels and ways in a set of edges, each from a node to what it needs first. Knows no database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Generic, TypeVar

K = TypeVar("K")

Edges = Mapping[K, Iterable[K]]


def path_between(edges: Edges[K], start: K, goal: K) -> list[K] | None:
    """The shortest way from `start` to `goal` along `edges`, both ends named; None when there is none."""
    came_from: dict[K, K] = {}
    seen, frontier = {start}, [start]
    while frontier:
        if goal in seen:
            return _walk_back(came_from, start, goal)
        reached = [(node, target) for node in frontier for target in edges.get(node, ()) if target not in seen]
        frontier = []
        for node, target in reached:
            if target not in seen:
                seen.add(target)
                came_from[target] = node
                frontier.append(target)
    return _walk_back(came_from, start, goal) if goal in seen else None


def _walk_back(came_from: Mapping[K, K], start: K, goal: K) -> list[K]:
    path = [goal]
    while path[-1] != start:
        path.append(came_from[path[-1]])
    return path[::-1]


def first_cycle(edges: Edges[K]) -> list[K] | None:
    """A circle in `edges` as nodes in order, first = last; None when there is none.

    Takes nodes in their given order and keeps its own stack: long chains are no problem.
    """
    done: set[K] = set()
    for root in edges:
        if root not in done:
            found = _cycle_from(edges, root, done)
            if found:
                return found
    return None


def _cycle_from(edges: Edges[K], root: K, done: set[K]) -> list[K] | None:
    path, stack = [root], [iter(edges.get(root, ()))]
    on_path = {root}
    while stack:
        target = next((t for t in stack[-1] if t not in done), None)
        if target is None:
            stack.pop()
            node = path.pop()
            on_path.discard(node)
            done.add(node)
        elif target in on_path:
            return [*path[path.index(target) :], target]
        else:
            path.append(target)
            on_path.add(target)
            stack.append(iter(edges.get(target, ())))
    return None


def levels(nodes: Sequence[K], edges: Edges[K]) -> dict[K, int]:
    """How many steps come before each node, counted along the longest way among `nodes`.

    Where a circle is handed in (courses may need each other), its first node in the given order is taken as begun.
    """
    waiting = dict.fromkeys(nodes)
    found: dict[K, int] = {}
    needs = {node: [need for need in edges.get(node, ()) if need in waiting and need != node] for node in nodes}
    while waiting:
        free = [node for node in waiting if all(need in found for need in needs[node])] or [next(iter(waiting))]
        for node in free:
            del waiting[node]
        found |= {node: 1 + max((found[need] for need in needs[node] if need in found), default=-1) for node in free}
    return found


@dataclass(frozen=True, slots=True)
class Step(Generic[K]):
    """One point of a way, and which later point of the way needs it; None for the goal itself."""

    node: K
    needed_by: K | None


def way_to(edges: Edges[K], goal: K, held: Set[K]) -> list[Step[K]]:
    """What to learn for `goal`, in an order in which everything comes after what it needs (R15).

    What is held already is left out, together with what only that needed. The goal comes last, held or not.
    """
    wanted_by: dict[K, K | None] = {goal: None}
    open_nodes = [goal]
    while open_nodes:
        node = open_nodes.pop()
        for need in edges.get(node, ()):
            if need not in held and need not in wanted_by:
                wanted_by[need] = node
                open_nodes.append(need)
    order = levels(list(wanted_by), edges)
    return [Step(node, wanted_by[node]) for node in sorted(order, key=lambda node: (node == goal, order[node]))]


def within_reach(nodes: Sequence[K], edges: Edges[K], held: Set[K]) -> list[K]:
    """Nodes that are not held while all they need is, those first that most others wait for (R15)."""
    waiting: dict[K, int] = {}
    for node in nodes:
        if node not in held:
            for need in edges.get(node, ()):
                waiting[need] = waiting.get(need, 0) + 1
    free = [node for node in nodes if node not in held and all(need in held for need in edges.get(node, ()))]
    return sorted(free, key=lambda node: -waiting.get(node, 0))
