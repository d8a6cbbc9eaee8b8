"""The pages of the course builder through the browser's requests: refusals are sentences, nothing typed is lost."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from courseware.catalog import promise, runs, services
from courseware.catalog.models import CourseRun, Lesson, Module
from courseware.core import clock
from courseware.core.database import session
from courseware.enrollment import services as enrollment
from courseware.knowledge import queries as knowledge
from tests.catalog.world import World
from tests.counting import statements

TEXT = {"kind": "text", "title": "说明", "text": "先看安全。"}
BUILDER = ("", "/standard", "/standard/2025", "/team?q=陈", "/terms", "/runs", "/withdraw")


@pytest.mark.parametrize("language", ["zh_Hans", "en"])
def test_every_page_of_the_builder_answers_in_both_languages(client: Any, world: World, language: str) -> None:
    world.lesson(TEXT)
    run = runs.create_run(world.teacher, world.course, "a", kind="spoc", starts_at=clock.now(), ends_at=None)
    client.sign_in(world.teacher)
    client.set_cookie("kk_lang", language)
    for part in BUILDER:
        assert client.get(f"/teach/courses/{world.course.uuid}{part}").status_code == 200, part
    assert client.get(f"/teach/runs/{run.uuid}").status_code == 200
    assert client.get(f"/teach/courses/{world.course.uuid}/standard/none").status_code == 404


def test_the_outline_costs_the_same_with_more_lessons(client: Any, world: World) -> None:
    client.sign_in(world.teacher)
    address = f"/teach/courses/{world.course.uuid}"
    world.lesson(TEXT)
    client.get(address)
    with statements() as few:
        client.get(address)
    for number in range(4):
        world.lesson(TEXT, module=services.add_module(world.teacher, world.course, f"模块{number}"))
    client.get(address)  # what everybody sees of the course is read anew once, after a change
    with statements() as many:
        client.get(address)
    assert len(many) <= len(few)


def test_a_dragged_outline_is_saved_as_a_whole_and_an_old_one_is_refused(client: Any, world: World) -> None:
    one, two = world.lesson(TEXT, title="一"), world.lesson(TEXT, title="二")
    other = services.add_module(world.teacher, world.course, "第二模块")
    client.sign_in(world.teacher)
    address = f"/teach/courses/{world.course.uuid}/outline"
    wanted = [
        {"uuid": str(other.uuid), "lessons": [str(two.uuid)]},
        {"uuid": str(world.module.uuid), "lessons": [str(one.uuid)]},
    ]
    assert client.put(address, json={"modules": wanted}).status_code == 200
    assert session().get_one(Lesson, two.id).module_id == other.id
    assert [m.title for m in session().query(Module).order_by(Module.seq)] == ["第二模块", world.module.title]
    for old in ({"modules": wanted[:1]}, {"modules": [*wanted, wanted[0]]}, {}, None, {"modules": [1]}):
        assert client.put(address, json=old).status_code == 409
    client.sign_out()
    client.sign_in(world.student)
    assert client.put(address, json={"modules": wanted}).status_code == 403


def test_a_seen_lesson_is_not_removed_and_an_unseen_one_is(client: Any, world: World) -> None:
    seen, unseen = world.lesson(TEXT), services.create_lesson(world.teacher, world.module, "草稿")
    client.sign_in(world.teacher)
    for lesson in (seen, unseen):
        client.post(f"/teach/lessons/{lesson.uuid}/rename", data={"action": "remove"})
    assert [one.id for one in session().query(Lesson)] == [seen.id]
    client.post(f"/teach/modules/{world.module.uuid}", data={"action": "remove"})
    assert session().get(Module, world.module.id) is not None, "a module with lessons stays"


def test_a_run_that_ends_before_it_starts_comes_back_with_what_was_typed(client: Any, world: World) -> None:
    client.sign_in(world.teacher)
    form = {
        "key": "2026-9",
        "kind": "mooc",
        "title": "夜校班",
        "starts_at": "2026-09-01T08:00",
        "ends_at": "2026-08-01T08:00",
    }
    answer = client.post(f"/teach/courses/{world.course.uuid}/runs", data=form)
    assert answer.status_code == 422
    assert "夜校班" in answer.text
    assert "2026-08-01T08:00" in answer.text
    answer = client.post(f"/teach/courses/{world.course.uuid}/runs", data={**form, "ends_at": "2026-12-01T08:00"})
    run = session().query(CourseRun).filter(CourseRun.key == "2026-9").one()
    assert run.starts_at == dt.datetime(2026, 9, 1, tzinfo=dt.UTC), "the field means the time of Shanghai"


def test_what_a_run_would_change_is_shown_before_it_is_taken(client: Any, world: World) -> None:
    resource = world.resource("枪角")
    lesson = world.lesson(resource, title="第一课")
    run = runs.create_run(world.teacher, world.course, "a", kind="spoc", starts_at=clock.now(), ends_at=None)
    client.sign_in(world.teacher)
    with clock.frozen(clock.now() + dt.timedelta(minutes=1)):
        world.lesson(TEXT, title="后来的课")
        services.publish_lesson(world.teacher, lesson)
        page = client.get(f"/teach/runs/{run.uuid}").text
        assert page.count("kk-list chs") == 1
        assert "后来的课" in page.split("kk-list chs")[1].split("</ul>")[0]
        client.post(f"/teach/runs/{run.uuid}", data={"action": "newest"})
        assert "kk-list chs" not in client.get(f"/teach/runs/{run.uuid}").text


def test_a_learner_hears_when_a_run_begins_opens_and_has_ended(client: Any, world: World) -> None:
    now = clock.now()
    lesson = world.lesson(TEXT)
    run = runs.create_run(
        world.teacher,
        world.course,
        "a",
        kind="spoc",
        starts_at=now + dt.timedelta(days=1),
        ends_at=now + dt.timedelta(days=9),
    )
    enrollment.enrol(world.student, world.course, "a", by_class=True)
    client.sign_in(world.student)
    waiting = client.get(f"/learn/{lesson.uuid}").text
    assert 'id="door"' in waiting
    assert "先看安全" not in waiting
    run.starts_at = run.frozen_at = now - dt.timedelta(days=2)
    run.frozen_at, run.ends_at = now, now - dt.timedelta(days=1)
    services.touch_course(world.course)
    session().flush()
    ended = client.get(f"/learn/{lesson.uuid}").text
    assert 'id="run-ended"' in ended
    assert "先看安全" in ended


def test_a_withdrawn_course_says_so_to_whoever_follows_an_old_link(client: Any, world: World) -> None:
    lesson = world.lesson(TEXT)
    world.enrol()
    promise.request_withdrawal(world.teacher, world.course, "标准已换新")
    client.sign_in(world.student)
    for address in (f"/courses/{world.course.uuid}", f"/learn/{lesson.uuid}"):
        answer = client.get(address)
        assert answer.status_code == 410
        assert "标准已换新" in answer.text
    assert client.get("/my-learning").status_code == 200


def test_a_saved_standard_answers_with_its_revision_and_a_stale_one_is_refused(client: Any, world: World) -> None:
    client.sign_in(world.teacher)
    address = f"/teach/courses/{world.course.uuid}/standard"
    tree = {"modules": [{"name": "", "units": [{"name": "新单元", "points": [str(world.points[0].uuid)]}]}]}
    saved = client.put(address, json={"revision": 0, "tree": tree}).json
    assert saved["keys"][0]
    assert client.put(address, json={"revision": 0, "tree": tree}).status_code == 409
    assert client.put(address, json={"tree": tree}).status_code == 422
    client.post(address, data={"action": "publish", "version": "2026"})
    assert knowledge.standard_of(world.course).version == "2026"
