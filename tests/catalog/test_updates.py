"""A newer version of what a lesson holds or follows: teachers are told, look, and take it or leave it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from courseware.catalog import services as catalog
from courseware.catalog.models import Activity, Lesson
from courseware.core import clock as core_clock
from courseware.core.database import session
from courseware.resources import services as resources
from courseware.resources.models import Resource
from tests.catalog.world import World, make_world
from tests.conftest import Clock
from tests.servers.rewound import MadeOnce


@pytest.fixture
def world(made_once: MadeOnce, clock: Clock) -> World:
    clock("2026-03-01 09:00")
    made: World = made_once(make_world)
    return made


def republish(world: World, resource: Resource, reason: str = "新标准") -> None:
    version = resources.start_revision(world.teacher, resource, body=f"{reason}，全部重写。", reason=reason)
    resources.publish_version(version, "substantive", note="重写")
    session().commit()


def first(lesson: Lesson) -> Activity:
    version = lesson.draft_version or lesson.published_version
    assert version is not None
    return version.activities[0]


def act(client: Any, lesson: Lesson, action: str) -> Any:
    answer = client.post(f"/teach/lessons/{lesson.uuid}/items/{first(lesson).key}", data={"action": action})
    assert answer.status_code == 302
    session().expire_all()
    return answer


@pytest.fixture
def held(world: World, clock: Clock) -> tuple[Lesson, Resource]:
    """A lesson that holds version 1 of a resource which now has version 2; and a unit that did not change."""
    resource, noise = world.resource("枪角"), world.resource("没有变")
    lesson = world.lesson(
        {"kind": "resource", "resource": resource, "pinned": True, "minutes": 5},
        {"kind": "resource", "resource": noise, "pinned": True, "minutes": 5},
    )
    clock.advance(days=1)
    republish(world, resource)
    return lesson, resource


def test_the_board_tells_what_is_new_and_leads_to_both_versions(
    world: World, held: tuple[Lesson, Resource], client: Any
) -> None:
    lesson, resource = held
    client.sign_in(world.teacher).set_cookie("kk_lang", "en")
    page = client.get(f"/teach/lessons/{lesson.uuid}").text
    assert "1 unit of this lesson has a newer version" in page
    assert "What is new: 新标准" in page
    assert f"/resources/{resource.uuid}/versions/2" in page
    assert f"/resources/{resource.uuid}/compare?new=2&amp;old=1" in page
    assert client.get(f"/resources/{resource.uuid}/compare?new=2&old=1").status_code == 200


def test_taken_it_holds_the_newest_after_publishing(world: World, held: tuple[Lesson, Resource], client: Any) -> None:
    lesson, resource = held
    client.sign_in(world.teacher)
    act(client, lesson, "accept")
    assert first(lesson).pinned_version_id == resource.published_version_id
    assert 'id="updates"' not in client.get(f"/teach/lessons/{lesson.uuid}").text
    assert lesson.published_version is not None
    assert lesson.published_version.activities[0].pinned_version_id != resource.published_version_id, (
        "not published yet"
    )


def test_declined_it_asks_no_more_until_the_next_version(
    world: World, held: tuple[Lesson, Resource], client: Any
) -> None:
    lesson, resource = held
    client.sign_in(world.teacher)
    act(client, lesson, "decline")
    address = f"/teach/lessons/{lesson.uuid}"
    assert 'id="updates"' not in client.get(address).text
    assert lesson.draft_version is not None
    items = [
        {"id": str(a.key), "kind": "resource", "resource": str(a.resource.uuid), "pin": str(a.pinned_version.uuid)}
        for a in lesson.draft_version.activities
        if a.resource and a.pinned_version
    ]  # the board's script saves without knowing of it
    saved = client.put(
        address, json={"version": lesson.draft_version.revision, "segments": [{"key": "free", "items": items}]}
    )
    assert saved.status_code == 200
    session().expire_all()
    assert 'id="updates"' not in client.get(address).text
    catalog.publish_lesson(world.teacher, lesson)
    session().commit()
    assert 'id="updates"' not in client.get(address).text, "it stays declined in the published lesson"
    republish(world, resource, "再一版")
    assert 'id="updates"' in client.get(address).text


def test_what_follows_is_told_and_can_go_back(world: World, clock: Clock, client: Any) -> None:
    resource, noise = world.resource("枪角"), world.resource("没有变")
    lesson = world.lesson(resource, noise)
    old = resource.published_version_id
    clock.advance(days=1)
    republish(world, resource)
    client.sign_in(world.teacher).set_cookie("kk_lang", "en")
    page = client.get(f"/teach/lessons/{lesson.uuid}").text
    assert "follows the newest: learners see version 2 since" in page
    act(client, lesson, "hold")
    assert first(lesson).pinned_version_id == old
    assert 'id="updates"' not in client.get(f"/teach/lessons/{lesson.uuid}").text
    assert core_clock.now() > dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
