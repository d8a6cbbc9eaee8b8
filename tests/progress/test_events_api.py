"""POST /api/v1/events with good and bad input."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from typing import Any

import pytest
from sqlalchemy import func, select

from courseware.accounts import services as accounts
from courseware.accounts.models import EndedSession
from courseware.auditlog.models import AuditEntry
from courseware.core import clock as core_clock
from courseware.core.database import session
from courseware.core.roles import Role
from courseware.progress.models import LearningEvent
from tests.catalog.world import World
from tests.counting import statements

URL = "/api/v1/events"
OWN = {"Origin": "http://localhost"}


def event(resource: Any, /, **more: Any) -> dict[str, Any]:
    return {
        "uuid": str(uuid.uuid4()), "verb": "watched", "resource": str(resource.uuid), "from_s": 0, "to_s": 50,
        "occurred_at": core_clock.now().isoformat(), **more,
    }  # fmt: skip


def stored() -> int:
    return session().scalar(select(func.count()).select_from(LearningEvent)) or 0


def test_a_batch_is_answered_event_by_event_with_the_progress(client: Any, world: World) -> None:
    video = world.video()
    lesson = world.lesson(video, {"kind": "task", "title": "焊一道缝"})
    world.enrol()
    client.sign_in(world.student).set_cookie("kk_lang", "en")
    good = event(video, lesson=str(lesson.uuid), version=str(uuid.uuid4()), sitting="s")
    answer = client.post(URL, json={"events": [good, event(video, verb="dreamt"), good]})
    assert answer.status_code == 200
    accepted, refused, repeated = answer.json["results"]
    assert accepted == {"uuid": good["uuid"], "status": "accepted"}
    assert (refused["reason"], refused["message"]) == ("unknown_verb", "This verb is not known here.")
    assert repeated["status"] == "repeated"
    progress = answer.json["progress"]
    assert progress["resources"][str(video.uuid)]["ranges"] == [[0.0, 50.0]]
    assert progress["resources"][str(video.uuid)]["percent"] == 50.0
    told = progress["lesson"]
    assert (told["done"], told["required"], told["is_complete"]) == (0, 2, False)
    assert told["heading"] == "Not complete yet: 2 steps left"
    assert told["why"][0]["text"] == "“枪角演示”: watch 30 more seconds (50.00 % seen, 80 % needed)"


def test_what_the_site_notes_by_itself_is_taken_from_nobody(client: Any, world: World) -> None:
    video = world.video()
    client.sign_in(world.student).set_cookie("kk_lang", "en")
    mine = [event(video, verb=verb, course=str(world.course.uuid)) for verb in ("signed_in", "completed_course")]
    answer = client.post(URL, json={"events": mine})
    assert [(one["status"], one["reason"]) for one in answer.json["results"]] == [("refused", "own_word")] * 2
    assert stored() == 0


def test_nobody_watches_what_lies_behind_the_end(client: Any, world: World) -> None:
    video = world.video()
    client.sign_in(world.student).set_cookie("kk_lang", "en")
    told = [event(video, to_s=to_s) for to_s in (100, 107, 107.5, 5000)]
    reasons = [one.get("reason") for one in client.post(URL, json={"events": told}).json["results"]]
    assert reasons == [None, None, "beyond_end", "beyond_end"]


def test_more_time_than_has_passed_is_no_time_learned(client: Any, world: World) -> None:
    video, page = world.video(), world.resource()
    client.sign_in(world.student)
    now = core_clock.now()
    read = {"verb": "read", "from_s": None, "to_s": None}
    hour, ahead = (
        event(page, **read, seconds=3600),
        event(video, occurred_at=(now + dt.timedelta(seconds=60)).isoformat()),
    )
    seen = client.post(URL, json={"events": [hour, ahead]}).json["progress"]["resources"]
    assert (seen[str(page.uuid)]["attention_s"], seen[str(page.uuid)]["is_complete"]) == (0, False)
    assert seen[str(video.uuid)]["watched_s"] == 50.0, "a clock that is a minute ahead is no cheat"
    assert {str(row.uuid): row.excluded for row in session().scalars(select(LearningEvent))} == {
        hour["uuid"]: "speed", ahead["uuid"]: "",
    }  # fmt: skip


def test_sentences_come_in_chinese_too(client: Any, world: World) -> None:
    video = world.video()
    client.sign_in(world.student)
    answer = client.post(URL, json={"events": [event(video, from_s=9, to_s=3)]})
    assert answer.json["results"][0]["message"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "not_json"), (b"{", 400, "not_json"), (b"\xff\xfe", 400, "not_json"), (b"[" * 100_000, 400, "not_json"),
        (b"[]", 422, "not_event_list"), (b'{"events": {}}', 422, "not_event_list"), (b'{"event": []}', 422, "not_event_list"),
        (json.dumps({"events": [{}] * 501}).encode(), 413, "batch_too_large"),
        (b'{"events": ["' + b"x" * 10_000_000 + b'"]}', 413, "body_too_large"),
    ],
)  # fmt: skip
def test_a_body_that_is_no_batch_is_refused_with_a_problem(
    client: Any, world: World, body: bytes, status: int, code: str
) -> None:
    client.sign_in(world.student)
    answer = client.post(URL, data=body, content_type="application/json")
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert answer.json["code"] == code
    assert answer.json["title"]
    assert stored() == 0


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"uuid": None}, "bad_uuid"), ({"uuid": "7"}, "bad_uuid"), ({"uuid": {}}, "bad_uuid"), ({"occurred_at": "gestern"}, "bad_time"),
        ({"occurred_at": None}, "bad_time"), ({"occurred_at": "2026-05-01T09:00:00"}, "bad_time"), ({"occurred_at": "0001-01-01T00:00:00+14:00"}, "bad_time"),
        ({"from_s": "0"}, "bad_range"), ({"from_s": True}, "bad_range"), ({"to_s": None}, "bad_range"), ({"seconds": -1}, "bad_seconds"), ({"seconds": "9"}, "bad_seconds"),
        ({"speed": 0}, "bad_speed"), ({"speed": "fast"}, "bad_speed"), ({"verb": 7}, "unknown_verb"), ({"resource": "none"}, "unknown_object"),
        ({"occurred_at": "2099-01-01T00:00:00+00:00"}, "future"),
    ],
)  # fmt: skip
def test_each_event_that_makes_no_sense_has_its_own_reason(
    client: Any, world: World, more: dict[str, Any], reason: str
) -> None:
    video = world.video()
    client.sign_in(world.student)
    answer = client.post(URL, json={"events": [event(video, **more), 3, event(video)]})
    assert [r.get("reason") for r in answer.json["results"]] == [reason, "bad_uuid", None]
    assert all(r["message"] for r in answer.json["results"][:2])
    assert stored() == 1


def test_numbers_that_json_does_not_know_are_refused(client: Any, world: World) -> None:
    video = world.video()
    client.sign_in(world.student)
    body = json.dumps({"events": [event(video, seconds=float("inf")), event(video, to_s=float("nan"))]})
    answer = client.post(URL, data=body, content_type="application/json")
    assert [r["reason"] for r in answer.json["results"]] == ["bad_seconds", "bad_range"]


def test_guests_are_asked_to_sign_in(client: Any, world: World) -> None:
    answer = client.post(URL, json={"events": [event(world.video())]})
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")


def test_a_session_needs_the_form_token_or_our_own_origin(client: Any, world: World) -> None:
    video = world.video()
    client.sign_in(world.student).sends_token = False
    assert client.post(URL, json={"events": [event(video)]}).status_code == 400
    foreign = client.post(URL, json={"events": [event(video)]}, headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 400
    own = client.post(URL, json={"events": [event(video)]}, headers={"Origin": "http://localhost"})
    assert own.status_code == 200
    assert stored() == 1


def test_a_session_that_has_ended_takes_no_events(client: Any, world: World, clock: Any) -> None:
    """The endpoint reads the session without the account; whatever ends a session elsewhere ends it here."""
    video, person = world.video(), world.student

    def told() -> int:
        answer: int = client.post(URL, json={"events": [event(video)]}, headers=OWN).status_code
        return answer

    def closed() -> None:
        person.closed_at = core_clock.now()

    def new_password() -> None:
        accounts.set_password(person, "Another-One-2026")

    def signed_out() -> None:
        session().add(EndedSession(sid="signed_out", at=core_clock.now()))

    def idle() -> None:
        core_clock.set_clock(core_clock.now() + dt.timedelta(minutes=31))

    for end in (new_password, signed_out, idle, closed):
        client.sign_in(person)
        with client.session_transaction() as kept:
            kept["sid"] = end.__name__
        assert told() == 200, end
        end()
        session().commit()
        assert told() == 401, end


def test_an_administrator_idles_sooner(client: Any, world: World) -> None:
    video = world.video()
    for role, status in ((Role.STUDENT, 200), (Role.ADMINISTRATOR, 401)):
        client.sign_in(world.person(str(uuid.uuid4()), role))
        assert client.post(URL, json={"events": [event(video)]}, headers=OWN).status_code == 200
        core_clock.set_clock(core_clock.now() + dt.timedelta(minutes=20))
        assert client.post(URL, json={"events": [event(video)]}, headers=OWN).status_code == status


def test_a_program_shows_its_token(client: Any, world: World) -> None:
    video = world.video()
    token = accounts.issue_token(world.student, ["events"])
    client.sends_token = False
    answer = client.post(URL, json={"events": [event(video)]}, headers={"Authorization": f"Bearer {token}"})
    assert answer.json["results"][0]["status"] == "accepted"
    reader = accounts.issue_token(world.student, ["read"])
    assert client.post(URL, json={"events": []}, headers={"Authorization": f"Bearer {reader}"}).status_code == 403
    assert client.post(URL, json={"events": []}, headers={"Authorization": "Bearer nothing"}).status_code == 401


def test_events_of_one_person_are_never_told_to_another(client: Any, world: World) -> None:
    video = world.video()
    client.sign_in(world.student)
    sent = event(video)
    client.post(URL, json={"events": [sent]})
    client.sign_in(world.classmate)
    answer = client.post(URL, json={"events": [sent]})
    assert answer.json["progress"]["resources"] == {}


def test_a_uuid_told_with_another_content_is_refused_and_noted(client: Any, world: World) -> None:
    video, other = world.video(), world.video("别的")
    client.sign_in(world.student).set_cookie("kk_lang", "en")
    first = event(video)
    assert client.post(URL, json={"events": [first]}).json["results"][0]["status"] == "accepted"
    changed = [
        first | {"to_s": 60},
        first | {"resource": str(other.uuid)},
        first | {"speed": 2},
        first | {"device": "phone"},
        first,
    ]
    results = client.post(URL, json={"events": changed}).json["results"]
    assert [r.get("reason", r["status"]) for r in results] == ["other_content"] * 3 + ["repeated"] * 2
    assert "uuid of its own" in results[0]["message"]
    assert stored() == 1
    entry = session().scalars(select(AuditEntry).where(AuditEntry.action == "learning.other_content")).one()
    assert (entry.actor_id, entry.result, entry.details["events"]) == (world.student.id, "refused", 3)


def test_a_uuid_of_somebody_else_is_refused(client: Any, world: World) -> None:
    video = world.video()
    client.sign_in(world.student)
    given = event(video)
    client.post(URL, json={"events": [given]})
    client.sign_out()
    client.sign_in(world.classmate)
    assert client.post(URL, json={"events": [given]}).json["results"][0]["reason"] == "other_content"


def test_clocks_wrong_by_years_are_told_so(client: Any, world: World) -> None:
    video = world.video()
    client.sign_in(world.student)
    moments = [core_clock.now() + dt.timedelta(days=days) for days in (-401, -1100, 400)]
    batch = [event(video, occurred_at=moment.isoformat()) for moment in moments]
    results = client.post(URL, json={"events": batch}).json["results"]
    assert [r["reason"] for r in results] == ["too_old", "too_old", "future"]
    assert stored() == 0


def test_programs_that_visit_pages_by_themselves_are_kept_apart(client: Any, world: World) -> None:
    video = world.video()
    client.sign_in(world.student)
    agents = (
        "Mozilla/5.0 (compatible; Googlebot/2.1)",
        "Mozilla/5.0 (X11; Linux) Firefox/128",
        "KekuPhone/1.2 robotics-lab",
    )
    for agent in agents:
        client.post(URL, json={"events": [event(video)]}, headers={"User-Agent": agent})
    excluded = session().scalars(select(LearningEvent.excluded).order_by(LearningEvent.id)).all()
    assert excluded == ["robot", "", ""]
    assert all(session().scalars(select(LearningEvent.sitting)))


def test_a_message_is_answered_in_the_language_of_the_account_without_loading_it(client: Any, world: World) -> None:
    video = world.video()
    lesson = world.lesson(video)
    world.enrol()
    world.student.locale = "en"
    session().flush()
    client.sign_in(world.student)
    with statements() as sent:
        answer = client.post(URL, json={"events": [event(video, lesson=str(lesson.uuid), sitting="s")]}, headers=OWN)
    assert answer.json["progress"]["lesson"]["heading"] == "Not complete yet: 1 step left"
    assert len(sent) > 5
    assert not any("password_hash" in line for line in sent)
