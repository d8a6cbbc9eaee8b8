"""What a file for another platform will hold, before anybody takes it: the first rows, and what is wrong with all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from courseware.libraries.models import Library
from courseware.monitoring.handover.mapping import Field, FieldMap
from courseware.monitoring.handover.records import SOURCES, Record
from courseware.monitoring.periods import Period

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Look:
    """A dry look. `first` are the first rows, `rows` how many there are; `lacking` counts the rows in which a required field is empty,
    `uncoded` those with a word that has no code of theirs."""

    heads: Sequence[str]
    first: Sequence[Sequence[Any]]
    rows: int
    lacking: Sequence[tuple[Field, int]]
    uncoded: Sequence[tuple[Field, str, int]]

    @property
    def is_ready(self) -> bool:
        """Whether a file can be made: a word without a code cannot be written."""
        return bool(self.rows) and not self.uncoded


def look(mapping: FieldMap, library: Library, period: Period) -> Look:
    """Reads every row once, and keeps the first ones; figures are those of `period`."""
    fields = mapping.fields
    first: list[list[Any]] = []
    rows, lacking, uncoded = 0, Counter[int](), Counter[tuple[int, str]]()
    for record in SOURCES[mapping.rows](library, period):
        rows += 1
        for number, field in enumerate(fields):
            lacking[number] += field.lacks(record)
            if word := field.uncoded(record):
                uncoded[number, word] += 1
        if len(first) < SHOWN:
            first.append([_shown(field, record) for field in fields])
    return Look(
        [field.name for field in fields], first, rows, [(fields[number], n) for number, n in lacking.items() if n],
        [(fields[number], word, n) for (number, word), n in uncoded.most_common()],
    )  # fmt: skip


def lines_of(mapping: FieldMap, library: Library, period: Period) -> Iterator[list[Any]]:
    """The rows of a library, as the mapping wants them. Raises MappingUnusable for a word without a code."""
    for record in SOURCES[mapping.rows](library, period):
        yield [field.of(record) for field in mapping.fields]


def _shown(field: Field, record: Record) -> Any:
    return f"{field.uncoded(record)} → ?" if field.uncoded(record) else field.of(record)
