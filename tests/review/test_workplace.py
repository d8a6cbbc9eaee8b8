"""The workplace of a reviewer: queue, claims, several at once, a form that loses nothing, rules, self-check, programs."""

from __future__ import annotations

import time
from typing import Any

import pytest

from courseware.accounts import services as accounts
from courseware.accounts.models import User
from courseware.catalog.models import Activity, Lesson, LessonVersion, Module
from courseware.core import clock as product_clock
from courseware.core.database import session
from courseware.core.roles import Role
from courseware.libraries import services as libraries
from courseware.resources import services as resources
from courseware.resources.models import Resource
from courseware.review import queries, rulebook, services, withdrawals
from courseware.review.models import DIMENSIONS, Submission
from courseware.review.policy import CLAIM_FOR
from courseware.review.queries import QueueFilters
from courseware.review.rules import Dimension, Level, Rules
from tests.counting import statements

PASS = {f"verdict-{d}": "pass" for d in DIMENSIONS}


def handed_in(world: Any, title: str = "焊枪角度", **given: Any) -> Submission:
    return services.submit(world.author, world.draft(title), commitment="已自查", **given)


def titles(actor: User, **filters: Any) -> list[str]:
    return [row.resource.title for row in queries.queue(actor, QueueFilters(**filters)).items]


@pytest.fixture
def as_reviewer(client: Any, world: Any) -> Any:
    session().commit()
    return client.sign_in(world.reviewer)


@pytest.fixture
def other(world: Any) -> User:
    return accounts.create_user("other@example.org", "other", unit=world.author.unit, roles=[Role.REVIEWER])


def lesson_with(world: Any, resource: Resource, title: str, pinned: int | None = None) -> Lesson:
    module = Module(course_id=world.course.id, seq=1, title="模块一")
    session().add(module)
    session().flush()
    lesson = Lesson(course_id=world.course.id, module_id=module.id, owner_id=world.colleague.id, seq=1, title=title)
    session().add(lesson)
    session().flush()
    version = LessonVersion(lesson_id=lesson.id, num=1, state="published", published_at=product_clock.now())
    version.activities = [Activity(seq=1, kind="resource", resource_id=resource.id, pinned_version_id=pinned)]
    session().add(version)
    session().flush()
    lesson.published_version_id, lesson.is_live = version.id, True
    session().flush()
    return lesson


# --- the queue --------------------------------------------------------------------------------------------------------


def test_overdue_comes_first_and_filters_narrow(world: Any, clock: Any) -> None:
    clock("2026-03-02 09:00")
    handed_in(world, "早交的")
    clock.advance(days=3)
    handed_in(world, "有地图的", flags=["map"])
    clock.advance(days=5)
    assert titles(world.reviewer) == ["早交的", "有地图的"]
    assert queries.queue_counts(world.reviewer)["late"] == 1
    assert titles(world.reviewer, is_flagged=True) == ["有地图的"]
    assert titles(world.reviewer, library="ROBOT", course="RP", level=1) == ["早交的", "有地图的"]
    for nothing in ({"library": "CAR"}, {"course": "XX"}, {"level": 2}):
        assert titles(world.reviewer, **nothing) == []


def test_mine_holds_only_what_the_rules_leave_to_me(world: Any, other: User) -> None:
    rulebook.save(world.librarian, world.library, Rules(levels=(Level(role="", people=(other.id,)), Level())))
    handed_in(world, "点名的")
    rulebook.save(world.librarian, world.library, Rules(same_unit=False))
    handed_in(world, "外单位审")
    rulebook.save(world.librarian, world.library, Rules(levels=(Level(role="librarian"),)))
    handed_in(world, "管理员审")
    assert titles(world.reviewer) == []
    assert titles(other) == ["点名的"]
    assert titles(world.librarian) == ["管理员审"]
    blocked = {row.resource.title: row.blocked for row in queries.queue(world.reviewer, QueueFilters(mine=False)).items}
    assert blocked == {"点名的": "level", "外单位审": "unit", "管理员审": "level"}


def test_what_another_one_reads_is_skipped_by_next(as_reviewer: Any, world: Any, other: User) -> None:
    first, second = handed_in(world), handed_in(world, "坐标系入门")
    services.claim(other, first)
    session().commit()
    assert as_reviewer.get("/review/next").location.endswith(f"/review/{second.uuid}")
    page = as_reviewer.get(f"/review/{first.uuid}").text
    assert "other" in page
    assert "verdict-political" not in page
    assert as_reviewer.post(f"/review/{first.uuid}", data={**PASS, "decision": "approve"}).status_code == 409
    first.claimed_at = product_clock.now() - CLAIM_FOR
    session().commit()
    assert as_reviewer.get("/review/next").location.endswith(f"/review/{first.uuid}")


