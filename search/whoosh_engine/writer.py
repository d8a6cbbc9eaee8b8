"""The one writer: batches into the live index, rebuilds beside it."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from whoosh.writing import NO_MERGE

from search.documents import Batch, SearchDocument
from search.engine import IndexUnavailable
from search.text import Tokenizer
from search.whoosh_engine.arrays import Arrays, ArraysUnusable, open_arrays, write_arrays
from search.whoosh_engine.batch_codec import BatchCodec, BatchWriter
from search.whoosh_engine.fresh import segment_arrays
from search.whoosh_engine.merging import merge_arrays, without
from search.whoosh_engine.schema import TEXT_FIELDS, make_fields
from search.whoosh_engine.snapshot import arrays_path
from search.whoosh_engine.store import READ_DAMAGE, IndexFolder

#: Beyond this many segments a commit also merges the small ones.
MOST_SEGMENTS = 30
#: So many of the smallest are then made one; Whoosh's own policy would take the largest segment along at this count.
MERGED_SEGMENTS = 20
#: Documents of a segment, for each key looked for in it, up to which reading all its keys costs less.
SMALL_SEGMENT = 10
#: Words that a rebuild holds in memory (some 200 bytes each), and what a document takes beside its words, counted as words.
WORDS_OF_A_PIECE, WORDS_OF_A_DOCUMENT = 400_000, 20
#: Seconds to wait for another process to finish its batch.
WAIT_S = 10.0

_WRITER, _REBUILD, _JOURNAL = "writer", "rebuild", "rebuild.journal"
#: What a writer meets in a damaged index. A disk that is full or refuses is no damage.
_DAMAGE = (*(kind for kind in READ_DAMAGE if kind is not OSError), ArraysUnusable)


class Writer:
    """Applies batches and rebuilds. Any process may try; a file lock lets one in at a time."""

    def __init__(self, folder: IndexFolder, tokenizer: Tokenizer) -> None:
        self._folder, self._tokenizer = folder, tokenizer

    @property
    def is_rebuilding(self) -> bool:
        return self._folder.is_locked(_REBUILD)

    @property
    def _journal(self) -> Path:
        return self._folder.root / _JOURNAL

    def apply(self, batch: Batch) -> None:
        """Write a batch; while a rebuild runs, also into its journal, so that the new index has it too.

        Raises IndexUnavailable, also where only the writer meets the damage: the worker then rebuilds."""
        prepared = self._prepare(batch)
        with self._folder.locked(_WRITER, WAIT_S):
            journaled = self._note(batch)
            try:
                folder, index = self._folder.open_live()
            except IndexUnavailable:
                if journaled:
                    return
                raise
            try:
                _write(folder, index, batch, prepared)
            except _DAMAGE as error:
                raise IndexUnavailable("corrupt", str(error)) from error

    def rebuild(self, documents: Iterable[SearchDocument]) -> None:
        """Fill a new index from the documents, carry over what was written meanwhile, swap."""
        with self._folder.locked(_REBUILD, 0):
            with self._folder.locked(_WRITER, WAIT_S):
                self._journal.write_bytes(b"")
            self._folder.remove_unfinished()
            folder, index = self._folder.create_next()
            self._fill(folder, index, documents)
            with self._folder.locked(_WRITER, WAIT_S):
                self._finish(folder, index)
        self._folder.remove_old(folder)

    def _finish(self, folder: Path, index: Any) -> None:
        for batch in _read_journal(self._journal):
            _write(folder, index, batch, self._prepare(batch))
        self._folder.make_live(folder)
        self._journal.unlink()

    def _fill(self, folder: Path, index: Any, documents: Iterable[SearchDocument]) -> None:
        """Piece by piece into files of arrays, which then become one segment."""
        with TemporaryDirectory(dir=folder, prefix="pieces-") as place:
            pieces = [_piece(Path(place) / str(n), each) for n, each in enumerate(self._pieces(documents))]
            with _committing(index) as writer:
                if pieces:
                    writer.add_arrays(merge_arrays(pieces))

    def _pieces(self, documents: Iterable[SearchDocument]) -> Iterator[list[dict[str, Any]]]:
        """Documents come once each; of two with one id the first stays. A piece has about so many words as fit into memory."""
        seen: set[str] = set()
        piece, words = [], 0
        for document in documents:
            if document.id in seen:
                continue
            seen.add(document.id)
            piece.append(make_fields(document, self._tokenizer))
            words += WORDS_OF_A_DOCUMENT + sum(len(piece[-1][name]) for name in TEXT_FIELDS)
            if words >= WORDS_OF_A_PIECE:
                yield piece
                piece, words = [], 0
        if piece:
            yield piece

    def _prepare(self, batch: Batch) -> list[dict[str, Any]]:
        """Cut the words before taking the lock; of two documents with one id the last counts."""
        last = {document.id: document for document in batch.upserts}
        return [make_fields(document, self._tokenizer) for document in last.values()]

    def _note(self, batch: Batch) -> bool:
        """Keep the batch for a running rebuild; a journal left behind by a killed one is removed."""
        if not self._journal.exists():
            return False
        if not self.is_rebuilding:
            self._journal.unlink()
            return False
        with self._journal.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(batch), default=datetime.isoformat) + "\n")
        return True


def _piece(path: Path, prepared: list[dict[str, Any]]) -> Arrays:
    """Arrays of the documents, in a file and no longer in memory."""
    write_arrays(path, segment_arrays(prepared))
    return open_arrays(path)


@contextmanager
def _chance_of_its_own() -> Iterator[None]:
    """Whoosh draws segment names from the process-wide `random`, so a program that seeds it (demonstration data, simulations)
    would give two segments one name and lose the commit."""
    state = random.getstate()
    random.seed()
    try:
        yield
    finally:
        random.setstate(state)


def _write(folder: Path, index: Any, batch: Batch, prepared: list[dict[str, Any]]) -> None:
    """The batch becomes a segment of its own; when there are many, the smallest are merged after it."""
    with _committing(index) as writer:
        _delete(writer, batch, [fields["id"] for fields in prepared])
        if prepared:
            writer.add_arrays(segment_arrays(prepared))
        is_crowded = len(writer.segments) >= MOST_SEGMENTS
    if is_crowded:
        _merge_smallest(folder, index)


def _merge_smallest(folder: Path, index: Any) -> None:
    """What still lives in the smallest segments becomes one. Those that Whoosh wrote, before rebuilds wrote arrays, stay as they are."""
    with _committing(index) as writer:
        ours = [segment for segment in writer.segments if isinstance(segment.codec(), BatchCodec)]
        merged = sorted(ours, key=lambda segment: segment.doc_count_all())[:MERGED_SEGMENTS]
        parts = [_living(folder, segment) for segment in merged if segment.doc_count()]
        if parts:
            writer.add_arrays(merge_arrays(parts))
        writer.segments = [segment for segment in writer.segments if segment not in merged]


def _living(folder: Path, segment: Any) -> Arrays:
    arrays = open_arrays(arrays_path(folder, segment.segment_id()))
    if not segment.has_deletions():
        return arrays
    live = np.ones(segment.doc_count_all(), bool)
    live[list(segment.deleted_docs())] = False
    return without(arrays, live)


@contextmanager
def _committing(index: Any) -> Iterator[BatchWriter]:
    """A writer for one segment, which is committed whole or not at all."""
    with _chance_of_its_own():
        writer = BatchWriter(index, WAIT_S)
    try:
        yield writer
    except BaseException:
        writer.cancel()
        raise
    writer.commit(mergetype=NO_MERGE)


def _delete(writer: Any, batch: Batch, replaced: Sequence[str]) -> None:
    """Groups, single ids and former versions, in one reading: Whoosh's own ways open every segment again for each of them."""
    wanted = {"group": {*batch.delete_groups}, "id": {*batch.deletes, *replaced}}
    reader = writer.reader()
    for leaf, first in reader.leaf_readers():
        for field, values in wanted.items():
            for value in _known(leaf, field, {value.encode() for value in values}):
                for number in list(leaf.postings(field, value).all_ids()):
                    writer.delete_document(first + number)
    reader.close()


def _known(leaf: Any, field: str, values: set[bytes]) -> Iterable[bytes]:
    """Those that a segment has. The keys of a small one are read once, in a large one each is looked up."""
    if leaf.doc_count_all() > SMALL_SEGMENT * len(values):
        return [value for value in values if (field, value) in leaf]
    return values.intersection(leaf.lexicon(field)) if values else ()


def _read_journal(path: Path) -> Iterator[Batch]:
    for line in path.read_text(encoding="utf-8").splitlines():
        stored = json.loads(line)
        upserts = tuple(_document(fields) for fields in stored["upserts"])
        yield Batch(upserts, tuple(stored["deletes"]), tuple(stored["delete_groups"]))


def _document(fields: dict[str, Any]) -> SearchDocument:
    for name in ("aliases", "points", "tags", "point_ids"):
        fields[name] = tuple(fields[name])
    if fields["published_at"]:
        fields["published_at"] = datetime.fromisoformat(fields["published_at"])
    return SearchDocument(**fields)
