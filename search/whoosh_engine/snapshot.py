"""One committed state of the index, held open: segments with their columns, and figures over all of them."""

from __future__ import annotations

import math
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from search.names import Name, Names
from search.whoosh_engine.columns import BoolArray, Columns, FloatArray, IntArray, build_columns, load_columns
from search.whoosh_engine.postings import PostingCache
from search.whoosh_engine.schema import TEXT_FIELDS

K1 = 1.2
B = 0.75
#: A word found in several fields counts by its best field, plus this share of the others.
OTHER_FIELDS = 0.1

_CACHED_WORDS = 2_000
#: Matched documents kept for questions asked again: for another page, kind or filter, or by another person.
_CACHED_MATCHES = 2_000_000


class Scored(NamedTuple):
    """Documents of one segment, rising, with scores."""

    ids: IntArray
    scores: FloatArray


NOTHING = Scored(np.empty(0, np.int32), np.empty(0, np.float32))


@dataclass(frozen=True, eq=False, slots=True)
class Segment:
    """A Whoosh segment reader, its columns, and which of its documents still live (None: all)."""

    reader: Any
    columns: Columns
    live: BoolArray | None

    @property
    def id(self) -> str:
        return self.reader.segment().segment_id()

    def is_live(self, ids: IntArray) -> BoolArray:
        return np.ones(len(ids), bool) if self.live is None else self.live[ids]


def column_path(folder: Path, segment_id: str) -> Path:
    """Named as Whoosh names the segment's files, so that Whoosh deletes it together with them."""
    return folder / f"{segment_id}.columns.npz"


class ColumnStore:
    """Columns by segment, kept while the segment lives: one store per process."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Columns] = {}

    def get(self, folder: Path, reader: Any) -> Columns:
        """From memory, from the file beside the segment, or read from the segment itself."""
        key = (folder.name, reader.segment().segment_id())
        if key not in self._kept:
            self._kept[key] = self._load(column_path(folder, key[1]), reader)
        return self._kept[key]

    def forget_others(self, folder: Path, segments: list[Segment]) -> None:
        """Drop what no live segment needs."""
        wanted = {(folder.name, segment.id) for segment in segments}
        self._kept = {key: columns for key, columns in self._kept.items() if key in wanted}

    @staticmethod
    def _load(path: Path, reader: Any) -> Columns:
        try:
            columns = load_columns(path)
        except (OSError, ValueError, KeyError, EOFError):
            return build_columns(reader)
        return columns if columns.size == reader.doc_count_all() else build_columns(reader)


class Snapshot:
    """Read-only; safe between threads. Scores equal those of stock Whoosh's BM25F on the same index."""

    def __init__(self, folder: Path, reader: Any, generation: str, store: ColumnStore, cache: PostingCache) -> None:
        self.reader, self.generation, self.cache = reader, generation, cache
        self.folder = folder
        weakref.finalize(self, reader.close)  # other threads may still be reading when we are replaced
        self.segments = [_open_segment(folder, leaf, store) for leaf in leaves(reader)]
        self.documents: int = reader.doc_count()
        self._count_all: int = reader.doc_count_all()
        self._scored: OrderedDict[tuple[str, str, str], Scored] = OrderedDict()
        self._norms: dict[tuple[str, str], FloatArray] = {}
        self._matches: OrderedDict[Hashable, Scored] = OrderedDict()
        self._matches_held = 0

    # --- words

    def document_frequency(self, field: str, word: str) -> int:
        """In how many documents a word stands, deleted ones included until they are merged away."""
        return sum(len(self.cache.get(segment.reader, field, word).ids) for segment in self.segments)

    def knows(self, word: str) -> bool:
        """Whether any text field of any document has the word."""
        return any(
            len(self.cache.get(segment.reader, field, word).ids) for field in TEXT_FIELDS for segment in self.segments
        )

    def information(self, word: str, where: str) -> float:
        """How telling a word is: its greatest inverse document frequency; 0 when nobody has it."""
        fields = TEXT_FIELDS if where == "text" else (where,)
        counts = [self.document_frequency(field, word) for field in fields]
        return self._idf(max(counts)) if any(counts) else 0.0

    def score(self, segment: Segment, word: str, where: str) -> Scored:
        """Documents of a segment with the word: BM25 over the text fields, or a flat count over `where`."""
        key = (segment.id, where, word)
        found = self._scored.get(key)
        if found is None:
            found = self._score_text(segment, word) if where == "text" else self._score_flat(segment, word, where)
            self._scored[key] = found
            while len(self._scored) > _CACHED_WORDS:
                self._scored.pop(next(iter(self._scored)), None)
        return found

    def score_field(self, segment: Segment, field: str, word: str) -> Scored:
        """BM25 in one field."""
        ids, weights = self.cache.get(segment.reader, field, word)
        if not len(ids):
            return NOTHING
        idf = self._idf(self.document_frequency(field, word))
        return Scored(ids, idf * weights * (K1 + 1) / (weights + self._norm(segment, field)[ids]))

    def _score_text(self, segment: Segment, word: str) -> Scored:
        fields = [self.score_field(segment, field, word) for field in TEXT_FIELDS]
        found = [scored for scored in fields if len(scored.ids)]
        return found[0] if len(found) == 1 else _best_field(found)

    def _score_flat(self, segment: Segment, word: str, where: str) -> Scored:
        ids = self.cache.get(segment.reader, where, word).ids
        return Scored(ids, np.full(len(ids), self._idf(self.document_frequency(where, word)), np.float32))

    @property
    def rarest_information(self) -> float:
        """What a word of one document tells."""
        return self._idf(1)

    def _idf(self, count: int) -> float:
        return math.log(max(self._count_all, 1) / (count + 1)) + 1.0

    def _norm(self, segment: Segment, field: str) -> FloatArray:
        key = (segment.id, field)
        if key not in self._norms:
            average = self.reader.field_length(field) / max(self._count_all, 1) or 1.0
            lengths = segment.columns.lengths[field]
            self._norms[key] = (K1 * ((1 - B) + B * lengths / average)).astype(np.float32)
        return self._norms[key]

    def remembered(self, key: Hashable, match: Callable[[], Scored]) -> Scored:
        """What `match` finds, from memory when it was asked before; the oldest go when too many documents are held."""
        found = self._matches.get(key)
        if found is None:
            found = self._matches[key] = match()
            self._matches_held += len(found.ids) + 16
            while self._matches_held > _CACHED_MATCHES and len(self._matches) > 1:
                self._matches_held -= len(self._matches.popitem(last=False)[1].ids) + 16
        return found

    # --- values and names

    def has_value(self, field: str, value: str) -> bool:
        """Whether any document has the value in a filter column; spans of years always count as values."""
        if field == "year":
            return year_span(value) is not None
        return any(len(segment.columns.words[field].codes_of((value,))) for segment in self.segments)

    @cached_property
    def most_popular(self) -> float:
        """The greatest popularity, at least 1."""
        return max([1.0, *(float(s.columns.popularity.max(initial=0)) for s in self.segments)])

    @cached_property
    def names(self) -> Names:
        """Names of the living points and courses."""
        return Names(self._living_names())

    def _living_names(self) -> Iterator[Name]:
        for segment in self.segments:
            for number, names in segment.columns.names:
                if segment.live is None or segment.live[number]:
                    yield from names

    def row(self, segment: Segment, number: int) -> dict[str, Any]:
        """The stored row of a document."""
        return self.cache.guarded(lambda: segment.reader.stored_fields(number)["row"])


