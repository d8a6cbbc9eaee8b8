"""The labelled set: what people type, in eight manners, and what they should land on."""

from __future__ import annotations

from collections import defaultdict
from statistics import mean

import pytest

from search.whoosh_engine import WhooshEngine
from tests.search.conftest import found
from tests.search.samples import read_lines

#: Lowest share of the relevant documents among the first ten, measured once and not to be lost again.
FLOORS = {
    "exact": 0.95, "partial": 0.9, "alias": 0.9, "pinyin": 0.85, "typo": 0.9,
    "traditional": 0.9, "mixed": 0.9, "question": 0.85,
}  # fmt: skip
#: In how many queries the point itself is the first hit.
FIRST_FLOOR = 0.8


@pytest.fixture(scope="module")
def answers(library: WhooshEngine) -> list[tuple[dict[str, object], list[str]]]:
    return [(query, found(library, query["text"], limit=10)) for query in read_lines("queries.jsonl")]


def test_recall_at_ten_keeps_its_floor_in_every_category(answers: list) -> None:  # type: ignore[type-arg]
    recalls = defaultdict(list)
    for query, hits in answers:
        relevant = set(query["relevant"])
        recalls[query["category"]].append(len(relevant & set(hits)) / min(10, len(relevant)))
    measured = {category: round(mean(values), 3) for category, values in recalls.items()}
    assert {c: v for c, v in measured.items() if v < FLOORS[c]} == {}, measured


def test_the_point_itself_comes_first_in_most_queries(answers: list) -> None:  # type: ignore[type-arg]
    first = [bool(hits) and hits[0] == query["point"] for query, hits in answers]
    missed = [query["text"] for (query, _), is_first in zip(answers, first, strict=True) if not is_first]
    assert mean(first) >= FIRST_FLOOR, missed


def test_the_set_is_large_enough_to_mean_something() -> None:
    assert len(read_lines("queries.jsonl")) >= 40
