"""Lists page by page, single things, search and figures: seen by whoever may see them on the site."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask

from courseware.core import clock
from courseware.core.database import session
from courseware.libraries import services as libraries
from courseware.monitoring.definitions import PUBLIC_IDS
from courseware.resources import services as resources
from tests.counting import statements
from tests.resources.conftest import World
from tests.web.site import Site


def all_pages(client: Any, path: str) -> list[list[dict[str, Any]]]:
    """The items of every page, following `next`."""
    pages, address = [], path
    while address:
        answer = client.get(address)
        assert answer.status_code == 200, address
        pages.append(answer.json["items"])
        address = answer.json["next"]
    return pages


# --- lists ------------------------------------------------------------------------------------------------------------


def test_pages_follow_each_other_without_gaps_or_repeats(client: Any, world: World) -> None:
    made = [world.published(f"资源{number}") for number in range(7)]
    pages = all_pages(client, "/api/v1/resources?limit=3")
    assert [len(page) for page in pages] == [3, 3, 1]
    found = [item["id"] for page in pages for item in page]
    assert found == [str(resource.uuid) for resource in reversed(made)]


def test_what_is_published_meanwhile_does_not_shift_the_next_page(client: Any, world: World) -> None:
    made = [world.published(f"资源{number}") for number in range(4)]
    first = client.get("/api/v1/resources?limit=2").json
    world.published("刚刚发布")
    second = client.get(first["next"]).json
    assert [item["id"] for item in second["items"]] == [str(made[1].uuid), str(made[0].uuid)]


def test_the_next_page_keeps_the_question(client: Any, world: World) -> None:
    for number in range(3):
        world.published(f"资源{number}")
    following = client.get("/api/v1/resources?limit=1&library=ROBOT&type=text").json["next"]
    assert following.startswith("/api/v1/resources?")
    for part in ("limit=1", "library=ROBOT", "type=text", "after="):
        assert part in following


def test_drafts_and_withdrawn_resources_are_not_listed(client: Any, world: World) -> None:
    live, gone = world.published("在用"), world.published("下架")
    world.draft("草稿")
    resources.withdraw(world.librarian, gone, "过期")
    session().commit()
    for person in (None, world.author, world.librarian):
        client.sign_out() if person is None else client.sign_in(person)
        assert [item["id"] for item in client.get("/api/v1/resources").json["items"]] == [str(live.uuid)]


def test_resources_are_narrowed(client: Any, world: World) -> None:
    text, other = world.published("文本"), world.published("无课程", course=None, points=world.points[1:2])
    for question, wanted in [
        (f"course={world.course.uuid}", [text]), (f"point={world.points[1].uuid}", [other]), ("type=video", []),
        ("library=CAR", []), ("library=ROBOT", [other, text]), ("library=%E6%97%A0", []),
    ]:  # fmt: skip
        found = client.get(f"/api/v1/resources?{question}").json["items"]
        assert [item["id"] for item in found] == [str(resource.uuid) for resource in wanted], question


def test_courses_are_listed_when_course_and_library_are_published(client: Any, world: World) -> None:
    hidden = libraries.create_library(
        "HIDDEN", "未公开", world.library.core_major, hosts=[world.author.unit], published=False
    )
    for library, code in ((world.library, "A"), (world.library, "B"), (hidden, "C")):
        course = libraries.create_course(library, code, f"课程{code}", "core", library.core_major)
        course.published_at = clock.now() if code != "B" else None
    session().commit()
    assert [course["code"] for course in client.get("/api/v1/courses").json["items"]] == ["A"]
    client.sign_in(world.librarian)
    assert [course["code"] for course in client.get("/api/v1/courses").json["items"]] == ["A", "C"]
    assert client.get("/api/v1/courses?library=CAR").json == {"items": [], "next": None}
    assert client.get("/api/v1/courses?kind=practice").json["items"] == []
    assert len(client.get(f"/api/v1/courses?major={world.library.core_major.code}&kind=core").json["items"]) == 2


@pytest.mark.one_database
def test_the_number_of_queries_does_not_grow_with_the_rows(app: Flask, client: Any, world: World) -> None:
    def count(path: str) -> int:
        with statements() as seen:
            assert client.get(path).status_code == 200
        return len(seen)

    world.published("一")
    few = [count(path) for path in ("/api/v1/resources", "/api/v1/courses")]
    for number in range(12):
        world.published(f"资源{number}", points=world.points)
        course = libraries.create_course(world.library, f"C{number}", f"课程{number}", "core", world.library.core_major)
        course.published_at = clock.now()
    session().commit()
    assert [count(path) for path in ("/api/v1/resources", "/api/v1/courses")] == few


# --- single things ----------------------------------------------------------------------------------------------------


def test_a_resource_is_told_with_content_rights_and_history(client: Any, world: World) -> None:
    resource = world.published("焊枪角度", body="角度为 **15°**。")
    found = client.get(f"/api/v1/resources/{resource.uuid}").json
    assert found["body"] == "角度为 **15°**。"
    assert (found["originality"], found["licence"], found["version"]) == ("original", "CC-BY-4.0", 1)
    assert [version["num"] for version in found["versions"]] == [1]
    assert found["points"] == [
        {"id": str(world.points[0].uuid), "name": "示教器", "url": f"/points/{world.points[0].uuid}"}
    ]
    assert found["url"] == f"/resources/{resource.uuid}"
    assert found["first_published_at"].endswith("+00:00")
    assert "id" not in {key for key in found if key.endswith("_id") and key != "external_id"}


def test_a_draft_is_there_for_its_author_and_not_for_others(client: Any, world: World) -> None:
    path = f"/api/v1/resources/{world.draft('草稿').uuid}"
    for person, status in ((None, 404), (world.student, 404), (world.author, 200), (world.reviewer, 200)):
        client.sign_out() if person is None else client.sign_in(person)
        assert client.get(path).status_code == status


def test_a_course_is_told_with_its_outline_and_without_drafts(client: Any, site: Site) -> None:
    found = client.get(f"/api/v1/courses/{site.values['course_uuid']}").json
    assert [(module["title"], [lesson["title"] for lesson in module["lessons"]]) for module in found["modules"]] == [
        ("模块一", ["第一课"])
    ]
    assert found["team"][0]["role"] == "leader"
    assert found["library"] == "ROBOT"


def test_a_course_that_is_not_published_is_there_for_those_who_build_it(client: Any, world: World) -> None:
    path = f"/api/v1/courses/{world.course.uuid}"
    assert client.get(path).status_code == 404
    client.sign_in(world.student)
    assert client.get(path).status_code == 404
    client.sign_in(world.librarian)
    assert client.get(path).status_code == 200


def test_a_point_is_told_with_its_neighbours_and_live_resources(client: Any, world: World) -> None:
    from courseware.knowledge import services as knowledge

    knowledge.add_prerequisite(world.points[1], world.points[0], world.librarian)
    live = world.published("讲坐标系", points=world.points[1:2])
    world.draft("草稿", points=world.points[1:2])
    session().commit()
    found = client.get(f"/api/v1/points/{world.points[1].uuid}").json
    assert [point["name"] for point in found["prerequisites"]] == ["示教器"]
    assert [resource["id"] for resource in found["resources"]] == [str(live.uuid)]
    first = client.get(f"/api/v1/points/{world.points[0].uuid}").json
    assert [point["name"] for point in first["next_points"]] == ["坐标系"]


@pytest.mark.parametrize("kind", ["courses", "resources", "points"])
def test_what_does_not_exist_is_not_found(client: Any, site: Site, kind: str) -> None:
    for wrong in ("00000000-0000-4000-8000-000000000000", "1", "x"):
        answer = client.get(f"/api/v1/{kind}/{wrong}")
        assert answer.status_code == 404
        assert answer.mimetype == "application/problem+json"


# --- search -----------------------------------------------------------------------------------------------------------


def test_search_answers_as_the_command_does(app: Flask, client: Any, indexed: Site) -> None:
    told = client.get("/api/v1/search?q=焊枪角度&facets=1").json
    command = app.test_cli_runner().invoke(args=["search", "焊枪角度", "--limit", "20", "--facets", "--json"])
    said = json.loads(command.stdout)
    for answer in (told, said):
        answer.pop("took_ms")
    assert told.pop("next") is None
    assert told == said
    assert told["hits"][0]["id"] == str(indexed.values["resource_uuid"])


def test_search_goes_on_and_ends(client: Any, indexed: Site) -> None:
    address, seen = "/api/v1/search?limit=2", []
    while address:
        answer = client.get(address).json
        seen += [(hit["kind"], hit["id"], hit.get("start_s")) for hit in answer["hits"]]
        address = answer["next"]
    assert len(seen) == len(set(seen)) == answer["total"]


def test_search_is_narrowed_by_kind_and_filters(client: Any, indexed: Site) -> None:
    kinds = {hit["kind"] for hit in client.get("/api/v1/search?kind=point&limit=50").json["hits"]}
    assert kinds == {"point"}
    assert client.get("/api/v1/search?q=焊枪&type=video").json["hits"] == []
    assert client.get("/api/v1/search?kind=everything").status_code == 422


def test_without_an_index_search_says_so_and_the_rest_works(app: Flask, client: Any, site: Site) -> None:
    app.extensions.pop("keku_search", None)
    answer = client.get("/api/v1/search?q=a")
    assert (answer.status_code, answer.json["code"]) == (503, "search_unavailable")
    assert answer.headers["Retry-After"]
    assert client.get("/api/v1/courses").status_code == 200


# --- figures ----------------------------------------------------------------------------------------------------------


def test_figures_are_those_of_the_command_for_those_who_keep_the_library(app: Flask, client: Any, site: Site) -> None:
    command = app.test_cli_runner().invoke(args=["metrics", "show", "--library", "ROBOT", "--period", "2026", "--json"])
    said = json.loads(command.stdout)
    for letter in "al":
        client.sign_in(site.people[letter])
        assert client.get("/api/v1/libraries/ROBOT/metrics?period=2026").json == said
    public = {**said, "indicators": [one for one in said["indicators"] if one["id"] in PUBLIC_IDS]}
    for letter in "gstr":
        person = site.people[letter]
        client.sign_out() if person is None else client.sign_in(person)
        assert client.get("/api/v1/libraries/ROBOT/metrics?period=2026").json == public


def test_figures_of_a_library_one_may_not_know_of_are_not_there(client: Any, world: World) -> None:
    libraries.create_library("HIDDEN", "未公开", world.library.core_major, hosts=[world.author.unit], published=False)
    session().commit()
    assert client.get("/api/v1/libraries/HIDDEN/metrics").status_code == 404
    assert client.get("/api/v1/libraries/NONE/metrics").status_code == 404
    client.sign_in(world.librarian)
    assert client.get("/api/v1/libraries/HIDDEN/metrics").status_code == 200


def test_a_period_that_is_none_is_refused_in_words(client: Any, site: Site) -> None:
    answer = client.get("/api/v1/libraries/ROBOT/metrics?period=last")
    assert (answer.status_code, answer.json["code"]) == (422, "unknown_period")
    assert client.get("/api/v1/libraries/ROBOT/metrics?period=calendar:2026").json["period"][0].startswith("2026-01-01")


# --- asking again -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["courses", "resources", "search?q=焊枪", "libraries/ROBOT/metrics", "openapi.json"])
def test_what_the_caller_has_already_is_not_sent_again(client: Any, indexed: Site, path: str) -> None:
    first = client.get(f"/api/v1/{path}")
    again = client.get(f"/api/v1/{path}", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    other = client.get(f"/api/v1/{path}", headers={"If-None-Match": '"another"'})
    assert other.status_code == 200


def test_a_change_is_sent(client: Any, site: Site) -> None:
    path = f"/api/v1/resources/{site.values['resource_uuid']}"
    before = client.get(path).headers["ETag"]
    resources.rename(site.world.librarian, resources_by(site), "新标题")
    session().commit()
    assert client.get(path, headers={"If-None-Match": before}).status_code == 200


def resources_by(site: Site) -> Any:
    from courseware.resources.queries import resource_by_uuid

    return resource_by_uuid(site.values["resource_uuid"])


def test_answers_are_kept_by_the_one_who_asked_only(client: Any, site: Site) -> None:
    answer = client.get("/api/v1/resources")
    assert "private" in answer.headers["Cache-Control"]
    assert {"Authorization", "Cookie"} <= {part.strip() for part in answer.headers["Vary"].split(",")}
