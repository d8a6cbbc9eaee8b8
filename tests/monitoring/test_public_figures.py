"""The figures of a library for everybody: the values of the Monitor, and no name."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from flask import Flask

from courseware.accounts import queries as accounts
from courseware.core.database import session
from courseware.libraries import queries as libraries
from courseware.monitoring import freezing
from courseware.monitoring.definitions import DEFINITIONS, OFFICIAL
from courseware.monitoring.periods import parse_period
from tests.demo.stories import at, now, play, prelude, publish, watch
from tests.servers.client import TestClient

OLD = at("2025-03-03")


STORY: list[dict[str, Any]] = [
    {"at": OLD, "do": "user", "key": "adm", "name": "冯", "unit": "u", "roles": ["administrator"]},
    *(publish(f"a{n}", OLD) for n in range(3)), watch("a0", "s1", at("2026-03-03"), 200), watch("a0", "x1", at("2026-03-03"), 200),
    {"at": at("2026-05-05"), "do": "roster", "library": "l", "unit": "u", "census": "2026-05-01", "students": ["s1", "赵无名"], "teachers": ["t1"]},
]  # fmt: skip


@pytest.fixture
def guest(app: Flask, client: TestClient) -> TestClient:
    """A guest who reads English, in front of a library with people in it."""
    assert not play(prelude(), STORY, now()).refused
    client.set_cookie("kk_lang", "en")
    return client


def sheet(answer: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_a_guest_reads_every_judged_figure_with_its_definition_and_no_list(guest: TestClient) -> None:
    page = guest.get("/libraries/LIB/figures?period=2026").text
    main = page[page.index("<main") : page.index("</main>")]
    for definition in OFFICIAL:
        assert f'definitions#{definition.id}"' in main, definition.id
    assert "/monitor" not in main
    assert not re.search("赵无名|>s1<|t1", main)
    assert "Test account 1" in main


def test_the_public_sheet_is_that_of_the_monitor(guest: TestClient) -> None:
    public = sheet(guest.get("/libraries/LIB/figures.csv?period=2026"))
    guest.sign_in(accounts.user_by_key("adm"))
    assert public == sheet(guest.get("/monitor/export.csv?library=LIB&period=2026"))
    assert len(public) == 1 + len(DEFINITIONS)


def test_the_score_of_the_one_answer_there_is_is_told_to_nobody(app: Flask, client: TestClient) -> None:
    asked = {"at": at("2026-06-05"), "do": "invite", "library": "l", "user": "s1"}
    answered = {"at": at("2026-06-06"), "do": "satisfaction", "library": "l", "user": "s1", "score": 1, "took_s": 30}
    assert not play(prelude(), [*STORY, asked, answered, now()]).refused

    def rows(url: str) -> dict[str, list[str]]:
        return {row[0]: row for row in sheet(client.get(url)) if row[0].startswith("M13")}

    shown = rows("/libraries/LIB/figures.csv?period=2026")
    assert {id_: (row[2], row[4]) for id_, row in shown.items()} == dict.fromkeys(("M13.A", "M13.B"), ("", "样本不足"))
    client.sign_in(accounts.user_by_key("adm"))
    assert rows("/monitor/export.csv?library=LIB&period=2026")["M13.B"][2:4] == ["", "5"]


def test_a_year_the_library_does_not_report_is_not_there(guest: TestClient) -> None:
    asked = {"2026": 200, "2019": 404, "soon": 404, "calendar:2026": 404}
    assert {year: guest.get(f"/libraries/LIB/figures?period={year}").status_code for year in asked} == asked
    assert guest.get("/libraries/NOWHERE/figures").status_code == 404


def test_what_was_frozen_is_named_by_its_sum(guest: TestClient) -> None:
    assert "not frozen yet" in guest.get("/libraries/LIB/figures?period=2026").text
    library, boss = libraries.find_library("LIB"), accounts.user_by_key("adm")
    assert library is not None
    snapshot = freezing.freeze(library, parse_period("2026"), boss)
    session().commit()
    assert snapshot.sha256 in guest.get("/libraries/LIB/figures?period=2026").text
