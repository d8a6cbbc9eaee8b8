"""Posting lists of a segment as arrays in a file: which documents have a word, how often, and where.

Whoosh's own lists can only be walked in Python; these are its contents once decoded (`postings.py`), written by the indexer
beside the segment and mapped into every process that reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from search.whoosh_engine.arrays import Arrays, Strings
from search.whoosh_engine.columns import FloatArray, IntArray
from search.whoosh_engine.postings import Decoded, read_everything
from search.whoosh_engine.schema import TEXT_FIELDS

#: Fields whose words are looked up by whole lists; those of text carry frequencies and positions.
LISTED_FIELDS: tuple[str, ...] = (*TEXT_FIELDS, "name", "spelt", "sound")
#: One question looks its words up several times: how many have them, which, and where.
_KNOWN_PLACES = 256


class Postings(NamedTuple):
    """Document numbers within the segment, rising, and how often the word stands in each."""

    ids: IntArray
    weights: FloatArray


NO_POSTINGS = Postings(np.empty(0, np.int32), np.empty(0, np.float32))


class FieldLists:
    """The lists of one field. Reading needs no lock."""

    def __init__(self, arrays: Arrays, field: str) -> None:
        self._terms = Strings(arrays[f"{field}.terms"], arrays[f"{field}.term_starts"])
        starts: Any = arrays[f"{field}.starts"]
        self._starts = memoryview(starts)
        self._ids = arrays[f"{field}.ids"]
        self._weights = arrays.get(f"{field}.weights")
        self._positions = arrays.get(f"{field}.positions")
        self._position_starts: Any = arrays.get(f"{field}.position_starts")
        self._place = lru_cache(maxsize=_KNOWN_PLACES)(self._place_of)

    def _place_of(self, word: str) -> int | None:
        return self._terms.place(word.encode("utf-8"))

    def count(self, word: str) -> int:
        """In how many documents of the segment the word stands, deleted ones included."""
        place = self._place(word)
        return 0 if place is None else self._starts[place + 1] - self._starts[place]

    def get(self, word: str) -> Postings:
        """The list of a word; flat weights where a field has none."""
        place = self._place(word)
        return NO_POSTINGS if place is None else self._at(place)

    def documents(self, word: str) -> IntArray:
        """The documents of the list of a word, deleted ones included."""
        place = self._place(word)
        return NO_POSTINGS.ids if place is None else self._ids[self._starts[place] : self._starts[place + 1]]

    def _at(self, place: int) -> Postings:
        rows = slice(self._starts[place], self._starts[place + 1])
        ids = self._ids[rows]
        weights = np.ones(len(ids), np.float32) if self._weights is None else self._weights[rows].astype(np.float32)
        return Postings(ids, weights)

    def starting(self, prefix: str, most: int) -> Iterator[IntArray]:
        """Documents of the words that begin so, a list a word, for at most so many words."""
        for place in self._places_starting(prefix, most):
            yield self._ids[self._starts[place] : self._starts[place + 1]]

    def words_starting(self, prefix: str, most: int) -> Iterator[str]:
        """The words that begin so, in order."""
        return map(self._terms.__getitem__, self._places_starting(prefix, most))

    def _places_starting(self, prefix: str, most: int) -> Iterator[int]:
        coded = prefix.encode("utf-8")
        first = self._terms.starting(coded)
        for place in range(first, min(first + most, len(self._terms))):
            if not self._terms.coded(place).startswith(coded):
                return
            yield place

    def positions(self, word: str, ids: IntArray) -> tuple[IntArray, IntArray]:
        """Where the word stands in those of the given documents that have it: a pair of equally long arrays, index into `ids`
        and character offset. `ids` rise and are not empty."""
        place = self._place(word)
        if place is None or self._weights is None or self._positions is None:
            return np.empty(0, np.int32), np.empty(0, np.int32)
        rows = slice(self._starts[place], self._starts[place + 1])
        having, counts = self._ids[rows], self._weights[rows].astype(np.int64)
        ends = np.cumsum(counts)
        at = np.minimum(np.searchsorted(having, ids), len(having) - 1)
        known = np.nonzero(having[at] == ids)[0]
        at = at[known]
        lengths = counts[at]
        begins = int(self._position_starts[place]) + ends[at] - lengths
        first = np.repeat(begins - np.concatenate(([0], np.cumsum(lengths)[:-1])), lengths)
        return np.repeat(known, lengths).astype(np.int32), self._positions[first + np.arange(lengths.sum())]


class Lists(dict[str, FieldLists]):
    """All fields of one segment."""

    def __init__(self, arrays: Arrays) -> None:
        super().__init__({field: FieldLists(arrays, field) for field in LISTED_FIELDS})


def build_lists(reader: Any) -> dict[str, npt.NDArray[Any]]:
    """Decode everything a Whoosh segment knows about its words. About 4 µs a word of text."""
    arrays: dict[str, npt.NDArray[Any]] = {}
    for field in LISTED_FIELDS:
        arrays |= field_arrays(field, list(read_everything(reader, field, with_positions=field in TEXT_FIELDS)))
    return arrays


def field_arrays(field: str, words: Sequence[Decoded]) -> dict[str, npt.NDArray[Any]]:
    """The lists of one field; `words` in the order of their bytes."""
    terms = Strings.of(word.term for word in words)
    arrays: dict[str, npt.NDArray[Any]] = {
        f"{field}.terms": terms.arrays[0],
        f"{field}.term_starts": terms.arrays[1],
        f"{field}.starts": _starts([len(word.ids) for word in words]),
        f"{field}.ids": _joined([word.ids for word in words], np.int32),
    }
    if field in TEXT_FIELDS:
        arrays[f"{field}.weights"] = _joined([word.counts for word in words], np.uint16)
        arrays[f"{field}.positions"] = _joined([word.positions for word in words], np.int32)
        arrays[f"{field}.position_starts"] = _starts([len(word.positions) for word in words])
    return arrays


def _starts(lengths: list[int]) -> npt.NDArray[np.int64]:
    return np.concatenate(([0], np.cumsum(lengths, dtype=np.int64))).astype(np.int64)


def _joined(parts: list[npt.NDArray[Any]], kind: npt.DTypeLike) -> npt.NDArray[Any]:
    return np.concatenate(parts).astype(kind) if parts else np.empty(0, kind)
