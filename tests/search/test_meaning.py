"""Searching by meaning beside searching by words, with a stand-in for the model: what promises hold, whatever the model knows.

How well the true model does is measured with `python -m tests.search.judge_meaning` where its package is installed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from search.documents import Batch, SearchDocument, SearchQuery
from search.engine import SearchEngine
from search.meaning.embedder import Vectors
from search.meaning.hybrid import HybridEngine
from search.meaning.vectors import Entry, VectorStore
from tests.contracts.test_search_engines import ENGINES

CONCEPTS = (("马达", "电动机"), ("黄油", "润滑脂"), ("护理", "输液"))


class Concepts:
    """Knows three things by two names each, and that everything else is like nothing."""

    name, dimensions = "concepts", len(CONCEPTS) + 1

    def __init__(self) -> None:
        self.embedded: list[str] = []

    def of_query(self, text: str) -> Vectors:
        found = [float(any(word in text for word in words)) for words in CONCEPTS]
        return np.array([*found, float(not any(found))], np.float32)

    def of_passages(self, texts: Sequence[str]) -> Vectors:
        self.embedded += texts
        known = np.array([self.of_query(text) for text in texts], np.float32).reshape(len(texts), self.dimensions)
        known[:, -1] = 0
        return known


def document(number: int, title: str, **fields: object) -> SearchDocument:
    values: dict[str, object] = {"kind": "resource", "id": f"resource:{number}", "title": title, "type": "video"}
    return SearchDocument(**(values | fields))  # type: ignore[arg-type]


LIBRARY = (
    document(1, "三相异步电动机"), document(2, "减速器润滑脂更换", type="text"), document(3, "电动机保密资料", visibility="library:7"),
    document(4, "静脉输液护理"), document(5, "焊枪角度"), *(document(n, f"无关资料{n}") for n in range(6, 30)),
)  # fmt: skip


@pytest.fixture(params=ENGINES)
def words(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SearchEngine]:
    engine = ENGINES[request.param](tmp_path / "words")
    yield engine
    engine.close()


@pytest.fixture
def model() -> Concepts:
    return Concepts()


@pytest.fixture
def engine(words: SearchEngine, model: Concepts, tmp_path: Path) -> HybridEngine:
    made = HybridEngine(words, VectorStore(tmp_path / "meaning", model.name, model.dimensions), model)
    made.rebuild(LIBRARY)
    return made


def ids(engine: SearchEngine, text: str, **fields: object) -> list[str]:
    return [hit.id for hit in engine.search(SearchQuery(text, **fields)).hits]  # type: ignore[arg-type]


def test_what_no_word_finds_is_found_by_meaning(engine: HybridEngine, words: SearchEngine) -> None:
    assert ids(words, "马达") == []
    assert ids(engine, "马达") == ["resource:1"]


def test_what_words_find_stays_found(engine: HybridEngine, words: SearchEngine) -> None:
    assert ids(engine, "焊枪角度") == ids(words, "焊枪角度") == ["resource:5"]
    assert ids(engine, "输液")[0] == "resource:4"


def test_meaning_finds_nothing_that_the_asker_may_not_see(engine: HybridEngine) -> None:
    seen = engine.search(SearchQuery("马达", facets=("type",)))
    assert (seen.total, seen.facets["type"]) == (1, (("video", 1),))
    assert set(ids(engine, "马达", scopes=("public", "library:7"))) == {"resource:1", "resource:3"}


@pytest.mark.parametrize("text", ["马达", "黄油 护理", "输液 马达", "电动机"])
def test_a_count_of_a_facet_is_what_a_click_on_it_finds(engine: HybridEngine, text: str) -> None:
    every = engine.search(SearchQuery(text, facets=("type", "kind")))
    for field, counts in every.facets.items():
        clicked = {value: engine.search(SearchQuery(text, filters={field: (value,)})).total for value, _count in counts}
        assert clicked == dict(counts)
        assert sum(clicked.values()) == every.total


@pytest.mark.parametrize("asked", [{"exact": True}, {"sort": "newest"}])
def test_exact_and_sorted_lists_are_of_words_alone(engine: HybridEngine, asked: dict[str, object]) -> None:
    assert ids(engine, "马达", **asked) == []
    assert ids(engine, '"马达"') == []


def test_a_changed_document_is_found_by_what_it_means_now(engine: HybridEngine) -> None:
    engine.apply(Batch((document(1, "液压缸"),), deletes=("resource:2",)))
    assert ids(engine, "马达") == ids(engine, "黄油") == []


def test_what_has_not_changed_is_not_embedded_again(engine: HybridEngine, model: Concepts) -> None:
    model.embedded.clear()
    engine.rebuild(LIBRARY)
    engine.apply(Batch((LIBRARY[0], document(2, "润滑脂"))))
    assert len(model.embedded) == 1


def test_pages_of_a_list_neither_repeat_nor_skip(engine: HybridEngine) -> None:
    whole = ids(engine, "无关资料 马达", limit=40)
    paged = [id_ for start in range(0, 40, 7) for id_ in ids(engine, "无关资料 马达", limit=7, offset=start)]
    assert len(whole) == len(set(whole)) > 20
    assert set(paged) == set(whole)


def test_neighbours_are_those_of_like_meaning_and_never_the_thing_itself(engine: HybridEngine) -> None:
    everybody = SearchQuery(kind="resource")
    engine.apply(Batch((document(30, "直流电动机"),)))
    assert [hit.id for hit in engine.near("resource:1", 4, everybody)] == ["resource:30"]
    assert engine.near("resource:404", 4, everybody) == ()


@pytest.mark.parametrize(
    "harm",
    [
        lambda rows, log: rows.write_bytes(rows.read_bytes() + b"torn"),
        lambda rows, log: log.write_bytes(log.read_bytes() + b"resource:9\tab"),
        lambda rows, log: (log.unlink(), rows.unlink()),
    ],
    ids=["half a row", "half a line", "gone"],
)
def test_what_a_killed_writer_left_harms_nothing(tmp_path: Path, harm: Callable[[Path, Path], object]) -> None:
    store = VectorStore(tmp_path, "m", 2)
    store.write([Entry("a", "1")], np.array([[1, 0]], np.float32))
    harm(tmp_path / "m.rows", tmp_path / "m.log")
    after = VectorStore(tmp_path, "m", 2)
    after.write([Entry("b", "2")], np.array([[0, 1]], np.float32))
    assert VectorStore(tmp_path, "m", 2).nearest(np.array([0, 1], np.float32), 1) == [("b", 1.0)]
    assert store.nearest(np.array([0, 1], np.float32), 1) == [("b", 1.0)], "a reader that was open follows"
