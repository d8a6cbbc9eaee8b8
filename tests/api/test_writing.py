"""A program makes a resource, has it reviewed, revises it, brings an old version back and withdraws it."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest

from tests.web.site import Site

pytestmark = pytest.mark.one_database
CHECKED = ["political", "scientific", "applicability", "norms"]
DRAFT = {
    "type": "text", "title": "急停按钮的检查", "body": "每班上岗前按下急停按钮，确认伺服断电。", "originality": "original",
    "licence": "CC-BY-4.0", "language": "zh-CN",
}  # fmt: skip


@pytest.fixture
def author(program: Any) -> Any:
    return program("t", "read", "write")


@pytest.fixture
def reviewer(program: Any) -> Any:
    return program("r", "read", "write")


def make(author: Any, site: Site, **more: Any) -> dict[str, Any]:
    """A draft with course and point."""
    about = {"course": str(site.world.course.uuid), "points": [str(site.world.points[0].uuid)]}
    answer = author.post(f"/api/v1/libraries/{site.world.library.code}/resources", {**DRAFT, **about, **more})
    assert answer.status_code == 201, answer.json
    made: dict[str, Any] = answer.json
    return made


def publish(author: Any, reviewer: Any, uuid: str) -> None:
    """Hands in and approves, as two programs would."""
    case = author.post(f"/api/v1/resources/{uuid}/submission", {"commitment": "我已核对。", "self_check": CHECKED})
    assert case.status_code == 201, case.json
    address = f"/api/v1/review/cases/{case.json['id']}"
    seen = reviewer.get(address).json
    verdicts = {dimension: {"passed": True} for dimension in seen["dimensions"]}
    body = {"decision": "approve", "verdicts": verdicts, "level": seen["level"], "seen": seen["seen"]}
    assert reviewer.post(f"{address}/decision", body).status_code == 200


def change(author: Any, uuid: str, **fields: Any) -> Any:
    draft = author.get(f"/api/v1/resources/{uuid}/draft").json
    return author.client.patch(
        f"/api/v1/resources/{uuid}/draft",
        json={"lock_version": draft["lock_version"], **fields},
        headers=author.headers,
    )


def test_from_draft_to_published_revised_restored_withdrawn_and_back(
    author: Any, reviewer: Any, site: Site, client: Any
) -> None:
    made = make(author, site)
    uuid = made["id"]
    assert (made["is_live"], made["version"], made["body"]) == (False, 1, DRAFT["body"])
    assert client.get(f"/api/v1/resources/{uuid}").status_code == 404, "nobody sees a draft"
    publish(author, reviewer, uuid)
    assert client.get(f"/api/v1/resources/{uuid}").json["is_live"] is True

    assert (
        author.post(f"/api/v1/resources/{uuid}/revisions", {"reason": "新规范", "tags": ["新规范"]}).status_code == 201
    )
    assert author.post(f"/api/v1/resources/{uuid}/revisions", {}).status_code == 409, "one revision at a time"
    assert change(author, uuid, body="每班上岗前按下急停按钮，再复位，确认伺服先断电、后能上电。").status_code == 200
    assert client.get(f"/api/v1/resources/{uuid}").json["body"] == DRAFT["body"], "learners still see the old one"
    publish(author, reviewer, uuid)
    assert client.get(f"/api/v1/resources/{uuid}").json["version"] == 2

    restored = author.post(f"/api/v1/resources/{uuid}/versions/1/restore", {"reason": "新内容有误"})
    assert (restored.status_code, restored.json["body"]) == (201, DRAFT["body"])
    assert author.post(f"/api/v1/resources/{uuid}/versions/9/restore", {"reason": "x"}).status_code == 404

    assert author.get(f"/api/v1/resources/{uuid}/uses").json == {
        "lessons": 0,
        "courses": 0,
        "following": 0,
        "items": [],
    }
    assert author.post(f"/api/v1/resources/{uuid}/withdrawal", {"reason": "  "}).status_code == 422
    gone = author.post(f"/api/v1/resources/{uuid}/withdrawal", {"reason": "标准已废止"})
    assert (gone.status_code, gone.json["is_live"]) == (200, False)
    assert author.post(f"/api/v1/resources/{uuid}/withdrawal", {"reason": "再来"}).status_code == 409
    assert author.post(f"/api/v1/resources/{uuid}/return", {"reason": "标准恢复"}).json["is_live"] is True


def test_what_is_missing_is_named_all_at_once_and_nothing_is_handed_in(author: Any, site: Site) -> None:
    made = make(author, site, originality="unknown", points=[])
    answer = author.post(
        f"/api/v1/resources/{made['id']}/submission", {"commitment": "我已核对。", "self_check": CHECKED}
    )
    assert answer.status_code == 422
    assert {"originality", "points"} <= set(answer.json["problems"])
    unticked = make(author, site, title="另一个", body="另一段话。")
    answer = author.post(
        f"/api/v1/resources/{unticked['id']}/submission", {"commitment": "好", "self_check": ["norms"]}
    )
    assert set(answer.json["problems"]) == set(CHECKED) - {"norms"}


def test_the_same_content_twice_and_a_stale_draft_are_told(author: Any, site: Site) -> None:
    made = make(author, site)
    about = {"course": str(site.world.course.uuid), "points": []}
    again = author.post(
        f"/api/v1/libraries/{site.world.library.code}/resources", {**DRAFT, **about, "title": "换个名字"}
    )
    assert (again.status_code, again.json["code"]) == (409, "duplicate_content")
    assert change(author, made["id"], summary="一").status_code == 200
    stale = author.client.patch(
        f"/api/v1/resources/{made['id']}/draft",
        json={"summary": "二"},
        headers={**author.headers, "If-Match": f'"{made["lock_version"]}"'},
    )
    assert stale.status_code == 409
    unnamed = author.client.patch(
        f"/api/v1/resources/{made['id']}/draft", json={"summary": "二"}, headers=author.headers
    )
    assert (unnamed.status_code, unnamed.json["code"]) == (422, "version_not_named")


def test_a_file_goes_through_the_gate_and_is_bound_to_the_draft(author: Any, site: Site) -> None:
    uuid = make(author, site)["id"]

    def put(name: str, content: bytes) -> Any:
        return author.client.put(
            f"/api/v1/resources/{uuid}/file", data={"file": (BytesIO(content), name)}, headers=author.headers,
            content_type="multipart/form-data",
        )  # fmt: skip

    refused = put("说明.pdf", b"MZ\x90\x00 an executable under another name" * 20)
    assert refused.status_code == 422
    assert author.get(f"/api/v1/resources/{uuid}/draft").json["file"] is None
    taken = put("说明.txt", "上岗前先看一遍急停按钮。".encode())
    assert (taken.status_code, taken.json["file"]["name"]) == (200, "说明.txt")


def test_others_learn_nothing_of_a_draft_and_change_nothing(program: Any, author: Any, site: Site) -> None:
    uuid = make(author, site)["id"]
    student = program("s", "read", "write")
    assert student.get(f"/api/v1/resources/{uuid}/draft").status_code == 404
    for act in ("revisions", "submission", "withdrawal", "return"):
        assert student.post(f"/api/v1/resources/{uuid}/{act}", {"reason": "x"}).status_code == 404
    reader = program("t", "read")
    assert reader.post(f"/api/v1/resources/{uuid}/withdrawal", {"reason": "x"}).status_code == 403
    assert author.get(f"/api/v1/resources/{uuid}/draft").status_code == 200


def test_a_case_is_taken_back_by_its_author(author: Any, reviewer: Any, site: Site) -> None:
    uuid = make(author, site)["id"]
    case = author.post(f"/api/v1/resources/{uuid}/submission", {"commitment": "我已核对。", "self_check": CHECKED}).json
    assert reviewer.post(f"/api/v1/review/cases/{case['id']}/take-back", {}).status_code in (403, 404)
    assert author.post(f"/api/v1/review/cases/{case['id']}/take-back", {}).json["state"] == "withdrawn"
    assert change(author, uuid, summary="改一下").status_code == 200
