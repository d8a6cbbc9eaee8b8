"""Programs do bulk work with a token: preview, do, undo, import; a stale change is refused in words."""

from __future__ import annotations

import io
from typing import Any

from courseware.accounts import services as accounts
from courseware.core.database import session
from tests.bulk.conftest import World, do_jobs
from tests.bulk.sheets import line, xlsx_of


def headers(world: World, *scopes: str) -> dict[str, str]:
    token = accounts.issue_token(world.librarian, scopes)
    session().commit()
    return {"Authorization": f"Bearer {token}", "Accept-Language": "en"}


def test_a_program_previews_does_and_undoes(world: World, client: Any) -> None:
    one, two, gone = world.draft("一"), world.draft("二"), world.published("三")
    write = headers(world, "read", "write")
    body = {
        "act": "edit",
        "ids": [str(r.uuid) for r in (one, two, gone)],
        "values": {"difficulty": 3, "tags_add": ["新技术"]},
    }
    made = client.post("/api/v1/libraries/ROBOT/bulk", json=body, headers=write)
    assert (made.status_code, made.json["counts"]) == (201, {"ready": 2, "no_draft": 1})
    done = client.post(f"/api/v1/bulk/{made.json['id']}/do", headers=write).json
    assert (done["state"], done["counts"], done["faults"][0]["code"]) == ("done", {"done": 2, "refused": 1}, "no_draft")
    assert client.post(f"/api/v1/bulk/{made.json['id']}/do", headers=write).status_code == 409
    assert client.post(f"/api/v1/bulk/{made.json['id']}/undo", headers=write).json["counts"] == {
        "undone": 2,
        "refused": 1,
    }


def test_a_program_means_all_that_a_filter_leaves(world: World, client: Any) -> None:
    world.draft("一")
    world.published("二")
    write = headers(world, "read", "write")
    body = {"act": "withdraw", "filters": {"state": "published"}, "values": {"reason": "重复"}}
    assert client.post("/api/v1/libraries/ROBOT/bulk", json=body, headers=write).json["total"] == 1
    listed = client.get("/api/v1/libraries/ROBOT/resources?state=draft", headers=write).json
    assert [row["title"] for row in listed["items"]] == ["一"]


def test_pages_of_the_list_follow_their_next(world: World, client: Any) -> None:
    for number in range(5):
        world.draft(f"第{number}")
    read, seen, address = headers(world, "read"), [], "/api/v1/libraries/ROBOT/resources?limit=2&sort=title"
    while address:
        page = client.get(address, headers=read).json
        seen += [row["title"] for row in page["items"]]
        address = page["next"]
    assert seen == [f"第{number}" for number in range(5)]


def test_a_program_imports_a_sheet(world: World, client: Any) -> None:
    write = headers(world, "read", "write")
    content = xlsx_of(line(1), line(2, 类型="小说"))
    sent = client.post("/api/v1/libraries/ROBOT/imports", data={"file": (io.BytesIO(content), "a.xlsx")}, headers=write)
    assert (sent.status_code, sent.json["state"]) == (202, "checking")
    do_jobs("bulk.check")
    checked = client.get(f"/api/v1/bulk/{sent.json['id']}", headers=write).json
    assert (checked["state"], checked["total"], checked["faults"][0]["line"]) == ("prepared", 1, 3)
    client.post(f"/api/v1/bulk/{sent.json['id']}/do", headers=write)
    do_jobs("bulk.run")
    assert client.get(f"/api/v1/bulk/{sent.json['id']}", headers=write).json["counts"]["created"] == 1
    again = client.post(
        "/api/v1/libraries/ROBOT/imports", data={"file": (io.BytesIO(content), "a.xlsx")}, headers=write
    )
    assert (again.status_code, again.json["code"]) == (409, "imported_before")


def test_a_change_made_from_an_older_state_is_refused_in_words(world: World, client: Any) -> None:
    one = world.draft("一")
    write = headers(world, "read", "write")
    address = f"/api/v1/resources/{one.uuid}"
    read = client.get(address, headers=write).json["lock_version"]
    first = client.patch(address, json={"lock_version": read, "title": "改一", "keywords": ["焊"]}, headers=write)
    assert (first.status_code, first.json["title"], first.json["keywords"]) == (200, "改一", ["焊"])
    second = client.patch(address, json={"title": "改二"}, headers={**write, "If-Match": f'"{read}"'})
    assert (second.status_code, second.json["code"]) == (409, "edit_conflict")
    unnamed = client.patch(address, json={"title": "改三"}, headers=write)
    assert (unnamed.status_code, unnamed.json["code"]) == (422, "version_not_named")
    third = client.patch(address, json={"points": [str(p.uuid) for p in world.points]}, headers={
        **write, "If-Match": f'"{first.json["lock_version"]}"'})  # fmt: skip
    assert len(third.json["points"]) == 3


def test_a_token_for_reading_changes_nothing(world: World, client: Any) -> None:
    one = world.draft("一")
    read = headers(world, "read")
    assert (
        client.patch(f"/api/v1/resources/{one.uuid}", json={"lock_version": 1, "title": "x"}, headers=read).status_code
        == 403
    )
    body = {"act": "name", "ids": [str(one.uuid)]}
    assert client.post("/api/v1/libraries/ROBOT/bulk", json=body, headers=read).status_code == 403