def test_taking_and_releasing_a_case(as_reviewer: Any, world: Any) -> None:
    case = handed_in(world)
    session().commit()
    as_reviewer.post(f"/review/{case.uuid}/claim")
    session().refresh(case)
    assert case.claimed_by_id == world.reviewer.id
    assert "焊枪角度" in as_reviewer.get("/review?show=claimed").text
    as_reviewer.post(f"/review/{case.uuid}/release")
    session().refresh(case)
    assert case.claimed_by_id is None


def test_workload_is_for_keepers_and_counts_the_last_month(client: Any, world: Any, other: User, clock: Any) -> None:
    clock("2026-01-02 09:00")
    services.decide(other, handed_in(world, "旧的"), "approve", services.ALL_PASSED)
    clock("2026-03-02 09:00")
    services.decide(world.reviewer, handed_in(world), "approve", services.ALL_PASSED)
    back = {**services.ALL_PASSED, "norms": (False, "缺授权")}
    services.decide(world.reviewer, handed_in(world, "二"), "return", back)
    services.claim(other, handed_in(world, "三"))
    found = {load.name: (load.decided, load.returned, load.claimed) for load in queries.workload()}
    assert found == {"reviewer": (2, 1, 0), "other": (0, 0, 1)}
    session().commit()
    assert client.sign_in(world.librarian).get("/review/workload").status_code == 200
    assert client.sign_in(world.reviewer).get("/review/workload").status_code == 403


def test_queue_and_case_cost_the_same_for_many_rows(world: Any) -> None:
    def cost(case: Submission) -> int:
        session().flush()
        session().expire_all()
        uuid, actor = case.uuid, world.reviewer
        assert actor.roles
        with statements() as seen:
            for row in queries.queue(actor, QueueFilters(mine=False)).items:
                assert row.resource.library.code
                assert row.submission.submitted_by.name
            found = queries.case_of(uuid, actor)
            assert found.usage.lessons == 1
        return len(seen)

    resource = world.published("在用的", body="行走角保持 70°。")
    lesson_with(world, resource, "第一课")
    resources.start_revision(world.author, resource, body="行走角保持 75°。", reason="新规范")
    case = services.submit(world.author, resource, commitment="已自查")
    handed_in(world)
    few = cost(case)
    for n in range(8):
        handed_in(world, f"更多{n}", flags=["map"])
    assert cost(case) == few


# --- the case ---------------------------------------------------------------------------------------------------------


def test_notes_go_along_to_the_newer_submission(as_reviewer: Any, world: Any) -> None:
    case = handed_in(world)
    resource = case.version.resource
    services.take_back(world.author, case)
    resources.edit_draft(world.author, resource, {"body": "改过的正文。"}, resource.lock_version)
    newer = services.submit(world.author, resource, commitment="已改")
    session().commit()
    given = {**PASS, "verdict-norms": "fail", "note-norms": "缺授权书", "decision": "return", "level": "1"}
    answer = as_reviewer.post(f"/review/{case.uuid}", data=given)
    assert answer.status_code == 409
    assert "缺授权书" in answer.text
    assert "改过的正文" in answer.text
    assert newer.state == "open"


def test_what_was_typed_stays_when_another_one_decided(as_reviewer: Any, world: Any, other: User) -> None:
    case = handed_in(world)
    services.decide(other, case, "approve", services.ALL_PASSED)
    session().commit()
    answer = as_reviewer.post(f"/review/{case.uuid}", data={**PASS, "decision": "approve", "note": "我写的很长的意见"})
    assert answer.status_code == 409
    assert "我写的很长的意见" in answer.text


def test_changed_metadata_are_told_before_the_decision_counts(as_reviewer: Any, world: Any) -> None:
    case = handed_in(world)
    seen = case.version.resource.lock_version
    resources.edit_metadata(world.librarian, case.version.resource, {"title": "焊枪的角度"})
    session().commit()
    given = {**PASS, "decision": "approve", "level": "1", "seen": str(seen), "note": "意见还在"}
    answer = as_reviewer.post(f"/review/{case.uuid}", data=given)
    assert (answer.status_code, "意见还在" in answer.text, "焊枪的角度" in answer.text) == (409, True, True)
    session().refresh(case)
    assert case.state == "open"


def test_resubmission_shows_what_changed_since_it_was_sent_back(as_reviewer: Any, world: Any) -> None:
    resource = world.draft("焊枪角度", body="行走角取70度。其余不变。")
    first = services.submit(world.author, resource, commitment="已自查")
    back = {**services.ALL_PASSED, "scientific": (False, "角度有误")}
    services.decide(world.reviewer, first, "return", back)
    resources.edit_draft(world.author, resource, {"body": "行走角取75度。其余不变。"}, resource.lock_version)
    second = services.submit(world.author, resource, commitment="已改")
    session().commit()
    text = as_reviewer.get(f"/review/{second.uuid}").text
    assert "<del>0</del>" in text
    assert "<ins>5</ins>" in text


