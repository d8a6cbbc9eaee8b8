"""The question of satisfaction: drawn by a rule, asked once, answered without a name, shown without people."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from courseware.accounts import queries as accounts
from courseware.accounts.models import User
from courseware.auditlog.models import AuditEntry
from courseware.core.database import session
from courseware.core.errors import NotAllowed, NotFound
from courseware.libraries import queries as libraries
from courseware.libraries.models import Library
from courseware.monitoring import queries as figures
from courseware.monitoring import services as monitoring
from courseware.monitoring.errors import PlanStands, SurveyClosed
from courseware.monitoring.facts import AnswerFact
from courseware.monitoring.models import SurveyAnswer, SurveyInvitation
from courseware.monitoring.periods import Period, parse_period
from courseware.monitoring.surveys import queries, services
from courseware.monitoring.surveys.names import possible_names, without
from courseware.monitoring.surveys.queries import suppressed
from courseware.monitoring.surveys.sampling import draw, is_drawn
from tests.demo.stories import at, now, play, prelude, publish, watch
from tests.servers.client import TestClient
from tests.servers.rewound import MadeOnce

PEOPLE = 8
LATER = "2026-06-10 10:00"


def who(key: str) -> User:
    found = accounts.user_by_key(key)
    assert found is not None
    return found


@pytest.fixture
def library(made_once: MadeOnce, clock: Any) -> Library:
    made: Library = made_once(make_library)
    clock(LATER)
    return made


def make_library() -> Library:
    """Eight students used a resource; one more came too briefly, one is a test account, one only signed up."""
    uses = [watch("a", f"s{n}", at("2026-03-02"), 200) for n in range(1, PEOPLE + 1)]
    noise = [watch("a", "s9", at("2026-03-02"), 2), watch("a", "x1", at("2026-03-02"), 200)]
    assert not play(prelude(10), [publish("a", at("2025-03-03")), *uses, *noise], now("2026-05-01")).refused
    monitoring.hold_clock(None)
    found = libraries.find_library("LIB")
    assert found is not None
    services.plan_of(found, parse_period("2026")).percent = 100
    session().commit()
    return found


@pytest.fixture
def period(library: Library) -> Period:
    return parse_period("2026")


def asked(person: User) -> SurveyInvitation:
    return session().scalars(select(SurveyInvitation).where(SurveyInvitation.user_id == person.id)).one()


def respond(
    person: User, score: int, comment: str = "", seconds: float = 20, browser_s: float | None = None
) -> SurveyAnswer:
    from courseware.core import clock

    shown = clock.now() - dt.timedelta(seconds=seconds)
    made = services.answer(asked(person), score, shown_at=shown, browser_s=browser_s, comment=comment)
    clock.set_clock(clock.now() + dt.timedelta(seconds=1))  # a figure is the state before the very moment
    return made


# --- who is asked ------------------------------------------------------------------------------------------------------


def test_only_people_with_qualified_use_are_asked_and_once_a_year(library: Library, clock: Any) -> None:
    assert services.invite_sample(library) == PEOPLE
    invited = session().scalars(select(User.key).join(SurveyInvitation, SurveyInvitation.user_id == User.id))
    assert sorted(str(key) for key in invited) == [f"s{n}" for n in range(1, PEOPLE + 1)]
    clock.advance(days=40)
    assert services.invite_sample(library) == 0


def test_the_share_is_drawn_by_the_seed_and_nothing_else(library: Library, period: Period) -> None:
    plan = services.plan_of(library, period)
    plan.percent, plan.seed = 50, "seven"
    expected = draw("seven", queries.unasked_users(library, period), 50)
    assert services.invite_sample(library) == len(expected)
    assert set(session().scalars(select(SurveyInvitation.user_id))) == set(expected)
    assert 0 < len(expected) < PEOPLE


@given(st.text(max_size=8), st.lists(st.uuids(), unique=True, max_size=30), st.integers(0, 100), st.integers(0, 100))
def test_whoever_is_drawn_stays_drawn_when_the_share_grows(seed: str, people: list[Any], low: int, high: int) -> None:
    low, high = sorted((low, high))
    few, many = ({str(p) for p in people if is_drawn(seed, str(p), share)} for share in (low, high))
    assert few <= many
    assert all(is_drawn(seed, str(p), 100) and not is_drawn(seed, str(p), 0) for p in people)


def test_the_share_is_about_what_was_asked_for() -> None:
    drawn = sum(is_drawn("seed", str(n), 30) for n in range(10_000))
    assert 2_800 < drawn < 3_200


def test_the_rule_stands_once_people_were_asked(library: Library, period: Period) -> None:
    keeper, teacher = who("lib1"), who("t1")
    with pytest.raises(NotAllowed):
        services.set_percent(library, period, 10, teacher)
    services.set_percent(library, period, 100, keeper)
    services.invite_sample(library)
    with pytest.raises(PlanStands):
        services.set_percent(library, period, 10, keeper)


def test_where_answers_came_without_invitations_nobody_is_drawn(library: Library, period: Period) -> None:
    monitoring.answer_survey(library, who("s1"), 5, 20)
    assert queries.has_uninvited_answers(library, period)
    assert services.invite_sample(library) == 0


def test_while_a_replay_holds_the_clock_nobody_is_asked(library: Library) -> None:
    monitoring.hold_clock(dt.datetime(2026, 5, 1, tzinfo=dt.UTC))
    assert services.invite_sample(library) == 0


# --- answers -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("server_s", "browser_s", "took"),
    [(20, None, 20), (20, 7.5, 7.5), (3, 600, 3), (20, float("nan"), 20), (20, -4, 0)],
    ids=["no browser time", "browser less", "browser claims more", "no number", "negative"],
)
def test_the_time_is_the_smaller_of_both_measures(library: Library, server_s: float, browser_s: float | None, took: float) -> None:  # fmt: skip
    services.invite_sample(library)
    assert respond(who("s1"), 5, seconds=server_s, browser_s=browser_s).took_s == took


def test_a_question_is_answered_once(library: Library) -> None:
    services.invite_sample(library)
    respond(who("s1"), 5)
    services.dismiss(asked(who("s2")))
    for key in ("s1", "s2"):
        with pytest.raises(SurveyClosed):
            respond(who(key), 1)


def test_an_answer_leaves_no_name_in_the_log(library: Library) -> None:
    services.invite_sample(library)
    before = session().scalar(select(func.count()).select_from(AuditEntry))
    respond(who("s1"), 1, "不满意")
    services.dismiss(asked(who("s2")))
    assert session().scalar(select(func.count()).select_from(AuditEntry)) == before


def test_names_addresses_and_numbers_are_taken_out_of_remarks(library: Library) -> None:
    who("t1").name, who("t2").name = "欧阳春晓", "Ann Lee"
    services.invite_sample(library)
    text = "欧阳春晓老师讲得快，Ann Lee is fine, 电话 138 0013 8000，写信给 li@example.org。第 3 章太难。"
    kept = respond(who("s1"), 2, text).comment
    assert not re.search("欧阳春晓|Ann Lee|138|li@", kept)
    assert "讲得快" in kept
    assert "第 3 章太难" in kept


@given(st.text(max_size=40))
def test_taking_names_out_of_any_text_ends(text: str) -> None:
    assert not set(possible_names(text)) & {""}
    assert isinstance(without(text, possible_names(text)), str)


# --- results -----------------------------------------------------------------------------------------------------------


def test_results_are_those_of_m13_with_response_and_interval(library: Library, period: Period) -> None:
    services.invite_sample(library)
    for n, score in enumerate((5, 5, 4, 4, 3, 1), start=1):
        respond(who(f"s{n}"), score)
    respond(who("s7"), 5, seconds=2)
    found = queries.results(library, period, figures.reporting_now())
    (judged,) = figures.compute(library, period, ids=["M13.A"])
    assert (found.invited, found.valid, found.response.display()) == (8, 6, "75.00 %")
    assert found.scores == {5: 2, 4: 2, 3: 1, 2: 0, 1: 1}
    assert found.satisfied == judged.tally.ratio()
    assert found.interval == (Decimal("30.00"), Decimal("90.32"))
    assert dict(found.dropped) == {"straight_lined": 1}


def test_fewer_than_five_answers_are_only_counted(library: Library, period: Period) -> None:
    services.invite_sample(library)
    for n in range(1, 5):
        respond(who(f"s{n}"), 5, "挺好")
    found = queries.results(library, period, figures.reporting_now())
    assert (found.valid, found.scores, found.satisfied, found.interval, found.comments) == (4, None, None, None, ())


def answers(count: int) -> list[AnswerFact]:
    return [AnswerFact(n, n, 5, 20, dt.datetime(2026, 1, 1, tzinfo=dt.UTC)) for n in range(count)]


def test_a_small_group_is_hidden_and_cannot_be_worked_out() -> None:
    groups = suppressed([("甲", 20, answers(12)), ("乙", 9, answers(6)), ("丙", 5, answers(3)), ("丁", 2, answers(0))])
    assert [(g.name, g.valid) for g in groups] == [("甲", 12), ("乙", None), ("丙", None), ("丁", 0)]


@given(st.lists(st.integers(0, 12), max_size=6))
def test_no_hidden_group_is_the_only_one_that_is_missing(sizes: list[int]) -> None:
    groups = suppressed([(str(n), size, answers(size)) for n, size in enumerate(sizes)])
    assert all(g.valid is None or g.valid == 0 or g.valid >= 5 for g in groups)
    hidden = [g for g in groups if g.valid is None]
    assert len(hidden) != 1 or not any(g.valid for g in groups)


def test_a_remark_is_taken_off_by_keepers_only(library: Library, period: Period) -> None:
    services.invite_sample(library)
    made = [respond(who(f"s{n}"), 4, f"意见{n}") for n in range(1, 6)]
    with pytest.raises(NotAllowed):
        services.hide_comment(made[0].id, library, who("t1"))
    services.hide_comment(made[0].id, library, who("lib1"))
    shown = queries.results(library, period, figures.reporting_now()).comments
    assert sorted(comment.text for comment in shown) == ["意见2", "意见3", "意见4", "意见5"]


# --- pages -------------------------------------------------------------------------------------------------------------


def token(text: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', text)
    assert found
    return found[1]


def test_the_card_asks_on_my_learning_takes_the_answer_and_is_gone(
    client: TestClient, library: Library, clock: Any
) -> None:
    services.invite_sample(library)
    client.sign_in(who("s1"))
    page = client.get("/my-learning").text
    assert page.count('name="score"') == 5
    assert "checked" not in page.split("data-survey")[1].split("</section>")[0]
    clock.advance(seconds=30)
    sent = client.post("/survey", data={"token": token(page), "score": "4", "took_s": "12.5", "next": "/my-learning"})
    assert sent.location == "/my-learning"
    assert session().execute(select(SurveyAnswer.score, SurveyAnswer.took_s)).one() == (4, 12.5)
    assert "data-survey" not in client.get("/my-learning").text


def test_a_card_sent_away_does_not_come_back(client: TestClient, library: Library) -> None:
    services.invite_sample(library)
    client.sign_in(who("s1"))
    page = client.get("/my-learning").text
    client.post("/survey", data={"token": token(page), "act": "dismiss"})
    assert "data-survey" not in client.get("/my-learning").text
    assert session().scalar(select(func.count()).select_from(SurveyAnswer)) == 0


@pytest.mark.parametrize(
    ("form", "kept"),
    [({"score": "0"}, 0), ({}, 0), ({"score": "x"}, 0), ({"score": "5", "next": "//evil.example"}, 1)],
    ids=["out of range", "none chosen", "no number", "foreign way back"],
)
def test_a_bad_answer_is_answered_in_words(
    client: TestClient, library: Library, form: dict[str, str], kept: int
) -> None:
    services.invite_sample(library)
    client.sign_in(who("s1"))
    sent = client.post("/survey", data={"token": token(client.get("/my-learning").text), **form})
    assert (sent.status_code, sent.location) == (302, "/my-learning")
    assert session().scalar(select(func.count()).select_from(SurveyAnswer)) == kept


def test_nobody_answers_for_somebody_else_or_with_an_old_or_made_up_card(client: TestClient, library: Library, clock: Any) -> None:  # fmt: skip
    services.invite_sample(library)
    client.sign_in(who("s1"))
    mine = token(client.get("/my-learning").text)
    client.sign_in(who("s2"))
    assert client.post("/survey", data={"token": mine, "score": "1"}).status_code == 404
    client.post("/survey", data={"token": "1.abc", "score": "1"})
    client.sign_in(who("s1"))
    clock.advance(hours=25)
    client.post("/survey", data={"token": mine, "score": "1"})
    assert session().scalar(select(func.count()).select_from(SurveyAnswer)) == 0
    assert NotFound.status == 404


def test_no_page_of_results_names_who_answered(client: TestClient, library: Library) -> None:
    services.invite_sample(library)
    for n in range(1, 6):
        who(f"s{n}").name = f"学员甲乙{n}"
        respond(who(f"s{n}"), 5, f"好{n}")
    client.sign_in(who("lib1"))
    pages = [
        client.get(f"/monitor/{path}?library=LIB&period=2026")
        for path in ("survey", "indicators/M13.A", "indicators/M13.A.csv")
    ]
    assert [page.status_code for page in pages] == [200, 200, 200]
    assert not any("学员甲乙" in page.text for page in pages)
    assert "好3" in pages[0].text


def test_guests_and_those_who_were_not_asked_see_no_card(client: TestClient, library: Library) -> None:
    services.invite_sample(library)
    assert "data-survey" not in client.get("/").text
    client.sign_in(who("s10"))
    assert "data-survey" not in client.get("/my-learning").text
