"""From a figure to its evidence: what a page about one person or resource shows is what the figures counted."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from courseware.accounts import queries as accounts
from courseware.accounts.models import User
from courseware.core.database import session
from courseware.libraries import queries as libraries
from courseware.libraries.models import Library
from courseware.monitoring import queries
from courseware.monitoring.facts import GivenFacts
from courseware.monitoring.indicators.coverage import efforts_of
from courseware.monitoring.periods import parse_period
from courseware.monitoring.queries import evidence, monitor
from courseware.monitoring.rollups import keeping
from courseware.resources.models import Resource
from tests.demo.stories import at, now, play, prelude, publish, watch
from tests.servers.client import TestClient

OLD, MAY = at("2025-03-03"), at("2026-05-05")


def story() -> list[dict[str, Any]]:
    """s1 is covered and uses two resources; s2 watches one too fast; s3 does nothing; the lesson holds a0."""
    days = [watch("a0", "s1", at(f"2026-03-0{n}"), 1500) for n in (1, 2, 3)]
    return [
        publish("a0", OLD, duration_s=6000), publish("a1", OLD, duration_s=600), publish("a2", OLD), *days,
        watch("a1", "s1", at("2026-04-04"), 200), watch("a0", "s2", at("2026-03-07"), 200, speed=4.0),
        {"at": OLD, "do": "lesson.publish", "key": "les", "course": "c", "owner": "t1", "items": ["a0"], "activities": 1},
        {"at": MAY, "do": "lesson.open", "key": "les", "user": "s1", "seconds": 60}, {"at": MAY, "do": "enrol", "course": "c", "user": "s1"},
        {"at": MAY, "do": "roster", "library": "l", "unit": "u", "census": "2026-05-01", "students": ["s1", "s2", "s3"], "teachers": ["t1"]},
        {"at": at("2025-01-02"), "do": "user", "key": "adm", "name": "冯", "unit": "u", "roles": ["administrator"]},
    ]  # fmt: skip


@pytest.fixture
def library(app: Flask) -> Library:
    assert not play(prelude(), story(), now()).refused
    found = libraries.find_library("LIB")
    assert found is not None
    return found


@pytest.fixture
def view(library: Library) -> monitor.Overview:
    return monitor.overview(library, parse_period("2026"), queries.reporting_now())


@pytest.fixture
def administrator(view: monitor.Overview, client: TestClient) -> TestClient:
    client.set_cookie("kk_lang", "en")
    return client.sign_in(accounts.user_by_key("adm"))


def person(key: str) -> User:
    found = accounts.user_by_key(key)
    assert found is not None
    return found


def resource(title: str) -> Resource:
    return session().scalars(select(Resource).where(Resource.title == f"资源 {title}")).one()


def rows(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


@pytest.mark.parametrize("is_folded", [False, True])
def test_the_days_of_each_person_make_up_the_figures(library: Library, view: monitor.Overview, is_folded: bool) -> None:
    if is_folded:
        session().commit()
        keeping.fold_all_due()
    seconds = {}
    for key in ("s1", "s2", "s3", "t1"):
        learned = evidence.learned_by(library, view, person(key).id)
        days = evidence.days_of(learned)
        effort = efforts_of(GivenFacts(view.period, view.now, sessions=learned.sessions)).get(person(key).id)
        assert (len(days), sum(day.seconds for day in days)) == ((effort.days, effort.seconds) if effort else (0, 0))
        seconds[person(key).id] = sum(day.seconds for day in days)
    assert {who: s for who, s in seconds.items() if s} == view.results["M14.time"].tally.amounts
    assert round(sum(seconds.values())) == view.results["M14.time"].numerator > 3600


def test_the_users_of_each_resource_are_those_that_made_it_active(library: Library, view: monitor.Overview) -> None:
    tally = view.results["M5.B"].tally
    for title in ("a0", "a1", "a2"):
        one = resource(title)
        users = {use.user_id for use in evidence.learned_with(library, view, one.id).uses}
        assert str(len(users)) == (tally.counted | tally.rest)[one.id], title
    assert {use.user_id for use in evidence.learned_with(library, view, resource("a0").id).uses} == {person("s1").id}


def test_what_did_not_count_is_there_with_its_reason(library: Library, view: monitor.Overview) -> None:
    (fast,) = evidence.uncounted(evidence.learned_by(library, view, person("s2").id))
    assert (fast.resource_id, fast.reason, fast.events) == (resource("a0").id, "speed", 1)
    assert [row.user_id for row in evidence.uncounted(evidence.learned_with(library, view, resource("a0").id))] == [person("s2").id]  # fmt: skip


def test_every_sum_is_the_sum_of_its_list(administrator: TestClient, view: monitor.Overview) -> None:
    heads = {"M7.A": "Seconds", "M14.time": "Seconds", "M14.coverage": "Seconds", "M14.visits.A": "Visits", "M14.visits.B": "Lesson pages opened"}  # fmt: skip
    for key, head in heads.items():
        listed = rows(administrator.get(f"/monitor/indicators/{key}.csv?period=2026&group=counted"))
        assert round(sum(float(row[head]) for row in listed)) == view.results[key].numerator, key
        assert listed, key


def test_a_row_of_a_ledger_leads_to_its_evidence_and_the_evidence_back_to_every_figure(
    administrator: TestClient,
) -> None:
    ledger = administrator.get("/monitor/indicators/M12.A?period=2026&group=counted").text
    (address,) = re.findall(r'href="(/monitor/people/[^"?]+)', ledger)
    page = administrator.get(f"{address}?library=LIB&period=2026").text
    assert "3 days and 60 minutes reached" in page
    assert page.count('href="/monitor/indicators/') >= 8
    assert len(rows(administrator.get(f"{address}/days.csv?library=LIB&period=2026"))) == 5
    used = administrator.get("/monitor/indicators/M5.B?period=2026").text
    (address, *_more) = re.findall(r'href="(/monitor/resources/[^"?]+)', used)
    assert "Who used it" in administrator.get(f"{address}?library=LIB&period=2026").text
    assert administrator.get(f"{address}/moons.csv?library=LIB&period=2026").status_code == 404


def test_names_are_for_those_who_keep_the_library(administrator: TestClient, client: TestClient) -> None:
    paths = [f"/monitor/people/{person('s1').uuid}", f"/monitor/resources/{resource('a0').uuid}"]
    assert [administrator.get(f"{path}?library=LIB").status_code for path in paths] == [200, 200]
    for key in ("t1", "s1"):
        client.sign_in(person(key))
        assert [client.get(f"{path}?library=LIB").status_code for path in paths] == [403, 403]
    client.sign_in(person("adm"))
    assert client.get(f"/monitor/people/{resource('a0').uuid}?library=LIB").status_code == 404
