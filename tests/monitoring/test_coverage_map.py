"""The coverage map: each point with what it has, equal to the figures, and empty cells that become work."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from courseware.accounts import queries as accounts
from courseware.core import clock
from courseware.core.database import session
from courseware.knowledge.models import Point
from courseware.libraries import queries as libraries
from courseware.libraries.models import Library
from courseware.libraries.services import LEADER, set_team
from courseware.monitoring.facts import (
    CourseFact,
    GivenFacts,
    QuestionFact,
    ResourceFact,
    StandardFact,
    UseFact,
    VersionFact,
)
from courseware.monitoring.indicators import registry
from courseware.monitoring.indicators.points import point_rows
from courseware.monitoring.periods import parse_period
from courseware.monitoring.planning import tasks
from courseware.monitoring.planning.tasks import Wanted
from courseware.monitoring.rollups import keeping
from tests.demo.stories import at, now, play, prelude, publish, watch
from tests.monitoring.rows import on
from tests.servers.client import TestClient

OLD, NOW = at("2025-03-03"), on("2026-06-01")
LONG_AGO = on("2025-01-01")


def facts(resources: list[tuple[str, int, int, int]], questions: list[int], courses: int = 1) -> GivenFacts:
    """Resources as (type, point, users, seconds), questions by their point, on a standard of points 1 to 4."""
    return GivenFacts(
        parse_period("2026"), NOW,
        resources=[
            ResourceFact(n, kind, ((LONG_AGO, None),), (VersionFact(n, LONG_AGO, content_hash=str(n), duration_s=seconds),), LONG_AGO, point_ids=(point,))
            for n, (kind, point, _users, seconds) in enumerate(resources)
        ],
        uses=[UseFact(n, user, on("2026-03-03")) for n, (_kind, _point, users, _s) in enumerate(resources) for user in range(users)],
        questions=[QuestionFact(n, 1, "single", (point,), LONG_AGO, content_hash=str(n)) for n, point in enumerate(questions)],
        courses=[CourseFact(n + 1, standards=(StandardFact(LONG_AGO, ((1, 2), (3, 4))),)) for n in range(courses)],
    )  # fmt: skip


def test_a_point_has_what_is_published_for_it_and_lacks_what_is_empty() -> None:
    rows = point_rows(
        facts([("video", 1, 2, 90), ("text", 1, 3, 0), ("text", 2, 0, 0), ("animation", 3, 1, 40)], [1, 1, 3])
    )
    assert [(r.point_id, r.resources, r.seconds, r.questions, r.users) for r in rows] == [
        (1, 2, 90, 2, 3), (2, 1, 0, 0, 0), (3, 1, 40, 1, 1), (4, 0, 0, 0, 0),
    ]  # fmt: skip
    assert [r.lacks for r in rows] == [(), ("media", "question", "use"), (), ("resource", "media", "question")]


def test_a_point_of_two_courses_has_a_row_in_each_with_the_questions_of_its_own_bank() -> None:
    rows = point_rows(facts([("video", 1, 1, 60)], [1], courses=2))
    assert [(r.course_id, r.resources, r.questions) for r in rows if r.point_id == 1] == [(1, 1, 1), (2, 1, 0)]


KINDS = st.sampled_from(["video", "text", "animation", "simulation"])
STOCKS = st.lists(st.tuples(KINDS, st.integers(1, 6), st.integers(0, 4), st.integers(0, 900)), max_size=8)


@given(STOCKS, st.lists(st.integers(1, 6), max_size=8), st.integers(1, 2))
def test_the_empty_cells_are_what_question_bank_coverage_misses(
    stock: list[tuple[str, int, int, int]], questions: list[int], courses: int
) -> None:
    found = facts(stock, questions, courses)
    empty = {(row.course_id, row.point_id) for row in point_rows(found) if "question" in row.lacks}
    assert empty == set(registry.count("M8.A", found).tally.rest)


# --- on real rows


@pytest.fixture
def library(app: Flask) -> Library:
    """p1 has a text that nobody used; p2 and p3 have nothing; the course has a leader."""
    boss = {"at": OLD, "do": "user", "key": "adm", "name": "冯", "unit": "u", "roles": ["administrator"]}
    assert not play(prelude(), boss, publish("a0", OLD, "text", points=["p1"]), now("2026-06-01")).refused
    clock.set_clock(NOW)
    found = libraries.find_library("LIB")
    assert found is not None
    return found


@pytest.fixture
def keeper(library: Library, client: TestClient) -> TestClient:
    client.set_cookie("kk_lang", "en")
    return client.sign_in(accounts.user_by_key("adm"))


def filed(client: TestClient, query: str = "") -> list[dict[str, str]]:
    answer = client.get(f"/monitor/lists/map.csv?library=LIB&period=2026{query}")
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_page_and_file_hold_the_same_points_by_the_same_filter(keeper: TestClient) -> None:
    for query, names in (("", ["点1", "点2", "点3"]), ("&lacks=use", ["点1"]), ("&lacks=resource", ["点2", "点3"])):
        page = keeper.get(f"/monitor/map?library=LIB&period=2026{query}").text
        assert (
            re.findall(r'class="what"><a[^>]*>([^<]+)<', page)
            == names
            == [row["Point"] for row in filed(keeper, query)]
        )
    assert keeper.get("/monitor/map?library=LIB&course=moon").status_code == 404
    assert "No point yet" in keeper.get("/monitor/map?library=LIB&period=2024").text


def test_a_ticked_cell_becomes_work_for_the_leader_of_the_course(library: Library, keeper: TestClient) -> None:
    give_a_leader(library)
    page = keeper.get("/monitor/map?library=LIB&period=2026&lacks=use").text
    codes = re.findall(r'name="thing" value="((?:use|media)-[^"]+)"', page)
    assert len(codes) == 2
    form: dict[str, Any] = {"library": "LIB", "period": "2026", "thing": codes}
    assert keeper.post("/monitor/plan", data=form).status_code == 302
    assert keeper.get("/monitor/map?library=LIB&period=2026&lacks=use").text.count("given to t1") == 2
    assert {s.task.kind: s.done_at for s in tasks.standings(library)} == {"media": None, "use": None}


@pytest.mark.parametrize("kind", ["use", "media"])
def test_work_for_a_cell_is_done_by_what_was_used_or_published_afterwards(app: Flask, kind: str) -> None:
    boss = {"at": OLD, "do": "user", "key": "adm", "name": "冯", "unit": "u", "roles": ["administrator"]}
    read = watch("a0", "s1", at("2026-06-02"), 200)
    assert not play(prelude(), boss, publish("a0", at("2026-05-02"), points=["p1"]), read, now("2026-06-04")).refused
    keeping.fold_all_due()
    library, who, chief = libraries.find_library("LIB"), accounts.user_by_key("t1"), accounts.user_by_key("adm")
    assert library is not None
    assert who is not None
    assert chief is not None
    for point in session().scalars(select(Point)):
        clock.set_clock(on("2026-05-01"))
        tasks.assign(
            chief, library, [Wanted(kind, point.name, who.id, point_id=point.id, course_id=library.courses[0].id)]
        )
    clock.set_clock(on("2026-06-04"))
    done = {one.task.point.name: one.done_at for one in tasks.standings(library) if one.task.point}
    expected = {"use": on("2026-06-02", "09:00"), "media": on("2026-05-02", "09:00")}[kind]
    assert done == {"点1": expected, "点2": None, "点3": None}


def give_a_leader(library: Library) -> None:
    teacher = accounts.user_by_key("t1")
    assert teacher is not None
    set_team(library.courses[0], [(teacher, LEADER)])
    session().commit()
