"""The arrays of documents that are being written, made from the documents themselves.

Decoding a segment that Whoosh wrote of them gives the same arrays (a test holds both together) and takes many times as long as this.
"""

from __future__ import annotations

import pickle
import zlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
from whoosh.util.numeric import byte_to_length, length_to_byte

from search.whoosh_engine.arrays import Strings
from search.whoosh_engine.columns import column_arrays
from search.whoosh_engine.lists import LISTED_FIELDS
from search.whoosh_engine.postings import MOST_TIMES
from search.whoosh_engine.schema import TEXT_FIELDS

Prepared = Sequence[Mapping[str, Any]]
_Made = dict[str, npt.NDArray[Any]]

#: Looked up by the writer only: which documents a batch replaces.
KEY_FIELDS: tuple[str, ...] = ("id", "group")
#: Rows of more bytes are packed, with the least effort: a page reads twenty, a rebuild writes all.
_SHORT_ROW, _COMPRESSION = 4_000, 1


def arrays_of(prepared: Prepared) -> _Made:
    """What `snapshot.build_arrays` decodes of the fields that `make_fields` made, in the order in which Whoosh would number them."""
    counts = {name: [len(made[name]) for made in prepared] for name in TEXT_FIELDS}
    lengths = {name: list(map(_rounded, counts[name])) for name in TEXT_FIELDS}
    arrays = column_arrays([made["row"] for made in prepared], lengths)
    for name in LISTED_FIELDS:
        arrays |= _text(prepared, name) if name in TEXT_FIELDS else _keywords(prepared, name)
    return arrays


def segment_arrays(prepared: Prepared) -> _Made:
    """All that a segment of its own needs besides: keys, exact lengths and the stored rows."""
    rows = Strings.of(_packed(made["row"]) for made in prepared)
    arrays = arrays_of(prepared)
    for name in KEY_FIELDS:
        arrays |= _keywords(prepared, name)
    arrays |= {
        "rows.packed": rows.arrays[0],
        "rows.starts": rows.arrays[1],
        "field_lengths": np.array([sum(len(made[name]) for made in prepared) for name in TEXT_FIELDS], np.int64),
    }
    return arrays


def _packed(row: Mapping[str, Any]) -> bytes:
    plain = pickle.dumps(row)
    return plain if len(plain) <= _SHORT_ROW else zlib.compress(plain, _COMPRESSION)


def row_of(packed: bytes) -> dict[str, Any]:
    """A stored row."""
    plain = packed if packed.startswith(pickle.PROTO) else zlib.decompress(packed)
    row: dict[str, Any] = pickle.loads(plain)  # noqa: S301  of our own folder, as all that Whoosh stores
    return row


@lru_cache(maxsize=4096)
def _rounded(length: int) -> int:
    """As Whoosh rounds: it keeps a byte for how many words a document has."""
    return int(byte_to_length(length_to_byte(length))) if length else 0


def _keywords(prepared: Prepared, name: str) -> _Made:
    texts = [made[name] or "" for made in prepared]
    words = [[text] if text else [] for text in texts] if name in KEY_FIELDS else [text.split() for text in texts]
    found = _Sorted.of(words)
    return found.lists(name)


def _text(prepared: Prepared, name: str) -> _Made:
    found = _Sorted.of([[word for _, word in made[name]] for made in prepared])
    places = np.fromiter((place for made in prepared for place, _ in made[name]), np.int32)[found.order]
    counts = np.diff(np.append(found.pairs, len(found.codes)))
    number_in_pair = np.arange(len(places)) - np.repeat(found.pairs, counts)
    is_kept = number_in_pair < MOST_TIMES
    return found.lists(name) | {
        f"{name}.weights": np.minimum(counts, MOST_TIMES).astype(np.uint16),
        f"{name}.positions": places[is_kept],
        f"{name}.position_starts": found.starts_of(found.codes[is_kept]),
    }


class _Sorted:
    """The words of one field over all documents, in the order of their bytes and, within a word, of the documents.

    `pairs` says where each (word, document) begins; within it places keep their order.
    """

    def __init__(self, words: list[str], order: npt.NDArray[Any], codes: npt.NDArray[Any], numbers: npt.NDArray[Any]):
        self._words, self.order, self.codes, self._numbers = words, order, codes, numbers
        is_first = np.ones(len(codes), bool)
        is_first[1:] = (codes[1:] != codes[:-1]) | (numbers[1:] != numbers[:-1])
        self.pairs = np.nonzero(is_first)[0]

    @classmethod
    def of(cls, words: Sequence[Sequence[str]]) -> _Sorted:
        """`words` by document."""
        distinct = sorted(set(chain.from_iterable(words)))  # letters are in the order of their UTF-8
        table = {word: code for code, word in enumerate(distinct)}
        codes = np.fromiter(map(table.__getitem__, chain.from_iterable(words)), np.int64)
        numbers = np.repeat(np.arange(len(words)), [len(each) for each in words])
        order = np.argsort(codes, kind="stable")
        return cls(distinct, order, codes[order], numbers[order])

    def starts_of(self, codes: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
        """Where each word begins among sorted codes, and their end."""
        return np.searchsorted(codes, np.arange(len(self._words) + 1)).astype(np.int64)

    def lists(self, name: str) -> _Made:
        """Words, and the documents of each."""
        terms = Strings.of(word.encode() for word in self._words)
        return {
            f"{name}.terms": terms.arrays[0],
            f"{name}.term_starts": terms.arrays[1],
            f"{name}.starts": self.starts_of(self.codes[self.pairs]),
            f"{name}.ids": self._numbers[self.pairs].astype(np.int32),
        }
