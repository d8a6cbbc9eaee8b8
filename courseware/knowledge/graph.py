"""Paths and circles in a set of edges. Knows no database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

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
