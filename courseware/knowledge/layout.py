"""Places the points of a map: clusters side by side, and inside a cluster from left to right by what comes first.

Plain geometry, no database. Nothing overlaps, whatever the names: every point has a cell of its own, every cluster a
box of its own, and boxes stand in the order of the course standard, row by row. Lengths are in the map's own units.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from courseware.knowledge.graph import levels

K = TypeVar("K", bound=Hashable)

CELL_WIDTH, CELL_HEIGHT = 184.0, 42.0
PAD, HEAD, GAP = 18.0, 46.0, 34.0
ASPECT = 1.45  # of the window that a map is first shown in
COLUMN, STEP = 212.0, 92.0


@dataclass(frozen=True, slots=True)
class Box(Generic[K]):
    """A cluster: its box by the left upper corner."""

    key: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Layout(Generic[K]):
    """Where everything stands; a point by the middle of its sign, whose label goes to the right."""

    places: Mapping[K, tuple[float, float]]
    boxes: Sequence[Box[K]]
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class _Block(Generic[K]):
    key: str
    cells: Mapping[K, tuple[int, int]]  # column, row

    @property
    def width(self) -> float:
        return 2 * PAD + CELL_WIDTH * (1 + max((column for column, _row in self.cells.values()), default=0))

    @property
    def height(self) -> float:
        return HEAD + PAD + CELL_HEIGHT * (1 + max((row for _column, row in self.cells.values()), default=0))


def arrange(
    clusters: Sequence[tuple[str, Sequence[K]]], edges: Mapping[K, Iterable[K]], columns: int | None = None
) -> Layout[K]:
    """Places clusters of (key, members); `edges` lead from a point to what it needs first.

    A member named by several clusters stands in the first of them; a cluster left without members has no box. With
    `columns` every cluster has a row of its own and is about that many points wide.
    """
    blocks = _blocks(clusters, edges, columns)
    if not blocks:
        return Layout({}, [], 0.0, 0.0)
    if columns is not None:
        return _shelved(blocks, 0.0)
    return min((_shelved(blocks, room) for room in _rooms(blocks)), key=lambda layout: _waste(layout))


def arrange_levels(nodes: Sequence[K], edges: Mapping[K, Iterable[K]]) -> Layout[K]:
    """A few large nodes (courses) in columns: each right of what it builds on."""
    by_level: dict[int, list[K]] = {}
    for node, level in levels(nodes, edges).items():
        by_level.setdefault(level, []).append(node)
    tallest = max((len(column) for column in by_level.values()), default=0)
    places = {
        node: (COLUMN * level, STEP * (row + (tallest - len(column)) / 2))
        for level, column in by_level.items()
        for row, node in enumerate(sorted(column, key=nodes.index))
    }
    return Layout(places, [], COLUMN * max(len(by_level), 1), STEP * tallest)


def _blocks(
    clusters: Sequence[tuple[str, Sequence[K]]], edges: Mapping[K, Iterable[K]], columns: int | None
) -> list[_Block[K]]:
    seen: set[K] = set()
    blocks: list[_Block[K]] = []
    for key, members in clusters:
        own = [member for member in dict.fromkeys(members) if member not in seen]
        seen.update(own)
        if own:
            blocks.append(_Block(key, _cells(own, edges, _rows(len(own), columns))))
    return blocks


def _rows(count: int, columns: int | None) -> int:
    """How high a cluster of `count` points may grow."""
    if columns is not None:
        return max(2, math.ceil(count / columns))
    return max(3, math.ceil(math.sqrt(count * CELL_WIDTH / CELL_HEIGHT / ASPECT)))


def _cells(members: Sequence[K], edges: Mapping[K, Iterable[K]], rows: int) -> dict[K, tuple[int, int]]:
    """A column for each level; a level with too many points goes on in the next column, before the next level."""
    by_level: dict[int, list[K]] = {}
    for member, level in levels(members, edges).items():
        by_level.setdefault(level, []).append(member)
    cells: dict[K, tuple[int, int]] = {}
    column = 0
    for level in sorted(by_level):
        for number, member in enumerate(by_level[level]):
            cells[member] = (column + number // rows, number % rows)
        column += math.ceil(len(by_level[level]) / rows)
    return cells


def _rooms(blocks: Sequence[_Block[K]]) -> list[float]:
    """Widths worth trying: what the first one, two, three … clusters need beside each other."""
    widest = max(block.width for block in blocks)
    sums = [sum(block.width + GAP for block in blocks[: n + 1]) for n in range(min(len(blocks), 24))]
    return sorted({max(widest, room) for room in sums})


def _shelved(blocks: Sequence[_Block[K]], room: float) -> Layout[K]:
    places: dict[K, tuple[float, float]] = {}
    boxes: list[Box[K]] = []
    x = y = shelf = widest = 0.0
    for block in blocks:
        if boxes and x + block.width > room + GAP:
            x, y, shelf = 0.0, y + shelf + GAP, 0.0
        boxes.append(Box(block.key, x, y, block.width, block.height))
        for member, (column, row) in block.cells.items():
            places[member] = (x + PAD + 10 + column * CELL_WIDTH, y + HEAD + (row + 0.5) * CELL_HEIGHT)
        x, shelf = x + block.width + GAP, max(shelf, block.height)
        widest = max(widest, x - GAP)
    return Layout(places, boxes, widest, y + shelf)


def _waste(layout: Layout[K]) -> float:
    """How small the map must be drawn to fit its first window: smaller is better."""
    return max(layout.width / ASPECT, layout.height)