def test_update_shows_where_it_is_used_and_who_stays(as_reviewer: Any, world: Any) -> None:
    resource = world.published("在用的", body="行走角保持 70°。")
    lesson_with(world, resource, "随版课")
    lesson_with(world, resource, "固定课", pinned=resource.published_version_id)
    lesson_with(world, world.published("别的"), "无关课")
    resources.start_revision(world.author, resource, body="行走角保持 75°。", reason="新规范")
    case = services.submit(world.author, resource, commitment="已自查")
    session().commit()
    usage = queries.usage_of(resource)
    assert (usage.lessons, usage.courses, usage.follow, dict(usage.pinned)) == (2, 1, 1, {1: 1})
    text = as_reviewer.get(f"/review/{case.uuid}").text
    assert "随版课" in text
    assert "无关课" not in text


def test_own_dimension_is_asked_on_the_page_and_kept(as_reviewer: Any, world: Any) -> None:
    rulebook.save(world.librarian, world.library, Rules(dimensions=(Dimension("own-1", "安全规范"),)))
    case = handed_in(world)
    session().commit()
    assert "安全规范" in as_reviewer.get(f"/review/{case.uuid}").text
    assert as_reviewer.post(f"/review/{case.uuid}", data={**PASS, "decision": "approve"}).status_code == 422
    data = {**PASS, "verdict-own-1": "pass", "decision": "approve"}
    assert as_reviewer.post(f"/review/{case.uuid}", data=data).status_code == 302
    session().refresh(case)
    assert {v.dimension for v in case.decisions[0].verdicts} == {*DIMENSIONS, "own-1"}


# --- several at once --------------------------------------------------------------------------------------------------


def test_each_case_of_a_batch_gets_its_own_verdict(as_reviewer: Any, world: Any) -> None:
    good, bad, left = handed_in(world, "好的"), handed_in(world, "差的"), handed_in(world, "没看的")
    session().commit()
    address = "/review/batch?" + "&".join(f"case={c.uuid}" for c in (good, bad, left))
    page = as_reviewer.get(address)
    assert all(word in page.text for word in ("好的", "差的", "没看的"))
    data: dict[str, Any] = {"case": [str(c.uuid) for c in (good, bad, left)]}
    data |= {f"{good.uuid}-{name}": value for name, value in PASS.items()}
    data |= {f"{bad.uuid}-{name}": value for name, value in PASS.items()}
    data |= {f"{bad.uuid}-verdict-norms": "fail"}
    answer = as_reviewer.post("/review/batch", data=data)
    assert answer.status_code == 422
    assert "好的" not in answer.text.split("<main")[1].replace("“好的”", "")
    answer = as_reviewer.post("/review/batch", data={**data, f"{bad.uuid}-note-norms": "缺授权"})
    for case in (good, bad, left):
        session().refresh(case)
    assert [good.state, bad.state, left.state] == ["approved", "returned", "open"]


def test_batch_of_nothing_leads_back(as_reviewer: Any) -> None:
    assert as_reviewer.get("/review/batch?case=abc").location.endswith("/review")


# --- rules and self-check ---------------------------------------------------------------------------------------------


def test_rules_are_set_on_their_page_and_wrong_ones_come_back_as_typed(client: Any, world: Any, other: User) -> None:
    session().commit()
    client.sign_in(world.librarian)
    address = "/admin/libraries/ROBOT/review"
    assert client.get(address).status_code == 200
    given = {
        "levels": "2", "name-1": "初审", "days-1": "3", "role-1": "reviewer", "name-2": "终审", "days-2": "2", "role-2": "people",
        "people-2": [str(other.id)], "dimension": ["timeliness"], "own-2": "安全规范", "expert-map": [str(other.id)],
        "references": "地图管理条例\n网络安全法 | https://example.org/law", "words": "华光牌\n\n华光牌", "confirm_hours": "24",
    }  # fmt: skip
    wrong = client.post(address, data={**given, "days-1": "0", "references": "法 | ftp://x"})
    assert (wrong.status_code, "ftp://x" in wrong.text) == (422, True)
    assert client.post(address, data=given).status_code == 302
    rules = rulebook.rules_of(world.library)
    assert [(level.name, level.role, level.people, level.days) for level in rules.levels] == [
        ("初审", "reviewer", (), 3), ("终审", "", (other.id,), 2),
    ]  # fmt: skip
    assert rules.keys[4:] == ("timeliness", "own-2")
    assert (rules.words, rules.same_unit, rules.experts["map"]) == (("华光牌",), False, (other.id,))
    assert [(r.title, r.url) for r in rules.references][1] == ("网络安全法", "https://example.org/law")


