"""Time that was not credited: seen with its reason, appealed, decided, and in the figures afterwards."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from sqlalchemy import select

from courseware.auditlog.models import AuditEntry
from courseware.core import clock as core_clock
from courseware.core.database import session
from courseware.core.errors import NotAllowed, NotFound
from courseware.core.roles import Role
from courseware.progress import appeals
from courseware.progress.credit import PARALLEL, SPEED
from courseware.progress.days import day_of
from courseware.progress.errors import AppealDecided, AppealedBefore, NoteNeeded
from courseware.progress.models import DueDay
from courseware.progress.services import EventIn, record_events
from tests.catalog.world import World

NOW = dt.datetime(2030, 5, 1, 3, tzinfo=dt.UTC)


def watched(resource: Any, second: float, sitting: str, speed: float = 1) -> EventIn:
    at = NOW - dt.timedelta(hours=1) + dt.timedelta(seconds=second)
    return EventIn(
        uuid.uuid4(),
        "watched",
        at,
        resource=resource.uuid,
        from_s=second,
        to_s=second + 30 * speed,
        speed=speed,
        sitting=sitting,
    )


@pytest.fixture
def videos(world: World, clock: Any) -> list[Any]:
    """The student watched one, another beside it, and a third too fast; a classmate did as well, and nobody asks for that."""
    clock(NOW - dt.timedelta(hours=2))
    made = [world.video(title, 600.0) for title in ("甲", "乙", "丙")]
    clock(NOW)
    for person in (world.student, world.classmate):
        acts = [watched(made[0], 0, "a"), watched(made[1], 3, "b"), watched(made[2], 100, "c", 4)]
        assert {o.status for o in record_events(person, acts)} == {"accepted"}
    return made


def librarian(world: World) -> Any:
    return world.person("lib", Role.LIBRARIAN)


def test_what_is_not_credited_is_named_with_its_reason(world: World, videos: list[Any]) -> None:
    account = appeals.account_of(world.student)
    assert [(one.resource.title, one.reason, one.seconds) for one in account.lost] == [
        ("乙", PARALLEL, 30.0), ("丙", SPEED, 30.0),
    ]  # fmt: skip
    assert (account.credited_s, account.lost_s) == (30.0, 60.0)


def test_accepted_time_comes_back_and_the_day_is_counted_anew(world: World, videos: list[Any]) -> None:
    made = appeals.appeal(world.student, day_of(NOW), videos[1].uuid, PARALLEL, "分屏对照")
    session().query(DueDay).delete()
    appeals.decide(librarian(world), made.uuid, accept=True, note="")
    account = appeals.account_of(world.student)
    assert (account.credited_s, account.lost_s) == (33.0, 30.0)
    assert [row.user_id for row in session().scalars(select(DueDay))] == [world.student.id]
    acts = (
        session()
        .scalars(select(AuditEntry.action).where(AuditEntry.action.like("credit.%")).order_by(AuditEntry.id))
        .all()
    )
    assert acts == ["credit.appeal", "credit.accept"]


def test_a_refusal_needs_a_word_and_changes_nothing(world: World, videos: list[Any]) -> None:
    made = appeals.appeal(world.student, day_of(NOW), videos[2].uuid, SPEED, "")
    keeper = librarian(world)
    with pytest.raises(NoteNeeded):
        appeals.decide(keeper, made.uuid, accept=False, note="  ")
    appeals.decide(keeper, made.uuid, accept=False, note="4 倍速不计")
    assert appeals.account_of(world.student).lost_s == 60.0
    with pytest.raises(AppealDecided):
        appeals.decide(keeper, made.uuid, accept=True, note="")


def test_one_appeal_for_a_reason_and_only_for_time_that_was_lost(world: World, videos: list[Any]) -> None:
    today = day_of(NOW)
    appeals.appeal(world.student, today, videos[1].uuid, PARALLEL, "一")
    with pytest.raises(AppealedBefore):
        appeals.appeal(world.student, today, videos[1].uuid, PARALLEL, "二")
    for day, video, reason in ((today, 0, PARALLEL), (today - 1, 2, SPEED), (today, 1, "too_short"), (today, 1, SPEED)):
        with pytest.raises(NotFound):
            appeals.appeal(world.student, day, videos[video].uuid, reason, "没有")


def test_only_those_who_keep_the_library_decide_and_never_about_themselves(world: World, videos: list[Any]) -> None:
    made = appeals.appeal(world.student, day_of(NOW), videos[1].uuid, PARALLEL, "分屏")
    for person in (world.student, world.teacher, world.classmate):
        with pytest.raises(NotAllowed):
            appeals.decide(person, made.uuid, accept=True, note="")
    keeper = librarian(world)
    assert list(appeals.appeals_for(keeper, "open")) == [made]
    made.user_id = keeper.id
    session().flush()
    assert list(appeals.appeals_for(keeper, "open")) == []
    with pytest.raises(NotAllowed):
        appeals.decide(keeper, made.uuid, accept=True, note="")


def test_the_pages_lead_from_the_reason_to_the_answer(client: Any, world: World, videos: list[Any]) -> None:
    client.sign_in(world.student).set_cookie("kk_lang", "en")
    page = client.get("/my-learning/time").text
    assert "Two things played at the same time" in page
    asked = {"day": day_of(NOW), "resource": str(videos[1].uuid), "reason": PARALLEL, "words": "<b>split screen</b>"}
    assert client.post("/my-learning/time/appeal", data=asked).status_code == 302
    assert "waiting for an answer" in client.get("/my-learning/time").text
    again = client.post("/my-learning/time/appeal", data=asked, follow_redirects=True)
    assert "appealed this already" in again.text
    assert client.post("/my-learning/time/appeal", data={**asked, "day": "x"}).status_code == 404
    client.sign_out()
    client.sign_in(librarian(world)).set_cookie("kk_lang", "en")
    listed = client.get("/monitor/appeals").text
    assert "&lt;b&gt;split screen&lt;/b&gt;" in listed
    (made,) = session().scalars(select(appeals.CreditAppeal))
    refused = client.post(f"/monitor/appeals/{made.uuid}", data={"decision": "decline"}, follow_redirects=True)
    assert "Say why" in refused.text
    client.post(f"/monitor/appeals/{made.uuid}", data={"decision": "decline", "note": "One screen at a time."})
    assert "One screen at a time." in client.get("/monitor/appeals?state=declined").text
    client.sign_out()
    client.sign_in(world.student).set_cookie("kk_lang", "en")
    assert "One screen at a time." in client.get("/my-learning/time").text
    assert core_clock.now() == NOW
