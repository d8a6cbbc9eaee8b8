"""The self-check: every function of the four groups, counted by what came into being in the year."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from courseware.accounts import queries as accounts
from courseware.libraries import queries as libraries
from courseware.monitoring.periods import parse_period
from courseware.monitoring.queries.functions import GROUPS, functions_of
from tests.counting import statements
from tests.demo.stories import at, now, play, prelude, publish, revise
from tests.servers.client import TestClient

OLD, MAY = at("2025-03-03"), at("2026-05-05")


@pytest.fixture
def story(app: Flask) -> None:
    """One resource of an earlier year, revised in this one; a lesson, an enrolment; another library has work of its own."""
    lines: list[dict[str, Any]] = [
        {"at": OLD, "do": "user", "key": "adm", "name": "冯", "unit": "u", "roles": ["administrator"]},
        publish("a0", OLD), revise("a0", MAY, "neu"), publish("a1", MAY),
        {"at": MAY, "do": "lesson.publish", "key": "les", "course": "c", "owner": "t1", "items": ["a0"], "activities": 1},
        {"at": MAY, "do": "enrol", "course": "c", "user": "s1"},
        {"at": OLD, "do": "library", "key": "l2", "code": "OTHER", "name": "别的库", "major": "m", "host": "u"},
        publish("z0", MAY, library="l2", course=None, points=[]),
    ]  # fmt: skip
    play(prelude(), lines, now())


def test_uses_are_counted_where_and_when_they_happened(story: None) -> None:
    library = libraries.find_library("LIB")
    assert library is not None
    with statements() as seen:
        found = {
            one.name: (one.state, one.count)
            for one in functions_of(library, parse_period("2026"), visits=3, enrolments=1)
        }
    assert len(seen) == 1
    assert list(found) == [name for names in GROUPS.values() for name in names]
    assert {name: found[name] for name in ("upload", "assembly", "choice", "self_study", "discussion", "search", "exam")} == {
        "upload": ("used", 2), "assembly": ("used", 1), "choice": ("used", 1), "self_study": ("used", 3), "discussion": ("unused", 0),
        "search": ("unrecorded", None), "exam": ("missing", None),
    }  # fmt: skip


def test_the_page_says_what_is_used_what_is_not_and_what_nobody_knows(story: None, client: TestClient) -> None:
    client.set_cookie("kk_lang", "en")
    client.sign_in(accounts.user_by_key("adm"))
    page = client.get("/monitor/functions?library=LIB&period=2026").text
    for words in ("Platform self-check", "there, not used in this year", "its use is not recorded", "not there yet"):
        assert words in page, words
    assert "Upload of resources" in client.get("/monitor/lists/functions.csv?library=LIB&period=2026").text
