"""The lesson page says what is left to do, to whom it counts, and survives what is gone."""

from __future__ import annotations

import re
import uuid
from pathlib import Path
from typing import Any

import pytest
from flask import render_template_string

from courseware.catalog import services as catalog
from courseware.core import clock as core_clock
from courseware.core.database import session
from courseware.progress import services
from courseware.progress.services import EventIn
from courseware.resources import services as resources
from tests.catalog.world import World, as_item


def watch(world: World, video: Any, lesson: Any, to_s: float) -> None:
    event = EventIn(
        uuid.uuid4(), "watched", core_clock.now(), resource=video.uuid, lesson=lesson.uuid, from_s=0, to_s=to_s
    )
    assert services.record_events(world.student, [event])[0].status == "accepted"


def test_guests_outsiders_and_learners_are_each_told_their_one_next_step(client: Any, world: World) -> None:
    lesson = world.lesson(world.video(), {"kind": "task", "title": "焊一道缝"})
    client.set_cookie("kk_lang", "en")
    path = f"/learn/{lesson.uuid}"
    guest = client.get(path).text
    assert "You are looking as a guest" in guest
    assert "data-events-url" not in guest
    client.sign_in(world.student)
    outside = client.get(path).text
    assert "You are not in this course yet" in outside
    assert outside.count("btn-primary") == 1
    answer = client.post(f"/courses/{world.course.uuid}/enrol", data={"lesson": str(lesson.uuid)})
    assert answer.location == path
    assert "Not complete yet: 2 steps left" in client.get(path).text


def test_the_remaining_seconds_are_named_and_go_down(client: Any, world: World) -> None:
    video = world.video(seconds=100.0)
    lesson = world.lesson(video)
    world.enrol()
    client.sign_in(world.student).set_cookie("kk_lang", "en")
    assert "watch 80 more seconds (0.00 % seen, 80 % needed)" in client.get(f"/learn/{lesson.uuid}").text
    watch(world, video, lesson, 79.0)
    assert "watch 1 more second (79.00 % seen, 80 % needed)" in client.get(f"/learn/{lesson.uuid}").text
    watch(world, video, lesson, 80.0)
    assert "This lesson is complete" in client.get(f"/learn/{lesson.uuid}").text
    assert "100.00" in client.get(f"/courses/{world.course.uuid}").text


def test_of_many_open_steps_the_one_on_the_page_is_said_and_the_others_are_counted(client: Any, world: World) -> None:
    lesson = world.lesson(*({"kind": "task", "title": f"任务{n}"} for n in range(8)))
    keys = [activity.key for activity in lesson.published_version.activities]
    world.enrol()
    client.sign_in(world.student).set_cookie("kk_lang", "en")
    page = client.get(f"/learn/{lesson.uuid}?at={keys[5]}").text
    why = page[page.index("data-why-list") :]
    assert why.index("“任务5”") < why.index("And 7 more") < why.index("“任务0”")


def test_the_panel_leads_to_notes_and_questions_without_any_script(client: Any, world: World) -> None:
    lesson = world.lesson(world.resource())
    page = client.get(f"/learn/{lesson.uuid}").text
    for name in ("notes", "questions"):
        assert f'href="/learn/{lesson.uuid}/{name}?key=' in page
        assert client.get(f"/learn/{lesson.uuid}/{name}").status_code == 200


def test_a_text_is_marked_as_read_without_any_script(client: Any, world: World) -> None:
    lesson = world.lesson(world.resource(), {"kind": "text", "title": "小结", "text": "# 记住\n\n**角度**"})
    keys = [activity.key for activity in lesson.published_version.activities]
    world.enrol()
    client.sign_in(world.student)
    assert "<strong>角度</strong>" in client.get(f"/learn/{lesson.uuid}?at={keys[1]}").text
    for key in keys:
        assert client.post(f"/learn/{lesson.uuid}/activities/{key}/done").status_code == 302
    session().expire_all()
    assert services.recount_lesson(world.student, lesson, core_clock.now()).completed_at is not None


def test_a_recording_cannot_be_marked_as_done(client: Any, world: World) -> None:
    lesson = world.lesson(world.video())
    world.enrol()
    client.sign_in(world.student)
    key = lesson.published_version.activities[0].key
    assert client.post(f"/learn/{lesson.uuid}/activities/{key}/done").status_code == 404
    assert client.post(f"/learn/{lesson.uuid}/activities/{uuid.uuid4()}/done").status_code == 404


