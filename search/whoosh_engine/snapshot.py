"""One committed state of the index, held open: segments with their arrays, and figures over all of them."""

from __future__ import annotations

import math
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from search.answering import K1, KIND_PRIOR, OTHER_FIELDS, POPULARITY_SHARE, B
from search.names import Name, Names, SpellingTable
from search.understanding import year_span
from search.whoosh_engine.arrays import Arrays, ArraysUnusable, open_arrays
from search.whoosh_engine.columns import BoolArray, Columns, FloatArray, IntArray, build_columns, columns_of
from search.whoosh_engine.lists import Lists, Postings, build_lists
from search.whoosh_engine.name_tables import NameTables
from search.whoosh_engine.schema import TEXT_FIELDS

#: Scored documents of words, and matched documents of questions, kept in memory: 8 bytes each.
_CACHED_SCORES = 3_000_000
_CACHED_MATCHES = 2_000_000
#: Letters of stored rows kept in memory: thousands of moments, or some hundreds of long texts.
_CACHED_LETTERS = 4_000_000
#: Fewer documents than this share of a segment are brought together by sorting, more by an array of all.
_SPARSE = 16


class Scored(NamedTuple):
    """Documents of one segment, rising, with scores."""

    ids: IntArray
    scores: FloatArray


NOTHING = Scored(np.empty(0, np.int32), np.empty(0, np.float32))


@dataclass(frozen=True, eq=False, slots=True)
class Segment:
    """A Whoosh segment reader, its arrays, and which of its documents still live (None: all)."""

    id: str
    reader: Any
    columns: Columns
    lists: Lists
    names: NameTables
    live: BoolArray | None

    def is_alive(self, number: int) -> bool:
        return self.live is None or bool(self.live[number])

    def is_live(self, ids: IntArray) -> BoolArray:
        return np.ones(len(ids), bool) if self.live is None else self.live[ids]


class ArraysMissing(Exception):
    """The indexer has not yet written the arrays of a segment that it has just committed."""


def arrays_path(folder: Path, segment_id: str) -> Path:
    """Named as Whoosh names the segment's files, so that Whoosh deletes it together with them."""
    return folder / f"{segment_id}.arrays"


def build_arrays(reader: Any) -> dict[str, npt.NDArray[Any]]:
    """Everything that is looked up in a segment, decoded once."""
    return {**build_columns(reader), **build_lists(reader)}


class SegmentArrays(NamedTuple):
    """What is looked up in a segment."""

    columns: Columns
    lists: Lists
    names: NameTables

    @classmethod
    def of(cls, arrays: Arrays) -> SegmentArrays:
        """Views over the arrays. Raises KeyError when some are missing."""
        return cls(columns_of(arrays), Lists(arrays), NameTables(arrays))


