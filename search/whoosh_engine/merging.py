"""Files of arrays into one: the pieces of a rebuild, which fit into memory each, and the many small segments of batches.

What comes out equals what `fresh.segment_arrays` makes of all documents at once; a test holds both together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from search.names import NAMED_KINDS
from search.whoosh_engine.arrays import Arrays, Strings
from search.whoosh_engine.columns import MANY_VALUED, WORD_COLUMNS, BoolArray, encoded
from search.whoosh_engine.fresh import KEY_FIELDS, row_of
from search.whoosh_engine.lists import LISTED_FIELDS
from search.whoosh_engine.name_tables import build_names
from search.whoosh_engine.schema import TEXT_FIELDS

_Made = dict[str, npt.NDArray[Any]]
_PLAIN = ("years", "published", "popularity", "ratings", "ties", *(f"length.{name}" for name in TEXT_FIELDS))


def merge_arrays(parts: Sequence[Arrays]) -> _Made:
    """The documents of all parts, in their order, renumbered. There is at least one part."""
    firsts = np.cumsum([0, *(len(part["years"]) for part in parts)])[:-1].tolist()
    merged = {name: np.concatenate([part[name] for part in parts]) for name in _PLAIN}
    merged |= _names(parts, firsts)
    for name in WORD_COLUMNS:
        merged |= _column(parts, name)
    for name in (*LISTED_FIELDS, *KEY_FIELDS):
        merged |= _lists(parts, name, firsts)
    return merged | {
        "field_lengths": np.sum([part["field_lengths"] for part in parts], axis=0),
        "rows.packed": np.concatenate([part["rows.packed"] for part in parts]),
        "rows.starts": _one_after_the_other([part["rows.starts"] for part in parts]),
    }


def _one_after_the_other(starts: Sequence[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    """Where things begin, and their end, once the things of all parts stand in one row."""
    ends = np.cumsum([0, *(each[-1] for each in starts)])
    moved = [each[:-1] + first for each, first in zip(starts, ends, strict=False)]
    return np.concatenate([*moved, ends[-1:]]).astype(starts[0].dtype)


# --- columns and names


def _column(parts: Sequence[Arrays], name: str) -> _Made:
    merged = encoded(name, list(chain.from_iterable(_values(part, name) for part in parts)))
    if name in MANY_VALUED:
        merged[f"{name}.owned"] = _one_after_the_other([part[f"{name}.owned"] for part in parts])
    return merged


def _values(part: Arrays, name: str) -> Iterator[str]:
    texts = list(Strings(part[f"{name}.values"], part[f"{name}.value_starts"]))
    return map(texts.__getitem__, part[f"{name}.codes"].tolist())


def _names(parts: Sequence[Arrays], firsts: Sequence[int]) -> _Made:
    """Few documents have names that spelling looks at: theirs are made once more."""
    return build_names(
        (first + number, row_of(Strings(part["rows.packed"], part["rows.starts"]).coded(number)))
        for part, first in zip(parts, firsts, strict=True)
        for number, kind in enumerate(_values(part, "kind"))
        if kind in NAMED_KINDS
    )


# --- lists of words


class _Runs(NamedTuple):
    """Of one part: the place of each of its words among all words, where the things of each begin, and the things."""

    words: npt.NDArray[np.int64]
    starts: npt.NDArray[Any]
    things: npt.NDArray[Any]


def _lists(parts: Sequence[Arrays], name: str, firsts: Sequence[int]) -> _Made:
    distinct, words = _united([_terms(part, name) for part in parts])
    terms = Strings.of(distinct)

    def together(starts: str, things: Sequence[npt.NDArray[Any]]) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        begins = [part[f"{name}.{starts}"] for part in parts]
        return _together(len(distinct), [_Runs(*each) for each in zip(words, begins, things, strict=True)])

    moved = [part[f"{name}.ids"] + np.int32(first) for part, first in zip(parts, firsts, strict=True)]
    merged: _Made = {f"{name}.terms": terms.arrays[0], f"{name}.term_starts": terms.arrays[1]}
    merged[f"{name}.starts"], merged[f"{name}.ids"] = together("starts", moved)
    if name in TEXT_FIELDS:
        _, merged[f"{name}.weights"] = together("starts", [part[f"{name}.weights"] for part in parts])
        positions = [part[f"{name}.positions"] for part in parts]
        merged[f"{name}.position_starts"], merged[f"{name}.positions"] = together("position_starts", positions)
    return merged


def _terms(part: Arrays, name: str) -> list[bytes]:
    terms = Strings(part[f"{name}.terms"], part[f"{name}.term_starts"])
    return [terms.coded(place) for place in range(len(terms))]


def _united(parts: Sequence[Sequence[bytes]]) -> tuple[list[bytes], list[npt.NDArray[np.int64]]]:
    """The different words of all parts in order, and the place of every part's words among them."""
    distinct = sorted(set(chain.from_iterable(parts)))
    table = {word: place for place, word in enumerate(distinct)}
    return distinct, [np.fromiter(map(table.__getitem__, words), np.int64, len(words)) for words in parts]


