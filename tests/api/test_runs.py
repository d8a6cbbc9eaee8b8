"""A program plans a run, spreads its lessons, follows who is in it and brings it up to date."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from courseware.accounts import services as accounts
from courseware.catalog import services as catalog
from courseware.core import clock
from courseware.enrollment import services as enrollment
from tests.catalog.world import World, make_world
from tests.servers.rewound import MadeOnce

pytestmark = pytest.mark.one_database
AUTUMN = {
    "key": "2030-1",
    "kind": "spoc",
    "starts_at": "2030-09-01T08:00:00+08:00",
    "ends_at": "2031-01-10T18:00:00+08:00",
}
TEXT = {"kind": "text", "title": "说明", "text": "先看安全。"}


@pytest.fixture
def world(made_once: MadeOnce) -> World:
    made: World = made_once(make_world)
    return made


def planned(client: Any, world: World, **more: Any) -> dict[str, Any]:
    client.sign_in(world.teacher)
    answer = client.post(f"/api/v1/courses/{world.course.uuid}/runs", json={**AUTUMN, **more})
    assert answer.status_code == 201, answer.json
    made: dict[str, Any] = answer.json
    return made


def test_a_run_is_planned_scheduled_renamed_and_read_by_everybody(client: Any, world: World) -> None:
    lesson = world.lesson(TEXT)
    run = planned(client, world)
    address = f"/api/v1/runs/{run['id']}"
    assert (run["state"], run["schedule"], run["starts_at"]) == ("upcoming", [], "2030-09-01T00:00:00+00:00")
    assert run["frozen_at"] == run["starts_at"], "it will hold the contents of its start"
    opening = {"lesson": str(lesson.uuid), "opens_at": "2030-09-08T08:00:00+08:00"}
    told = client.put(f"{address}/schedule", json={"schedule": [opening]}).json["schedule"]
    assert told == [{"lesson": str(lesson.uuid), "opens_at": "2030-09-08T00:00:00+00:00"}]
    changed = client.patch(address, json={"title": "秋季班"}).json
    assert (changed["title"], changed["ends_at"]) == ("秋季班", run["ends_at"]), "what is not named stays"
    client.sign_out()
    assert client.get(address).json["schedule"] == told
    listed = client.get(f"/api/v1/courses/{world.course.uuid}/runs").json["items"]
    assert [item["key"] for item in listed] == ["2030-1", "1"]


def test_everything_wrong_with_a_run_is_told_at_once(client: Any, world: World) -> None:
    run = planned(client, world)
    wrong = {**AUTUMN, "key": "2030-1", "ends_at": "2030-08-01T08:00:00+08:00"}
    answer = client.post(f"/api/v1/courses/{world.course.uuid}/runs", json=wrong)
    assert (answer.status_code, set(answer.json["problems"])) == (422, {"key", "ends_at"})
    no_zone = client.patch(f"/api/v1/runs/{run['id']}", json={"starts_at": "2030-09-01T08:00:00"})
    assert (no_zone.status_code, set(no_zone.json["problems"])) == (422, {"starts_at"})
    too_early = client.patch(f"/api/v1/runs/{run['id']}", json={"starts_at": "0001-01-01T00:00:00+14:00"})
    assert (too_early.status_code, set(too_early.json["problems"])) == (422, {"starts_at"})
    elsewhere = {"lesson": str(world.course.uuid), "opens_at": "2030-09-08T08:00:00+08:00"}
    foreign = client.put(f"/api/v1/runs/{run['id']}/schedule", json={"schedule": [elsewhere]})
    assert (foreign.status_code, set(foreign.json["problems"])) == (422, {"schedule"})
    assert client.get(f"/api/v1/runs/{run['id']}").json["starts_at"] == run["starts_at"]


def test_taking_the_newest_contents_freezes_the_run_anew(client: Any, world: World) -> None:
    lesson, now = world.lesson(TEXT), clock.now()
    run = planned(client, world, starts_at=now.isoformat(), ends_at=None)
    with clock.frozen(now + dt.timedelta(minutes=5)):
        catalog.save_draft(world.teacher, lesson, [{**TEXT, "text": "新的说明"}])
        catalog.publish_lesson(world.teacher, lesson)
    with clock.frozen(now + dt.timedelta(minutes=6)):
        assert client.get(f"/api/v1/runs/{run['id']}").json["waiting_changes"] == 1
        fresh = client.post(f"/api/v1/runs/{run['id']}/contents").json
        assert (fresh["waiting_changes"], fresh["frozen_at"] > run["frozen_at"]) == (0, True)


def test_the_people_of_a_run_are_read_by_its_team_page_by_page_and_by_nobody_else(client: Any, world: World) -> None:
    run = planned(client, world)
    for person in (world.student, world.classmate):
        enrollment.enrol(person, world.course, "2030-1", by_class=True)
    enrollment.leave(world.classmate, world.course, "2030-1")
    world.enrol(world.person("别的期", *world.student.roles))
    address = f"/api/v1/runs/{run['id']}/members?limit=1"
    first = client.get(address).json
    second = client.get(first["next"]).json
    assert [item["name"] for item in first["items"] + second["items"]] == [world.student.name, world.classmate.name]
    assert [bool(item["withdrawn_at"]) for item in first["items"] + second["items"]] == [False, True]
    assert second["next"] is None
    for other in (world.student, world.colleague):
        client.sign_in(other)
        assert client.get(address).status_code == 403, "what learners do is told to the team alone"


def test_a_run_that_people_joined_is_not_taken_away_an_empty_one_is(client: Any, world: World) -> None:
    used, empty = planned(client, world), planned(client, world, key="2030-2")
    enrollment.enrol(world.student, world.course, "2030-1", by_class=True)
    refused = client.delete(f"/api/v1/runs/{used['id']}")
    assert (refused.status_code, refused.json["code"]) == (409, "run_in_use")
    assert client.delete(f"/api/v1/runs/{empty['id']}").status_code == 204
    assert client.get(f"/api/v1/runs/{empty['id']}").status_code == 404


def test_a_token_for_reading_plans_nothing(app: Any, client: Any, world: World) -> None:
    token = accounts.issue_token(world.teacher, ["read"])
    answer = client.post(
        f"/api/v1/courses/{world.course.uuid}/runs", json=AUTUMN, headers={"Authorization": f"Bearer {token}"}
    )
    assert (answer.status_code, answer.json["code"]) == (403, "scope_missing")
