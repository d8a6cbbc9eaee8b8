"""Where points stand: nothing overlaps, order goes to the right; and the way to a point comes in order."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courseware.knowledge.graph import levels, way_to, within_reach
from courseware.knowledge.layout import CELL_HEIGHT, CELL_WIDTH, Layout, arrange, arrange_levels

SIZES = st.lists(st.integers(0, 60), min_size=1, max_size=12)


def a_graph(sizes: list[int], draw: Any) -> tuple[list[tuple[str, list[int]]], dict[int, list[int]]]:
    numbers = iter(range(10_000))
    clusters = [(f"u{n}", [next(numbers) for _ in range(size)]) for n, size in enumerate(sizes)]
    total = sum(sizes)
    pairs = draw(st.lists(st.tuples(st.integers(0, max(total, 1)), st.integers(0, max(total, 1))), max_size=120))
    edges: dict[int, list[int]] = {}
    for a, b in pairs:
        if a != b:
            edges.setdefault(max(a, b), []).append(min(a, b))
    return clusters, edges


@given(sizes=SIZES, data=st.data(), columns=st.sampled_from([None, 4]))
def test_every_point_has_its_own_room_inside_its_own_box(sizes: list[int], data: Any, columns: int | None) -> None:
    clusters, edges = a_graph(sizes, data.draw)
    layout: Layout[int] = arrange(clusters, edges, columns)
    assert set(layout.places) == {member for _key, members in clusters for member in members}
    assert len({(round(x / CELL_WIDTH, 3), round(y / CELL_HEIGHT, 3)) for x, y in layout.places.values()}) == sum(sizes)
    boxes = {box.key: box for box in layout.boxes}
    for key, members in clusters:
        for member in members:
            x, y = layout.places[member]
            box = boxes[key]
            assert box.x < x < box.x + box.width
            assert box.y < y < box.y + box.height
            for first in set(edges.get(member, ())) & set(members):
                assert layout.places[first][0] < x
    for n, one in enumerate(layout.boxes):
        assert one.x + one.width <= layout.width + 1
        for other in layout.boxes[n + 1 :]:
            apart = one.x + one.width <= other.x or other.x + other.width <= one.x
            assert apart or one.y + one.height <= other.y or other.y + other.height <= one.y


def test_500_points_fit_a_window_at_a_scale_at_which_names_of_clusters_can_be_read() -> None:
    clusters = [(f"u{n}", list(range(50 * n, 50 * n + 50))) for n in range(10)]
    edges = {n: [n - 1] for n in range(1, 500) if n % 5}
    layout = arrange(clusters, edges)
    assert min(920 / layout.width, 620 / layout.height) > 0.25


def test_courses_that_need_each_other_are_drawn_all_the_same() -> None:
    layout = arrange_levels(["a", "b", "c"], {"a": ["b"], "b": ["a"], "c": ["b"]})
    assert set(layout.places) == {"a", "b", "c"}
    assert layout.places["a"][0] < layout.places["b"][0] < layout.places["c"][0]


def test_a_chain_of_ten_thousand_has_ten_thousand_levels() -> None:
    chain = {n: [n - 1] for n in range(1, 3000)}
    assert levels(list(range(3000)), chain)[2999] == 2999


@given(data=st.data())
def test_the_way_holds_every_open_prerequisite_before_what_needs_it(data: Any) -> None:
    _clusters, edges = a_graph([30], data.draw)
    held = frozenset(data.draw(st.sets(st.integers(0, 30), max_size=10)))
    goal = data.draw(st.integers(0, 30))
    steps = [step.node for step in way_to(edges, goal, held)]
    assert steps[-1] == goal
    assert not held & set(steps[:-1])
    for place, node in enumerate(steps):
        assert all(need in steps[:place] for need in edges.get(node, ()) if need not in held)


@pytest.mark.parametrize(("held", "found"), [(set(), ["a"]), ({"a"}, ["b", "c"]), ({"a", "b", "c"}, ["d"])])
def test_in_reach_is_what_lacks_nothing_those_first_that_most_wait_for(held: set[str], found: list[str]) -> None:
    edges = {"b": ["a"], "c": ["a"], "d": ["b", "c"], "e": ["b", "d"]}
    assert within_reach(list("abcde"), edges, held) == found
