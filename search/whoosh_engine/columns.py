"""The columns of one index segment as arrays: filters, facets, sorting and lengths without asking Whoosh."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from search.documents import FILTER_FIELDS
from search.whoosh_engine.arrays import Arrays, Strings
from search.whoosh_engine.name_tables import build_names
from search.whoosh_engine.schema import TEXT_FIELDS

IntArray = npt.NDArray[np.int32]
FloatArray = npt.NDArray[np.float32]
DoubleArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

_COLUMN_OF = {"points": "point_ids"}
MANY_VALUED = ("tags", "points")
WORD_COLUMNS = (*FILTER_FIELDS, "visibility")


@dataclass(frozen=True, slots=True)
class WordColumn:
    """Values of one field for every document of a segment.

    `codes` are places in `values`, which are in the order of their folded forms; document i owns
    codes[starts[i]:starts[i+1]]. Most fields have one value a document, then `starts` is None and codes[i] is the value.
    Code 0 is always the empty value.
    """

    values: Strings
    folded: Strings
    codes: IntArray
    starts: IntArray | None = None

    def codes_of(self, wanted: Iterable[str]) -> IntArray:
        """Codes of the values asked for, compared without regard to case."""
        spans = [self.folded.span(_coded(value.lower())) for value in dict.fromkeys(wanted)]
        return np.array([code for span in spans for code in span], np.int32)

    def where(self, allowed: IntArray, ids: IntArray) -> BoolArray:
        """For each document of `ids`, whether it has one of the allowed codes."""
        if self.starts is None and len(allowed) == 1:
            return self.codes[ids] == allowed[0]
        is_allowed = np.zeros(len(self.values), bool)
        is_allowed[allowed] = True
        if self.starts is None:
            return is_allowed[self.codes[ids]]
        sums = np.concatenate(([0], np.cumsum(is_allowed[self.codes])))
        return sums[self.starts[ids + 1]] > sums[self.starts[ids]]

    def count(self, ids: IntArray) -> npt.NDArray[np.int64]:
        """How many documents of `ids` have each value."""
        if self.starts is None:
            return np.bincount(self.codes[ids], minlength=len(self.values))
        lengths = self.starts[ids + 1] - self.starts[ids]
        first = np.repeat(self.starts[ids] - np.concatenate(([0], np.cumsum(lengths)[:-1])), lengths)
        return np.bincount(self.codes[first + np.arange(lengths.sum())], minlength=len(self.values))


@dataclass(frozen=True, slots=True)
class Columns:
    """Everything about a segment that never changes, deletions apart."""

    words: dict[str, WordColumn]
    lengths: dict[str, FloatArray]
    years: IntArray
    published: DoubleArray
    popularity: FloatArray
    ratings: FloatArray
    ties: DoubleArray

    @property
    def size(self) -> int:
        return len(self.years)


def _coded(value: str) -> bytes:
    return value.encode("utf-8", "replace")


# --- made from a segment


def build_columns(reader: Any) -> dict[str, npt.NDArray[Any]]:
    """Read every stored row of a Whoosh segment once, as arrays for a file. About 30 µs a document."""
    numbers, length = range(reader.doc_count_all()), reader.doc_field_length
    rows = [_slim(reader.stored_fields(number)["row"]) for number in numbers]
    return column_arrays(rows, {name: [length(i, name, 0) or 0 for i in numbers] for name in TEXT_FIELDS})


def column_arrays(
    rows: Sequence[Mapping[str, Any]], lengths: Mapping[str, Sequence[int]]
) -> dict[str, npt.NDArray[Any]]:
    """The columns of documents in the order of their numbers; `lengths` by text field, as Whoosh rounds them."""
    arrays: dict[str, npt.NDArray[Any]] = {
        "years": np.array([row["year"] for row in rows], np.int32),
        "published": np.array([row["published"] for row in rows], np.float64),
        "popularity": np.array([row["popularity"] for row in rows], np.float32),
        "ratings": np.array([row["rating"] for row in rows], np.float32),
        "ties": np.array([zlib.crc32(row["id"].encode()) / 2**32 for row in rows], np.float64),
    }
    for name in TEXT_FIELDS:
        arrays[f"length.{name}"] = np.array(lengths[name], np.float32)
    for name in WORD_COLUMNS:
        arrays |= _word_arrays(rows, name)
    return arrays | build_names(enumerate(rows))


def _slim(row: dict[str, Any]) -> dict[str, Any]:
    """Without the long text, so that rows of a large segment fit into memory."""
    return {name: value for name, value in row.items() if name != "body"}


def _word_arrays(rows: Sequence[Mapping[str, Any]], name: str) -> dict[str, npt.NDArray[Any]]:
    column = _COLUMN_OF.get(name, name)
    if name not in MANY_VALUED:
        return encoded(name, [str(row[column] or "") for row in rows])
    owned = [tuple(dict.fromkeys(row[column])) for row in rows]
    starts = np.concatenate(([0], np.cumsum([len(values) for values in owned], dtype=np.int32)))
    return {
        **encoded(name, [value for values in owned for value in values]),
        f"{name}.owned": starts.astype(np.int32),
    }


def encoded(name: str, values: list[str]) -> dict[str, npt.NDArray[Any]]:
    """A column: its different values in order, and for each of `values` the place among them."""
    distinct = sorted({"", *values}, key=lambda value: (_coded(value.lower()), value))
    table = {value: code for code, value in enumerate(distinct)}
    texts, folded = Strings.of(map(_coded, distinct)), Strings.of(_coded(value.lower()) for value in distinct)
    return {
        f"{name}.codes": np.array([table[value] for value in values], np.int32),
        f"{name}.values": texts.arrays[0],
        f"{name}.value_starts": texts.arrays[1],
        f"{name}.folded": folded.arrays[0],
        f"{name}.folded_starts": folded.arrays[1],
    }


def columns_of(arrays: Arrays) -> Columns:
    """The columns in the arrays of a segment, nothing copied. Raises KeyError when some are missing."""
    return Columns(
        words={name: _word_column(arrays, name) for name in WORD_COLUMNS},
        lengths={name: arrays[f"length.{name}"] for name in TEXT_FIELDS},
        years=arrays["years"],
        published=arrays["published"],
        popularity=arrays["popularity"],
        ratings=arrays["ratings"],
        ties=arrays["ties"],
    )


def _word_column(arrays: Arrays, name: str) -> WordColumn:
    return WordColumn(
        Strings(arrays[f"{name}.values"], arrays[f"{name}.value_starts"]),
        Strings(arrays[f"{name}.folded"], arrays[f"{name}.folded_starts"]),
        arrays[f"{name}.codes"],
        arrays.get(f"{name}.owned"),
    )
