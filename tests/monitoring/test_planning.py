"""The plan: what if, what is worth revising, who was asked, and whether it was done."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from courseware.accounts import queries as accounts
from courseware.accounts.models import User
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import NotAllowed, NotFound
from courseware.libraries import queries as libraries
from courseware.libraries.models import Library
from courseware.monitoring.periods import parse_period
from courseware.monitoring.planning import tasks
from courseware.monitoring.planning.board import Board, board
from courseware.monitoring.planning.errors import DueInThePast, NobodyToAsk, NothingChosen
from courseware.monitoring.planning.route import Candidate, route, usual_use
from courseware.monitoring.planning.standards import Standard, newest, standards_in, superseded
from courseware.monitoring.planning.tasks import Wanted
from courseware.monitoring.planning.what_if import Wishes, outcomes
from courseware.monitoring.queries.monitor import overview
from courseware.resources.models import Resource
from tests.demo.stories import at, play, prelude, publish, revise
from tests.monitoring.rows import figure, on
from tests.monitoring.rows import resources as many
from tests.servers.client import TestClient
from tests.servers.rewound import MadeOnce

OLD, NOW = at("2025-03-03"), on("2026-06-01")


# --- standards


def test_standards_are_found_however_they_are_written() -> None:
    text = "按GB/T 11291.1-2011 与 gb/t11291.1—2011、GB 5226.1–2019，见 ISO 10218-1 和 JB/T 8896:1999。电话 GB123"
    assert standards_in(text) == {
        Standard("GB/T 11291.1", 2011),
        Standard("GB 5226.1", 2019),
        Standard("JB/T 8896", 1999),
    }


def test_a_standard_is_superseded_when_a_newer_year_is_known_and_not_named_beside_it() -> None:
    old, new, other = Standard("GB 5226.1", 2008), Standard("GB 5226.1", 2019), Standard("GB 1", 2000)
    known = newest([old, new, other])
    assert superseded([old, other], known) == [(old, new)]
    assert superseded([old, new], known) == []


# --- the route


def candidate(key: int, year: int = 2026, **fields: Any) -> Candidate:
    return Candidate(key, 1, dt.datetime(year, 5, 1, tzinfo=dt.UTC), **fields)


def test_what_most_speaks_for_stands_first_and_use_alone_is_no_reason() -> None:
    found = [
        candidate(1, users=50), candidate(2, 2022, users=3), candidate(3, superseded=(("GB 1-2000", "GB 1-2020"),)),
        candidate(4, 2022, users=50), candidate(5, stars=1.0, ratings=4), candidate(6, stars=2.9, ratings=5), candidate(7, open_reports=2),
    ]  # fmt: skip
    stops = route(found, NOW, much_used=50)
    assert [(stop.candidate.resource_id, stop.weight) for stop in stops] == [(4, 4), (3, 4), (2, 3), (6, 3), (7, 3)]


def test_much_used_is_what_the_upper_quarter_reaches() -> None:
    assert usual_use([candidate(n, users=n) for n in range(9)]) == 7
    assert usual_use([candidate(1)]) == 1


# --- what if


def results() -> dict[str, Any]:
    facts = {"resources": many(60, type="video", originality="adapted") + many(40, type="text"), "now": NOW}
    return {key: figure(key, **facts) for key in ("M2.A", "M3.A", "M4.A", "M8.A")}


def test_wishes_move_the_same_integers_and_are_judged_by_the_same_rules() -> None:
    now, then = results(), {o.definition.id: o for o in outcomes(results(), Wishes(updates=10, media=34, texts=0))}
    assert now["M2.A"].display == "40.00 %"
    assert (then["M2.A"].ratio.numerator, then["M2.A"].ratio.denominator, then["M2.A"].verdict) == (40, 134, "pass")
    assert (then["M3.A"].ratio.numerator, then["M3.A"].missing) == (74, 20)
    assert (then["M4.A"].ratio.numerator, then["M4.A"].ratio.denominator, then["M4.A"].verdict) == (44, 100, "pass")


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 500))
def test_no_wish_makes_a_share_larger_than_its_base(updates: int, media: int, texts: int) -> None:
    for outcome in outcomes(RESULTS, Wishes(updates, media, texts, evidence=9999, questions=9999)):
        assert outcome.definition.id == "M4.A" or outcome.ratio.numerator <= outcome.ratio.denominator


RESULTS = results()


@pytest.mark.parametrize("sent", ["", "-3", "9" * 40, "1.5", "x"])
def test_a_form_that_sends_nonsense_wishes_nothing_or_the_most(sent: str) -> None:
    assert Wishes.of({"updates": sent}).updates in (0, 100_000)


# --- tasks, on real rows


@pytest.fixture
def library(made_once: MadeOnce) -> Library:
    made: Library = made_once(make_library)
    clock.set_clock(NOW)
    return made


def make_library() -> Library:
    """Ten old resources, one of them revised this year; a report and stars speak for others."""
    lines = [
        publish(
            f"a{n}",
            OLD,
            "text",
            points=["p1"],
            content=f"内容 {n} 参照 GB 5226.1-{2008 if n == 3 else 2019}",
            evidence=n != 4,
        )
        for n in range(10)
    ]
    lines += [revise("a0", at("2026-03-03"), "全新的正文" * 80, change={"share": 1.0, "seconds": 0})]
    boss = {"at": at("2025-01-03"), "do": "user", "key": "adm", "name": "冯", "unit": "u", "roles": ["administrator"]}
    assert not play(prelude(), boss, lines).refused
    found = libraries.find_library("LIB")
    assert found is not None
    return found


def keeper() -> User:
    found = accounts.user_by_key("adm")
    assert found is not None
    return found


def shown(library: Library) -> Board:
    period = parse_period("2026")
    return board(library, period, NOW, overview(library, period, NOW).results)


def test_the_board_names_what_is_old_and_superseded_what_lacks_and_what_is_unproven(library: Library) -> None:
    found = shown(library)
    titles = [one.wanted.name for one in found.updates]
    assert titles[0] == "资源 a3"
    assert len(titles) == 9, "a0 was revised this year"
    stop = found.updates[0].stop
    assert stop is not None
    assert stop.candidate.superseded == (("GB 5226.1-2008", "GB 5226.1-2019"),)
    assert {(one.wanted.kind, one.wanted.name) for one in found.gaps} == {
        ("question", "点1"), ("question", "点2"), ("question", "点3"), ("resource", "点2"), ("resource", "点3"),
    }  # fmt: skip
    assert [one.wanted.name for one in found.claims] == ["资源 a4"]
    assert all(one.owner == "t1" for one in (*found.updates, *found.claims))


def test_a_task_is_done_by_a_revision_published_after_it_was_given_and_not_before(library: Library) -> None:
    revised = session().scalars(select(Resource).where(Resource.title == "资源 a0")).one()
    wanted = [Wanted("update", revised.title, revised.author_id, revised.id)]
    clock.set_clock(on("2026-02-01"))
    tasks.assign(keeper(), library, wanted)
    clock.set_clock(NOW)
    assert [one.done_at for one in tasks.standings(library)] == [on("2026-03-03")]
    tasks.assign(keeper(), library, wanted)
    assert [one.done_at for one in tasks.standings(library)] == [None, on("2026-03-03")]
    assert [one.task.assignee.name for one in tasks.tasks_of(revised.author)] == ["t1"]


def test_what_is_given_and_open_is_not_given_twice(library: Library) -> None:
    wanted = shown(library).chosen(["nonsense", *(one.code for one in shown(library).updates[:2])])
    assert len(tasks.assign(keeper(), library, wanted)) == 2
    assert tasks.assign(keeper(), library, wanted) == []
    assert len(tasks.standings(library)) == 2


def test_an_open_task_is_late_once_its_day_is_over_in_shanghai(library: Library) -> None:
    tasks.assign(keeper(), library, shown(library).chosen([shown(library).updates[0].code]), due_on=dt.date(2026, 6, 2))
    clock.set_clock(on("2026-06-02", "23:59"))
    assert not tasks.standings(library)[0].is_late
    clock.set_clock(on("2026-06-03", "00:00"))
    assert tasks.standings(library)[0].is_late


def test_what_cannot_be_given_is_refused_with_a_sentence(library: Library) -> None:
    boss, one = keeper(), Wanted("update", "资源", 1, resource_id=1)
    with pytest.raises(NothingChosen):
        tasks.assign(boss, library, [])
    with pytest.raises(DueInThePast):
        tasks.assign(boss, library, [one], due_on=dt.date(2026, 5, 31))
    with pytest.raises(NobodyToAsk, match="点2"):
        tasks.assign(
            boss, library, shown(library).chosen([g.code for g in shown(library).gaps if g.wanted.name == "点2"])
        )


def test_only_who_keeps_the_library_gives_and_takes_back(library: Library) -> None:
    teacher = accounts.user_by_key("t1")
    assert teacher is not None
    wanted = shown(library).chosen([shown(library).updates[0].code])
    with pytest.raises(NotAllowed):
        tasks.assign(teacher, library, wanted)
    (task,) = tasks.assign(keeper(), library, wanted)
    with pytest.raises(NotAllowed):
        tasks.drop(teacher, task.uuid)
    tasks.drop(keeper(), task.uuid)
    assert tasks.standings(library) == []
    with pytest.raises(NotFound):
        tasks.drop(keeper(), task.uuid)


def test_an_administrator_plans_in_the_page_and_the_owner_finds_it(library: Library, client: TestClient) -> None:
    client.sign_in(keeper())
    page = client.get("/monitor/plan?period=2026&updates=3").text
    assert "资源 a3" in page
    assert "GB 5226.1-2019" in page
    code = shown(library).updates[0].code
    answer = client.post(
        "/monitor/plan", data={"library": "LIB", "period": "2026", "thing": [code], "due_on": "2026-06-30", "note": "请先改"}
    )  # fmt: skip
    assert answer.status_code == 302
    assert "请先改" in client.get("/monitor/plan?period=2026").text
    assert "M4.A" in client.get("/monitor/plan/what-if?library=LIB&period=2026&updates=5").text
    client.sign_in(accounts.user_by_key("t1"))
    assert "请先改" in client.get("/teach/resources").text
    assert client.get("/monitor/plan").status_code == 403
