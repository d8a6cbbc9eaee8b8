"""After publication: take-downs, random re-checks, withdrawal with a replacement, and what readers and lessons are told."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from courseware.accounts import services as accounts
from courseware.accounts.models import User
from courseware.core.database import session
from courseware.core.errors import Invalid, NotAllowed
from courseware.core.roles import Role
from courseware.resources.models import Resource
from courseware.review import queries, rechecks, rulebook, takedowns, withdrawals
from courseware.review.errors import AlreadyChecked, NotSettled, SecondPerson, SelfReview
from courseware.review.models import Recheck
from courseware.review.rules import Rules
from tests.counting import statements


@pytest.fixture
def second(world: Any) -> User:
    return accounts.create_user("second@example.org", "second", unit=world.author.unit, roles=[Role.REVIEWER])


def open_rechecks() -> list[Recheck]:
    return list(rechecks.listed())


# --- take-downs -------------------------------------------------------------------------------------------------------


def test_one_person_takes_down_and_another_one_confirms(world: Any, second: User, clock: Any) -> None:
    now = clock("2026-03-02 09:00")
    rulebook.save(world.librarian, world.library, Rules(confirm_hours=24))
    resource, noise = world.published(), world.published("坐标系")
    row = takedowns.take_down(world.reviewer, resource, "出现错误地图", "content")
    assert (resource.is_live, noise.is_live, row.confirm_by) == (False, True, now + dt.timedelta(hours=24))
    with pytest.raises(SecondPerson):
        takedowns.confirm(world.reviewer, row)
    takedowns.confirm(second, row, "属实")
    assert (row.state, row.settled_by_id, resource.is_live) == ("confirmed", second.id, False)
    with pytest.raises(NotSettled):
        takedowns.lift(world.librarian, row, "晚了")


def test_lifting_publishes_again_and_needs_a_reason(world: Any, second: User) -> None:
    row = takedowns.take_down(world.reviewer, world.published(), "疑似侵权", "rights")
    with pytest.raises(Invalid):
        takedowns.lift(second, row, " ")
    takedowns.lift(second, row, "授权已核对")
    assert row.resource.is_live
    assert withdrawals.gone(row.resource.uuid) is None


def test_teachers_cannot_take_down_and_a_reason_is_needed(world: Any) -> None:
    resource = world.published()
    with pytest.raises(NotAllowed):
        takedowns.take_down(world.colleague, resource, "不喜欢")
    with pytest.raises(Invalid) as refusal:
        takedowns.take_down(world.reviewer, resource, "", "gossip")
    assert set(refusal.value.problems) == {"reason", "incident"}
    assert resource.is_live


def test_page_says_so_in_neutral_words_and_keeps_title_and_reason_back(client: Any, world: Any) -> None:
    resource = world.published("焊枪角度")
    takedowns.take_down(world.reviewer, resource, "出现错误地图")
    session().commit()
    page = client.get(f"/resources/{resource.uuid}")
    assert page.status_code == 410
    assert "焊枪角度" not in page.text
    assert "地图" not in page.text


def test_unconfirmed_ones_are_listed_as_overdue(client: Any, world: Any, second: User, clock: Any) -> None:
    clock("2026-03-02 09:00")
    late, settled = world.published(), world.published("坐标系")
    takedowns.take_down(world.reviewer, late, "核查一")
    takedowns.confirm(second, takedowns.take_down(world.reviewer, settled, "核查二"))
    clock.advance(hours=49)
    session().commit()
    text = client.sign_in(second).get("/review/take-downs").text
    assert text.count('class="kk-sheet kk-pad late"') == 1
    assert text.index("核查一") < text.index("核查二")


def test_pages_take_down_and_lift(client: Any, world: Any, second: User) -> None:
    resource = world.published()
    session().commit()
    client.sign_in(world.reviewer).post(f"/review/resources/{resource.uuid}/take-down", data={"reason": ""})
    session().refresh(resource)
    assert resource.is_live
    client.post(f"/review/resources/{resource.uuid}/take-down", data={"reason": "核查", "incident": "content"})
    row = takedowns.listed()[0]
    address = f"/review/take-downs/{row.uuid}/lift"
    assert client.post(address, data={"note": "自己来"}).status_code == 302
    session().refresh(row)
    assert row.state == "open"
    client.sign_in(second).post(address, data={"note": "无误"})
    session().refresh(row)
    session().refresh(resource)
    assert (row.state, resource.is_live) == ("lifted", True)


# --- re-checks --------------------------------------------------------------------------------------------------------


def test_sample_is_drawn_again_by_its_seed(world: Any) -> None:
    ids = [world.published(f"资源{n:02}").id for n in range(20)]
    world.draft("草稿")
    sample = rechecks.draw(world.librarian, world.library, "15%", "2026-秋")
    drawn = sorted(row.resource_id for row in open_rechecks())
    assert (len(drawn), sample.population) == (3, 20)
    assert drawn == rechecks.pick(ids, 3, "2026-秋")
    assert len({tuple(rechecks.pick(ids, 3, str(seed))) for seed in range(9)}) > 1


def test_what_waits_already_is_not_drawn_twice(world: Any) -> None:
    for n in range(4):
        world.published(f"资源{n}")
    rechecks.draw(world.librarian, world.library, "3")
    second = rechecks.draw(world.librarian, world.library, "10")
    assert second.population == 1
    assert len({row.resource_id for row in open_rechecks()}) == 4


@pytest.mark.parametrize("asked", ["", "0", "-3", "101%", "五", "1e3", "501"])
def test_odd_sizes_are_refused_in_words(world: Any, asked: str) -> None:
    with pytest.raises(Invalid):
        rechecks.size_of(asked, 2000)
    assert rechecks.size_of("5％", 30) == 2


def test_only_keepers_draw_and_nobody_checks_own_work(world: Any) -> None:
    world.published()
    with pytest.raises(NotAllowed):
        rechecks.draw(world.reviewer, world.library, "1")
    rechecks.draw(world.librarian, world.library, "1")
    world.author.grants.append(type(world.author.grants[0])(role="reviewer"))
    with pytest.raises(SelfReview):
        rechecks.check(world.author, open_rechecks()[0], is_passed=True)


def test_a_failed_recheck_goes_back_to_the_author_until_a_newer_version_is_live(world: Any) -> None:
    resource, noise = world.published(), world.published("坐标系")
    rechecks.draw(world.librarian, world.library, "2")
    rows = {row.resource_id: row for row in open_rechecks()}
    rechecks.check(world.reviewer, rows[noise.id], is_passed=True)
    with pytest.raises(Invalid) as refusal:
        rechecks.check(world.reviewer, rows[resource.id], is_passed=False)
    assert set(refusal.value.problems) == {"note", "remedy"}
    rechecks.check(world.reviewer, rows[resource.id], is_passed=False, note="参数过期", remedy="return")
    assert resource.is_live
    assert [row.note for row in rechecks.returned_to(world.author)] == ["参数过期"]
    assert rechecks.returned_to(world.colleague) == []
    with pytest.raises(AlreadyChecked):
        rechecks.check(world.librarian, rows[resource.id], is_passed=True)


def test_a_failed_recheck_may_take_down_at_once(world: Any) -> None:
    resource = world.published()
    rechecks.draw(world.librarian, world.library, "1")
    rechecks.check(world.reviewer, open_rechecks()[0], is_passed=False, note="画面有误", remedy="take_down")
    assert not resource.is_live
    assert takedowns.count_open() == 1


def test_rechecks_through_their_pages(client: Any, world: Any) -> None:
    resource = world.published()
    session().commit()
    client.sign_in(world.librarian)
    assert client.post("/review/samples", data={"library": "ROBOT", "asked": "很多"}).status_code == 422
    assert client.post("/review/samples", data={"library": "ROBOT", "asked": "50%"}).status_code == 302
    row = open_rechecks()[0]
    address = f"/review/rechecks/{row.uuid}"
    assert resource.title in client.get("/review/rechecks").text
    answer = client.post(address, data={"verdict": "fail", "note": "我的意见"})
    assert (answer.status_code, "我的意见" in answer.text) == (422, True)
    client.post(address, data={"verdict": "fail", "note": "字幕错误", "remedy": "return"})
    assert "字幕错误" in client.sign_in(world.author).get("/teach/resources").text


# --- withdrawal -------------------------------------------------------------------------------------------------------


def test_withdrawal_tells_readers_when_why_and_what_instead(client: Any, world: Any) -> None:
    old, new = world.published("旧资源"), world.published("新资源")
    session().commit()
    client.sign_in(world.author)
    address = f"/teach/resources/{old.uuid}/withdrawal"
    assert client.get(address).status_code == 200
    lost = client.post(address, data={"reason": "", "address": "http://x/resources/不是"})
    assert lost.status_code == 422
    given = {"reason": "设备停产", "address": f"http://localhost/resources/{new.uuid}"}
    assert client.post(address, data=given).status_code == 302
    page = client.sign_out().get(f"/resources/{old.uuid}")
    assert page.status_code == 410
    for word in ("旧资源", "设备停产", f"/resources/{new.uuid}"):
        assert word in page.text


def test_replacement_must_be_another_live_resource(world: Any) -> None:
    old, draft = world.published(), world.draft("草稿")
    for replacement in (old, draft):
        with pytest.raises(Invalid) as refusal:
            withdrawals.withdraw(world.author, old, "停用", replacement)
        assert set(refusal.value.problems) == {"replacement"}
    with pytest.raises(NotAllowed):
        withdrawals.withdraw(world.colleague, old, "停用")
    assert old.is_live


def test_unpublished_things_stay_unknown(client: Any, world: Any) -> None:
    draft: Resource = world.draft("草稿")
    session().commit()
    assert client.get(f"/resources/{draft.uuid}").status_code == 404


def test_lists_cost_the_same_for_many_rows(world: Any, second: User) -> None:
    def cost() -> int:
        session().flush()
        session().expire_all()
        with statements() as seen:
            for row in takedowns.listed():
                assert row.resource.library.code
            for recheck in rechecks.listed():
                assert recheck.resource.author.name
            rechecks.samples()
            queries.workload()
        return len(seen)

    takedowns.take_down(world.reviewer, world.published("甲"), "核查")
    world.published("乙")
    rechecks.draw(world.librarian, world.library, "1")
    few = cost()
    for n in range(5):
        takedowns.take_down(second, world.published(f"多{n}"), "核查")
        world.published(f"更多{n}")
        rechecks.draw(world.librarian, world.library, "1")
    assert cost() == few
