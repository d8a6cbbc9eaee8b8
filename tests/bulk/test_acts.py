"""One act on many resources: previewed, done, refused one by one, undone as one."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from courseware.bulk import queries, services
from courseware.bulk.errors import NothingChosen, NotReady
from courseware.bulk.models import BulkAction, BulkItem
from courseware.core.database import session
from courseware.core.errors import Invalid, NotAllowed
from courseware.knowledge import services as knowledge
from courseware.resources import services as resources
from courseware.resources.models import Resource
from courseware.resources.table import Filters
from courseware.review import services as review
from tests.bulk.conftest import World, do_jobs
from tests.counting import statements


def prepared(world: World, act: str, given: dict[str, Any], *chosen: Resource, **more: Any) -> BulkAction:
    return services.prepare(world.librarian, world.library, act, given, uuids=[r.uuid for r in chosen], **more)


def done(world: World, act: str, given: dict[str, Any], *chosen: Resource) -> BulkAction:
    return services.begin(world.librarian, prepared(world, act, given, *chosen))


def outcomes(action: BulkAction) -> list[tuple[str, str]]:
    rows = session().execute(select(BulkItem.outcome, BulkItem.code).where(BulkItem.action_id == action.id))
    return [(outcome, code) for outcome, code in rows]


def test_an_edit_changes_what_is_chosen_and_nothing_beside_it(world: World) -> None:
    one, two, noise = world.draft("一"), world.published("二"), world.draft("三")
    given = {
        "licence": "CC0-1.0",
        "difficulty": "4",
        "points_add": "坐标系",
        "keywords_add": "焊接，示教",
        "language": "en",
    }
    done(world, "edit", given, one, two)
    for resource in (one, two):
        assert (resource.difficulty, resource.language, resource.keywords) == (4, "en", ["焊接", "示教"])
        assert [point.name for point in resource.points] == ["示教器", "坐标系"]
    assert (noise.difficulty, [point.name for point in noise.points]) == (None, ["示教器"])
    assert (one.draft_version.licence, two.published_version.licence) == ("CC0-1.0", "CC0-1.0")  # type: ignore[union-attr]


def test_the_whole_act_is_undone_as_one(world: World) -> None:
    one, two = world.draft("一", keywords=["旧"]), world.published("二", difficulty=2)
    given = {
        "difficulty": "5",
        "points_remove": "示教器",
        "points_add": "干伸长",
        "keywords_add": "新",
        "licence": "CC0-1.0",
    }
    action = done(world, "edit", given, one, two)
    services.undo(world.librarian, action)
    assert (one.difficulty, one.keywords, two.difficulty, two.keywords) == (None, ["旧"], 2, [])
    assert [[point.name for point in r.points] for r in (one, two)] == [["示教器"], ["示教器"]]
    assert (one.draft_version.licence, two.published_version.licence) == ("CC-BY-4.0", "CC-BY-4.0")  # type: ignore[union-attr]
    assert action.state == "undone"


def test_the_undo_leaves_what_was_changed_since_and_says_which(world: World) -> None:
    one, two = world.draft("一"), world.draft("二")
    action = done(world, "edit", {"difficulty": "5"}, one, two)
    resources.edit_metadata(world.author, two, {"difficulty": 1})
    services.undo(world.librarian, action)
    assert (one.difficulty, two.difficulty) == (None, 1)
    assert sorted(outcomes(action)) == [("kept", "changed_since"), ("undone", "")]


def test_the_preview_says_what_each_one_would_meet(world: World) -> None:
    draft, live, waiting, gone, bare = (
        world.draft("草稿"), world.published("在线"), world.draft("送审"), world.published("下架"), world.draft("缺", licence=""),
    )  # fmt: skip
    world.draft("无关")
    review.submit(world.author, waiting, commitment="原创")
    resources.withdraw(world.author, gone, "过时")
    chosen = (draft, live, waiting, gone, bare)
    looked = {
        act: queries.preview(prepared(world, act, given, *chosen))
        for act, given in (
            ("submit", {"commitment": "已自查"}),
            ("withdraw", {"reason": "重复"}),
            ("edit", {"tags_add": "新技术"}),
        )
    }
    assert looked["submit"].ready == 1
    assert looked["submit"].refused == {"in_review": 1, "incomplete": 1, "no_draft": 1, "withdrawn": 1}
    assert (looked["withdraw"].ready, looked["withdraw"].refused) == (1, {"not_live": 3, "withdrawn": 1})
    assert (looked["edit"].ready, looked["edit"].refused) == (2, {"in_review": 1, "no_draft": 1, "withdrawn": 1})


@pytest.mark.parametrize(("act", "given"), [
    ("submit", {"commitment": "已自查"}), ("withdraw", {"reason": "重复"}), ("edit", {"tags_add": "新技术", "difficulty": "3"}),
    ("name", {}),
])  # fmt: skip
def test_what_the_preview_promises_is_what_happens(world: World, act: str, given: dict[str, Any]) -> None:
    chosen = [
        world.draft("草稿"),
        world.published("在线"),
        world.draft("送审"),
        world.published("下架"),
        world.draft("缺", licence=""),
    ]
    review.submit(world.author, chosen[2], commitment="原创")
    resources.withdraw(world.author, chosen[3], "过时")
    action = prepared(world, act, given, *chosen)
    promised = queries.preview(action)
    services.begin(world.librarian, action)
    found = outcomes(action)
    assert sum(outcome in ("done", "unchanged") for outcome, _code in found) == promised.ready
    assert sorted(code for outcome, code in found if outcome == "refused") == sorted(
        code for code, count in promised.refused.items() for _ in range(count)
    )


def test_the_preview_counts_what_each_field_changes(world: World) -> None:
    one, two = world.draft("一", difficulty=3), world.published("二", points=world.points[:2])
    look = queries.preview(
        prepared(world, "edit", {"difficulty": "3", "points_add": "坐标系", "licence": "CC-BY-4.0"}, one, two)
    )
    assert look.changes == {"difficulty": 1, "licence": 0, "points_add": 1}


def test_a_withdrawal_shows_what_it_does_to_the_figures(world: World) -> None:
    world.published("文", kind="text")
    video = world.published("片", kind="video", content_hash="a" * 64, duration_s=60)
    world.published("短", kind="video", content_hash="b" * 64, duration_s=10)
    effect = {e.figure: e for e in queries.preview(prepared(world, "withdraw", {"reason": "旧"}, video)).effect}
    assert (effect["M1.A"].now, effect["M1.A"].then) == (3, 2)
    assert (effect["M2.A"].now.display(), effect["M2.A"].then.display()) == ("50.00 %", "100.00 %")  # type: ignore[union-attr]
    assert effect["M4"].then == 1


def test_submitting_many_goes_through_review_and_is_taken_back_while_nobody_decided(world: World) -> None:
    one, two = world.draft("一"), world.draft("二")
    action = done(world, "submit", {"commitment": "已自查"}, one, two)
    case = review.open_submission(two)
    assert case is not None
    review.decide(world.reviewer, case, "approve", review.ALL_PASSED)
    services.undo(world.librarian, action)
    assert one.draft_version is not None
    assert one.draft_version.state == "draft"
    assert two.is_live
    assert sorted(outcomes(action)) == [("kept", "changed_since"), ("undone", "")]


def test_withdrawing_many_is_undone_by_publishing_them_again(world: World) -> None:
    one, two = world.published("一"), world.published("二")
    action = done(world, "withdraw", {"reason": "重复"}, one, two)
    assert [one.is_live, two.is_live] == [False, False]
    services.undo(world.librarian, action)
    assert one.is_live
    assert two.is_live


def test_names_are_put_right_and_each_gets_its_own_number(world: World) -> None:
    ones = [world.draft(title, name=f"乱{title}") for title in ("一", "二")]
    done(world, "name", {}, *ones)
    assert [r.name for r in ones] == ["460305-RP-RP0-TXT-001-一", "460305-RP-RP0-TXT-002-二"]


def test_a_large_act_is_a_job_that_goes_on_where_it_stopped(world: World) -> None:
    ones = [world.draft(f"第{i}份") for i in range(53)]
    action = services.prepare(world.librarian, world.library, "edit", {"difficulty": "2"}, filters=Filters())
    services.begin(world.librarian, action)
    assert action.state == "running"
    services.run_some(action, 7)  # as if the worker had ended after these
    assert do_jobs() == ["done"]
    assert {r.difficulty for r in ones} == {2}
    session().refresh(action)
    assert (action.state, queries.standing(action).counts) == ("done", {"done": 53})
    services.undo(world.librarian, action)
    assert do_jobs() == ["done"]
    assert {r.difficulty for r in ones} == {None}


def test_only_those_who_keep_the_library_do_bulk_work(world: World) -> None:
    one = world.draft("一")
    action = prepared(world, "edit", {"difficulty": "2"}, one)
    for person in (world.author, world.reviewer, world.student):
        with pytest.raises(NotAllowed):
            services.begin(person, action)
        with pytest.raises(NotAllowed):
            services.prepare(person, world.library, "edit", {"difficulty": "2"}, uuids=[one.uuid])


def test_a_second_press_does_nothing_twice(world: World) -> None:
    action = done(world, "edit", {"difficulty": "2"}, world.draft("一"))
    with pytest.raises(NotReady):
        services.begin(world.librarian, action)
    services.undo(world.librarian, action)
    with pytest.raises(NotReady):
        services.undo(world.librarian, action)


def test_what_cannot_be_is_said_for_every_field_at_once(world: World) -> None:
    one = world.draft("一")
    foreign = knowledge.create_point(world.other_library, "x", "发动机", "knowledge")
    given = {"course": "NONE", "points_add": foreign.name, "difficulty": "9", "language": "xx", "tags_add": "无此标签"}
    with pytest.raises(Invalid) as refused:
        prepared(world, "edit", given, one)
    assert set(refused.value.problems) == {"course", "points_add", "difficulty", "language", "tags_add"}
    for act in ("edit", "withdraw", "submit"):
        with pytest.raises(Invalid):
            prepared(world, act, {}, one)
    with pytest.raises(NothingChosen):
        prepared(world, "name", {})


def test_resources_of_another_library_are_never_meant(world: World) -> None:
    other = resources.create_resource(world.librarian, world.other_library, type="text", title="别库", body="别库")
    action = prepared(world, "name", {}, world.draft("一"), other)
    assert action.total == 1


def test_the_preview_costs_the_same_for_many(world: World) -> None:
    def cost(number: int) -> int:
        ones = [world.draft(f"{number}-{i}") for i in range(number)]
        action = prepared(world, "edit", {"difficulty": "2", "points_add": "坐标系"}, *ones)
        session().commit()
        with statements() as seen:
            queries.preview(action)
            queries.previewed(action)
        return len(seen)

    assert cost(2) == cost(12)
