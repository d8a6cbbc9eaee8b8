"""What a batch notes about its documents is what Whoosh would have written of them: its segment is searched, merged and decoded alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh import query as wq
from whoosh.codec.whoosh3 import W3Codec
from whoosh.index import create_in
from whoosh.scoring import BM25F
from whoosh.writing import SegmentWriter

from search.documents import Batch, SearchDocument, SearchQuery
from search.engine import IndexUnavailable
from search.text import default_tokenizer
from search.whoosh_engine import WhooshEngine
from search.whoosh_engine.batch_codec import BatchCodec, BatchWriter
from search.whoosh_engine.fresh import arrays_of, segment_arrays
from search.whoosh_engine.merging import merge_arrays, without
from search.whoosh_engine.schema import as_whoosh, make_fields, make_schema
from search.whoosh_engine.snapshot import build_arrays
from search.whoosh_engine.writer import MOST_SEGMENTS
from tests.search.conftest import found
from tests.search.samples import make_document, read_documents

TEXT = st.text(st.sampled_from("标定焊接机器人的 aB7+#\n，。\x00\ud800Ω座標"), max_size=30)
LONG = SearchDocument("resource", "resource:long", "焊接" * 400, body="机器人标定 " * 3_000, points=("标定", "标定"))


def prepare(documents: Sequence[SearchDocument]) -> list[dict[str, Any]]:
    return [make_fields(document, default_tokenizer()) for document in documents]


def by_whoosh(folder: Path, prepared: Sequence[dict[str, Any]]) -> Any:
    """An index of one segment that Whoosh wrote itself."""
    folder.mkdir()
    index = create_in(str(folder), make_schema())
    writer = SegmentWriter(index, limitmb=64, compound=False)
    for made in prepared:
        writer.add_document(**as_whoosh(made))
    writer.commit()
    return index


def as_a_batch(folder: Path, prepared: Sequence[dict[str, Any]]) -> Any:
    folder.mkdir()
    index = create_in(str(folder), make_schema())
    writer = BatchWriter(index, 0)
    writer.add_arrays(segment_arrays(prepared))
    writer.commit()
    return index


def assert_noted_as_decoded(folder: Path, documents: Sequence[SearchDocument]) -> None:
    prepared = prepare(documents)
    assert_same_arrays(arrays_of(prepared), build_arrays(by_whoosh(folder, prepared).reader()))


def test_a_library_of_every_kind_of_document_is_noted_as_whoosh_would_have_written_it(tmp_path: Path) -> None:
    assert_noted_as_decoded(tmp_path / "whoosh", [*read_documents()[:60], LONG])


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(TEXT, TEXT, TEXT), min_size=1, max_size=4))
def test_any_text_is_noted_as_whoosh_would_have_written_it(
    tmp_path_factory: pytest.TempPathFactory, texts: list[tuple[str, str, str]]
) -> None:
    documents = [SearchDocument("point", f"point:{n}", t, aliases=(a,), body=b) for n, (t, a, b) in enumerate(texts)]
    assert_noted_as_decoded(tmp_path_factory.mktemp("any") / "whoosh", documents)


def test_whoosh_reads_every_posting_length_and_row_of_a_batch_as_of_a_segment_of_its_own(tmp_path: Path) -> None:
    prepared = prepare([*read_documents()[:60], LONG])
    ours, theirs = as_a_batch(tmp_path / "a", prepared).reader(), by_whoosh(tmp_path / "b", prepared).reader()
    assert (type(ours.codec()), type(theirs.codec())) == (BatchCodec, W3Codec)
    assert list(ours.iter_postings()) == list(theirs.iter_postings())
    for (term, info), (other, expected) in zip(ours, theirs, strict=True):
        assert (term, info.weight(), info.doc_frequency()) == (other, expected.weight(), expected.doc_frequency())
        assert (info.max_weight(), info.min_id(), info.max_id()) == (
            expected.max_weight(), expected.min_id(), expected.max_id(),
        )  # fmt: skip
    for field in ("title", "points", "body", "name"):
        assert ours.field_length(field) == theirs.field_length(field)
        lengths = [reader.doc_field_length(n, field) for n in range(len(prepared)) for reader in (ours, theirs)]
        assert lengths[::2] == lengths[1::2]
    assert [ours.stored_fields(n) for n in range(len(prepared))] == [theirs.stored_fields(n) for n in range(len(prepared))]  # fmt: skip


def assert_same_arrays(some: Mapping[str, Any], others: Mapping[str, Any]) -> None:
    assert some.keys() == others.keys()
    assert [name for name in some if not np.array_equal(some[name], others[name])] == []
    assert [name for name in some if some[name].dtype != others[name].dtype] == []


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.tuples(TEXT, TEXT, TEXT), min_size=1, max_size=3), min_size=1, max_size=4))
def test_pieces_put_together_are_what_all_documents_at_once_would_be(texts: list[list[tuple[str, str, str]]]) -> None:
    pieces = [[_of_any_kind(n, i, *each) for i, each in enumerate(piece)] for n, piece in enumerate(texts)]
    together = merge_arrays([segment_arrays(prepare(piece)) for piece in pieces])
    assert_same_arrays(together, segment_arrays(prepare(list(chain.from_iterable(pieces)))))


def _of_any_kind(piece: int, number: int, title: str, alias: str, body: str) -> SearchDocument:
    """A point, whose names spelling looks at, or a resource with tags."""
    return SearchDocument(
        "point" if number else "resource", f"{piece}:{number}", title, aliases=(alias,), body=body, group=f"g{len(title)}",
        tags=tuple(alias), point_ids=(body[:2], "p1"), year=2020 + piece, popularity=number,
    )  # fmt: skip


def test_a_library_in_pieces_is_what_all_of_it_at_once_would_be() -> None:
    prepared = prepare([*read_documents(), LONG])
    pieces = [segment_arrays(prepared[start : start + 70]) for start in range(0, len(prepared), 70)]
    assert_same_arrays(merge_arrays(pieces), segment_arrays(prepared))


def test_a_rebuild_in_pieces_is_one_segment_with_the_same_answers(
    engine: WhooshEngine, library: WhooshEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search.whoosh_engine.writer.WORDS_OF_A_PIECE", 2_000)
    assert engine.rebuild([*read_documents(), *read_documents()[:9]]).segments == 1
    for text in ("机器人 标定", "jiqiren", "谐波减束器", '"工具坐标系"', ""):
        asked = SearchQuery(text, facets=("type", "points"), limit=50)
        here, there = engine.search(asked), library.search(asked)
        assert (here.total, here.facets, here.hits) == (there.total, there.facets, there.hits)
    assert list((tmp_path / "index").rglob("pieces-*")) == []


@pytest.mark.parametrize("text", ["机器人", "标定", "坐标", "没有的词"])
def test_stock_whoosh_finds_and_scores_alike_in_both(tmp_path: Path, text: str) -> None:
    prepared = prepare(read_documents()[:80])
    asked = wq.Or([wq.Term("title", text), wq.And([wq.Term("body", text), wq.Term("points", text)])])
    answers = []
    for index in (as_a_batch(tmp_path / "a", prepared), by_whoosh(tmp_path / "b", prepared)):
        with index.searcher(weighting=BM25F()) as searcher:
            hits = searcher.search(asked, limit=None)
            answers.append((len(hits), {hit["row"]["id"]: pytest.approx(hit.score, rel=1e-6) for hit in hits}))
    assert answers[0] == answers[1]


def test_batches_merge_into_one_segment_with_the_deletions_gone(engine: WhooshEngine) -> None:
    documents = read_documents()[:40]
    engine.apply(Batch(tuple(documents)))
    engine.apply(Batch(deletes=(documents[0].id,)))
    for number in range(MOST_SEGMENTS):
        engine.apply(Batch((make_document(number, title="焊接机器人"),)))
        engine.apply(Batch((make_document(number, title="焊接机器人"),)))
    status = engine.status()
    assert status.segments < MOST_SEGMENTS
    assert status.documents == len(documents) - 1 + MOST_SEGMENTS
    hits = engine.search(SearchQuery(limit=200)).hits
    assert {hit.id for hit in hits} == {d.id for d in documents[1:]} | {f"resource:{n}" for n in range(MOST_SEGMENTS)}


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.tuples(TEXT, TEXT, TEXT), st.booleans()), min_size=1, max_size=8))
def test_what_is_left_after_deletions_is_what_those_documents_alone_would_be(
    marked: list[tuple[tuple[str, str, str], bool]],
) -> None:
    documents = [_of_any_kind(n, n % 2, *texts) for n, (texts, _) in enumerate(marked)]
    kept = [document for document, (_, is_kept) in zip(documents, marked, strict=True) if is_kept]
    live = np.array([is_kept for _, is_kept in marked])
    left = merge_arrays([without(segment_arrays(prepare(documents)), live)])
    assert_same_arrays(left, segment_arrays(prepare(kept)))


def test_a_library_after_deletions_is_what_the_rest_alone_would_be() -> None:
    documents = [*read_documents(), LONG]
    live = np.arange(len(documents)) % 3 > 0
    kept = [document for document, is_kept in zip(documents, live, strict=True) if is_kept]
    assert_same_arrays(merge_arrays([without(segment_arrays(prepare(documents)), live)]), segment_arrays(prepare(kept)))


def test_a_damaged_batch_says_that_the_index_is_corrupt_and_a_rebuild_mends_it(
    engine: WhooshEngine, tmp_path: Path
) -> None:
    engine.apply(Batch((make_document(1),)))
    for path in (tmp_path / "index").rglob("*.arrays"):
        path.write_bytes(b"broken")
    again = WhooshEngine(tmp_path / "index")
    with pytest.raises(IndexUnavailable) as caught:
        again.search(SearchQuery("对刀"))
    assert caught.value.code == "corrupt"
    with pytest.raises(IndexUnavailable):
        again.apply(Batch((make_document(2),)))
    again.rebuild([make_document(1)])
    assert found(again, "对刀") == ["resource:1"]


def test_the_arrays_are_there_before_the_commit_tells_of_the_segment(
    engine: WhooshEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader that opened the index at any moment found them: it never decodes a segment for itself."""
    monkeypatch.setattr(
        "search.whoosh_engine.snapshot.build_arrays", lambda _reader: pytest.fail("decoded by a reader")
    )
    engine.apply(Batch(tuple(read_documents()[:5])))
    assert WhooshEngine(tmp_path / "index").status().documents == 5


def test_a_batch_opens_the_index_once_however_many_documents_it_replaces(
    engine: WhooshEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from whoosh.reading import SegmentReader

    opened: list[object] = []
    first = SegmentReader.__init__
    monkeypatch.setattr(SegmentReader, "__init__", lambda *a, **k: (opened.append(a), first(*a, **k))[1])
    counts = []
    for size in (2, 40):
        engine.rebuild(read_documents()[:50])
        opened.clear()
        engine.apply(Batch(tuple(read_documents()[:size]), delete_groups=("resource:none",)))
        counts.append(len(opened))
    assert counts[0] == counts[1], counts
