"""Copying a whole store into another one: each object verified by its hash, interrupted and gone on with at will.

What was copied is written into a journal beside the work. A journal that is lost costs time and nothing else: an object
that lies in the target already is then compared by its hash instead of being believed.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO, cast

from media.errors import ObjectNotFound, StoreUnavailable, UploadInvalid
from media.stores.interface import ObjectInfo, ObjectStore

SIDE_BY_SIDE = 4
TRIES = 3


@dataclass(frozen=True, slots=True)
class Entry:
    """An object that lies in the target: what it was in the source, and what the target called it."""

    key: str
    size: int
    sha256: str
    source_etag: str
    target_etag: str


@dataclass(slots=True)
class PassReport:
    """One look at everything: objects seen, copied now, found equal in the target, bytes copied, keys that are gone."""

    seen: int = 0
    copied: int = 0
    found: int = 0
    bytes: int = 0
    removed: int = 0


class Journal:
    """What was copied, one line an object; a last line that was cut off by a kill is not believed."""

    def __init__(self, path: Path) -> None:
        self._path, self._lock = path, threading.Lock()
        self.entries: dict[str, Entry] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            self._read()

    def _read(self) -> None:
        whole = b""
        for line in self._path.read_bytes().splitlines(keepends=True):
            try:
                entry = Entry(**json.loads(line))
            except (ValueError, TypeError):
                break
            if not line.endswith(b"\n"):
                break
            self._take(entry)
            whole += line
        self._path.write_bytes(whole)

    def _take(self, entry: Entry) -> None:
        if entry.sha256:
            self.entries[entry.key] = entry
        else:
            self.entries.pop(entry.key, None)

    def note(self, entry: Entry) -> None:
        """Remembers an object that arrived and was verified; one without hash is gone from both stores."""
        line = json.dumps(asdict(entry), ensure_ascii=False)
        with self._lock, self._path.open("a", encoding="utf-8") as out:
            out.write(line + "\n")
            self._take(entry)

    def forget(self, key: str) -> None:
        """An object that is gone from both stores."""
        self.note(Entry(key, 0, "", "", ""))

    def close(self) -> None:
        """Removes the file: the move is done."""
        self._path.unlink(missing_ok=True)


class Mover:
    """Copies `source` into `target`. Nothing is deleted from the source."""

    def __init__(
        self, source: ObjectStore, target: ObjectStore, journal: Journal, tell: Callable[[PassReport], None]
    ) -> None:
        self._source, self._target, self._journal, self._tell = source, target, journal, tell

    def one_pass(self, *, target_is_written: bool = False) -> PassReport:
        """Brings everything that the target lacks, and what changed in the source since it was copied.

        When the site already writes to the target (`target_is_written`), an object that is there and is no copy of ours
        is newer and stays. Raises StoreUnavailable("copy_differs") for an object that arrives changed three times.
        """
        report, seen = PassReport(), set[str]()
        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            for some in _batches(self._source.list(), 64):
                seen.update(info.key for info in some)
                done = list(pool.map(lambda info: self._bring(info, target_is_written), some))
                _count(report, done)
                self._tell(report)
        self._remove_what_went(seen, report)
        return report

    def _bring(self, info: ObjectInfo, target_is_written: bool) -> tuple[str, Entry | None]:
        known = self._journal.entries.get(info.key)
        if known is not None and known.source_etag == info.etag:
            return "known", known
        there = _stat(self._target, info.key)
        if there is not None and target_is_written and (known is None or known.target_etag != there.etag):
            return "newer", None
        if there is not None and known is None and there.size == info.size:
            entry = self._compare(info, there)
            if entry is not None:
                self._journal.note(entry)
                return "found", entry
        return self._copy(info.key)

    def _compare(self, info: ObjectInfo, there: ObjectInfo) -> Entry | None:
        wanted = digest_of(self._source, info.key)
        if wanted is None or digest_of(self._target, info.key) != wanted:
            return None
        return Entry(info.key, info.size, wanted, info.etag, there.etag)

    def _copy(self, key: str) -> tuple[str, Entry | None]:
        for attempt in range(TRIES):
            try:
                entry = copy_object(self._source, self._target, key)
            except ObjectNotFound:
                return "gone", None  # deleted while we were walking
            except UploadInvalid:  # replaced while it was read
                continue
            except StoreUnavailable as problem:
                if problem.code != "copy_differs" or attempt + 1 == TRIES:
                    raise
                continue
            self._journal.note(entry)
            return "copied", entry
        raise StoreUnavailable("copy_differs", key=key)

    def _remove_what_went(self, seen: set[str], report: PassReport) -> None:
        for key in [key for key in self._journal.entries if key not in seen]:
            if _stat(self._source, key) is None:
                self._target.delete(key)
                self._journal.forget(key)
                report.removed += 1


def copy_object(source: ObjectStore, target: ObjectStore, key: str) -> Entry:
    """Copies one object and reads it back. Raises ObjectNotFound, StoreUnavailable("copy_differs")."""
    info = source.stat(key)
    with closing(source.open(key)) as stream:
        hashing = _Hashing(stream)
        put = target.put(key, cast(BinaryIO, hashing), info.size, info.content_type or "application/octet-stream")
    sha256 = hashing.digest.hexdigest()
    if digest_of(target, key) != sha256:
        raise StoreUnavailable("copy_differs", key=key)
    return Entry(key, info.size, sha256, info.etag, put.etag)


def digest_of(store: ObjectStore, key: str) -> str | None:
    """SHA-256 of the stored bytes, read anew; None where there is no such object."""
    digest = hashlib.sha256()
    try:
        for chunk in store.get_range(key):
            digest.update(chunk)
    except ObjectNotFound:
        return None
    return digest.hexdigest()


class _Hashing:
    """A stream that hashes what is read from it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self.digest = stream, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size) if size >= 0 else self._stream.read()
        self.digest.update(data)
        return data


def _stat(store: ObjectStore, key: str) -> ObjectInfo | None:
    try:
        return store.stat(key)
    except ObjectNotFound:
        return None


def _count(report: PassReport, done: Iterable[tuple[str, Entry | None]]) -> None:
    for what, entry in done:
        report.seen += 1
        if what == "copied" and entry is not None:
            report.copied += 1
            report.bytes += entry.size
        elif what == "found":
            report.found += 1


def _batches(infos: Iterator[ObjectInfo], size: int) -> Iterator[list[ObjectInfo]]:
    while some := list(islice(infos, size)):
        yield some
