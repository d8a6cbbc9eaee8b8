"""Files of named arrays, read through memory maps: processes share the pages and opening copies nothing.

A file is a mark, the length of a JSON table of contents, the table, and the arrays, each aligned. It is written whole or not at all.
"""

from __future__ import annotations

import json
import mmap
import os
import struct
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, overload

import numpy as np
import numpy.typing as npt

Arrays = Mapping[str, npt.NDArray[Any]]

_MARK = b"KEKUARR3"
_HEAD = struct.Struct("<8sQ")
_ALIGNED = 64
_FEW = 5_000


class ArraysUnusable(OSError):
    """The file is missing, cut or of another version. Beside a segment of Whoosh's it can be made anew from it; a batch has nothing else."""


def write_arrays(path: Path, arrays: Arrays) -> None:
    """Put the arrays into a file at once: a reader sees the former file or this one."""
    table: dict[str, tuple[str, int, int]] = {}
    place = 0
    for name, array in arrays.items():
        table[name] = (array.dtype.str, array.size, place)
        place += _padded(array.nbytes)
    coded = json.dumps({"arrays": table, "bytes": place}).encode()
    partial = path.with_name(f"{path.name}.{os.getpid()}")
    with partial.open("wb") as file:
        file.write(_HEAD.pack(_MARK, len(coded)) + coded)
        file.write(bytes(_padded(file.tell()) - file.tell()))
        for array in arrays.values():
            array.tofile(file)
            file.write(bytes(_padded(array.nbytes) - array.nbytes))
    partial.replace(path)


def open_arrays(path: Path) -> dict[str, npt.NDArray[Any]]:
    """Read-only arrays over the file. Raises ArraysUnusable."""
    try:
        with path.open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return _arrays_of(mapped)
    except (OSError, ValueError, KeyError, TypeError, struct.error) as error:
        raise ArraysUnusable(f"{path.name}: {error}") from error


def _arrays_of(mapped: mmap.mmap) -> dict[str, npt.NDArray[Any]]:
    mark, size = _HEAD.unpack_from(mapped)
    if mark != _MARK:
        raise ValueError("another kind of file")
    table = json.loads(mapped[_HEAD.size : _HEAD.size + size])
    base = _padded(_HEAD.size + size)
    if base + table["bytes"] > len(mapped):
        raise ValueError("cut short")
    return {
        name: np.frombuffer(mapped, np.dtype(kind), count, base + place)
        for name, (kind, count, place) in table["arrays"].items()
    }


def _padded(size: int) -> int:
    return -(-size // _ALIGNED) * _ALIGNED


def _buffer(array: npt.NDArray[Any]) -> Any:
    """Arrays are buffers from Python 3.12 on, for those who check types; in fact always."""
    return array


class Strings(Sequence[str]):
    """Many texts as one run of bytes. Those made by `sorted_strings` are in the order of their bytes."""

    __slots__ = ("_bytes", "_decoded", "_starts", "arrays")

    def __init__(self, text: npt.NDArray[np.uint8], starts: npt.NDArray[np.int64]) -> None:
        self.arrays = (text, starts)
        self._bytes = memoryview(_buffer(text))
        self._starts: Any = memoryview(_buffer(starts))
        self._decoded: tuple[str, ...] | None = None

    @property
    def texts(self) -> Sequence[str]:
        """The texts; of few, decoded once."""
        if len(self) > _FEW:
            return self
        if self._decoded is None:
            self._decoded = tuple(self)
        return self._decoded

    @classmethod
    def of(cls, texts: Iterable[bytes]) -> Strings:
        """In the order given."""
        parts = list(texts)
        starts = np.concatenate(([0], np.cumsum([len(part) for part in parts], dtype=np.int64)))
        return cls(np.frombuffer(b"".join(parts), np.uint8), starts.astype(np.int64))

    def __len__(self) -> int:
        return len(self._starts) - 1

    def coded(self, number: int) -> bytes:
        """One text as UTF-8."""
        return bytes(self._bytes[self._starts[number] : self._starts[number + 1]])

    @overload
    def __getitem__(self, number: int) -> str: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[str]: ...
    def __getitem__(self, number: int | slice) -> str | Sequence[str]:
        if isinstance(number, slice):
            return [self[i] for i in range(*number.indices(len(self)))]
        if not 0 <= number < len(self):
            raise IndexError(number)
        return self.coded(number).decode("utf-8")

    def span(self, text: bytes) -> range:
        """The places of a text among sorted ones; empty where it does not occur."""
        order = range(len(self))
        return range(bisect_left(order, text, key=self.coded), bisect_right(order, text, key=self.coded))

    def place(self, text: bytes) -> int | None:
        """The place of a text among sorted and distinct ones."""
        found = bisect_left(range(len(self)), text, key=self.coded)
        return found if found < len(self) and self.coded(found) == text else None

    def starting(self, text: bytes) -> int:
        """The first place, among sorted ones, of a text not smaller: where those that begin so begin."""
        return bisect_left(range(len(self)), text, key=self.coded)
