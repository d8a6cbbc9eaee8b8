"""The next version of a course standard: a draft that nobody overwrites, its difference, its effect, its review (R10, R36)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courseware.catalog import standard_reviewing as reviewing
from courseware.catalog import standards
from courseware.catalog.errors import (
    OwnStandard,
    StandardChanged,
    StandardReviewFirst,
    StandardUnchanged,
    StandardWaits,
)
from courseware.core.errors import Invalid, NotAllowed
from courseware.core.roles import Role
from courseware.knowledge import queries as knowledge
from courseware.knowledge.standards import difference, point_uuids, problems_of, read_tree, tree_of
from courseware.libraries import services as libraries
from courseware.review import rulebook
from courseware.review.errors import AlreadyDecided
from courseware.review.rules import Level, Rules
from tests.catalog.world import World

PASS = dict.fromkeys(("political", "scientific", "applicability", "norms"), (True, ""))


def tree(world: World, *units: tuple[str, str, list[int]], module: str = "") -> dict[str, Any]:
    """A tree of one module from (key, name, numbers of points)."""
    made = [{"key": k, "name": n, "points": [str(world.points[i].uuid) for i in points]} for k, n, points in units]
    return {"modules": [{"name": module, "units": made}]}


def two_units(world: World) -> dict[str, Any]:
    """As published, but the second point is in the second unit, and the first point is gone."""
    return tree(world, ("u1", "焊枪姿态与行走", [1]), ("u2", "操作", [2]), module="焊接准备")


def test_a_draft_changes_nothing_until_it_is_published_as_a_version(world: World) -> None:
    standards.save(world.teacher, world.course, two_units(world), 0)
    assert knowledge.standard_of(world.course).version == "2025"
    impact = standards.impact_of(world.course, standards.working_tree(world.course))
    assert impact.difference.lost == [str(world.points[0].uuid)]
    assert impact.difference.renamed_units == [("焊枪姿态", "焊枪姿态与行走")]
    standards.publish(world.teacher, world.course, "2026")
    now = knowledge.standard_of(world.course)
    assert (now.version, [u.module.name for u in now.units], [u.key for u in now.units]) == (
        "2026", ["焊接准备", "焊接准备"], ["u1", "u2"],
    )  # fmt: skip
    assert standards.draft_of(world.course) is None


def test_coverage_is_told_before_publishing(world: World) -> None:
    world.resource(points=[world.points[1]])
    impact = standards.impact_of(world.course, read_tree(two_units(world)))
    assert [(r.numerator, r.denominator) for r in (impact.before, impact.after)] == [(1, 3), (1, 2)]


def test_two_editors_of_one_standard_never_overwrite_each_other(world: World) -> None:
    libraries.set_team(world.course, [(world.teacher, "leader"), (world.colleague, "editor")])
    first = standards.save(world.teacher, world.course, two_units(world), 0)
    opened = first.revision
    standards.save(world.colleague, world.course, tree(world, ("u1", "同事的", [0])), opened)
    for stale in (0, opened):
        with pytest.raises(StandardChanged):
            standards.save(world.teacher, world.course, two_units(world), stale)
    assert standards.working_tree(world.course)["modules"][0]["units"][0]["name"] == "同事的"
    with pytest.raises(NotAllowed):
        standards.publish(world.colleague, world.course, "2026")


def test_what_keeps_a_draft_from_being_published_is_told_at_once(world: World) -> None:
    odd = tree(world, ("a", "", [0]), ("b", "空的", []), ("c", "两次", [0]))
    assert len(problems_of(world.course, read_tree(odd))) == 3
    standards.save(world.teacher, world.course, odd, 0)
    with pytest.raises(Invalid) as refusal:
        standards.publish(world.teacher, world.course, "2025")
    assert set(refusal.value.problems) == {"tree", "version"}


def test_a_draft_that_says_the_same_is_no_version(world: World) -> None:
    standards.save(world.teacher, world.course, tree_of(knowledge.standard_of(world.course)), 0)
    with pytest.raises(StandardUnchanged):
        standards.publish(world.teacher, world.course, "2026")


@pytest.mark.parametrize(
    "odd",
    [
        None,
        [],
        {"modules": 3},
        {"modules": [{"units": [{"points": ["x"]}]}]},
        {"modules": [{"name": 5}]},
        {"modules": [{}] * 41},
    ],
)
def test_what_is_no_tree_is_refused_with_a_sentence(odd: object) -> None:
    with pytest.raises(Invalid):
        read_tree(odd)


_trees = st.lists(st.lists(st.lists(st.uuids(), max_size=4), max_size=4), max_size=4).map(
    lambda modules: {
        "modules": [
            {"name": "m", "units": [{"name": "u", "points": [str(p) for p in points]} for points in units]}
            for units in modules
        ]
    }
)


@given(_trees)
def test_reading_a_tree_twice_is_reading_it_once_and_differs_in_nothing(given_tree: dict[str, Any]) -> None:
    once = read_tree(given_tree)
    assert read_tree(once) == once
    assert difference(once, once).is_nothing
    gained = difference({"modules": []}, once).gained
    assert set(gained) == set(point_uuids(once))


def test_points_are_found_by_name_and_alias_those_of_the_course_first(world: World) -> None:
    from courseware.knowledge import services as points

    elsewhere = points.create_point(world.library, "x", "工作角度测量", "skill", course=world.other_course)
    points.create_point(world.library, "y", "焊枪倾角", "skill", course=world.course, aliases=["工作角（俗称）"])
    found = [p.name for p in standards.find_points(world.teacher, world.course, "工作角")]
    assert found == ["工作角", "焊枪倾角", elsewhere.name]
    assert [p.name for p in standards.find_points(world.teacher, world.course, "")] == ["焊枪倾角"]


# ---- Review


@pytest.fixture
def reviewer(world: World) -> Any:
    admin = world.person("admin", Role.ADMINISTRATOR)
    rulebook.save(admin, world.library, Rules(levels=(Level(),), standards=True))
    return world.person("reviewer", Role.REVIEWER)


def handed_in(world: World) -> Any:
    standards.save(world.teacher, world.course, two_units(world), 0)
    with pytest.raises(StandardReviewFirst):
        standards.publish(world.teacher, world.course, "2026")
    return reviewing.hand_in(world.teacher, world.course, "2026")


def test_where_standards_are_reviewed_the_version_before_holds_until_somebody_else_approved(
    world: World, reviewer: Any
) -> None:
    case = handed_in(world)
    assert knowledge.standard_of(world.course).version == "2025"
    with pytest.raises(StandardWaits):
        standards.save(world.teacher, world.course, two_units(world), 0)
    reviewing.decide(reviewer, case, "approve", PASS)
    assert knowledge.standard_of(world.course).version == "2026"
    with pytest.raises(AlreadyDecided):
        reviewing.decide(reviewer, case, "approve", PASS)


def test_nobody_reviews_a_standard_they_wrote(world: World, reviewer: Any) -> None:
    writer = world.person("both", Role.TEACHER, Role.REVIEWER)
    libraries.set_team(world.course, [(world.teacher, "leader"), (writer, "editor")])
    standards.save(writer, world.course, two_units(world), 0)
    case = reviewing.hand_in(world.teacher, world.course, "2026")
    for own in (writer, world.teacher):
        with pytest.raises((OwnStandard, NotAllowed)):
            reviewing.decide(own, case, "approve", PASS)
    assert case.state == "open"


def test_a_returned_standard_is_the_draft_again(world: World, reviewer: Any) -> None:
    case = handed_in(world)
    reviewing.decide(reviewer, case, "return", {**PASS, "scientific": (False, "单元二缺少姿态调整。")})
    assert standards.draft_of(world.course).tree == case.tree
    again = reviewing.hand_in(world.teacher, world.course, "2026")
    reviewing.take_back(world.teacher, again)
    assert standards.draft_of(world.course) is not None