class SegmentStore:
    """Arrays by segment, kept mapped while the segment lives: one store per process."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], SegmentArrays] = {}

    def get(self, folder: Path, reader: Any, *, may_build: bool) -> SegmentArrays:
        """From memory, from the file beside the segment, or read from the segment itself.

        Raises ArraysMissing when there is no file and building one's own is not allowed.
        """
        key = (folder.name, reader.segment().segment_id())
        if key not in self._kept:
            self._kept[key] = self._load(arrays_path(folder, key[1]), reader, may_build)
        return self._kept[key]

    def forget_others(self, folder: Path, segments: list[Segment]) -> None:
        """Drop what no live segment needs."""
        wanted = {(folder.name, segment.id) for segment in segments}
        self._kept = {key: kept for key, kept in self._kept.items() if key in wanted}

    @staticmethod
    def _load(path: Path, reader: Any, may_build: bool) -> SegmentArrays:
        try:
            found = SegmentArrays.of(open_arrays(path))
            if found.columns.size == reader.doc_count_all():
                return found
        except (ArraysUnusable, KeyError):
            if not may_build and not path.exists():
                raise ArraysMissing(path.name) from None
        return SegmentArrays.of(build_arrays(reader))


class _Kept:
    """The last results by key, as long as they hold no more than so many documents."""

    def __init__(self, most: int) -> None:
        self._found: OrderedDict[Hashable, Scored] = OrderedDict()
        self._most, self._held, self._guard = most, 0, threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Scored]) -> Scored:
        found = self._found.get(key)
        if found is None:
            found = make()
            with self._guard:
                self._add(key, found)
        return found

    def _add(self, key: Hashable, found: Scored) -> None:
        if key in self._found:
            return
        self._found[key] = found
        self._held += len(found.ids) + 16
        while self._held > self._most and len(self._found) > 1:
            self._held -= len(self._found.popitem(last=False)[1].ids) + 16


class Snapshot:
    """Read-only; safe between threads. Scores equal those of stock Whoosh's BM25F on the same index."""

    def __init__(
        self, folder: Path, reader: Any, generation: str, store: SegmentStore, *, may_build: bool = True
    ) -> None:
        """Raises ArraysMissing, unless building arrays is allowed."""
        self.reader, self.generation = reader, generation
        self.folder, self._store = folder, store
        weakref.finalize(self, reader.close)  # other threads may still be reading when we are replaced
        self.segments = [_open_segment(folder, leaf, store, may_build) for leaf in leaves(reader)]
        self.documents: int = reader.doc_count()
        self._count_all: int = reader.doc_count_all()
        self.forget_answers()
        self._norms: dict[tuple[str, str], FloatArray] = {}
        self._worths: dict[str, FloatArray] = {}
        self._rows: OrderedDict[tuple[str, int], dict[str, Any]] = OrderedDict()
        self._letters, self._reading = 0, threading.Lock()

    def forget_answers(self) -> None:
        """As if nothing had been asked."""
        self._scored, self._matches = _Kept(_CACHED_SCORES), _Kept(_CACHED_MATCHES)

    # --- words

    def postings(self, segment: Segment, field: str, word: str) -> Postings:
        """The list of a word."""
        return segment.lists[field].get(word)

    def document_frequency(self, field: str, word: str) -> int:
        """In how many documents a word stands, deleted ones included until they are merged away."""
        return sum(segment.lists[field].count(word) for segment in self.segments)

    def information(self, word: str, where: str) -> float:
        """How telling a word is: its greatest inverse document frequency; 0 when nobody has it."""
        fields = TEXT_FIELDS if where == "text" else (where,)
        counts = [self.document_frequency(field, word) for field in fields]
        return self._idf(max(counts)) if any(counts) else 0.0

    def score(self, segment: Segment, word: str, where: str) -> Scored:
        """Documents of a segment with the word: BM25 over the text fields, or a flat count over `where`."""
        if where == "text":
            return self._scored.get((segment.id, where, word), lambda: self._score_text(segment, word))
        return self._scored.get((segment.id, where, word), lambda: self._score_flat(segment, word, where))

    def score_field(self, segment: Segment, field: str, word: str) -> Scored:
        """BM25 in one field."""
        ids, weights = self.postings(segment, field, word)
        if not len(ids):
            return NOTHING
        idf = np.float32(self._idf(self.document_frequency(field, word)) * (K1 + 1))
        return Scored(ids, idf * weights / (weights + self._norm(segment, field)[ids]))

    def _score_text(self, segment: Segment, word: str) -> Scored:
        fields = [self.score_field(segment, field, word) for field in TEXT_FIELDS]
        return best_field([scored for scored in fields if len(scored.ids)], segment.columns.size)

    def _score_flat(self, segment: Segment, word: str, where: str) -> Scored:
        ids = self.postings(segment, where, word).ids
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
        """What `match` finds, from memory when it was asked before: for another page, kind or filter, or by another person."""
        return self._matches.get(key, match)

    def worth(self, segment: Segment) -> FloatArray:
        """What every document's score is multiplied by: its kind and, within bounds, its popularity."""
        if segment.id not in self._worths:
            columns, kinds = segment.columns, segment.columns.words["kind"]
            prior = np.array([KIND_PRIOR.get(value, 1.0) for value in kinds.values], np.float32)[kinds.codes]  # type: ignore[call-overload]
            fame = np.log1p(np.maximum(columns.popularity, 0)) / np.float32(math.log1p(self.most_popular))
            self._worths[segment.id] = (prior * (1 + POPULARITY_SHARE * fame)).astype(np.float32)
        return self._worths[segment.id]

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
        return Names(_LivingNames([segment for segment in self.segments if len(segment.names)]))

    def numbers(self, segment: Segment, ids: Sequence[str]) -> list[int]:
        """The numbers that documents of these ids have in the segment, former versions included. One thread reads at a time."""
        with self._reading:
            known = [id_ for id_ in ids if ("id", id_) in segment.reader]
            return [int(number) for id_ in known for number in segment.reader.postings("id", id_).all_ids()]

    def row(self, segment: Segment, number: int) -> dict[str, Any]:
        """The stored row of a document. Threads would move each other's place in Whoosh's file, so one reads at a time."""
        key = (segment.id, number)
        with self._reading:
            if key not in self._rows:
                self._rows[key] = segment.reader.stored_fields(number)["row"]
                self._letters += letters_of(self._rows[key])
                while self._letters > _CACHED_LETTERS and len(self._rows) > 1:
                    self._letters -= letters_of(self._rows.popitem(last=False)[1])
            return self._rows[key]


