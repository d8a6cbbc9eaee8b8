"""Whoosh's posting lists decoded into arrays.

The only place that touches private names of Whoosh's codec (`_terms`, `_read_ids`, `_read_weights`, `_goto`):
stock Whoosh walks one posting at a time in Python, this decodes its blocks of 128 whole. The version is
pinned, and the contract tests compare totals and scores with stock Whoosh.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

#: More than this is not counted in one document: the score has long stopped growing.
MOST_TIMES = 65_535


class Decoded(NamedTuple):
    """A word: its documents, rising, how often it stands in each, and all its positions in that order."""

    term: bytes
    ids: npt.NDArray[np.int32]
    counts: npt.NDArray[np.int64]
    positions: npt.NDArray[np.int32]


_NOWHERE = np.empty(0, np.int32)


def read_everything(reader: Any, field: str, *, with_positions: bool) -> Iterator[Decoded]:
    """Every word of a field in the order of its bytes, deleted documents included."""
    if field not in reader.indexed_field_names():
        return
    form = reader.schema[field].format
    for name, term in reader._terms.terms_from(field, b""):
        if name != field:
            return
        matcher = reader._terms.matcher(field, term, form)
        read = _read_blocks if hasattr(matcher, "_read_ids") else _read_inlined
        ids, values = read(matcher)
        if with_positions:
            places = [form.decode_positions(value)[:MOST_TIMES] for value in values]
            yield Decoded(term, ids, _lengths(places), np.fromiter(chain.from_iterable(places), np.int32))
        else:
            yield Decoded(term, ids, np.ones(len(ids), np.int64), _NOWHERE)


def _lengths(places: list[list[int]]) -> npt.NDArray[np.int64]:
    return np.fromiter(map(len, places), np.int64, len(places))


def _read_inlined(matcher: Any) -> tuple[npt.NDArray[np.int32], list[bytes]]:
    """A word of one document lies in the term dictionary itself."""
    ids, values = [], []
    while matcher.is_active():
        ids.append(matcher.id())
        values.append(matcher.value())
        matcher.next()
    return np.array(ids, np.int32), values


def _read_blocks(matcher: Any) -> tuple[npt.NDArray[np.int32], list[bytes]]:
    ids, values = [], []
    while True:
        matcher._read_ids()
        matcher._read_values()
        ids.append(np.array(matcher._ids, np.int32))
        values.extend(matcher._values)
        if matcher._lastblock:
            return np.concatenate(ids), values
        matcher._goto(matcher._nextoffset)
