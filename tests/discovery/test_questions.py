"""Questions of the bank are found by those who teach; to learners they are as if they were not there (SEC8)."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from courseware.accounts.models import User
from courseware.assessment.models import Question
from courseware.assessment.services import publish_question
from courseware.auditlog import services as auditlog
from courseware.core import clock
from courseware.core.database import session
from courseware.core.roles import Role
from courseware.core.unit_of_work import unit_of_work
from courseware.discovery import indexing, services
from tests.discovery.test_search import World, carry
from tests.libraries.builders import a_user
from tests.servers.client import TestClient
from tests.servers.rewound import MadeOnce

STEM = "四点法标定工具时，四种姿态之间的差别应当怎样"
OPTIONS = [{"id": "A", "text": "尽量大"}, {"id": "B", "text": "尽量小，免得撞到夹头锥面"}]
RIGHT = "四种姿态差别越大，求出的位置越准。"


@pytest.fixture
def world(made_once: MadeOnce) -> World:
    made: World = made_once(make_world)
    return made


def make_world() -> World:
    """A world with a published question, and its index."""
    with unit_of_work():
        made = World()
        publish_question(
            made.course, "q1", "single", [made.tool], made.teacher, made.reviewer, stem=STEM, explanation=RIGHT,
            content={"options": OPTIONS, "answer": "A"},
        )  # fmt: skip
    indexing.rebuild_index()
    return made


def counts(person: User | None, text: str = "四点法") -> tuple[int, int]:
    """How many questions are found, and how much in all."""
    answer = services.search(person, text, facets=services.FACETS)
    return answer.kind_counts.get("question", 0), answer.result.total


def test_a_teacher_finds_a_question_by_its_stem_its_options_and_its_point(world: World) -> None:
    for text in ("四种姿态之间的差别", "夹头锥面", "工具座标"):
        hits = services.search(world.teacher, text, kind="question").hits
        assert [hit.row.stem for hit in hits] == [STEM], text


def test_what_is_right_is_not_searched(world: World) -> None:
    assert services.search(world.teacher, "求出的位置越准", kind="question", exact=True).result.total == 0


@pytest.mark.parametrize("role", [None, Role.STUDENT])
def test_for_learners_it_is_in_no_result_count_facet_or_suggestion(world: World, role: Role | None) -> None:
    with unit_of_work():
        person = None if role is None else a_user(role)
    answer = services.search(person, "四点法标定工具", facets=services.FACETS)
    assert answer.kind_counts.get("question", 0) == 0
    assert "single" not in dict(answer.result.facets.get("type", ()))
    assert services.search(person, "", kind="question").result.total == 0
    assert all("四种姿态" not in s.name for s in services.suggest("四点法标定"))
    assert counts(world.teacher)[1] == counts(person)[1] + 1


def test_a_word_that_stands_in_questions_only_does_not_change_what_learners_are_told(world: World) -> None:
    """A typing error of a name is corrected whether or not the bank happens to hold the wrong letters as a word."""
    before = services.search(None, "机器人坐标戏").result.corrected_to
    with unit_of_work():
        publish_question(
            world.course, "q2", "true_false", [world.tool], world.teacher, world.reviewer, stem="机器人坐标戏 这样写对吗",
            content={"answer": "F"},
        )  # fmt: skip
    carry()
    assert before == "机器人坐标系"
    assert services.search(None, "机器人坐标戏").result.corrected_to == before


def test_a_withdrawn_question_is_gone_before_the_index_has_followed(world: World) -> None:
    assert counts(world.teacher)[0] == 1
    with unit_of_work():
        question = session().scalars(select(Question)).one()
        question.withdrawn_at = clock.now()
        auditlog.record("question.withdraw", world.teacher, about=question)
    assert list(services.search(world.teacher, "四种姿态之间的差别", kind="question").hits) == []


def test_teachers_see_a_tab_and_learners_do_not(world: World, client: TestClient) -> None:
    assert "kind=question" not in client.get("/search?q=四点法").get_data(as_text=True)
    assert STEM not in client.get("/search?q=四点法&kind=question").get_data(as_text=True)
    client.sign_in(world.teacher)
    page = client.get("/search?q=四点法").get_data(as_text=True)
    assert "kind=question" in page
    assert STEM in client.get("/search?q=姿态&kind=question").get_data(as_text=True).replace("<mark>", "").replace(
        "</mark>", ""
    )
    client.sign_out()
    assert STEM not in client.get("/search?q=四点法&kind=question").get_data(as_text=True), "pages are kept by scope"
