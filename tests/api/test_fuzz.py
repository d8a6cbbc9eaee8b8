"""No question, however strange, makes the site fail: every answer is good or a refusal in words (SEC13)."""

from __future__ import annotations

import random
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask

from tests.web.site import Site

STRANGE = (
    "", "0", "-1", "1", "100", "101", "1e9", "99999999999999999999999", "1.5", "NaN", "true", "null", "[]", "a", "焊枪", "%",
    "_", "'", '"', "\\", ";", "--", "' OR 1=1 --", "<script>alert(1)</script>", "../../etc/passwd", "\u202e", "🤖", "\x00", "\x7f",
    "\ud83d", "%c0%ae", "a" * 5000, "(" * 200, '"' * 99, "AND", "NOT", "*", "title:x", "2026..2020", "..", "1999..", "=cmd|' /C calc'!A0",
    "00000000-0000-4000-8000-000000000000", "00000000-0000-4000-8000-00000000000g", "2026-13-45", "calendar:2026", "academic:0000",
    "performance:9999", "9999", "0001",
)  # fmt: skip
NAMES = (
    "q", "kind", "sort", "limit", "after", "before", "facets", "exact", "library", "type", "course", "major", "originality", "unit",
    "year", "language", "tags", "period", "point", "show", "state", "text", "action", "t", "at", "page", "version", "id", "next", "group",
    "lang", "every", "mine", "filter", "nonsense",
)  # fmt: skip
ROUNDS = 2  # with up to eight names each: asking costs more than answering one name more


def question(chance: random.Random) -> str:
    chosen = [(chance.choice(NAMES), chance.choice(STRANGE)) for _each in range(chance.randint(1, 8))]
    return "&".join(f"{name}={quote(value, errors='surrogatepass')}" for name, value in chosen)


def readable(app: Flask, site: Site) -> list[str]:
    leave_out = ("static", "media_files.", "accounts.setup")
    rules = [r for r in app.url_map.iter_rules() if "GET" in (r.methods or ()) and not r.endpoint.startswith(leave_out)]
    return sorted({site.address(app, rule) for rule in rules})


@pytest.mark.parametrize("letter", ["g", "a"])
def test_no_parameters_make_a_page_or_the_api_fail(app: Flask, client: Any, indexed: Site, letter: str) -> None:
    chance = random.Random(20261101)
    person = indexed.people[letter]
    if person is not None:
        client.sign_in(person)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.testing = False
    paths, failed = readable(app, indexed), []
    for number in range(ROUNDS * len(paths)):
        address = f"{paths[number % len(paths)]}?{question(chance)}"
        answer = client.get(address)
        if answer.status_code >= 500 and not address.startswith("/readyz"):
            failed.append(f"{answer.status_code} {address[:300]}")
    app.testing, app.config["PROPAGATE_EXCEPTIONS"] = True, None
    assert failed == []


@pytest.mark.one_database
def test_strange_addresses_are_refused_in_words(client: Any, indexed: Site) -> None:
    for strange in STRANGE:
        part = quote(strange, safe="", errors="surrogatepass")
        for path in (
            "/libraries/{}",
            "/courses/{}",
            "/about/{}",
            "/setup/{}",
            "/points/{}",
            "/api/v1/libraries/{}/metrics",
            "/media/{}/x",
        ):
            answer = client.get(path.format(part))
            assert answer.status_code < 500, path.format(part)


@pytest.mark.parametrize(
    "change",
    [{"uuid": None}, {"uuid": 1}, {"verb": "\x00"}, {"verb": None}, {"occurred_at": "yesterday"}, {"occurred_at": "9999-12-31T23:59:59Z"},
     {"seconds": -1}, {"seconds": 1e308}, {"from_s": "a"}, {"from_s": 5, "to_s": 1}, {"speed": 0}, {"resource": "x"},
     {"device": "a\x00b"}, {"context": "\ud83d"}, {"sitting": "x" * 9999}, {"resource": {}}, {"course": []}, {"seconds": float("nan")}],
)  # fmt: skip
def test_strange_events_are_refused_one_by_one(client: Any, indexed: Site, change: dict[str, Any]) -> None:
    from tests.api.test_asking import an_event

    client.sign_in(indexed.people["s"])
    batch = {"events": [{**an_event(indexed), **change}, an_event(indexed)]}
    answer = client.post("/api/v1/events", json=batch)
    assert answer.status_code in (200, 400, 422), answer.text
