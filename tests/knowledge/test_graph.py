"""R13: no circle among prerequisites, whatever the order in which edges arrive."""

from __future__ import annotations

import itertools

import pytest
from flask import Flask
from flask_babel import force_locale
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from courseware.core.errors import NotAllowed
from courseware.core.roles import Role
from courseware.knowledge import errors, queries, services
from courseware.knowledge.graph import first_cycle, path_between
from courseware.libraries.models import Library
from tests.libraries.builders import a_course, a_library, a_point, a_unit, a_user, an_admin

# A busy machine is slow at times; that says nothing about circles.
patiently = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=80)


@st.composite
def ordered_edges(draw: st.DrawFn) -> tuple[int, list[tuple[int, int]]]:
    """Edges (later, earlier) over numbered nodes: an order exists, so there is no circle."""
    count = draw(st.integers(2, 12))
    pairs = list(itertools.combinations(range(count), 2))
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, min_size=1))
    return count, [(later, earlier) for earlier, later in chosen]


def _as_map(count: int, edges: list[tuple[int, int]]) -> dict[int, list[int]]:
    graph: dict[int, list[int]] = {node: [] for node in range(count)}
    for later, earlier in edges:
        graph[later].append(earlier)
    return graph


@patiently
@given(ordered_edges())
def test_edges_that_follow_an_order_hold_no_circle(case: tuple[int, list[tuple[int, int]]]) -> None:
    assert first_cycle(_as_map(*case)) is None


@patiently
@given(ordered_edges(), st.data())
def test_the_edge_that_closes_a_circle_is_found_with_its_path(
    case: tuple[int, list[tuple[int, int]]], data: st.DataObject
) -> None:
    count, edges = case
    graph = _as_map(count, edges)
    start, first = data.draw(st.sampled_from(edges))
    graph[first].append(start)
    cycle = first_cycle(graph)
    assert cycle is not None
    assert cycle[0] == cycle[-1]
    assert all(then in graph[node] for node, then in itertools.pairwise(cycle))


@patiently
@given(ordered_edges(), st.data())
def test_a_path_is_found_exactly_where_one_leads(case: tuple[int, list[tuple[int, int]]], data: st.DataObject) -> None:
    count, edges = case
    graph = _as_map(count, edges)
    start, goal = data.draw(st.integers(0, count - 1)), data.draw(st.integers(0, count - 1))
    reached, frontier = {start}, [start]
    while frontier:
        frontier = [n for node in frontier for n in graph[node] if n not in reached and not reached.add(n)]  # type: ignore[func-returns-value]
    path = path_between(graph, start, goal)
    assert (path is not None) == (goal in reached)
    if path:
        assert (path[0], path[-1]) == (start, goal)
        assert all(then in graph[node] for node, then in itertools.pairwise(path))


def test_a_chain_of_ten_thousand_points_is_walked() -> None:
    chain = {n: [n + 1] for n in range(10_000)}
    assert first_cycle(chain) is None
    assert first_cycle({**chain, 10_000: [0]}) is not None
    assert len(path_between(chain, 0, 10_000) or []) == 10_001


@pytest.fixture
def library(app: Flask) -> Library:
    a_point(a_library())
    return a_library()


def test_random_prerequisites_in_order_are_accepted_and_every_closing_one_is_refused(library: Library) -> None:
    import random

    dice, admin = random.Random(7), an_admin()
    points = [a_point(library, f"点{n}") for n in range(14)]
    edges = dice.sample(list(itertools.combinations(range(14), 2)), 40)
    for earlier, later in edges:
        services.add_prerequisite(points[later], points[earlier], admin)
    needs = {later: [e for e, then in edges if then == later] for later in range(14)}
    for earlier, later in itertools.combinations(range(14), 2):
        if path_between(needs, later, earlier):
            with pytest.raises(errors.PrerequisiteCycle):
                services.add_prerequisite(points[earlier], points[later], admin)
    assert queries.graph_facts(library).edges == 40


def test_the_refusal_names_the_way_round_also_across_courses(library: Library) -> None:
    admin = an_admin()
    one, two = a_course(library), a_course(library)
    a = a_point(library, "甲", course=one)
    b = a_point(library, "乙", course=two, prerequisites=[a])
    c = a_point(library, "丙", course=one, prerequisites=[b])
    with pytest.raises(errors.PrerequisiteCycle) as refusal:
        services.add_prerequisite(a, c, admin)
    assert refusal.value.path == ["甲", "丙", "乙", "甲"]
    with force_locale("en"):
        assert "甲 → 丙 → 乙 → 甲" in str(refusal.value)
    assert queries.graph_facts(library).edges == 2


def test_a_point_does_not_need_itself(library: Library) -> None:
    point = a_point(library, "甲")
    with pytest.raises(errors.PrerequisiteCycle):
        services.add_prerequisite(point, point, an_admin())


def test_prerequisites_stay_within_one_library_and_are_said_once(library: Library) -> None:
    admin, point = an_admin(), a_point(library)
    with pytest.raises(errors.PrerequisiteElsewhere):
        services.add_prerequisite(point, a_point(a_library()), admin)
    first = a_point(library)
    services.add_prerequisite(point, first, admin)
    with pytest.raises(errors.PrerequisiteAlready):
        services.add_prerequisite(point, first, admin)
    services.remove_prerequisite(point, first, admin)
    assert point.prerequisites == []


def test_only_those_who_keep_the_library_change_its_graph(library: Library) -> None:
    point, first = a_point(library), a_point(library)
    for actor in (None, a_user(Role.TEACHER, unit=library.members[0].unit), a_user(Role.LIBRARIAN, unit=a_unit())):
        with pytest.raises(NotAllowed):
            services.add_prerequisite(point, first, actor)
        with pytest.raises(NotAllowed):
            services.add_alias(point, "别名", actor)


def test_aliases_are_kept_once_and_one_alias_may_lead_to_two_points(library: Library) -> None:
    admin = an_admin()
    pendant = a_point(library, "示教器", aliases=["TP", "tp", "示教器", " "])
    timer = a_point(library, "脉冲定时器", aliases=["TP"])
    assert [alias.name.upper() for alias in pendant.aliases] == ["TP"]
    with pytest.raises(errors.AliasAlready):
        services.add_alias(pendant, "Tp", admin)
    with pytest.raises(errors.AliasInvalid):
        services.add_alias(pendant, "  ", admin)
    assert set(queries.find_points(library, "TP")) == {pendant, timer}


def test_signs_of_the_search_language_are_letters_here(library: Library) -> None:
    a_point(library, "点焊")
    percent = a_point(library, "占空比 50%")
    assert queries.find_points(library, "%") == [percent]
    assert queries.find_points(library, "_") == []


def test_posts_are_made_once_and_learn_their_facts(library: Library) -> None:
    one, two = a_point(library, posts=["运维员", "运维员"]), a_point(library, posts=["运维员"])
    assert one.posts == two.posts
    services.ensure_post("运维员", code="6-31", abilities=["点检"])
    services.ensure_post("运维员", code="other")
    assert (one.posts[0].code, [a.name for a in one.posts[0].abilities]) == ("6-31", ["点检"])
    assert [(post.name, count) for post, count in queries.posts_of_library(library)] == [("运维员", 2)]


def test_keys_are_unique_in_a_library_only(library: Library) -> None:
    a_point(library, key="k")
    a_point(a_library(), key="k")
    with pytest.raises(errors.PointKeyTaken):
        a_point(library, key="k")
