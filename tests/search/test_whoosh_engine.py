"""What is particular to an index on disk: other processes, damage, versions, rebuilding, one writer."""

from __future__ import annotations

import ast
import gc
import json
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from whoosh.writing import NO_MERGE, SegmentWriter

import search
from search.documents import Batch, SearchDocument, SearchQuery
from search.engine import IndexUnavailable, WriterBusy
from search.text import Tokenizer, default_tokenizer
from search.whoosh_engine import WhooshEngine
from search.whoosh_engine.schema import as_whoosh, make_fields
from search.whoosh_engine.writer import MOST_SEGMENTS
from tests.search.conftest import found
from tests.search.samples import make_document

_WRITE_FROM_OUTSIDE = """
import sys
from pathlib import Path
from search.documents import Batch, SearchDocument
from search.whoosh_engine import WhooshEngine

engine = WhooshEngine(Path(sys.argv[1]))
for number in range(int(sys.argv[2])):
    documents = tuple(SearchDocument("resource", f"resource:{number}:{i}", "焊接机器人") for i in range(10))
    engine.apply(Batch(documents, deletes=(f"resource:{number - 1}:0",)))
"""


def total(engine: WhooshEngine, text: str = "焊接") -> int:
    return engine.search(SearchQuery(text)).total


def write_from_outside(root: Path, batches: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", _WRITE_FROM_OUTSIDE, str(root), str(batches)])


def test_a_reader_sees_only_committed_states_while_another_process_writes(engine: WhooshEngine, tmp_path: Path) -> None:
    writer = write_from_outside(tmp_path / "index", 12)
    seen = []
    while writer.poll() is None:
        seen.append(total(engine))
    assert writer.returncode == 0
    assert total(engine) == 12 * 10 - 11
    assert seen == sorted(seen)
    assert {count % 9 for count in seen if count} <= {1}


def test_deleted_documents_never_come_back(engine: WhooshEngine) -> None:
    for number in range(8):
        engine.apply(Batch((make_document(number, title="焊接机器人"),)))
        engine.apply(Batch(deletes=(f"resource:{number}",)))
        assert total(engine) == 0
    engine.apply(Batch(tuple(make_document(n, title="焊接机器人") for n in range(3))))
    assert total(engine) == 3


def test_nothing_refreshes_a_reader_in_the_way_that_revives_deleted_documents() -> None:
    for path in Path(search.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                assert not (isinstance(node.func, ast.Attribute) and node.func.attr == "refresh"), path
                assert "reuse" not in [keyword.arg for keyword in node.keywords], path


def test_segments_stay_few_and_lose_nothing(engine: WhooshEngine) -> None:
    for number in range(MOST_SEGMENTS + 8):
        engine.apply(Batch((make_document(number, title="焊接机器人"),)))
    assert engine.status().segments <= MOST_SEGMENTS
    assert total(engine) == engine.status().documents == MOST_SEGMENTS + 8


def test_an_old_reader_survives_the_merging_away_of_its_segments(engine: WhooshEngine, tmp_path: Path) -> None:
    engine.apply(Batch((make_document(0, title="焊接机器人"),)))
    reader = WhooshEngine(tmp_path / "index")
    assert total(reader) == 1
    snapshot = reader._snapshot
    for number in range(1, MOST_SEGMENTS + 4):
        engine.apply(Batch((make_document(number, title="焊接机器人"),)))
    assert snapshot is not None
    assert snapshot.row(snapshot.segments[0], 0)["id"] == "resource:0"


def test_programs_that_seed_randomness_do_not_lose_commits(engine: WhooshEngine) -> None:
    for number in range(3):
        random.seed(7)
        engine.apply(Batch((make_document(number, title="焊接机器人"),)))
    assert total(engine) == 3
    random.seed(7)
    assert random.random() == random.Random(7).random()


def test_a_segment_of_whooshs_own_is_read_and_outlives_merges(engine: WhooshEngine, tmp_path: Path) -> None:
    """Indexes from before decision 39 have such; arrays that they lost are decoded from them."""
    writer = SegmentWriter(engine._folder.open_live()[1], compound=False)
    for number in range(3):
        writer.add_document(**as_whoosh(make_fields(make_document(-1 - number), default_tokenizer())))
    writer.commit(mergetype=NO_MERGE)
    for number in range(MOST_SEGMENTS + 1):
        engine.apply(Batch((make_document(number),), deletes=("resource:-1",)))
    assert total(WhooshEngine(tmp_path / "index"), "对刀") == 2 + MOST_SEGMENTS + 1


# --- not available


def code_of(engine: WhooshEngine) -> str:
    with pytest.raises(IndexUnavailable) as caught:
        engine.search(SearchQuery("对刀"))
    return caught.value.code


def test_an_index_never_built_says_so(tmp_path: Path) -> None:
    engine = WhooshEngine(tmp_path)
    assert code_of(engine) == "missing"
    with pytest.raises(IndexUnavailable):
        engine.apply(Batch((make_document(),)))


def test_another_tokenizer_makes_the_index_unusable_until_rebuilt(engine: WhooshEngine, tmp_path: Path) -> None:
    changed = WhooshEngine(tmp_path / "index", Tokenizer(["新词"]))
    assert code_of(changed) == "tokenizer_changed"
    changed.rebuild([make_document()])
    assert found(changed, "对刀") == ["resource:1"]
    assert code_of(engine) == "tokenizer_changed"


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("damage", ["no folder", "no note", "no table", "cut table", "cut arrays"])
def test_damage_is_recognised_and_mended_by_a_rebuild(tmp_path: Path, damage: str) -> None:
    WhooshEngine(tmp_path).rebuild([make_document(n) for n in range(300)])
    _damage(tmp_path / "index-1", damage)
    engine = WhooshEngine(tmp_path)
    assert code_of(engine) == "corrupt"
    gc.collect()  # Whoosh leaves files open when it fails to read them
    engine.rebuild([make_document()])
    assert found(engine, "对刀") == ["resource:1"]


def _damage(folder: Path, damage: str) -> None:
    if damage == "no folder":
        folder.rename(folder.with_name("elsewhere"))
    elif damage == "no note":
        (folder / "made.json").unlink()
    elif damage == "no table":
        next(folder.glob("*.toc")).unlink()
    else:
        path = next(folder.glob("*.toc" if damage == "cut table" else "*.arrays"))
        path.write_bytes(path.read_bytes()[:40])


# --- rebuilding


def test_searching_and_writing_go_on_during_a_rebuild(engine: WhooshEngine) -> None:
    engine.apply(Batch((make_document(1, title="焊接旧名"), make_document(2, title="焊接待删"))))
    at_work, go_on = threading.Event(), threading.Event()

    def documents() -> Iterator[SearchDocument]:
        yield make_document(1, title="焊接旧名")
        at_work.set()
        go_on.wait(20)
        yield make_document(2, title="焊接待删")

    rebuilding = threading.Thread(target=engine.rebuild, args=(documents(),))
    rebuilding.start()
    at_work.wait(20)
    assert engine.status().is_rebuilding
    engine.apply(
        Batch((make_document(1, title="焊接新名"), make_document(3, title="焊接新增")), deletes=("resource:2",))
    )
    during = found(engine, "焊接")
    go_on.set()
    rebuilding.join(30)
    assert sorted(during) == sorted(found(engine, "焊接")) == ["resource:1", "resource:3"]
    assert found(engine, "旧名", exact=True) == []
    assert not engine.status().is_rebuilding


def test_only_one_rebuild_at_a_time(engine: WhooshEngine) -> None:
    def documents() -> Iterator[SearchDocument]:
        with pytest.raises(WriterBusy):
            engine.rebuild(())
        yield make_document()

    engine.rebuild(documents())
    assert found(engine, "对刀") == ["resource:1"]


def test_a_failed_rebuild_leaves_the_live_index_alone(engine: WhooshEngine) -> None:
    engine.apply(Batch((make_document(1),)))

    def documents() -> Iterator[SearchDocument]:
        yield make_document(2)
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError):
        engine.rebuild(documents())
    engine.apply(Batch((make_document(3),)))
    assert sorted(found(engine, "对刀")) == ["resource:1", "resource:3"]


def test_other_processes_follow_a_rebuild_and_old_folders_go(engine: WhooshEngine, tmp_path: Path) -> None:
    reader = WhooshEngine(tmp_path / "index")
    for number in range(1, 5):
        engine.rebuild([make_document(number)])
        assert found(reader, "对刀") == [f"resource:{number}"]
    assert len(list((tmp_path / "index").glob("index-*"))) == 2


def test_the_note_says_how_the_index_was_made(engine: WhooshEngine, tmp_path: Path) -> None:
    note = json.loads((tmp_path / "index" / "index-1" / "made.json").read_text(encoding="utf-8"))
    assert note["tokenizer"] == engine.status().tokenizer
