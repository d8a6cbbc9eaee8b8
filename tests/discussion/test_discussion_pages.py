"""The pages of questions: with a script and without, for guests, learners, teachers; limits; evil words."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from courseware.core.database import session
from courseware.discussion import moderation, services
from courseware.discussion.models import Thread
from courseware.discussion.services import Spot
from courseware.notes import services as notes
from courseware.notes.services import Place
from tests.catalog.world import World, make_world

PART = {"X-Keku-Part": "1", "Accept": "application/json"}


@pytest.fixture
def lesson(world: World) -> Any:
    made = world.lesson(world.video())
    world.enrol()
    return made


def test_a_question_is_asked_and_answered_without_any_script(client: Any, world: World, lesson: Any) -> None:
    client.sign_in(world.student).set_cookie("kk_lang", "en")
    path = f"/learn/{lesson.uuid}/questions"
    answer = client.post(path, data={"words": "为什么？", "at": "75", "back": path})
    assert answer.location == path
    page = client.get(path).text
    assert "为什么？" in page
    assert "1:15" in page
    client.sign_in(world.teacher)
    assert "为什么？" in client.get("/teach/questions").text
    thread = session().query(Thread).one()
    client.post(f"/questions/{thread.uuid}/answers", data={"words": "因为角度。", "back": "https://evil.example/"})
    assert "No question is waiting" in client.get("/teach/questions").text
    client.sign_in(world.student)
    news = client.get("/my-learning/questions").text
    assert "1 of your questions has a new answer" in news
    assert "因为角度。" in news
    assert "has a new answer" not in client.get("/my-learning/questions").text


def test_a_script_gets_the_part_alone_and_refusals_as_sentences(client: Any, world: World, lesson: Any) -> None:
    client.sign_in(world.student).set_cookie("kk_lang", "en")
    path = f"/learn/{lesson.uuid}/questions"
    part = client.post(path, data={"words": "问"}, headers=PART)
    assert part.text.lstrip().startswith('<div class="kk-threads"')
    refused = client.post(path, data={"words": " "}, headers=PART)
    assert (refused.status_code, refused.json["title"]) == (422, "Write a few words first.")


def test_guests_and_outsiders_are_told_why_they_see_nothing(client: Any, world: World, lesson: Any) -> None:
    services.open_thread(world.student, world.course, "只给课程里的人", Spot(lesson))
    client.set_cookie("kk_lang", "en")
    path = f"/learn/{lesson.uuid}/questions"
    for person in (None, world.classmate):
        if person is not None:
            client.sign_in(person)
        page = client.get(path)
        assert page.status_code == 200
        assert "只给课程里的人" not in page.text
        assert "for the people in this course" in page.text
    answer = client.post(path, data={"words": "问", "back": path}, follow_redirects=True)
    assert "Join it first" in answer.text


def test_back_leads_to_this_site_only(client: Any, world: World, lesson: Any) -> None:
    client.sign_in(world.student)
    answer = client.post(f"/learn/{lesson.uuid}/questions", data={"words": "问", "back": "//evil.example"})
    assert answer.location == "/"


def test_what_people_write_runs_no_script(client: Any, world: World, lesson: Any) -> None:
    services.open_thread(world.student, world.course, "<script>alert(1)</script> javascript:alert(1) <b>", Spot(lesson))
    page = client.sign_in(world.student).get(f"/learn/{lesson.uuid}/questions").text
    assert "<script>alert" not in page
    assert "&lt;b&gt;" in page


def test_a_hidden_answer_shows_its_reason_to_the_author_who_appeals(client: Any, world: World, lesson: Any) -> None:
    thread = services.open_thread(world.student, world.course, "不当的话", Spot(lesson))
    message = services.question_of(thread)
    moderation.hide(world.teacher, message, "请注意用语")
    client.sign_in(world.student).set_cookie("kk_lang", "en")
    page = client.get("/my-learning/questions").text
    assert "请注意用语" in page
    client.post(f"/messages/{message.uuid}/appeal", data={"words": "我改一下", "back": "/my-learning/questions"})
    assert "A librarian will look at it." in client.get("/my-learning/questions").text
    assert client.post(f"/messages/{message.uuid}/nonsense").status_code == 404
    assert client.get(f"/messages/{message.uuid}/history").status_code == 403


def test_asking_very_often_is_refused_for_the_person_and_not_for_the_school(make_app: Callable[..., Flask]) -> None:
    app = make_app(rate_limits="on", testing=False)
    with app.app_context():
        world = make_world()
        lesson = world.lesson(world.video())
        world.enrol()
        world.enrol(world.classmate)
        client: Any = app.test_client()
        client.sign_in(world.student)
        path = f"/learn/{lesson.uuid}/questions"
        found = [client.post(path, data={"words": f"问 {n}"}, headers=PART).status_code for n in range(12)]
        assert found == [200] * 10 + [429] * 2
        client.sign_in(world.classmate)
        assert client.post(path, data={"words": "我第一次问"}, headers=PART).status_code == 200


def test_a_question_about_one_thing_of_a_lesson_begins_with_its_name(client: Any, world: World) -> None:
    lesson = world.lesson(world.video("枪角演示"), title="立向上角焊")
    world.enrol()
    key = lesson.published_version.activities[0].key
    client.sign_in(world.student).set_cookie("kk_lang", "en")
    page = client.get(f"/learn/{lesson.uuid}").text
    assert f"/learn/{lesson.uuid}/questions?key={key}&amp;about=1" in page
    asked = client.get(f"/learn/{lesson.uuid}/questions?key={key}&about=1").text
    assert "About “枪角演示”: </textarea>" in asked
    assert "About “" not in client.get(f"/learn/{lesson.uuid}/questions?key={key}").text


def test_marks_on_the_timeline_are_one_s_own_notes_and_the_questions_of_all(client: Any, world: World) -> None:
    lesson = world.lesson(world.video("枪角演示"), title="立向上角焊")
    key = lesson.published_version.activities[0].key
    for person, second in ((world.student, 12), (world.classmate, 40)):
        world.enrol(person)
        notes.keep_note(person, lesson, uuid.uuid4(), "记", Place(key, second))
        services.open_thread(person, world.course, "为什么？", Spot(lesson, key, second + 1))
    client.sign_in(world.classmate)
    told = client.get(f"/learn/{lesson.uuid}/beside").json["marks"]
    assert sorted((mark["kind"], mark["at"]) for mark in told) == [("ask", 13), ("ask", 41), ("note", 40)]
    assert {mark["key"] for mark in told} == {str(key)}
