"""Where the index lies: numbered folders, a pointer to the live one, a note on how it was made, two locks."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import struct
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from whoosh.index import EmptyIndexError, create_in, open_dir
from whoosh.index import IndexError as WhooshIndexError
from whoosh.util.filelock import FileLock, try_for

from search.engine import IndexUnavailable, WriterBusy
from search.whoosh_engine.schema import SCHEMA_VERSION, make_schema

#: What reading a damaged file raises.
READ_DAMAGE = (OSError, EOFError, struct.error, zlib.error, pickle.UnpicklingError, WhooshIndexError)
#: Opening unpickles whole objects, where damage shows itself in more ways.
OPEN_DAMAGE = (*READ_DAMAGE, ValueError, AssertionError, AttributeError, ImportError, TypeError, KeyError)

_T = TypeVar("_T")

_POINTER = "current"
_NOTE = "made.json"
_RETRIES = 6
_PAUSE_S = 0.05


class IndexFolder:
    """A folder owned by the application. Whoosh files hold pickles, so nobody else may write here."""

    def __init__(self, root: Path, tokenizer_version: str) -> None:
        self.root, self._tokenizer = root, tokenizer_version
        self._pointer, self._checked = str(root / _POINTER), ("", 0, 0)
        root.mkdir(parents=True, exist_ok=True)

    # --- the live index

    def live(self) -> Path:
        """The folder of the live index. Raises IndexUnavailable when there is none, or one made otherwise. Every question asks
        twice, so a note is read once."""
        try:
            with open(self._pointer, encoding="utf-8") as file:
                name = file.read().strip()
        except FileNotFoundError:
            raise IndexUnavailable("missing") from None
        folder = self.root / name
        self._check_note(folder)
        return folder

    def _check_note(self, folder: Path) -> None:
        path = f"{folder}/{_NOTE}"
        try:
            seen = os.stat(path)
            if self._checked == (path, seen.st_mtime_ns, seen.st_size):
                return
            note = json.loads(Path(path).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise IndexUnavailable("corrupt", str(error)) from error
        if note.get("schema") != SCHEMA_VERSION:
            raise IndexUnavailable("schema_changed", str(note.get("schema")))
        if note.get("tokenizer") != self._tokenizer:
            raise IndexUnavailable("tokenizer_changed", str(note.get("tokenizer")))
        self._checked = (path, seen.st_mtime_ns, seen.st_size)

    def open_live(self) -> tuple[Path, Any]:
        """The live folder and its Whoosh index. A commit or a swap may be passing by: tried a few times."""
        return retried(self._open_once)

    def _open_once(self) -> tuple[Path, Any]:
        folder = self.live()
        return folder, open_dir(str(folder))

    # --- making another one

    def create_next(self) -> tuple[Path, Any]:
        """An empty index in the next numbered folder, not live yet."""
        folder = self.root / f"index-{max(self._numbers(), default=0) + 1}"
        folder.mkdir()
        note = {"schema": SCHEMA_VERSION, "tokenizer": self._tokenizer, "made_at": time.time()}
        (folder / _NOTE).write_text(json.dumps(note), encoding="utf-8")
        return folder, create_in(str(folder), make_schema())

    def make_live(self, folder: Path) -> None:
        """Swap in one step: readers see the old index or the new one."""
        partial = self.root / f"{_POINTER}.{os.getpid()}"
        partial.write_text(folder.name, encoding="utf-8")
        partial.replace(self.root / _POINTER)

    def remove_old(self, keep: Path) -> None:
        """All but the live index and the one before it, which slow readers may still be opening."""
        number = int(keep.name.rpartition("-")[2])
        before = max((n for n in self._numbers() if n < number), default=number)
        for old in self._numbers() - {number, before}:
            shutil.rmtree(self.root / f"index-{old}", ignore_errors=True)

    def remove_unfinished(self) -> None:
        """What rebuilds that were killed left behind, or each of them would leave a folder. The caller holds the lock of
        rebuilds, so nobody is filling them: whatever is newer than the live index never became it."""
        live = self._live_number()
        for number in self._numbers():
            if number > live:
                shutil.rmtree(self.root / f"index-{number}", ignore_errors=True)
        for partial in self.root.glob(f"{_POINTER}.*"):
            partial.unlink(missing_ok=True)

    def _live_number(self) -> int:
        """Of the folder that is pointed to, whether it can be read or not; 0 where there is none."""
        try:
            number = (self.root / _POINTER).read_text(encoding="utf-8").strip().rpartition("-")[2]
        except (OSError, ValueError):
            return 0
        return int(number) if number.isdecimal() else 0

    def _numbers(self) -> set[int]:
        found = (path.name.rpartition("-")[2] for path in self.root.glob("index-*"))
        return {int(number) for number in found if number.isdecimal()}

    # --- locks

    @contextmanager
    def locked(self, name: str, timeout_s: float) -> Iterator[None]:
        """Hold a lock of this folder; the system frees it when the process dies. Raises WriterBusy."""
        lock = FileLock(str(self.root / f"{name}.lock"))
        if not try_for(lock.acquire, timeout=timeout_s, delay=_PAUSE_S):
            raise WriterBusy(name)
        try:
            yield
        finally:
            lock.release()

    def is_locked(self, name: str) -> bool:
        """Whether somebody holds the lock now."""
        lock = FileLock(str(self.root / f"{name}.lock"))
        if not lock.acquire():
            return True
        lock.release()
        return False


def retried(attempt: Callable[[], _T]) -> _T:
    """Try again while files vanish under our hands; what still fails then is damage."""
    for left in reversed(range(_RETRIES)):
        try:
            return attempt()
        except (OSError, EmptyIndexError) as error:
            if not left:
                raise IndexUnavailable("corrupt", str(error)) from error
            time.sleep(_PAUSE_S)
        except OPEN_DAMAGE as error:
            raise IndexUnavailable("corrupt", str(error)) from error
    raise AssertionError("unreachable")
