"""The names of a segment as arrays: looked up by their compact form, by their sound, and by what one letter less leaves."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from search.documents import Kind
from search.names import (
    NAMED_KINDS,
    SPELLING_TABLES,
    Name,
    Spelling,
    SpellingTable,
    cut_name,
    edit_spellings,
    make_names,
    sound_spellings,
)
from search.whoosh_engine.arrays import Arrays, Strings

#: Names looked at per hash and segment: a sound shared by more tells nothing.
MOST_ALIKE = 40

_SPELL = {"sound": sound_spellings, "edit": edit_spellings}


class NameTables:
    """Reading needs no lock; every look-up is a binary search."""

    def __init__(self, arrays: Arrays) -> None:
        self._keys = _strings(arrays, "name_keys")
        self._facts = _strings(arrays, "name_facts")
        self._tables = {table: [arrays[f"{table}.{part}"] for part in _PARTS] for table in SPELLING_TABLES}

    def __len__(self) -> int:
        return len(self._keys)

    def called(self, key: str) -> list[tuple[int, Name]]:
        """Document numbers with the names of exactly this compact form."""
        return [self._name(row) for row in self._keys.span(key.encode("utf-8", "replace"))]

    def spelt(self, table: SpellingTable, hashes: Sequence[int]) -> Iterator[tuple[int, Name]]:
        """Document numbers with the names, or stretches of them, that have one of the hashes."""
        kept, rows, starts, lengths = self._tables[table]
        wanted = np.array(hashes, np.int64)
        first, last = np.searchsorted(kept, wanted, "left"), np.searchsorted(kept, wanted, "right")
        for begin, end in zip(first.tolist(), last.tolist(), strict=True):
            for place in range(begin, min(end, begin + MOST_ALIKE)):
                number, name = self._name(int(rows[place]))
                yield number, cut_name(name, int(starts[place]), int(lengths[place]))

    def _name(self, row: int) -> tuple[int, Name]:
        number, text, title, kind, visibility = json.loads(self._facts.coded(row))
        return number, Name(self._keys[row], text, title, kind, visibility)


_PARTS = ("hashes", "rows", "starts", "lengths")


def build_names(rows: Iterable[tuple[int, Mapping[str, Any]]]) -> dict[str, npt.NDArray[Any]]:
    """Arrays of the names in the stored rows of a segment, numbered."""
    names = sorted(_named(rows), key=lambda pair: (pair[1].key.encode("utf-8", "replace"), pair[0]))
    facts = [json.dumps([number, n.text, n.title, n.kind, n.visibility]).encode() for number, n in names]
    arrays = {
        **_arrays("name_keys", Strings.of(name.key.encode("utf-8", "replace") for _, name in names)),
        **_arrays("name_facts", Strings.of(facts)),
    }
    for table in SPELLING_TABLES:
        arrays |= _spelling_arrays(table, [name for _, name in names])
    return arrays


def _named(rows: Iterable[tuple[int, Mapping[str, Any]]]) -> Iterator[tuple[int, Name]]:
    for number, row in rows:
        kind: Kind = row["kind"]
        if kind in NAMED_KINDS:
            yield from ((number, name) for name in make_names(row["names"], row["title"], kind, row["visibility"]))


def _spelling_arrays(table: SpellingTable, names: list[Name]) -> dict[str, npt.NDArray[Any]]:
    """In the order of their hashes; of one hash, proper names come first."""
    found: list[tuple[int, Spelling]] = [(row, each) for row, name in enumerate(names) for each in _SPELL[table](name)]
    columns: dict[str, npt.NDArray[Any]] = {
        "hashes": np.array([each.hash for _, each in found], np.int64),
        "rows": np.array([row for row, _ in found], np.int32),
        "starts": np.array([each.start for _, each in found], np.int16),
        "lengths": np.array([each.length for _, each in found], np.int16),
    }
    ranks = np.array([_rank(names[row], each) for row, each in found], np.int8)
    order = np.lexsort((columns["rows"], ranks, columns["hashes"]))
    return {f"{table}.{part}": columns[part][order] for part in _PARTS}


def _rank(name: Name, spelling: Spelling) -> int:
    """Proper names before other names, both before stretches."""
    return 2 if spelling.length != len(name.key) else int(name.text != name.title)


def _arrays(name: str, texts: Strings) -> dict[str, npt.NDArray[Any]]:
    return {name: texts.arrays[0], f"{name}_starts": texts.arrays[1]}


def _strings(arrays: Arrays, name: str) -> Strings:
    return Strings(arrays[name], arrays[f"{name}_starts"])
