"""A library may be judged by another reading of a figure: decided before a year begins, with a reason, and never backwards."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from courseware.accounts import queries as accounts
from courseware.auditlog.models import AuditEntry
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import NotAllowed
from courseware.libraries import queries as libraries
from courseware.libraries.models import Library
from courseware.monitoring import readings
from courseware.monitoring.definitions import OFFICIAL
from courseware.monitoring.errors import ReadingNotJudged, ReasonNeeded, UnknownIndicator
from courseware.monitoring.periods import parse_period
from courseware.monitoring.queries.monitor import overview
from tests.demo.stories import at, now, play, prelude, publish
from tests.servers.client import TestClient

OLD = at("2025-03-03")
NOW = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)


@pytest.fixture
def library(app: Flask) -> Library:
    """A library whose years begin in November, in its year 2026."""
    boss: dict[str, Any] = {
        "at": OLD,
        "do": "user",
        "key": "adm",
        "name": "冯",
        "unit": "u",
        "roles": ["administrator"],
    }
    assert not play(prelude(), boss, [publish(f"a{n}", OLD) for n in range(4)], now()).refused
    found = libraries.find_library("LIB")
    assert found is not None
    return found


def judged(library: Library, year: str) -> dict[str, str]:
    return {one.family: one.id for one in readings.judged(library, parse_period(year))}


def test_ours_are_judged_until_the_library_decides_and_the_decision_holds_from_the_next_year(library: Library) -> None:
    boss = accounts.user_by_key("adm")
    assert judged(library, "2027") == {one.family: one.id for one in OFFICIAL}
    readings.choose(boss, library, "M4.C", "省里要求按期末总量计算", NOW)
    assert [judged(library, year)["M4"] for year in ("2025", "2026", "2027", "2030")] == [
        "M4.A",
        "M4.A",
        "M4.C",
        "M4.C",
    ]
    assert judged(library, "2027")["M2"] == "M2.A", "the others stay"
    readings.choose(boss, library, "M4.A", "收回", NOW + dt.timedelta(days=1))
    assert judged(library, "2027")["M4"] == "M4.A", "the last word before the year begins holds"
    assert len(readings.choices_of(library, "M4")) == 2
    noted = session().scalars(select(AuditEntry.details).where(AuditEntry.action == "metrics.choose_reading")).all()
    assert [(one["indicator"], one["from"]) for one in noted] == [("M4.C", "2027"), ("M4.A", "2027")]


def test_the_judged_reading_stands_on_the_overview_with_its_own_verdict(library: Library) -> None:
    readings.choose(accounts.user_by_key("adm"), library, "M4.C", "省里要求", NOW)
    shown = {year: {one.id for one in overview(library, parse_period(year), NOW).official} for year in ("2026", "2027")}
    assert {"M4.A", "M4.C"} & shown["2026"] == {"M4.A"}
    assert {"M4.A", "M4.C"} & shown["2027"] == {"M4.C"}


@pytest.mark.parametrize(
    ("reading", "reason", "refusal"),
    [
        ("M4.C", "  ", ReasonNeeded), ("M1.A", "x", ReadingNotJudged), ("M99.Z", "x", UnknownIndicator),
        ("M5.B", "x", ReadingNotJudged), ("", "x", UnknownIndicator),
    ],
    ids=["no reason", "a count", "no such figure", "a figure without target", "nothing"],
)  # fmt: skip
def test_what_cannot_be_judged_by_is_refused(
    library: Library, reading: str, reason: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        readings.choose(accounts.user_by_key("adm"), library, reading, reason, NOW)
    assert not readings.choices_of(library, "M4")


def test_nobody_else_decides(library: Library) -> None:
    with pytest.raises(NotAllowed):
        readings.choose(accounts.user_by_key("t1"), library, "M4.C", "x", NOW)


def test_a_keeper_decides_on_the_page_of_the_figure_and_everybody_who_keeps_reads_it(
    library: Library, client: TestClient
) -> None:
    client.sign_in(accounts.user_by_key("adm"))
    client.set_cookie("kk_lang", "en")
    path, form = "/monitor/indicators/M4.A/reading?library=LIB&period=2026", {"reading": "M4.B"}
    empty = client.post(path, data={**form, "reason": ""})
    assert (empty.status_code, "Say why" in empty.text) == (422, True)
    done = client.post(path, data={**form, "reason": "Measured against the acceptance"}, follow_redirects=True)
    year = readings.next_year(library, clock.now()).code
    assert f"From the year {year} on the library is judged by M4.B." in done.text
    assert "Measured against the acceptance" in client.get("/monitor/indicators/M4.B?library=LIB&period=2026").text
    assert 'id="reading"' not in client.get("/monitor/indicators/M1.A?library=LIB&period=2026").text
