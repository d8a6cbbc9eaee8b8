"""What may wait for a person is told by the statement that finds them: nobody pays for classes and questions they do not have."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from courseware.catalog.models import CourseRun
from courseware.classes.services import classes, news, roster
from courseware.core.database import session
from courseware.monitoring import services as monitoring
from courseware.web import waiting
from tests.catalog.world import World, make_world
from tests.counting import statements

pytestmark = pytest.mark.one_database
OF_CLASSES = ("class_announcement", "class_sign_in", "class_due")


@pytest.fixture
def world(app: Any) -> World:
    return make_world()


def the_run(world: World) -> CourseRun:
    return session().scalars(select(CourseRun).where(CourseRun.course_id == world.course.id)).one()


def asked_for(client: Any, path: str) -> list[str]:
    """The statements of a page asked for a second time."""
    client.get(path)
    with statements() as asked:
        assert client.get(path).status_code == 200
    return list(asked)


def test_who_is_in_no_class_and_asked_nothing_pays_for_neither(client: Any, world: World) -> None:
    lesson = world.lesson(world.video())
    world.enrol()
    classes.open_class(world.teacher, the_run(world), "别人的班")
    session().commit()
    client.sign_in(world.student)
    for path, most in ((f"/learn/{lesson.uuid}", 7), (f"/courses/{world.course.uuid}", 8), ("/my-learning", 12)):
        asked = asked_for(client, path)
        assert len(asked) <= most, path
        assert not [one for one in asked if any(f"FROM {table}" in one for table in OF_CLASSES)], path
        assert not [one for one in asked if one.startswith("SELECT survey_invitation")], path


def test_what_begins_to_wait_is_on_the_very_next_page(client: Any, world: World) -> None:
    lesson = world.lesson(world.video())
    world.enrol()
    klass = classes.open_class(world.teacher, the_run(world), "焊接一班")
    told = news.announce(world.teacher, klass, "周五到实训楼", "")
    session().commit()
    client.sign_in(world.student)
    assert f"note-{told.uuid}" not in client.get(f"/learn/{lesson.uuid}").text
    roster.add_people(world.teacher, klass, [world.student])
    invitation = monitoring.invite(world.course.library, world.student)
    invitation.rule = "finished"
    session().commit()
    assert f"note-{told.uuid}" in client.get(f"/learn/{lesson.uuid}").text
    assert "/survey" in client.get("/my-learning").text


def test_where_the_database_was_not_asked_anything_may_be(app: Flask) -> None:
    with app.test_request_context():
        assert waiting.may_be("classes")
        waiting.keep([False] * len(waiting.columns()))
        assert not waiting.may_be("classes")
        assert waiting.may_be("a name that nobody registered")
