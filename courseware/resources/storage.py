"""The installation's one file store, and the folder where work on files happens.

Where files are is said by the settings, until a library moves (`moving.py`): then the newest row of `store_move` says it,
to every process within a few seconds and without a restart.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.orm import Session

from courseware.core.database import db
from courseware.core.settings import Settings
from courseware.resources.models import StoreMove
from media.errors import StoreUnavailable
from media.stores import ObjectStore, StoreSettings, make_store
from media.stores.pair import StorePair

NOTICE_S = 5.0  # within so many seconds every process knows that the library moves
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Place:
    """Where files are now: written to `kind`, and while a library moves also read from `other`."""

    kind: str
    other: str = ""


class _LiveStore:
    """Asks at every call where files are: work that goes on for minutes follows a library that moves meanwhile."""

    def __getattr__(self, name: str) -> Any:
        return getattr(_current(), name)


def store() -> ObjectStore:
    """The store of this application, ready for use; its calls raise media.errors.StoreUnavailable, and may work later."""
    _current()
    return cast(ObjectStore, _LiveStore())


def store_of_kind(kind: str) -> ObjectStore:
    """The store of this kind with this installation's settings, ready for use. Raises StoreUnavailable."""
    kept: dict[str, ObjectStore] = current_app.extensions.setdefault("keku_store", {})
    if kind not in kept:
        with _lock:
            made = make_store(replace(store_settings(current_app.config["KEKU"]), kind=cast(Any, kind)))
            made.ensure_ready()
            kept[kind] = made
    return kept[kind]


def place() -> Place:
    """Where files are now, asked of the database at most every few seconds. Raises StoreUnavailable("store_moved")."""
    settings: Settings = current_app.config["KEKU"]
    if settings.store == "memory":
        return Place("memory")
    at, known = current_app.extensions.get("keku_place", (0.0, None))
    if known is None or time.monotonic() - at > NOTICE_S:
        known = _place_of(settings, newest_move())
        current_app.extensions["keku_place"] = (time.monotonic(), known)
    return cast(Place, known)


def look_again() -> None:
    """Forgets where files were, so that the next call asks the database."""
    current_app.extensions.pop("keku_place", None)


def newest_move() -> StoreMove | None:
    """The last move of this library, in a reading of its own; None before the first (or before the tables are there)."""
    try:
        with Session(db.engine, expire_on_commit=False) as own:
            return own.scalar(select(StoreMove).order_by(StoreMove.id.desc()).limit(1))
    except (OperationalError, ProgrammingError) as problem:
        if StoreMove.__tablename__ in str(problem.orig):  # no such table yet
            return None
        raise


def place_name(settings: Settings, kind: str) -> str:
    """The name of a store in the record of a move: bucket and service, or just the folder."""
    return f"{settings.s3_bucket} at {settings.s3_endpoint}" if kind == "s3" else kind


def conflict() -> str:
    """A code when the settings and the last move name different places: store_differs, or store_moved (no way to it); else empty."""
    move, settings = newest_move(), current_app.config["KEKU"]
    if move is None or settings.store == "memory":
        return ""
    try:
        now = _place_of(settings, move)
    except StoreUnavailable as problem:
        return problem.code
    return "store_differs" if not now.other and settings.store != now.kind else ""


def store_settings(settings: Settings) -> StoreSettings:
    """What `media` wants to know, from the settings of the installation."""
    kind: Any = settings.store
    return StoreSettings(
        kind=kind, folder=settings.data_path / "store", s3_endpoint=settings.s3_endpoint,
        s3_public_endpoint=settings.s3_public_endpoint, s3_region=settings.s3_region, s3_access_key=settings.s3_access_key,
        s3_secret_key=settings.s3_secret_key, s3_secure=settings.is_on("s3_secure"), s3_bucket=settings.s3_bucket,
        s3_virtual_host=settings.is_on("s3_virtual_host"),
    )  # fmt: skip


def work_folder(name: str) -> Path:
    """A folder of this name below the data folder, made when missing. The caller removes it when the work is done."""
    folder: Path = current_app.config["KEKU"].data_path / "work" / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def passing_folder() -> Iterator[Path]:
    """An empty work folder that goes away with the block."""
    folder = Path(tempfile.mkdtemp(prefix="check-", dir=work_folder("passing")))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _current() -> ObjectStore:
    now = place()
    if not now.other:
        return store_of_kind(now.kind)
    return StorePair(store_of_kind(now.kind), store_of_kind(now.other))


def _place_of(settings: Settings, move: StoreMove | None) -> Place:
    if move is None:
        return Place(settings.store)
    if move.state == "stopped":
        return Place(move.from_kind)
    _require_known(settings, move)
    if move.state == "done":
        return Place(move.to_kind)
    return Place(move.from_kind, move.to_kind) if move.state == "copying" else Place(move.to_kind, move.from_kind)


def _require_known(settings: Settings, move: StoreMove) -> None:
    """The S3 store that a move names is the one of the settings: another bucket would look like an empty library."""
    if move.to_kind != "s3":
        return
    if not settings.s3_endpoint or not move.to_place.startswith(f"{settings.s3_bucket} at "):
        raise StoreUnavailable("store_moved", place=move.to_place)
