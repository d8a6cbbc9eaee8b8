"""Counted figures as files below the data folder, so that a process that has just begun finds them (decision 40).

A file holds two pickles: what the value rests on, and the value. Only classes of figures are read back, whatever a file says.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import tempfile
import time
from collections.abc import Hashable
from functools import cache
from pathlib import Path
from typing import IO, Any

import courseware
from courseware.core.database import session
from courseware.monitoring.definitions import BY_ID, Definition
from courseware.resources.storage import work_folder

FOLDER = "figures"
KEPT_S = 7 * 86_400
PLAIN = {
    ("datetime", "datetime"), ("datetime", "timedelta"), ("datetime", "timezone"), ("decimal", "Decimal"),
    ("fractions", "Fraction"), ("collections", "Counter"), ("builtins", "frozenset"), ("builtins", "set"),
}  # fmt: skip
OURS = ("courseware.monitoring.", "courseware.core.fractions")
BROKEN = (OSError, EOFError, pickle.UnpicklingError, AttributeError, ImportError, KeyError, TypeError, ValueError)


class _Pickler(pickle.Pickler):
    def persistent_id(self, obj: Any) -> str | None:
        """A definition is named by its id: the program knows its words."""
        return obj.id if isinstance(obj, Definition) else None


class _Unpickler(pickle.Unpickler):
    def persistent_load(self, pid: Any) -> Definition:
        return BY_ID[pid]

    def find_class(self, module: str, name: str) -> Any:
        """Classes that figures are made of; nothing else in a file is ever called."""
        if (module, name) not in PLAIN and not module.startswith(OURS):
            raise pickle.UnpicklingError(f"{module}.{name} belongs to no figure.")
        found = super().find_class(module, name)
        if not isinstance(found, type):
            raise pickle.UnpicklingError(f"{module}.{name} is no class.")
        return found


def put(key: Hashable, note: object, value: object) -> None:
    """Keeps a value under its key beside what it rests on, in place of the one before."""
    path = _path(key)
    handle, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        for part in (note, value):
            _Pickler(file, pickle.HIGHEST_PROTOCOL).dump(part)
    Path(name).replace(path)


def note_of(key: Hashable) -> Any:
    """What the kept value rests on, without reading the value; None where none is kept or it cannot be read."""
    found = _read(key, parts=1)
    return found[0] if found else None


def get(key: Hashable) -> tuple[Any, Any] | None:
    """What a kept value rests on, and the value; None where none is kept, or it cannot be read: it is counted again then."""
    found = _read(key, parts=2)
    return (found[0], found[1]) if found else None


def sweep() -> None:
    """Removes what nobody renewed for a week."""
    for path in work_folder(FOLDER).iterdir():
        with contextlib.suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > KEPT_S:
                path.unlink()


def _read(key: Hashable, parts: int) -> list[Any] | None:
    try:
        with _path(key).open("rb") as file:
            return [_load(file) for _ in range(parts)]
    except BROKEN:
        return None


def _load(file: IO[bytes]) -> Any:
    return _Unpickler(file).load()


def _path(key: Hashable) -> Path:
    """Other code and another database have other files."""
    where = session().get_bind().engine.url.render_as_string(hide_password=True)
    name = hashlib.sha256(repr((_code(), where, key)).encode()).hexdigest()[:40]
    return work_folder(FOLDER) / name


@cache
def _code() -> int:
    """Changes with every change of the program: what another one counted is not used."""
    return max(path.stat().st_mtime_ns for path in Path(courseware.__file__).parent.glob("**/*.py"))