def test_rules_of_a_library_one_does_not_keep_are_refused(client: Any, world: Any) -> None:
    session().commit()
    assert client.sign_in(world.librarian).get("/admin/libraries/CAR/review").status_code in (403, 404)


def test_editor_names_what_the_machine_noticed_and_asks_for_each_dimension(client: Any, world: Any) -> None:
    resource = world.draft("机器人产业分布图", body="该工艺绝对安全。", has_evidence=True)
    session().commit()
    client.sign_in(world.author)
    text = client.get(f"/teach/resources/{resource.uuid}/edit").text
    assert all(f'id="check-{d}"' in text for d in DIMENSIONS)
    assert "绝对安全" in text
    client.post(f"/teach/resources/{resource.uuid}/submit", data={"commitment": "y", "check": ["norms"]})
    session().refresh(resource)
    assert resource.draft_version.state == "draft"
    given = {"commitment": "y", "check": list(DIMENSIONS), "flag": ["map"]}
    client.post(f"/teach/resources/{resource.uuid}/submit", data=given)
    case = services.open_submission(resource)
    assert case is not None
    assert (case.self_check, case.flags) == (list(DIMENSIONS), ["map"])


# --- lessons ----------------------------------------------------------------------------------------------------------


def test_teachers_are_told_of_empty_places_and_what_fills_them(client: Any, world: Any) -> None:
    old, new = world.published("旧资源"), world.published("新资源")
    lesson = lesson_with(world, old, "示教入门")
    libraries.set_team(world.course, [(world.author, "leader")])
    withdrawals.withdraw(world.author, old, "设备停产", new)
    session().commit()
    for person in (world.author, world.colleague):
        text = client.sign_in(person).get("/teach/courses").text
        assert all(word in text for word in ("示教入门", "旧资源", "新资源")), person.name
    assert "旧资源" not in client.sign_in(world.stranger).get("/teach/courses").text
    board = client.sign_in(world.colleague).get(f"/teach/lessons/{lesson.uuid}").text
    assert "新资源" in board


# --- programs ---------------------------------------------------------------------------------------------------------


def bearer(person: User, *scopes: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {accounts.issue_token(person, scopes)}"}


def test_a_program_reads_the_queue_and_decides(client: Any, world: Any) -> None:
    case = handed_in(world, flags=["minors"])
    read, write = bearer(world.reviewer, "read"), bearer(world.reviewer, "read", "write")
    session().commit()
    listed = client.get("/api/v1/review/queue", headers=read).get_json()["items"]
    assert [(row["id"], row["flags"], row["blocked"]) for row in listed] == [(str(case.uuid), ["minors"], "")]
    address = f"/api/v1/review/cases/{case.uuid}"
    detail = client.get(address, headers=read).get_json()
    assert detail["dimensions"] == list(DIMENSIONS)
    verdicts = {d: {"passed": True} for d in DIMENSIONS}
    given = {"decision": "approve", "verdicts": verdicts, "level": detail["level"], "seen": detail["seen"]}
    assert client.post(f"{address}/decision", json=given, headers=read).status_code == 403
    stale = client.post(f"{address}/decision", json={**given, "seen": 0}, headers=write)
    assert (stale.status_code, stale.get_json()["code"]) == (409, "changed_meanwhile")
    missing = client.post(f"{address}/decision", json={**given, "verdicts": {}}, headers=write)
    assert set(missing.get_json()["problems"]) == set(DIMENSIONS)
    assert client.post(f"{address}/decision", json=given, headers=write).get_json()["state"] == "approved"


def test_a_program_takes_down_and_others_may_not(client: Any, world: Any) -> None:
    resource = world.published()
    tokens = {p.name: bearer(p, "write") for p in (world.reviewer, world.colleague)}
    session().commit()
    address = f"/api/v1/resources/{resource.uuid}/take-down"
    assert client.post(address, json={"reason": "核查"}, headers=tokens["colleague"]).status_code == 403
    assert client.post(address, json={"reason": ""}, headers=tokens["reviewer"]).status_code == 422
    made = client.post(address, json={"reason": "核查"}, headers=tokens["reviewer"])
    assert (made.status_code, made.get_json()["state"]) == (200, "open")
    assert client.get("/api/v1/review/queue").status_code == 401


def test_where_used_is_quick(world: Any) -> None:
    resource = world.published("常用")
    for number in range(60):
        lesson_with(world, resource, f"课{number}")
    session().flush()
    queries.usage_of(resource)
    begun = time.perf_counter()
    assert queries.usage_of(resource).left_out == 48
    assert time.perf_counter() - begun < 0.1
