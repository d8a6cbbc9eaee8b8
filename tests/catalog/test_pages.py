"""The catalogue, a course and a lesson answer everybody, in both languages."""

from __future__ import annotations

from typing import Any

import pytest

from tests.catalog.world import World


@pytest.mark.parametrize("language", ["zh_Hans", "en"])
@pytest.mark.parametrize("who", ["guest", "student", "outsider", "teacher"])
def test_every_page_answers_everybody_in_both_languages(client: Any, world: World, language: str, who: str) -> None:
    lesson = world.lesson(
        world.video(), world.resource(), {"kind": "task", "title": "焊一道缝", "text": "**拍照**上传"}
    )
    keys = [activity.key for activity in lesson.published_version.activities]
    world.enrol()
    people = {"student": world.student, "outsider": world.classmate, "teacher": world.teacher}
    if who != "guest":
        client.sign_in(people[who])
    client.set_cookie("kk_lang", language)
    paths = [
        "/courses",
        f"/courses/{world.course.uuid}",
        f"/courses/{world.other_course.uuid}",
        f"/learn/{lesson.uuid}",
    ]
    paths += [f"/learn/{lesson.uuid}?at={key}" for key in keys]
    paths += ["/my-learning"] if who != "guest" else []
    for path in paths:
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert (
            ("Welding Robot Basics" in answer.text)
            or language == "zh_Hans"
            or path in ("/my-learning", f"/courses/{world.other_course.uuid}")
        )