def _together(size: int, runs: Sequence[_Runs]) -> tuple[npt.NDArray[np.int64], npt.NDArray[Any]]:
    """The things of each of `size` words side by side, those of earlier parts first; and where those of each word begin."""
    counts = np.zeros(size, np.int64)
    for run in runs:
        counts[run.words] += np.diff(run.starts)
    starts = np.concatenate(([0], np.cumsum(counts)))
    free, things = starts[:-1].copy(), np.empty(starts[-1], runs[0].things.dtype)
    for run in runs:
        lengths = np.diff(run.starts)
        things[np.arange(len(run.things)) + np.repeat(free[run.words] - run.starts[:-1], lengths)] = run.things
        free[run.words] += lengths
    return starts, things


# --- deletions


def without(arrays: Arrays, live: BoolArray) -> Arrays:
    """What `merge_arrays` reads of a segment, of its living documents only, renumbered."""
    kept: _Made = {name: arrays[name][live] for name in _PLAIN}
    for name in WORD_COLUMNS:
        kept |= _living_column(arrays, name, live)
    for name in (*LISTED_FIELDS, *KEY_FIELDS):
        kept |= _living_lists(arrays, name, live)
    rows = Strings(arrays["rows.packed"], arrays["rows.starts"])
    packed, starts = Strings.of(rows.coded(number) for number in np.nonzero(live)[0].tolist()).arrays
    lengths = np.array([kept[f"{name}.weights"].sum(dtype=np.int64) for name in TEXT_FIELDS], np.int64)
    return kept | {"rows.packed": packed, "rows.starts": starts, "field_lengths": lengths}


def _living_column(arrays: Arrays, name: str, live: BoolArray) -> _Made:
    kept: _Made = {part: arrays[part] for part in (f"{name}.values", f"{name}.value_starts")}
    if name not in MANY_VALUED:
        return kept | {f"{name}.codes": arrays[f"{name}.codes"][live]}
    is_kept = np.repeat(live, np.diff(arrays[f"{name}.owned"]))
    owned = _counted(is_kept)[arrays[f"{name}.owned"]]
    return kept | {
        f"{name}.codes": arrays[f"{name}.codes"][is_kept],
        f"{name}.owned": np.append(owned[:-1][live], owned[-1:]).astype(np.int32),
    }


def _living_lists(arrays: Arrays, name: str, live: BoolArray) -> _Made:
    """Words of dead documents alone are gone with them."""
    ids = arrays[f"{name}.ids"]
    is_kept, numbers = live[ids], np.cumsum(live) - 1
    starts = _counted(is_kept)[arrays[f"{name}.starts"]]
    has_any = np.diff(starts) > 0
    terms = _terms(arrays, name)
    texts, term_starts = Strings.of(terms[place] for place in np.nonzero(has_any)[0].tolist()).arrays
    kept: _Made = {
        f"{name}.terms": texts,
        f"{name}.term_starts": term_starts,
        f"{name}.starts": np.append(starts[:-1][has_any], starts[-1:]),
        f"{name}.ids": numbers[ids[is_kept]].astype(np.int32),
    }
    if name in TEXT_FIELDS:
        weights = arrays[f"{name}.weights"]
        is_place_kept = np.repeat(is_kept, weights)
        places = _counted(is_place_kept)[arrays[f"{name}.position_starts"]]
        kept[f"{name}.weights"] = weights[is_kept]
        kept[f"{name}.positions"] = arrays[f"{name}.positions"][is_place_kept]
        kept[f"{name}.position_starts"] = np.append(places[:-1][has_any], places[-1:])
    return kept


def _counted(flags: BoolArray) -> npt.NDArray[np.int64]:
    """How many flags are set before each place, and in all."""
    return np.concatenate(([0], np.cumsum(flags, dtype=np.int64)))
