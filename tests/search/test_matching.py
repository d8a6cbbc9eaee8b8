"""The array reader against stock Whoosh on the same index: equal totals, equal scores, one and several segments."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from whoosh import query as wq
from whoosh.index import open_dir
from whoosh.scoring import BM25F

from search.answering import K1, B
from search.documents import Batch, SearchDocument, SearchQuery
from search.text import default_tokenizer, normalise
from search.understanding import Variant
from search.whoosh_engine import WhooshEngine
from search.whoosh_engine.schema import TEXT_FIELDS
from search.whoosh_engine.selecting import select
from search.whoosh_engine.snapshot import Snapshot

WORDS = ["数控", "车床", "对刀", "编程", "机器人", "标定", "坐标", "焊接", "护理", "电机", "plc", "传感"]
EVERYONE = SearchQuery(scopes=("public",))


@pytest.fixture(scope="module", params=["one segment", "segments and deletions"])
def corpus(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Snapshot, Path]:
    chance, root = random.Random(5), tmp_path_factory.mktemp("corpus")
    engine = WhooshEngine(root)
    documents = [_random_document(chance, number) for number in range(700)]
    if request.param == "one segment":
        engine.rebuild(documents)
    else:
        engine.rebuild(documents[:400])
        for start in range(400, 700, 100):
            deletes = tuple(f"resource:{n}" for n in chance.sample(range(start), 25))
            engine.apply(Batch(tuple(documents[start : start + 100]), deletes))
    return engine._current(), root / "index-1"


def _random_document(chance: random.Random, number: int) -> SearchDocument:
    def text(size: int) -> str:
        return "，".join(chance.choices(WORDS, weights=range(1, len(WORDS) + 1), k=size))

    return SearchDocument("resource", f"resource:{number}", text(2), points=(text(1),), body=text(chance.randrange(9)))


def stock(folder: Path, query: wq.Query) -> tuple[int, dict[str, float]]:
    with open_dir(str(folder)).searcher(weighting=BM25F(B=B, K1=K1)) as searcher:
        results = searcher.search(query, limit=None)
        return len(results), {hit["row"]["id"]: hit.score for hit in results}


def anywhere(word: str) -> wq.Query:
    return wq.Or([wq.Term(field, word) for field in TEXT_FIELDS])


@pytest.mark.parametrize("need", ["all", "any"])
@pytest.mark.parametrize("words", [WORDS[:1], WORDS[3:5], WORDS[5:8], [*WORDS[:2], "没有"], WORDS])
def test_totals_equal_those_of_stock_whoosh(corpus: tuple[Snapshot, Path], words: list[str], need: str) -> None:
    snapshot, folder = corpus
    parts = [anywhere(word) for word in words]
    expected, ids = stock(folder, wq.And(parts) if need == "all" else wq.Or(parts))
    variant = Variant(tuple(words), need="all" if need == "all" else "any")
    found = select(snapshot, [variant], SearchQuery(limit=1000))
    assert found.total == expected
    assert {snapshot.row(segment, number)["id"] for segment, number, _ in found.rows} == set(ids)


@pytest.mark.parametrize("field", TEXT_FIELDS)
def test_scores_equal_those_of_stock_whoosh(corpus: tuple[Snapshot, Path], field: str) -> None:
    snapshot, folder = corpus
    _, expected = stock(folder, wq.Term(field, "机器人"))
    found = {}
    for segment in snapshot.segments:
        ids, scores = snapshot.score_field(segment, field, "机器人")
        alive = segment.is_live(ids)
        found |= {
            snapshot.row(segment, int(number))["id"]: float(score)
            for number, score in zip(ids[alive], scores[alive], strict=True)
        }
    assert found == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("phrase", ["编程，机器人", "plc，传感", "标定，标定", "护理，电机，plc"])
def test_phrases_are_found_where_the_text_has_them(corpus: tuple[Snapshot, Path], phrase: str) -> None:
    snapshot, _ = corpus
    variant = Variant(phrases=(tuple(default_tokenizer().words(normalise(phrase))),))
    found = select(snapshot, [variant], SearchQuery(limit=1000))
    everything = select(snapshot, None, SearchQuery(limit=1000))
    rows = {number: snapshot.row(*number) for number in [(s, n) for s, n, _ in everything.rows]}
    in_shown_text = {key for key, row in rows.items() if phrase in row["title"] or phrase in row["body"]}
    assert {(segment, number) for segment, number, _ in found.rows} == in_shown_text
