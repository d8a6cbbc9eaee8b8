"""What is published is found a moment later, what is withdrawn is not, and a moment lands on its second."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask import Flask

from courseware.accounts.models import User
from courseware.core.roles import Role
from courseware.core.unit_of_work import unit_of_work
from courseware.discovery import indexing, services
from courseware.discovery.engine import engine
from courseware.jobs import worker
from courseware.knowledge import services as knowledge
from courseware.resources import services as resources
from courseware.resources.models import CaptionTrack, Resource
from courseware.review import services as review
from tests.counting import statements
from tests.libraries.builders import a_course, a_library, a_point, a_unit, a_user
from tests.servers.rewound import MadeOnce

CAPTIONS = """WEBVTT

00:00.000 --> 00:10.000
先看机器人的六个轴。

00:10.000 --> 00:20.000
用四点法标定工具坐标系。

00:20.000 --> 00:40.000
最后检查标定误差。
"""


class World:
    """A course with two points, a teacher, a reviewer, and a search index that is empty."""

    def __init__(self) -> None:
        self.unit = a_unit()
        self.library = a_library(hosts=[self.unit])
        self.course = a_course(self.library, name="工业机器人操作与编程")
        self.tool = a_point(
            self.library, "工具坐标系标定", course=self.course, aliases=["工具座标", "TCP标定"], kind="skill"
        )
        self.axes = a_point(self.library, "机器人坐标系", course=self.course)
        self.teacher = a_user(Role.TEACHER, unit=self.unit)
        self.reviewer = a_user(Role.REVIEWER, unit=self.unit)

    def publish(self, title: str, body: str = "", **more: object) -> Resource:
        with unit_of_work():
            made = self.draft(title, body or f"{title}的正文。", **more)
            submission = review.submit(self.teacher, made, commitment="test")
            review.decide(self.reviewer, submission, "approve", review.ALL_PASSED)
        return made

    def draft(self, title: str, body: str, **more: object) -> Resource:
        given = {
            "type": "text",
            "points": [self.tool],
            "originality": "open",
            "licence": "CC-BY-4.0",
            "evidence_note": "示例",
            **more,
        }
        return resources.create_resource(
            self.teacher, self.library, title=title, course=self.course, body=body, **given
        )


@pytest.fixture
def world(made_once: MadeOnce) -> World:
    made: World = made_once(make_world)
    return made


def make_world() -> World:
    """A new world, committed, with its index."""
    with unit_of_work():
        made = World()
    indexing.rebuild_index()
    return made


def carry() -> None:
    while worker.carry_outbox():
        pass


def found(text: str, person: User | None = None, **more: object) -> list[str]:
    return [
        hit.row.title if hasattr(hit.row, "title") else hit.row.name
        for hit in services.search(person, text, **more).hits
    ]


def test_a_published_resource_is_found_by_its_point_and_by_the_points_other_name(world):
    world.publish("四点法示范")
    assert "四点法示范" not in found("工具座标", kind="resource")
    carry()
    assert found("工具座标", kind="resource") == ["四点法示范"]
    assert found("TCP标定", kind="point") == ["工具坐标系标定"]


def test_a_draft_is_not_found_and_not_counted(world):
    with unit_of_work():
        world.draft("未发布的草稿", "秘密内容")
    carry()
    answer = services.search(world.teacher, "秘密内容", kind="resource")
    assert (answer.result.total, list(answer.hits)) == (0, [])


def test_nothing_of_a_library_that_is_not_open_yet_is_found_counted_or_suggested(world):
    world.publish("工具坐标系标定演示")
    carry()
    assert engine().status().documents > 1
    with unit_of_work():
        world.library.published_at = None
    assert found("坐标系标定") == [], "the rows are looked at, whatever the index holds"
    indexing.rebuild_index()
    assert engine().status().documents == 0
    assert not services.suggest("坐标")


def test_a_withdrawn_resource_leaves_results_totals_and_suggestions(world):
    made = world.publish("即将下架的资源")
    carry()
    assert found("即将下架", kind="resource") == ["即将下架的资源"]
    with unit_of_work():
        resources.withdraw(world.teacher, made, "内容过时")
    assert found("即将下架", kind="resource") == [], "the database is asked before the index has followed"
    carry()
    assert services.search(None, "即将下架", kind="resource").result.total == 0
    assert all("下架" not in s.name for s in services.suggest("即将"))


def test_a_new_alias_of_a_point_finds_the_resources_that_teach_it(world):
    world.publish("四点法示范")
    carry()
    assert found("焊枪零点", kind="resource", exact=True) == []
    with unit_of_work():
        knowledge.add_alias(world.tool, "焊枪零点", a_user(Role.ADMINISTRATOR))
    carry()
    assert found("焊枪零点", kind="resource") == ["四点法示范"]


def test_a_moment_begins_at_the_second_where_the_point_is_taught(world):
    made = world.publish(
        "标定实拍", type="video", body="", content_hash="f" * 64, duration_s=40.0,
    )  # fmt: skip
    with unit_of_work():
        version = made.published_version
        resources.set_captions(version, "zh", CAPTIONS)
        resources.set_point_ranges(version, [(world.tool, 10.0, 20.0)])
        indexing._tell_indexer(None, kind="resource", uuid=made.uuid)
    carry()
    best = services.search(None, "工具座标", kind="moment").hits[0]
    assert (best.row.title, best.start_s, best.end_s) == ("标定实拍", 10.0, 20.0)
    assert best.url == f"/resources/{made.uuid}?t=10"
    said = services.search(None, "检查标定误差", kind="moment").hits
    assert said
    assert said[0].row.id == made.id


def test_one_unreadable_caption_track_leaves_everything_else_findable(world):
    made = world.publish("字幕损坏的视频", type="video", body="", content_hash="e" * 64, duration_s=40.0)
    with unit_of_work():
        made.published_version.captions.append(CaptionTrack(language="zh", webvtt="00:00.000 --> nonsense"))
        made.published_version.captions.append(CaptionTrack(language="en", webvtt="没有时间的文字"))
    assert indexing.rebuild_index() > 0
    assert found("字幕损坏", kind="resource") == ["字幕损坏的视频"]


def test_following_the_same_entries_twice_changes_nothing(world):
    made = world.publish("四点法示范")
    carry()
    before = engine().status().documents
    with unit_of_work():
        indexing._tell_indexer(None, kind="resource", uuid=made.uuid)
        indexing._tell_indexer(None, kind="resource", uuid=made.uuid)
    carry()
    assert engine().status().documents == before


def test_a_rebuild_holds_the_same_documents_as_following(world):
    for title in ("甲资源", "乙资源", "丙资源"):
        world.publish(title)
    carry()
    followed = engine().status().documents
    assert indexing.rebuild_index() == followed


def test_reading_hits_takes_the_same_number_of_queries_however_many_there_are(world):
    world.publish("资源1号")
    carry()
    with statements() as few:
        services.search(None, "资源", kind="resource")
    for number in range(2, 9):
        world.publish(f"资源{number}号")
    carry()
    with statements() as many:
        assert len(services.search(None, "资源", kind="resource").hits) == 8
    assert len(many) == len(few)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "?!。，",
        "😀",
        '"没有结束',
        "*",
        "type:",
        "a" * 10_000,
        "title:x AND (",
        "' OR 1=1 --",
        "工具\x07坐标",
        "<script>",
    ],
)
def test_no_query_breaks_the_page(world, client, text):
    answer = client.get("/search", query_string={"q": text})
    assert answer.status_code == 200
    assert "<script>" not in answer.get_data(as_text=True)


def test_control_characters_in_the_address_are_as_if_they_were_not_there(world, client):
    text = client.get("/search?q=%00工具%1f座标系%7F").get_data(as_text=True)
    assert "“工具座标系”" in text
    assert client.get("/search?q=%00").status_code == 200


def test_of_a_question_that_is_too_long_the_beginning_is_searched_and_the_page_says_so(world, client):
    text = client.get("/search", query_string={"q": "工具" * 3_000, "type": "video"}).get_data(as_text=True)
    assert "只搜索了前 200 个字" in text
    assert "工具" * 101 not in text
    assert "前 200 个字" not in client.get("/search", query_string={"q": "工" * 200}).get_data(as_text=True)


def test_the_page_says_that_search_is_being_rebuilt_and_other_pages_work(app, client):
    answer = client.get("/search?q=x")
    assert answer.status_code == 200
    assert "正在重建" in answer.get_data(as_text=True)
    assert client.get("/").status_code == 200
    assert client.get("/search/suggest?q=x").status_code == 200


@pytest.mark.parametrize(("language", "words"), [("zh_Hans", "工具坐标系标定"), ("en", "Skill point")])
def test_results_lead_with_the_point_in_both_languages(world, client, language, words):
    world.publish("四点法示范")
    carry()
    client.set_cookie("kk_lang", language)
    page = client.get("/search?q=工具座标").get_data(as_text=True)
    assert words in page
    assert "四点法示范".replace("四点法", "") in page


def test_the_command_answers_as_a_visitor_in_the_agreed_shape(world, app):
    made = world.publish("四点法示范")
    carry()
    done = app.test_cli_runner().invoke(args=["search", "工具座标", "--kind", "resource", "--facets", "--json"])
    answer = json.loads(done.stdout)
    assert done.exit_code == 0
    assert {"query", "normalized", "total", "took_ms", "hits", "facets", "suggestions"} <= answer.keys()
    assert answer["hits"][0]["id"] == str(made.uuid)
    assert answer["hits"][0]["url"] == f"/resources/{made.uuid}"
    assert ["text", 1] in answer["facets"]["type"]


def test_status_tells_documents_lag_and_tokenizer(world, app):
    answer = json.loads(app.test_cli_runner().invoke(args=["index", "status", "--json"]).stdout)
    assert answer["documents"] > 0
    assert answer["lag_s"] >= 0
    assert answer["tokenizer"]


@pytest.mark.parametrize("path", ["/", "/about/accessibility", "/about/privacy", "/about/feedback"])
@pytest.mark.parametrize("language", ["zh_Hans", "en"])
def test_home_and_about_pages_answer_on_an_empty_site(app, client, path, language):
    client.set_cookie("kk_lang", language)
    assert client.get(path).status_code == 200


def test_home_shows_libraries_courses_updates_and_counts(world, client):
    world.publish("四点法示范")
    page = client.get("/").get_data(as_text=True)
    assert world.library.name in page
    assert world.course.name in page
    assert "四点法示范" in page


def test_a_labelled_set_is_scored_by_the_command_in_an_index_of_its_own(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "docs.jsonl").write_text(
        '{"id": "d1", "title": "手眼标定"}\n{"id": "d2", "title": "焊缝检查"}', "utf-8"
    )
    (tmp_path / "queries.jsonl").write_text('{"id": "q1", "query": "标定", "category": "partial"}', "utf-8")
    (tmp_path / "qrels.jsonl").write_text('{"query_id": "q1", "doc_id": "d1", "grade": 1}', "utf-8")
    done = app.test_cli_runner().invoke(args=["search", "eval", str(tmp_path), "--json"])
    answer = json.loads(done.stdout)
    assert (answer["documents"], answer["recall"], answer["ndcg"]) == (2, 1.0, 1.0)
    assert answer["categories"]["partial"]["queries"] == 1
    parts = (("doc", "docs"), ("query", "queries"), ("qrel", "qrels"))
    lines = [
        {"is": p, **json.loads(t)} for p, n in parts for t in (tmp_path / f"{n}.jsonl").read_text("utf-8").splitlines()
    ]
    (tmp_path / "one.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    done = app.test_cli_runner().invoke(args=["search", "eval", str(tmp_path / "one.jsonl"), "--json"])
    alike = json.loads(done.stdout)
    assert (alike["documents"], alike["recall"], alike["ndcg"]) == (2, 1.0, 1.0), "one file says the same"
    (tmp_path / "qrels.jsonl").unlink()
    refused = app.test_cli_runner().invoke(args=["search", "eval", str(tmp_path)])
    assert refused.exit_code == 2
    assert "qrels.jsonl" in refused.stderr


def test_only_what_everybody_may_see_plays_on_the_results_page(world, client):
    text, video = world.publish("四点法示范"), world.publish("标定实拍", type="video", body="", content_hash="d" * 64)
    with unit_of_work():
        resources.withdraw(world.teacher, video, "内容过时")
    for uuid in (text.uuid, video.uuid, "00000000-0000-4000-8000-000000000000"):
        assert client.get(f"/search/moment/{uuid}?t=3").status_code == 404
    assert client.get(f"/search/moment/{text.uuid}?t=nan").status_code == 404
