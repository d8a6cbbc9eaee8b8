"""Who asks: tokens with scopes, sessions with the form token, our own pages; and how a refusal looks."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from courseware.core import clock as product_clock
from courseware.core.database import session
from courseware.progress.models import LearningEvent
from tests.web.site import Site

EVENTS = "/api/v1/events"


def an_event(site: Site, **more: Any) -> dict[str, Any]:
    return {
        "uuid": str(uuid.uuid4()), "verb": "read", "resource": str(site.values["resource_uuid"]), "seconds": 30,
        "occurred_at": product_clock.now().isoformat(), **more,
    }  # fmt: skip


def kept() -> int:
    return session().scalar(select(func.count()).select_from(LearningEvent)) or 0


# --- tokens -----------------------------------------------------------------------------------------------------------


def test_a_token_reads_what_its_person_may_read(site: Site, program: Any) -> None:
    from courseware.resources import services as resources

    draft = site.world.draft("草稿")
    session().commit()
    path = f"/api/v1/resources/{draft.uuid}"
    assert program("t", "read").get(path).status_code == 200
    assert program("s", "read").get(path).status_code == 404
    assert resources is not None


@pytest.mark.parametrize(
    ("scopes", "statuses"),
    [(["read"], (200, 200, 403)), (["metrics"], (403, 200, 403)), (["events"], (403, 403, 200)),
     (["write"], (403, 403, 200)), (["read", "write"], (200, 200, 200))],
)  # fmt: skip
def test_a_token_does_what_it_was_issued_for(
    site: Site, program: Any, scopes: list[str], statuses: tuple[int, int, int]
) -> None:
    asker = program("s", *scopes)
    found = (
        asker.get("/api/v1/resources").status_code, asker.get("/api/v1/libraries/ROBOT/metrics").status_code,
        asker.post(EVENTS, {"events": [an_event(site)]}).status_code,
    )  # fmt: skip
    assert found == statuses
    assert kept() == (1 if statuses[2] == 200 else 0)


def test_a_missing_scope_is_named(site: Site, program: Any) -> None:
    answer = program("s", "events").get("/api/v1/courses")
    assert answer.json["code"] == "scope_missing"
    assert "read" in answer.json["title"]


@pytest.mark.parametrize("token", ["", "x", "keku_nobody", "无".encode().decode("latin-1"), "a" * 9000])
def test_a_token_nobody_issued_is_refused_and_not_taken_for_a_guest(client: Any, site: Site, token: str) -> None:
    answer = client.get("/api/v1/courses", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json["code"]) == (401, "token_refused")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_token_ends_with_its_age_and_with_its_account(
    site: Site, program: Any, clock: Callable[[Any], dt.datetime]
) -> None:
    begun = product_clock.now()
    asker, other = program("s", "read"), program("t", "read")
    assert asker.get("/api/v1/courses").status_code == 200
    site.people["t"].closed_at = begun  # type: ignore[union-attr]
    session().commit()
    assert other.get("/api/v1/courses").status_code == 401
    clock(begun + dt.timedelta(days=91))
    assert asker.get("/api/v1/courses").status_code == 401


def test_a_token_opens_the_api_and_no_page(site: Site, program: Any) -> None:
    assert program("a", "read", "write").get("/admin/users").status_code == 302


def test_the_token_counts_and_not_the_cookie_beside_it(app: Flask, client: Any, site: Site, program: Any) -> None:
    asker = program("s", "read")
    client.sign_in(site.people["a"])
    path = "/api/v1/libraries/ROBOT/metrics"
    everything = len(client.get(path).json["indicators"])
    assert len(client.get(path, headers=asker.headers).json["indicators"]) < everything
    assert len(client.get(path).json["indicators"]) == everything


# --- sessions ---------------------------------------------------------------------------------------------------------


def test_a_session_sends_events_with_the_form_token_or_from_our_own_pages(client: Any, site: Site) -> None:
    client.sign_in(site.people["s"])
    assert client.post(EVENTS, json={"events": [an_event(site)]}).status_code == 200
    client.sends_token = False
    refused = client.post(EVENTS, json={"events": [an_event(site)]})
    assert (refused.status_code, refused.json["code"]) == (400, "csrf")
    beacon = {"Origin": "http://localhost"}
    assert client.post(EVENTS, json={"events": [an_event(site)]}, headers=beacon).status_code == 200
    for foreign in ("http://evil.example", "null", "http://localhost.evil.example", "http://evil.example/localhost"):
        answer = client.post(EVENTS, json={"events": [an_event(site)]}, headers={"Origin": foreign})
        assert answer.status_code == 400, foreign
    assert kept() == 2


def test_a_guest_sends_no_events(client: Any, site: Site) -> None:
    assert client.post(EVENTS, json={"events": [an_event(site)]}).status_code == 401
    assert kept() == 0


def test_a_repeat_is_counted_once_and_says_so(client: Any, site: Site) -> None:
    client.sign_in(site.people["s"])
    event = an_event(site)
    statuses = [
        [one["status"] for one in client.post(EVENTS, json={"events": batch}).json["results"]]
        for batch in ([event], [event], [event, an_event(site)])
    ]
    assert statuses == [["accepted"], ["repeated"], ["repeated", "accepted"]]
    assert kept() == 2


# --- refusals ---------------------------------------------------------------------------------------------------------

KEYS = {"type", "title", "status", "code", "request_id"}


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [("GET", "/api/v1/nowhere", 404, "not_found"), ("GET", "/api/v1/courses/x", 404, "not_found"),
     ("POST", "/api/v1/courses", 405, "method_not_allowed"), ("GET", "/api/v1/courses?limit=0", 422, "invalid"),
     ("GET", "/api/v1/courses?after=x", 422, "invalid"), ("GET", "/api/v1/search?sort=x", 422, "invalid"),
     ("GET", "/api/v1/libraries/NONE/metrics", 404, "not_found"), ("POST", EVENTS, 401, "sign_in_needed"),
     ("GET", "/api/v1/courses?library=%00", 400, "bad_request")],
)  # fmt: skip
def test_every_refusal_has_one_shape(client: Any, site: Site, method: str, path: str, status: int, code: str) -> None:
    answer = client.open(path, method=method)
    assert answer.mimetype == "application/problem+json"
    assert (answer.status_code, answer.json["status"], answer.json["code"]) == (status, status, code)
    assert answer.json["type"] == f"urn:keku:{code}"
    assert answer.json["request_id"] == answer.headers["X-Request-Id"]
    assert answer.json["title"].strip()
    assert set(answer.json) - {"problems"} == KEYS


def test_all_problems_of_a_question_are_told_at_once(client: Any, site: Site) -> None:
    answer = client.get("/api/v1/resources?limit=999&after=x&type=film&course=1")
    assert set(answer.json["problems"]) == {"limit", "after", "type", "course"}
    assert all(sentences and all(sentences) for sentences in answer.json["problems"].values())


def test_a_program_is_told_in_its_language(client: Any, site: Site) -> None:
    english = client.get("/api/v1/courses?limit=0", headers={"Accept-Language": "en-GB,en;q=0.9"})
    assert english.json["problems"]["limit"] == ["Write a number from 1 to 100."]
    assert english.json["title"] == "Some fields need another look."


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"\xff\xfe", b"null", b'{"events": 1}'])
def test_a_body_that_is_no_batch_is_refused_and_nothing_is_kept(client: Any, site: Site, body: bytes) -> None:
    client.sign_in(site.people["s"])
    answer = client.post(EVENTS, data=body, content_type="application/json")
    assert 400 <= answer.status_code < 500
    assert answer.mimetype == "application/problem+json"
    assert kept() == 0
