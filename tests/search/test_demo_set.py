"""What the demonstration library answers to people's words: a floor in every category, measured once and not to be lost again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from search.documents import SearchQuery
from search.evaluation import LabelledSet, Score, evaluate
from search.whoosh_engine import WhooshEngine
from tests.search.demo_set import HOLDOUT, demo_set

#: recall@10 and nDCG@10, a little below what was measured (22 November 2026: all 0.910 and 0.897).
FLOORS = {
    "exact": (0.98, 0.97), "partial": (0.92, 0.91), "alias": (0.73, 0.74), "pinyin": (0.97, 0.94), "typo": (0.97, 0.97),
    "traditional": (0.97, 0.97), "mixed": (0.94, 0.89), "question": (0.65, 0.64), "all": (0.88, 0.75),
}  # fmt: skip
#: What was promised (issue 5); in the set that no rule was made for, 0.924 and 0.894 were measured on 22 November 2026.
RECALL, NDCG = 0.88, 0.75


@pytest.fixture(scope="module")
def labelled() -> LabelledSet:
    return demo_set()


@pytest.fixture(scope="module")
def holdout() -> LabelledSet:
    return demo_set(HOLDOUT)


@pytest.fixture(scope="module")
def engine(labelled: LabelledSet, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WhooshEngine]:
    made = WhooshEngine(tmp_path_factory.mktemp("demo"))
    made.rebuild(labelled.documents)
    yield made
    made.close()


@pytest.fixture(scope="module")
def scores(engine: WhooshEngine, labelled: LabelledSet) -> dict[str, Score]:
    return evaluate(engine, labelled)


@pytest.mark.parametrize("category", FLOORS)
def test_every_category_keeps_its_floor(scores: dict[str, Score], category: str) -> None:
    score, (recall, ndcg) = scores[category], FLOORS[category]
    assert (score.recall >= recall, score.ndcg >= ndcg) == (True, True), score


def test_queries_that_no_rule_was_made_for_reach_what_was_promised(engine: WhooshEngine, holdout: LabelledSet) -> None:
    score = evaluate(engine, holdout)["all"]
    assert (score.recall >= RECALL, score.ndcg >= NDCG) == (True, True), score


def test_the_sets_are_large_and_speak_of_things_that_exist(labelled: LabelledSet, holdout: LabelledSet) -> None:
    ids = {document.id for document in labelled.documents}
    assert len(labelled.queries) >= 80
    assert len(holdout.queries) >= 40
    assert min(Counter(query.category for query in labelled.queries).values()) >= 10
    assert min(Counter(query.category for query in holdout.queries).values()) >= 5
    for each in (labelled, holdout):
        assert [query.text for query in each.queries if not query.grades.keys() <= ids] == []
        assert max(len(query.grades) for query in each.queries) < len(ids) / 10, "hardly anything is meant by a query"


def test_the_second_set_asks_for_other_points_than_the_first(labelled: LabelledSet, holdout: LabelledSet) -> None:
    first, second = (
        {id_ for q in each.queries for id_, g in q.grades.items() if g == 3} for each in (labelled, holdout)
    )
    assert first & second == set()


def test_a_long_question_is_not_corrected_into_nonsense(engine: WhooshEngine, labelled: LabelledSet) -> None:
    """Some stretch of a question is always one letter away from some name: 机器人撞到 is no 机器人与."""
    questions = [query.text for query in labelled.queries if query.category == "question"]
    assert {text: engine.search(SearchQuery(text)).corrected_to for text in questions} == dict.fromkeys(questions)
