"""Review through its pages: the queue, a case, and every way a decision can be refused."""

from __future__ import annotations

import re
from typing import Any

import pytest

from courseware.accounts import services as accounts
from courseware.accounts.models import RoleGrant
from courseware.core.database import session
from courseware.core.roles import Role
from courseware.resources import services as resources
from courseware.review import services
from courseware.review.models import DIMENSIONS, Submission

PASS = {f"verdict-{d}": "pass" for d in DIMENSIONS}


def handed_in(world: Any, title: str = "焊枪角度", **fields: Any) -> Submission:
    resource = world.draft(title, **fields)
    return services.submit(world.author, resource, commitment="已自查")


@pytest.fixture
def as_reviewer(client: Any, world: Any) -> Any:
    return client.sign_in(world.reviewer)


def test_queue_lists_what_waits_and_says_so_when_nothing_does(as_reviewer: Any, world: Any) -> None:
    assert as_reviewer.get("/review").status_code == 200
    handed_in(world)
    assert "焊枪角度" in as_reviewer.get("/review").text
    assert "焊枪角度" not in as_reviewer.get("/review?kind=update").text


def test_approving_publishes_and_goes_to_the_next(as_reviewer: Any, world: Any) -> None:
    first, second = handed_in(world), handed_in(world, "坐标系入门")
    page = as_reviewer.get(f"/review/{first.uuid}")
    assert page.status_code == 200
    answer = as_reviewer.post(f"/review/{first.uuid}", data={**PASS, "decision": "approve", "level": "1"})
    assert answer.status_code == 302
    assert answer.location.endswith(f"/review/{second.uuid}")
    assert first.version.resource.is_live


def test_returned_work_shows_its_reasons_to_the_author(as_reviewer: Any, world: Any, client: Any) -> None:
    submission = handed_in(world)
    data = {**PASS, "verdict-norms": "fail", "note-norms": "缺图片授权", "decision": "return"}
    assert as_reviewer.post(f"/review/{submission.uuid}", data=data).status_code == 302
    client.sign_in(world.author)
    resource = submission.version.resource
    assert "缺图片授权" in client.get("/teach/resources").text
    assert "缺图片授权" in client.get(f"/teach/resources/{resource.uuid}/edit").text
    services.submit(world.author, resource, commitment="已改正")
    assert client.sign_in(world.reviewer).get("/review").text.count("焊枪角度") >= 1


def test_undecided_dimensions_keep_what_was_typed(as_reviewer: Any, world: Any) -> None:
    submission = handed_in(world)
    data = {"verdict-political": "pass", "verdict-norms": "fail", "note": "先看一半", "decision": "return"}
    answer = as_reviewer.post(f"/review/{submission.uuid}", data=data)
    assert answer.status_code == 422
    assert "先看一半" in answer.text
    assert submission.state == "open"


def test_own_work_cannot_be_decided(client: Any, world: Any) -> None:
    world.author.grants.append(RoleGrant(role="reviewer"))
    submission = handed_in(world)
    client.sign_in(world.author)
    assert "verdict-political" not in client.get(f"/review/{submission.uuid}").text
    answer = client.post(f"/review/{submission.uuid}", data={**PASS, "decision": "approve"})
    assert answer.status_code == 403
    assert submission.state == "open"


def test_second_of_two_reviewers_is_told_that_it_is_decided(as_reviewer: Any, world: Any) -> None:
    submission = handed_in(world)
    services.take_back(world.author, submission)
    answer = as_reviewer.post(f"/review/{submission.uuid}", data={**PASS, "decision": "approve", "note": "我的意见"})
    assert answer.status_code == 409


def test_difference_marks_what_changed(as_reviewer: Any, world: Any) -> None:
    resource = world.published("焊枪角度", body="行走角保持 70°。其余不变。")
    resources.start_revision(world.author, resource, body="行走角保持 75°。其余不变。", reason="新规范")
    submission = services.submit(world.author, resource, commitment="已自查")
    text = as_reviewer.get(f"/review/{submission.uuid}").text
    assert "<del>0</del>" in text
    assert "<ins>5</ins>" in text
    session().rollback()


def test_two_levels_need_two_people(as_reviewer: Any, world: Any, client: Any) -> None:
    world.library.review_levels = 2
    submission = handed_in(world)
    second = accounts.create_user("second@example.org", "second", unit=world.author.unit, roles=[Role.REVIEWER])
    address, data = f"/review/{submission.uuid}", {**PASS, "decision": "approve", "level": "1"}
    assert as_reviewer.post(address, data=data).status_code == 302
    session().refresh(submission)
    assert (submission.level, submission.state) == (2, "open")
    assert as_reviewer.post(address, data={**data, "level": "2"}).status_code == 403
    client.sign_in(second)
    assert client.post(address, data=data).status_code == 409  # the page showed level 1, which is decided
    assert client.post(address, data={**data, "level": "2"}).status_code == 302
    session().refresh(submission)
    assert submission.state == "approved"
    assert submission.version.resource.is_live


def test_a_failed_dimension_cannot_be_approved_and_needs_its_note(as_reviewer: Any, world: Any) -> None:
    submission = handed_in(world)
    failed = {**PASS, "verdict-scientific": "fail"}
    assert as_reviewer.post(f"/review/{submission.uuid}", data={**failed, "decision": "return"}).status_code == 422
    noted = {**failed, "note-scientific": "数据有误"}
    answer = as_reviewer.post(f"/review/{submission.uuid}", data={**noted, "decision": "approve"})
    assert answer.status_code == 422
    assert "数据有误" in answer.text
    assert not submission.version.resource.is_live


def test_a_refused_update_leaves_the_published_version_online(as_reviewer: Any, world: Any) -> None:
    resource = world.published("焊枪角度")
    resources.start_revision(world.author, resource, body="全部改写的正文。", reason="想改")
    submission = services.submit(world.author, resource, commitment="已自查")
    answer = as_reviewer.post(f"/review/{submission.uuid}", data={**PASS, "decision": "reject", "note": "不合适"})
    assert answer.status_code == 302
    session().refresh(resource)
    assert resource.is_live
    assert resource.published_version.num == 1
    assert resource.draft_version is None


def test_people_without_the_role_see_only_their_own_case(client: Any, world: Any) -> None:
    submission = handed_in(world)
    for person, status in ((world.student, 404), (world.stranger, 404), (world.author, 200)):
        assert client.sign_in(person).get(f"/review/{submission.uuid}").status_code == status, person.name
    assert client.sign_in(world.author).get("/review").status_code == 403


def test_long_queue_is_paged_without_losing_a_row(as_reviewer: Any, world: Any) -> None:
    for number in range(35):
        handed_in(world, f"资源{number:02}")
    first = as_reviewer.get("/review").text
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following is not None
    both = first + as_reviewer.get(following.group(1).replace("&amp;", "&")).text
    assert all(f"资源{number:02}" in both for number in range(35))
