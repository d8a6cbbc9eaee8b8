"""The page of results: every facet counts what a click on it finds, nothing found says what was tried, bad input gets an answer."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from courseware.core.roles import Role
from courseware.core.settings import Settings
from courseware.core.unit_of_work import unit_of_work
from courseware.discovery import indexing, services
from courseware.discovery.engine import engine
from courseware.discovery.jobs import mend_index
from courseware.discovery.results import FACET_NAMES
from tests.counting import statements
from tests.discovery.test_search import World, carry
from tests.libraries.builders import a_course, a_point, a_unit, a_user
from tests.servers.rewound import MadeOnce


@pytest.fixture
def world(made_once: MadeOnce) -> World:
    made: World = made_once(make_world)
    return made


def make_world() -> World:
    """Three resources that differ in everything a facet counts, and a draft that none may count."""
    with unit_of_work():
        made = World()
    first = made.publish("标定甲", language="zh-CN", tags=["ai"], originality="open", duration_s=100.0)
    with unit_of_work():
        made.publish("标定乙", type="video", body="", content_hash="a" * 64, duration_s=400.0, points=[made.axes])
        made.teacher = a_user(Role.TEACHER, unit=a_unit())
        made.course = a_course(made.library, name="视觉检测")
        made.tool = a_point(made.library, "相机标定", course=made.course)
    made.publish(
        "标定丙",
        language="en",
        originality="third_party",
        type="audio",
        body="",
        content_hash="b" * 64,
        duration_s=2000.0,
    )
    with unit_of_work():
        made.draft("标定草稿", "秘密", language="en")
    assert first.is_live
    indexing.rebuild_index()
    return made


def counted(**filters: list[str]) -> dict[str, dict[str, int]]:
    answer = services.search(None, "标定", kind="resource", facets=services.FACETS, filters=filters)
    return {name: dict(pairs) for name, pairs in answer.result.facets.items()}


def test_every_facet_counts_what_is_public_and_a_click_finds_as_many(world: World) -> None:
    facets = counted()
    assert set(services.FACETS) == set(FACET_NAMES)
    for name in services.FACETS:
        assert facets[name], f"nothing is counted by {name}"
        assert sum(facets[name].values()) <= 3, "the draft is counted"
        for value, count in facets[name].items():
            found = services.search(None, "标定", kind="resource", filters={name: [value]})
            assert found.result.total == len(found.hits) == count, (name, value)
    assert facets["type"] == {"text": 1, "video": 1, "audio": 1}
    assert facets["language"] == {"zh-CN": 2, "en": 1}
    assert facets["length"] == {"short": 1, "middle": 1, "long": 1}
    assert facets["tags"] == {"ai": 1}
    assert sorted(facets["unit"].values()) == sorted(facets["course"].values()) == [1, 2]
    assert list(facets["major"].values()) == list(facets["year"].values()) == [3]


def test_a_facet_leaves_its_own_filter_out_and_keeps_the_others(world: World) -> None:
    facets = counted(type=["video"])
    assert facets["type"] == {"text": 1, "video": 1, "audio": 1}
    assert facets["length"] == {"middle": 1}


@pytest.mark.parametrize(
    ("language", "legends"), [("zh_Hans", ("类型", "语种", "时长")), ("en", ("Type", "Language", "Length"))]
)
def test_the_page_names_facets_and_their_values_in_the_language_of_the_reader(
    world: World, client: FlaskClient, language: str, legends: tuple[str, ...]
) -> None:
    other = {"zh_Hans": "en", "en": "zh_Hans"}[language]
    for each in (other, language):  # names kept for one language must not show in the other
        client.set_cookie("kk_lang", each)
        page = client.get("/search?q=标定&kind=resource").get_data(as_text=True)
    for legend in legends:
        assert f"<legend>{legend}</legend>" in page
    assert ("视频" in page) == (language == "zh_Hans")


def test_addresses_on_the_page_keep_the_search_and_escape_what_was_typed(world: World, client: FlaskClient) -> None:
    page = client.get("/search", query_string={"q": '标定 "&<x>', "type": "video", "after": "20"}).get_data(
        as_text=True
    )
    found = page[page.index('class="found"') : page.index("</main>")]
    assert "after=20" not in found, "another tab or filter begins at its first page"
    assert "q=%E6%A0%87%E5%AE%9A+%22%26%3Cx%3E" in page
    assert "<x>" not in page


def test_nothing_found_says_what_was_tried_and_offers_near_points_and_a_way_on(
    world: World, client: FlaskClient
) -> None:
    client.set_cookie("kk_lang", "en")
    page = client.get("/search?q=工具坐标系标定&type=simulation").get_data(as_text=True)
    assert "Tried as typed, with other names of points, with pinyin and with one character changed." in page
    assert "Near to it:" in page
    assert "/search?q=%E5%B7%A5%E5%85%B7%E5%9D%90%E6%A0%87%E7%B3%BB%E6%A0%87%E5%AE%9A" in page
    assert "Drop the filters" in page


def test_no_offer_of_another_spelling_names_what_only_teachers_may_see(world: World, client: FlaskClient) -> None:
    """A draft's title is no name that corrects a visitor's words, and none that is suggested (SEC8)."""
    with unit_of_work():
        world.draft("谐波减速器拆装", "正文")
    carry()
    for address in (
        "/search?q=谐波减速机拆装",
        "/search/suggest?q=谐波",
        "/search/suggest?q=xbjsq",
        "/api/v1/search?q=谐波减速机拆装",
    ):
        assert "谐波减速器" not in client.get(address).get_data(as_text=True), address


BAD = (
    "", "?!。，", "😀😀", '"没有结束', "*", "**标*", "a" * 10_000, "标" * 10_000, "title:x AND (", "' OR 1=1 --", "标定\x07\x1f坐标", "\u202e标定",
    "标定 робот ქართული", "%", "{{ 7*7 }}", "type:video year:2020..", "\ufeff\u200b",
)  # fmt: skip


def test_bad_input_gets_an_answer_everywhere_something_is_searched(world: World, client: FlaskClient) -> None:
    for text in BAD:
        for address in ("/search", "/search/suggest"):
            answer = client.get(address, query_string={"q": text})
            page = answer.get_data(as_text=True)
            assert answer.status_code == 200, (address, text[:20])
            assert "Traceback" not in page
    for name, value in (
        ("kind", "?"),
        ("sort", "x"),
        ("after", "-5"),
        ("after", "9" * 40),
        ("year", "x..y"),
        ("course", "'"),
        ("points", "\x07"),
    ):
        assert client.get("/search", query_string={"q": "标定", name: value}).status_code == 200, (name, value)


@pytest.mark.one_database
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # Whoosh leaves files open when it fails to read them
@pytest.mark.parametrize("damage", ["gone", "cut"])
def test_a_lost_or_damaged_index_is_said_and_built_again_while_other_pages_work(
    world: World, app: Flask, client: FlaskClient, damage: str
) -> None:
    settings: Settings = app.config["KEKU"]
    assert settings.search == "whoosh"
    folder = Path(settings.data_path) / "index"
    engine().close()
    if damage == "gone":
        shutil.rmtree(folder)
        folder.mkdir()
    else:
        for path in folder.rglob("*.toc"):
            path.write_bytes(path.read_bytes()[:30])
    down = client.get("/search?q=标定")
    assert (down.status_code, down.headers["Refresh"]) == (200, "30")
    assert "正在重建" in down.get_data(as_text=True)
    assert "Traceback" not in down.get_data(as_text=True)
    assert client.get("/").status_code == client.get("/search/suggest?q=标").status_code == 200
    assert client.get("/api/v1/search?q=标定").status_code == 503
    mend_index()
    assert "正在重建" not in client.get("/search?q=标定").get_data(as_text=True)


def test_a_page_of_results_asks_the_database_equally_often_however_many_it_shows(
    world: World, client: FlaskClient
) -> None:
    counts = []
    for text in ("标定甲", "标定"):
        client.get(f"/search?q={text}")
        with statements() as asked:
            client.get(f"/search?q={text}&kind=resource&sort=newest")
        counts.append(len(asked))
    assert counts[0] == counts[1], counts
