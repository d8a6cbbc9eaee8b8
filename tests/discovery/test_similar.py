"""What stands beside a resource: others on its points, with the reason, and nothing that may not be seen."""

from __future__ import annotations

import pytest

from courseware.core.unit_of_work import unit_of_work
from courseware.discovery.similar import similar_to
from courseware.resources import services as resources
from tests.counting import statements
from tests.discovery.test_search import World, carry, make_world
from tests.servers.client import TestClient
from tests.servers.rewound import MadeOnce


@pytest.fixture
def world(made_once: MadeOnce) -> World:
    made: World = made_once(make_world)
    return made


def test_neighbours_teach_the_same_point_and_say_so(world: World) -> None:
    shown, near = world.publish("四点法示范"), world.publish("四点法练习")
    world.publish("别的点", points=[world.axes])
    carry()
    found = similar_to(shown)
    assert [(each.found.row.uuid, [point.name for point in each.shared]) for each in found] == [
        (near.uuid, [world.tool.name])
    ]


def test_what_was_withdrawn_a_moment_ago_is_no_neighbour(world: World) -> None:
    shown, near = world.publish("四点法示范"), world.publish("四点法练习")
    carry()
    assert len(similar_to(shown)) == 1
    with unit_of_work():
        resources.withdraw(world.teacher, near, "内容过时")
    assert list(similar_to(shown)) == []


def test_the_page_shows_them_and_does_without_an_index(world: World, client: TestClient, app: object) -> None:
    shown, _near = world.publish("四点法示范"), world.publish("四点法练习")
    assert client.get(f"/resources/{shown.uuid}").status_code == 200, "the index knows neither"
    carry()
    app.extensions.pop("keku_memory_resource_pages", None)  # type: ignore[attr-defined]
    client.set_cookie("kk_lang", "en")
    page = client.get(f"/resources/{shown.uuid}").get_data(as_text=True)
    assert "四点法练习" in page
    assert f"also teaches {world.tool.name}" in page


def test_neighbours_cost_the_same_however_many_there_are(world: World) -> None:
    shown = world.publish("四点法示范")
    world.publish("四点法练习1")
    carry()
    with statements() as few:
        similar_to(shown)
    for number in range(2, 7):
        world.publish(f"四点法练习{number}")
    carry()
    with statements() as many:
        assert len(similar_to(shown)) == 4
    assert len(many) == len(few)
