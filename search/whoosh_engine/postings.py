"""Posting lists as arrays.

The only place that touches private names of Whoosh's codec (`_terms`, `_read_ids`, `_read_weights`, `_goto`):
stock Whoosh walks one posting at a time in Python, this decodes its blocks of 128 whole. The version is
pinned, and the contract tests compare totals and scores with stock Whoosh.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from search.whoosh_engine.columns import FloatArray, IntArray


class Postings(NamedTuple):
    """Document numbers within the segment, rising, and the weight (frequency) of the word in each."""

    ids: IntArray
    weights: FloatArray


NO_POSTINGS = Postings(np.empty(0, np.int32), np.empty(0, np.float32))


def read_postings(reader: Any, field: str, word: str) -> Postings:
    """All postings of a word in a segment, deleted documents included."""
    matcher = _matcher(reader, field, word)
    if matcher is None:
        return NO_POSTINGS
    if not hasattr(matcher, "_read_ids"):
        return _read_inlined(matcher)
    blocks = list(_blocks(matcher))
    return Postings(np.concatenate([b.ids for b in blocks]), np.concatenate([b.weights for b in blocks]))


def _matcher(reader: Any, field: str, word: str) -> Any:
    coded = word.encode("utf-8")
    if (field, coded) not in reader._terms:
        return None
    return reader._terms.matcher(field, coded, reader.schema[field].format)


def _read_inlined(matcher: Any) -> Postings:
    """A word of one document lies in the term dictionary itself."""
    ids, weights = [], []
    while matcher.is_active():
        ids.append(matcher.id())
        weights.append(matcher.weight())
        matcher.next()
    return Postings(np.array(ids, np.int32), np.array(weights, np.float32))


def _blocks(matcher: Any) -> Iterator[Postings]:
    for _ in _each_block(matcher):
        matcher._read_weights()
        yield Postings(np.array(matcher._ids, np.int32), np.array(matcher._weights, np.float32))


def _each_block(matcher: Any) -> Iterator[None]:
    """Step through the blocks, the numbers of each one decoded."""
    while True:
        matcher._read_ids()
        yield
        if matcher._lastblock:
            return
        matcher._goto(matcher._nextoffset)


def read_positions(reader: Any, field: str, word: str, ids: IntArray) -> dict[int, list[int]]:
    """The places of a word (character offsets) in those of the given documents that have it; `ids` rising."""
    matcher = _matcher(reader, field, word)
    if matcher is None:
        return {}
    if not hasattr(matcher, "_read_ids"):
        number = matcher.id()
        return {number: matcher.value_as("positions")} if number in ids else {}
    decode = matcher.format.decode_positions
    return {number: decode(value) for number, value in _values(matcher, ids)}


def _values(matcher: Any, ids: IntArray) -> Iterator[tuple[int, bytes]]:
    for _ in _each_block(matcher):
        numbers = np.array(matcher._ids, np.int32)
        wanted = np.nonzero(np.isin(numbers, ids, assume_unique=True))[0]
        if len(wanted):
            matcher._read_values()
            yield from ((int(numbers[place]), matcher._values[place]) for place in wanted.tolist())


class PostingCache:
    """Decoded lists by segment, field and word; the oldest go when a number of postings is exceeded.

    Segments never change, so entries outlive a reopening. Reading is guarded: threads would move each
    other's place in Whoosh's files.
    """

    def __init__(self, most_postings: int = 4_000_000) -> None:
        self._lists: OrderedDict[tuple[str, str, str], Postings] = OrderedDict()
        self._most, self._held, self._guard = most_postings, 0, threading.RLock()

    def get(self, reader: Any, field: str, word: str) -> Postings:
        """The postings, from memory when possible."""
        key = (reader.segment().segment_id(), field, word)
        with self._guard:
            if key in self._lists:
                self._lists.move_to_end(key)
                return self._lists[key]
            return self._keep(key, read_postings(reader, field, word))

    def guarded(self, read: Callable[[], Any]) -> Any:
        """Run something that reads Whoosh files while nobody else does."""
        with self._guard:
            return read()

    def _keep(self, key: tuple[str, str, str], postings: Postings) -> Postings:
        self._lists[key] = postings
        self._held += len(postings.ids) + 16
        while self._held > self._most and len(self._lists) > 1:
            _, dropped = self._lists.popitem(last=False)
            self._held -= len(dropped.ids) + 16
        return postings