def test_who_is_outside_is_told_so_instead_of_being_credited(client: Any, world: World) -> None:
    lesson = world.lesson({"kind": "task", "title": "焊"})
    client.sign_in(world.student).set_cookie("kk_lang", "en")
    key = lesson.published_version.activities[0].key
    answer = client.post(f"/learn/{lesson.uuid}/activities/{key}/done", follow_redirects=True)
    assert "Join the course first" in answer.text


def test_a_withdrawn_resource_leaves_a_sentence_in_its_place(client: Any, world: World) -> None:
    gone, stays = world.resource("要下架的"), world.resource("留下的")
    lesson = world.lesson(gone, stays)
    key = lesson.published_version.activities[0].key
    client.set_cookie("kk_lang", "en")
    assert "要下架的：第" in client.get(f"/learn/{lesson.uuid}?at={key}").text
    resources.withdraw(world.teacher, gone, "过时")
    page = client.get(f"/learn/{lesson.uuid}?at={key}")
    assert page.status_code == 200
    assert "“要下架的” was withdrawn" in page.text
    assert "要下架的：第" not in page.text
    assert (
        "留下的：第" in client.get(f"/learn/{lesson.uuid}").text or "留下的" in client.get(f"/learn/{lesson.uuid}").text
    )
    client.sign_in(world.teacher)
    assert client.get(f"/teach/lessons/{lesson.uuid}").status_code == 200


def test_what_teachers_write_runs_no_script(client: Any, world: World) -> None:
    evil = "<script>alert(1)</script>[x](javascript:alert(1))<img src=x onerror=alert(1)>"
    lesson = world.lesson({"kind": "text", "title": "<b>题</b>", "text": evil})
    page = client.get(f"/learn/{lesson.uuid}").text
    assert "<script>alert" not in page
    assert 'href="javascript' not in page
    assert "<img src=x" not in page
    assert "<b>题</b>" not in page


def test_a_preview_shows_the_draft_to_its_builders_only(client: Any, world: World) -> None:
    lesson = world.lesson(world.resource("已发布的"))
    elsewhere = world.resource("草稿里的", points=world.points[1:2])  # no suggestion at the end of the lesson
    catalog.save_draft(world.teacher, lesson, [as_item(elsewhere)])
    path = f"/learn/{lesson.uuid}?preview=1"
    client.sign_in(world.teacher)
    page = client.get(path).text
    assert "草稿里的" in page
    assert 'data-context="preview"' in page
    client.sign_in(world.student)
    assert "草稿里的" not in client.get(path).text


def test_a_lesson_that_nobody_published_is_not_there(client: Any, world: World) -> None:
    lesson = catalog.create_lesson(world.teacher, world.module, "草稿")
    assert client.get(f"/learn/{lesson.uuid}").status_code == 404
    assert client.get(f"/learn/{uuid.uuid4()}").status_code == 404
    client.sign_in(world.teacher)
    assert client.get(f"/learn/{lesson.uuid}").status_code == 200


@pytest.mark.parametrize("language", ["zh_Hans", "en"])
def test_my_learning_begins_empty_and_then_knows_where_to_go_on(client: Any, world: World, language: str) -> None:
    client.sign_in(world.student).set_cookie("kk_lang", language)
    empty = client.get("/my-learning")
    assert "/courses" in empty.text
    video = world.video("演示视频")
    lesson = world.lesson(world.resource("先看的"), video)
    world.enrol()
    watch(world, video, lesson, 40.0)
    page = client.get("/my-learning").text
    assert "演示视频" in page
    assert "0:40" in page
    assert client.get("/my-learning?show=done").status_code == 200


def test_my_learning_is_for_people_with_an_account(client: Any, world: World) -> None:
    assert client.get("/my-learning").status_code == 302


def test_at_most_150_kb_of_script_come_before_the_player(client: Any, world: World) -> None:
    lesson = world.lesson(world.video())
    world.enrol()
    page = client.sign_in(world.student).get(f"/learn/{lesson.uuid}").text
    with client.application.test_request_context():
        player = render_template_string('{% from "macros/player.html" import player_script %}{{ player_script() }}')
    named = set(re.findall(r'(?:<script[^>]* src|modulepreload" href)="/static/([^"]+\.js)"', page + player))
    assert {name.split("-")[0] for name in named} >= {"dist/main", "dist/learn", "dist/player"}
    static = Path(client.application.static_folder)
    assert sum((static / name).stat().st_size for name in named) <= 150 * 1024
