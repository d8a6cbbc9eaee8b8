"""The table of a library: every filter alone, pages by key, the same rows in the export, names as Python judges them."""

from __future__ import annotations

from typing import Any

import pytest

from courseware.core.database import session
from courseware.libraries import services as libraries
from courseware.resources import naming, services, table
from courseware.resources.table import Filters
from courseware.review import services as review
from tests.counting import statements
from tests.resources.conftest import World


def titles(world: World, **filters: Any) -> list[str]:
    session().flush()
    return [line.resource.title for line in table.page(world.library, Filters(**filters)).items]


def test_each_filter_leaves_what_it_names(world: World, clock: Any) -> None:
    clock("2026-01-10 09:00")
    world.published("旧视频", kind="video", content_hash="a" * 64, points=world.points[1:2], tags=["新技术"])
    clock("2026-03-10 09:00")
    other = libraries.create_course(world.library, "PLC", "可编程控制", "core", world.library.core_major)
    world.draft("控制草稿", course=other, originality="open", actor=world.colleague, points=world.points[2:])
    waiting = world.draft("送审文本")
    review.submit(world.author, waiting, commitment="原创")
    gone = world.published("下架文本", licence="")
    services.withdraw(world.author, gone, "过时")
    services.create_resource(world.librarian, world.other_library, type="video", title="别库视频", body="别库")
    expected: dict[str, dict[str, str]] = {
        "旧视频": {
            "q": "旧视",
            "type": "video",
            "point": "坐标系",
            "tag": "新技术",
            "until": "2026-02-01",
            "state": "published",
        },
        "控制草稿": {"course": "PLC", "originality": "open", "author": "colleague", "state": "draft", "q": "控制"},
        "送审文本": {"state": "in_review", "q": "送审"},
        "下架文本": {"state": "withdrawn", "gap": "metadata"},
    }
    for title, filters in expected.items():
        for name, value in filters.items():
            assert titles(world, **{name: value}) == [title], (name, value)
    assert titles(world, since="2026-02-01", sort="title") == sorted(["控制草稿", "送审文本", "下架文本"])
    assert len(titles(world, unit="school")) == 4
    assert titles(world, unit="other") == []


def test_signs_of_patterns_are_plain_signs(world: World) -> None:
    world.draft("达到 100% 的方法")
    world.draft("达到 1000 的方法")
    assert titles(world, q="100%") == ["达到 100% 的方法"]
    assert titles(world, q="_") == []


@pytest.mark.parametrize("sort", table.SORTS)
def test_pages_by_key_show_every_row_once_in_order(world: World, clock: Any, sort: str) -> None:
    for number in range(7):
        clock(f"2026-01-{10 + number // 2} 09:00")  # two of the same moment
        world.draft(f"第 {number % 3} 份 {number}") if number % 2 else world.published(f"第 {number % 3} 份 {number}")
    whole = titles(world, sort=sort)
    paged: list[str] = []
    after = ""
    while True:
        page = table.page(world.library, Filters(sort=sort), after, limit=2)
        paged += [line.resource.title for line in page.items]
        if page.next is None:
            break
        after = page.next
    assert paged == whole
    assert len(set(whole)) == 7


def test_a_made_up_page_key_begins_anew(world: World) -> None:
    world.draft("一")
    for key in ("zzz", "WzFd", "!!", "WyJ4IiwgIm5vIG51bWJlciIsIGZhbHNlXQ"):
        assert len(table.page(world.library, Filters(), key).items) == 1


@pytest.mark.parametrize("template", [
    "{major}-{course}-{point}-{type}-{seq}-{title}", "{seq}_{title}", "{course}-{title}", "{type}{seq}", "{seq}-{title}-{seq}",
])  # fmt: skip
def test_the_table_finds_what_the_rule_refuses_under_any_template(world: World, template: str) -> None:
    libraries.set_naming_template(world.library, template, world.librarian)
    ones = [
        world.draft("焊枪 角度：a/b*c"),
        world.published("角度"),
        world.draft("无点", points=[]),
        world.draft("无课", course=None),
    ]
    for number, name in enumerate(
        ("乱", "460305-RP-RP0-TXT-01-乱", "460305-RP-RP0-TXT-0x1-乱3", "001_乱", "TXT001", "")
    ):
        ones.append(world.draft(f"乱{number}", name=name or " "))
    session().flush()
    wrong = {one.title for one in ones if not naming.follows_template(one)}
    assert set(titles(world, gap="naming")) == wrong
    assert {line.resource.title for line in table.page(world.library, Filters()).items if not line.is_named} == wrong


def test_the_missing_fields_of_the_table_are_those_that_block_submission(world: World) -> None:
    whole = world.draft("全")
    for field, value in (("licence", ""), ("originality", "unknown"), ("points", []), ("course", None), ("body", " ")):
        world.draft(f"缺{field}", **{field: value})
    missing = {line.resource.title: line.missing for line in table.page(world.library, Filters(gap="metadata")).items}
    assert whole.title not in missing
    assert missing == {
        "缺licence": ("licence",), "缺originality": ("originality",), "缺points": ("points",), "缺course": ("course",),
        "缺body": ("content",),
    }  # fmt: skip
    assert table.count(world.library, Filters(gap="metadata")) == 5


def test_the_export_has_the_rows_of_the_filter_and_costs_the_same_for_many(world: World) -> None:
    world.published("一", points=world.points[:2])
    world.draft("二")
    rows = list(table.export(world.library, Filters(state="published")))
    assert [(row["title"], row["points"], row["state"]) for row in rows] == [("一", ["示教器", "坐标系"], "published")]
    costs = []
    for extra in range(2):
        for number in range(5 * extra):
            world.draft(f"多{number}")
        session().flush()
        with statements() as seen:
            list(table.export(world.library, Filters()))
            table.page(world.library, Filters())
        costs.append(len(seen))
    assert costs[0] == costs[1]


def test_unknown_values_in_an_address_are_left_out() -> None:
    read = table.read_filters(
        {"state": "x", "type": "exe", "since": "gestern", "sort": "rand", "q": " 焊 ", "gap": "all"}
    )
    assert read == Filters(q="焊")
