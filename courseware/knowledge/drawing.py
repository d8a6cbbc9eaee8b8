"""Places the graph of a course in fixed columns: unit, knowledge, skill, post. Plain geometry, no database.

The server draws the map, so that it can be read without a script; scripts add zoom and arrow keys. Lengths are
in the units of the SVG's own viewBox.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from courseware.knowledge.models import Point, Post
from courseware.knowledge.queries import CourseGraph, GraphUnit

WIDTH, ROW, BAND_GAP, TOP = 1000.0, 42.0, 18.0, 14.0
BOX, BOX_HEIGHT = 158.0, 40.0
COLUMNS = {"unit": 96.0, "knowledge": 250.0, "skill": 548.0, "post": 902.0}
LABEL_GAP, LABEL_ROOM = 15.0, 215.0
CJK, LATIN = 13.0, 6.9

Name = Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class Node:
    """Something drawn: a box (unit, post) around x, y or a sign (point) with its label to the right."""

    key: str
    kind: str
    x: float
    y: float
    lines: Sequence[str]
    title: str
    row: Any = None
    is_hot: bool = False
    is_selected: bool = False
    is_found: bool = False

    @property
    def is_box(self) -> bool:
        """Whether the label stands inside."""
        return self.kind in ("unit", "post", "course")

    @property
    def left(self) -> float:
        """Where lines arrive."""
        return self.x - BOX / 2 if self.is_box else self.x - 9

    @property
    def right(self) -> float:
        """Where lines leave: the edge of the box, or the end of the label."""
        return self.x + BOX / 2 if self.is_box else self.x + LABEL_GAP + label_width(self.lines) + 5


@dataclass(frozen=True, slots=True)
class Edge:
    """A drawn line: part (unit to point), need (prerequisite, with an arrow), post."""

    kind: str
    path: str
    start: str
    end: str
    is_hot: bool = False


@dataclass(slots=True)
class Drawing:
    """All that the page draws."""

    height: float
    bands: list[tuple[float, float]] = field(default_factory=list)  # (top, height) of each unit
    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    width: float = WIDTH

    @property
    def columns(self) -> list[tuple[str, float]]:
        """Heading keys with their place in per cent of the width."""
        shift = {"knowledge": 45.0, "skill": 45.0}
        return [(name, 100 * (x + shift.get(name, 0)) / WIDTH) for name, x in COLUMNS.items()]


def text_width(text: str) -> float:
    """Roughly how wide a label of 13 units is: Chinese signs are square, Latin letters about half of that."""
    return sum(CJK if ord(letter) > 0x2E7F else LATIN for letter in text)


def label_width(lines: Sequence[str]) -> float:
    """The width of the widest line."""
    return max((text_width(line) for line in lines), default=0.0)


def wrap(text: str, room: float, rows: int = 2) -> list[str]:
    """Breaks a label into at most `rows` lines of `room`; what does not fit ends in an ellipsis."""
    lines: list[str] = [""]
    for piece in _pieces(text):
        if lines[-1] and text_width(lines[-1] + piece.rstrip()) > room:
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    lines = [line.strip() for line in lines]
    if len(lines) <= rows:
        return lines
    return [*lines[: rows - 1], _shorten(lines[rows - 1] + " " + lines[rows], room)]


def _pieces(text: str) -> list[str]:
    """Where a line may break: after a blank, and between Chinese signs."""
    pieces: list[str] = []
    for letter in text:
        starts_new = not pieces or pieces[-1].endswith(" ") or ord(letter) > 0x2E7F or ord(pieces[-1][-1]) > 0x2E7F
        if starts_new and letter not in "）)，、。”":
            pieces.append(letter)
        else:
            pieces[-1] += letter
    return pieces


def _shorten(text: str, room: float) -> str:
    while text and text_width(text + "…") > room:
        text = text[:-1]
    return text.rstrip() + "…"


def draw_course(
    graph: CourseGraph,
    name: Name,
    *,
    selected: Point | None = None,
    found: Iterable[int] = (),
    only_unit: int | None = None,
) -> Drawing:
    """Draws a course; `only_unit` is the place (from 1) of the one unit to show."""
    units = [unit for place, unit in enumerate(graph.units, start=1) if only_unit in (None, place)]
    near = _neighbours(graph, selected)
    pen = _Pen(name, near, selected.id if selected else None, set(found))
    bottom = pen.place_units(units)
    pen.place_posts([post for post in graph.posts if _is_needed(post, units)], bottom)
    pen.draw_parts(units)
    pen.draw_needs(graph.edges)
    pen.draw_posts(units, graph.edges)
    return Drawing(height=bottom + TOP, bands=pen.bands, nodes=list(pen.nodes.values()), edges=pen.edges)


def _neighbours(graph: CourseGraph, selected: Point | None) -> set[int]:
    if selected is None:
        return set()
    before = {first for first, then in graph.edges if then == selected.id}
    after = {then for first, then in graph.edges if first == selected.id}
    return before | after | {selected.id}


def _is_needed(post: Post, units: Sequence[GraphUnit]) -> bool:
    return any(post in point.posts for unit in units for point in unit.points)


class _Pen:
    def __init__(self, name: Name, near: set[int], selected: int | None, found: set[int]) -> None:
        self.name, self.near, self.selected, self.found = name, near, selected, found
        self.nodes: dict[str, Node] = {}
        self.edges: list[Edge] = []
        self.bands: list[tuple[float, float]] = []

    def place_units(self, units: Sequence[GraphUnit]) -> float:
        """One band a unit; returns where the last one ends."""
        y = TOP
        for number, unit in enumerate(units):
            y = self._place_unit(number, unit, y) + BAND_GAP
        return max(y - BAND_GAP, TOP + 3 * ROW)

    def _place_unit(self, number: int, unit: GraphUnit, top: float) -> float:
        by_kind = {kind: [p for p in unit.points if p.kind == kind] for kind in ("knowledge", "skill")}
        height = ROW * max(*(len(points) for points in by_kind.values()), 1)
        is_hot = any(point.id == self.selected for point in unit.points)
        self.bands.append((top, height))
        if unit.unit is not None:
            label = self.name(unit.unit)
            self._box(f"u{number}", "unit", COLUMNS["unit"], top + height / 2, label, unit.unit, is_hot)
        for points in by_kind.values():
            start = top + (height - ROW * len(points)) / 2 + ROW / 2
            for place, point in enumerate(points):
                self._sign(point, start + place * ROW)
        return top + height

    def _box(self, key: str, kind: str, x: float, y: float, label: str, row: Any, is_hot: bool) -> None:
        self.nodes[key] = Node(key, kind, x, y, wrap(label, BOX - 16), label, row, is_hot)

    def _sign(self, point: Point, y: float) -> None:
        label = self.name(point)
        self.nodes[_key(point.id)] = Node(
            key=_key(point.id), kind=point.kind, x=COLUMNS[point.kind], y=y, lines=wrap(label, LABEL_ROOM),
            title=label, row=point, is_hot=point.id in self.near, is_selected=point.id == self.selected,
            is_found=point.id in self.found,
        )  # fmt: skip

    def place_posts(self, posts: Sequence[Post], bottom: float) -> None:
        """Spreads the posts evenly over the height."""
        step = (bottom - TOP) / max(len(posts), 1)
        for number, post in enumerate(posts):
            is_hot = any(p.id == self.selected for p in self._points() if post in p.posts)
            self._box(
                f"j{post.id}", "post", COLUMNS["post"], TOP + step * (number + 0.5), self.name(post), post, is_hot
            )

    def _points(self) -> list[Point]:
        return [node.row for node in self.nodes.values() if isinstance(node.row, Point)]

    def draw_parts(self, units: Sequence[GraphUnit]) -> None:
        """Unit to its knowledge points; its band says the rest. One without any is tied to its skills."""
        for number, unit in enumerate(units):
            knowledge = [point for point in unit.points if point.kind == "knowledge"]
            for point in knowledge or unit.points:
                self._line("part", f"u{number}", _key(point.id), point.id == self.selected)

    def draw_needs(self, edges: Sequence[tuple[int, int]]) -> None:
        """Prerequisites inside the map, as arrows."""
        for first, then in edges:
            self._line("need", _key(first), _key(then), self.selected in (first, then))

    def draw_posts(self, units: Sequence[GraphUnit], edges: Sequence[tuple[int, int]]) -> None:
        """Point to post; where a later point of the map leads to the same post, only that one is tied to it."""
        posts = {point.id: {post.id for post in point.posts} for unit in units for point in unit.points}
        later: dict[int, set[int]] = {number: set() for number in posts}
        for first, then in edges:
            if first in posts and then in posts:
                later[first] |= posts[then]
        for number, needed in posts.items():
            for post in sorted(needed - later[number] if number != self.selected else needed):
                self._line("post", _key(number), f"j{post}", number == self.selected)

    def _line(self, kind: str, start: str, end: str, is_hot: bool) -> None:
        if start in self.nodes and end in self.nodes:
            self.edges.append(Edge(kind, _path(self.nodes[start], self.nodes[end]), start, end, is_hot))


def _key(point_id: int) -> str:
    return f"p{point_id}"


def _path(start: Node, end: Node) -> str:
    """Leaves and arrives horizontally; within a column, and backwards, it bows out to the left."""
    if end.left > start.right:
        middle = (start.right + end.left) / 2
        return f"M{start.right:.0f} {start.y:.0f}C{middle:.0f} {start.y:.0f} {middle:.0f} {end.y:.0f} {end.left:.0f} {end.y:.0f}"
    bow = min(start.left, end.left) - 18 - min(abs(start.y - end.y) / 6, 34)
    if end.x < start.x:
        return f"M{start.left:.0f} {start.y:.0f}C{start.left - 60:.0f} {start.y:.0f} {end.right + 50:.0f} {end.y:.0f} {end.right:.0f} {end.y:.0f}"
    return f"M{start.left:.0f} {start.y:.0f}C{bow:.0f} {start.y:.0f} {bow:.0f} {end.y:.0f} {end.left:.0f} {end.y:.0f}"


def preview(graph: CourseGraph, units: int = 3, points: int = 2) -> CourseGraph:
    """A small part of a course for the library's page: its first units, some points of each, two posts."""
    kept = [GraphUnit(u.unit, _first_of_each(u.points, points)) for u in graph.units[:units]]
    ids = {point.id for unit in kept for point in unit.points}
    edges = [(first, then) for first, then in graph.edges if first in ids and then in ids]
    return CourseGraph(graph.course, kept, [], edges, graph.posts[:3])


def _first_of_each(points: Sequence[Point], count: int) -> list[Point]:
    return [p for kind in ("knowledge", "skill") for p in [q for q in points if q.kind == kind][:count]]


def prerequisites_by_point(graph: CourseGraph) -> Mapping[int, list[Point]]:
    """For the list: what each point needs first, points of other courses among them."""
    by_id = {point.id: point for point in (*graph.points, *graph.outside)}
    needs: dict[int, list[Point]] = {}
    for first, then in graph.edges:
        needs.setdefault(then, []).append(by_id[first])
    return needs