def leaves(reader: Any) -> list[Any]:
    """The segment readers under a Whoosh reader; an empty index has none."""
    return [leaf for leaf, _ in reader.leaf_readers() if leaf.doc_count_all()]


def _open_segment(folder: Path, leaf: Any, store: ColumnStore) -> Segment:
    columns = store.get(folder, leaf)
    leaf.stored_fields(0)  # opens that file now: after a merge it could not be opened any more
    if not leaf.has_deletions():
        return Segment(leaf, columns, None)
    live = np.ones(columns.size, bool)
    live[np.fromiter(leaf.segment().deleted_docs(), np.int64)] = False
    return Segment(leaf, columns, live)


def _best_field(found: list[Scored]) -> Scored:
    """The best field of each document, plus a little of its others."""
    if not found:
        return NOTHING
    ids, places = np.unique(np.concatenate([scored.ids for scored in found]), return_inverse=True)
    scores = np.concatenate([scored.scores for scored in found])
    best, total = np.zeros(len(ids), np.float32), np.zeros(len(ids), np.float32)
    np.maximum.at(best, places, scores)
    np.add.at(total, places, scores)
    return Scored(ids.astype(np.int32), best + OTHER_FIELDS * (total - best))


def year_span(value: str) -> tuple[int, int] | None:
    """`2024` or `2023..2025` or `2023..` as inclusive bounds; None for anything else."""
    first, dots, last = value.partition("..")
    if not all(part.isdecimal() and len(part) <= 4 for part in (first, last) if part) or not (first or last):
        return None
    low = int(first) if first else 0
    return low, (int(last) if last else 9999 if dots else low)
