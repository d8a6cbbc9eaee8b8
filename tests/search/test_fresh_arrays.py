"""What a writer notes about new documents is what decoding their segment gives: readers use the one, merges and repairs the other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.documents import Batch, SearchDocument
from search.whoosh_engine import WhooshEngine
from search.whoosh_engine.arrays import open_arrays
from search.whoosh_engine.snapshot import arrays_path, build_arrays, leaves
from tests.search.samples import read_documents

TEXT = st.text(st.sampled_from("标定焊接机器人的 aB7+#\n，。\x00\ud800Ω座標"), max_size=30)


def assert_same_as_decoded(engine: WhooshEngine) -> None:
    folder, index = engine._folder.open_live()
    reader = index.reader()
    for leaf in leaves(reader):
        kept, decoded = open_arrays(arrays_path(folder, leaf.segment().segment_id())), build_arrays(leaf)
        assert kept.keys() == decoded.keys()
        assert [name for name in kept if not np.array_equal(kept[name], decoded[name])] == []
        assert [name for name in kept if kept[name].dtype != decoded[name].dtype] == []
    reader.close()


def test_a_library_of_every_kind_of_document_is_noted_as_it_is_decoded(engine: WhooshEngine) -> None:
    documents = read_documents()
    long = SearchDocument(
        "resource", "resource:long", "焊接" * 400, body="机器人标定 " * 3_000, points=("标定", "标定")
    )
    engine.apply(Batch((*documents[:60], long)))
    engine.apply(Batch(documents[40:90], deletes=(documents[0].id,)))
    assert_same_as_decoded(engine)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(TEXT, TEXT, TEXT), min_size=1, max_size=4))
def test_any_text_is_noted_as_it_is_decoded(
    tmp_path_factory: pytest.TempPathFactory, texts: list[tuple[str, str, str]]
) -> None:
    engine = WhooshEngine(tmp_path_factory.mktemp("any"))
    engine.rebuild(())
    engine.apply(
        Batch(
            tuple(SearchDocument("point", f"point:{n}", t, aliases=(a,), body=b) for n, (t, a, b) in enumerate(texts))
        )
    )
    assert_same_as_decoded(engine)


def test_the_arrays_are_there_before_the_commit_tells_of_the_segment(
    engine: WhooshEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader that opened the index at any moment found them: it never decodes a segment for itself."""
    monkeypatch.setattr(
        "search.whoosh_engine.snapshot.build_arrays", lambda _reader: pytest.fail("decoded by a reader")
    )
    monkeypatch.setattr(
        "search.whoosh_engine.writer.build_arrays", lambda _reader: pytest.fail("decoded by the writer")
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
