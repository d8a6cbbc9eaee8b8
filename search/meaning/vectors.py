"""Vectors by document id in two files that only grow: rows of half-precision numbers, and a line that names each row.

A reader maps the rows into memory, so that all processes share them. A row counts once its line is complete: whatever a
killed writer left behind it is written over. A later line of the same id replaces the earlier one.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from search.meaning.embedder import Vectors

_GONE = "-"


@dataclass(frozen=True, slots=True)
class Entry:
    """A document as it was embedded: `digest` tells whether its text has changed since."""

    id: str
    digest: str


@dataclass(slots=True)
class _State:
    """The files as far as they were read."""

    size: int = 0
    rows: int = 0
    found: dict[str, tuple[int, str]] = field(default_factory=dict)  # id → row, digest
    matrix: Vectors | None = None
    ids: tuple[str, ...] = ()


class VectorStore:
    """Safe between threads and processes; one writes at a time."""

    def __init__(self, folder: Path, model: str, dimensions: int) -> None:
        self._rows, self._log = folder / f"{model}.rows", folder / f"{model}.log"
        self._folder, self._dimensions = folder, dimensions
        self._state, self._reading = _State(), threading.Lock()

    def digest_of(self, id_: str) -> str:
        """What the document's text was when it was embedded; empty when it was not."""
        return self._current().found.get(id_, (0, ""))[1]

    def vector(self, id_: str) -> Vectors | None:
        """The vector of a document."""
        state = self._current()
        if id_ not in state.found or state.matrix is None:
            return None
        return np.asarray(state.matrix[state.found[id_][0]], np.float32)

    def nearest(self, vector: Vectors, count: int) -> list[tuple[str, float]]:
        """Ids of the nearest documents with their cosine, nearest first. Compares with every row: 16 ms for 200,000."""
        state = self._current()
        if state.matrix is None or not state.found:
            return []
        likeness = state.matrix @ vector.astype(state.matrix.dtype)
        living = np.fromiter((row for row, _ in state.found.values()), np.int64, len(state.found))
        places = living[np.argsort(-likeness[living].astype(np.float32), kind="stable")[:count]]
        return [(state.ids[place], float(likeness[place])) for place in places]

    def write(self, entries: Sequence[Entry], vectors: Vectors, gone: Sequence[str] = ()) -> None:
        """Adds and replaces; `gone` ids are not found any more."""
        with self._writing():
            state = self._current()
            lost = [Entry(id_, _GONE) for id_ in gone if id_ in state.found]
            rows = np.concatenate([vectors, np.zeros((len(lost), self._dimensions), np.float32)]).astype(np.float16)
            with self._rows.open("r+b" if self._rows.exists() else "w+b") as file:
                file.seek(state.rows * self._dimensions * 2)
                file.write(rows.tobytes())
                file.truncate()
                os.fsync(file.fileno())
            with self._log.open("r+b" if self._log.exists() else "w+b") as file:
                file.seek(state.size)
                file.write("".join(f"{e.id}\t{e.digest}\n" for e in (*entries, *lost)).encode())
                file.truncate()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "vectors.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _current(self) -> _State:
        try:
            size = self._log.stat().st_size
        except FileNotFoundError:
            return self._state
        with self._reading:
            if size != self._state.size:
                self._state = self._read()
            return self._state

    def _read(self) -> _State:
        """The whole log: it is read again after a change only, a million lines take a second."""
        text = self._log.read_bytes()
        lines = text[: text.rfind(b"\n") + 1].decode().splitlines()
        state = _State(size=sum(len(line.encode()) + 1 for line in lines), rows=len(lines))
        for row, line in enumerate(lines):
            id_, _, digest = line.partition("\t")
            state.found[id_] = (row, digest)
        state.ids = tuple(line.partition("\t")[0] for line in lines)
        state.found = {id_: kept for id_, kept in state.found.items() if kept[1] != _GONE}
        if lines:
            state.matrix = np.memmap(self._rows, np.float16, "r", shape=(len(lines), self._dimensions))
        return state
