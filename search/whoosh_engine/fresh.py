"""The arrays of documents that are being written, made from the documents themselves.

Decoding the segment that Whoosh makes of them gives the same arrays (a test holds both together) and takes as long as writing it did.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
from whoosh.util.numeric import byte_to_length, length_to_byte

from search.whoosh_engine.columns import column_arrays
from search.whoosh_engine.lists import LISTED_FIELDS, field_arrays
from search.whoosh_engine.postings import MOST_TIMES, Decoded
from search.whoosh_engine.schema import TEXT_FIELDS, placed_words

#: The places of a word, by the number of the document.
_Places = dict[int, list[int]]
_ONCE = [0]


def arrays_of(prepared: Sequence[Mapping[str, Any]]) -> dict[str, npt.NDArray[Any]]:
    """Of the fields that `make_fields` made, in the order in which Whoosh is given them: it numbers them so."""
    words = {field: _words_of(prepared, field) for field in LISTED_FIELDS}
    lengths = {field: _lengths(words[field], len(prepared)) for field in TEXT_FIELDS}
    arrays = column_arrays([fields["row"] for fields in prepared], lengths)
    for field in LISTED_FIELDS:
        arrays |= field_arrays(field, list(_decoded(words[field], with_positions=field in TEXT_FIELDS)))
    return arrays


def _words_of(prepared: Sequence[Mapping[str, Any]], field: str) -> dict[str, _Places]:
    found: dict[str, _Places] = defaultdict(dict)
    for number, fields in enumerate(prepared):
        value = fields[field] or ""
        if field not in TEXT_FIELDS:
            for word in value.split():
                found[word][number] = _ONCE
            continue
        for word, place in placed_words(value):
            found[word].setdefault(number, []).append(place)
    return found


def _lengths(words: Mapping[str, _Places], documents: int) -> list[int]:
    """How many words each document has, rounded as Whoosh rounds: it keeps a byte for it."""
    counts = [0] * documents
    for places in words.values():
        for number, at in places.items():
            counts[number] += len(at)
    return [byte_to_length(length_to_byte(count)) if count else 0 for count in counts]


def _decoded(words: Mapping[str, _Places], *, with_positions: bool) -> Iterator[Decoded]:
    """As `postings.read_everything` decodes them."""
    for term, word in sorted((word.encode(), word) for word in words):
        lists = [places[:MOST_TIMES] for places in words[word].values()]
        positions = chain.from_iterable(lists) if with_positions else ()
        yield Decoded(
            term, np.fromiter(words[word], np.int32), np.fromiter(map(len, lists), np.int64), np.fromiter(positions, np.int32)
        )  # fmt: skip