def letters_of(row: dict[str, Any]) -> int:
    """What a stored row takes in memory, about."""
    return 400 + len(row["body"]) + 2 * len(row["title"])


def leaves(reader: Any) -> list[Any]:
    """The segment readers under a Whoosh reader; an empty index has none."""
    return [leaf for leaf, _ in reader.leaf_readers() if leaf.doc_count_all()]


def _open_segment(folder: Path, leaf: Any, store: SegmentStore, may_build: bool) -> Segment:
    arrays = store.get(folder, leaf, may_build=may_build)
    identifier = leaf.segment().segment_id()
    leaf.stored_fields(0)  # opens that file now: after a merge it could not be opened any more
    if not leaf.has_deletions():
        return Segment(identifier, leaf, *arrays, None)
    live = np.ones(arrays.columns.size, bool)
    live[np.fromiter(leaf.segment().deleted_docs(), np.int64)] = False
    return Segment(identifier, leaf, *arrays, live)


class _LivingNames:
    """The names of all segments, without those of deleted documents."""

    def __init__(self, segments: list[Segment]) -> None:
        self._segments = segments

    def called(self, key: str) -> list[Name]:
        return [name for s in self._segments for number, name in s.names.called(key) if s.is_alive(number)]

    def spelt(self, table: SpellingTable, hashes: Sequence[int]) -> list[Name]:
        return [name for s in self._segments for number, name in s.names.spelt(table, hashes) if s.is_alive(number)]


def best_field(found: list[Scored], size: int) -> Scored:
    """The best field of each document, plus a little of its others. `size`: documents of the segment."""
    if len(found) <= 1:
        return found[0] if found else NOTHING
    best, total, ids = _best_and_total(found, size)
    return Scored(ids, best + np.float32(OTHER_FIELDS) * (total - best))


def combine(found: list[Scored], size: int, *, take_best: bool) -> Scored:
    """Documents of any part, with the best of their scores or the sum."""
    if len(found) <= 1:
        return found[0] if found else NOTHING
    best, total, ids = _best_and_total(found, size)
    return Scored(ids, best if take_best else total)


def _best_and_total(found: list[Scored], size: int) -> tuple[FloatArray, FloatArray, IntArray]:
    if sum(len(scored.ids) for scored in found) * _SPARSE < size:
        ids = np.unique(np.concatenate([scored.ids for scored in found]))
        places = [np.searchsorted(ids, scored.ids) for scored in found]
        best, total = _accumulate(places, found, len(ids))
        return best, total, ids
    best, total = _accumulate([scored.ids for scored in found], found, size)
    ids = np.nonzero(best)[0].astype(np.int32)
    return best[ids], total[ids], ids


def _accumulate(places: list[Any], found: list[Scored], size: int) -> tuple[FloatArray, FloatArray]:
    best, total = np.zeros(size, np.float32), np.zeros(size, np.float32)
    for at, scored in zip(places, found, strict=True):
        best[at] = np.maximum(best[at], scored.scores)
        total[at] += scored.scores
    return best, total
