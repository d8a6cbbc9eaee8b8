"""Moving whole files and folders between disk and store."""

from __future__ import annotations

import mimetypes
import shutil
from collections.abc import Callable
from pathlib import Path

from media.errors import StoreUnavailable
from media.stores.interface import CHUNK_BYTES, ObjectInfo, ObjectStore

# The system's tables differ from machine to machine, and players are strict about these.
CONTENT_TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".m4s": "video/iso.segment",
    ".mp4": "video/mp4",
    ".m4a": "audio/mp4",
    ".vtt": "text/vtt",
    ".webp": "image/webp",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".json": "application/json",
}


def content_type_of(path: Path) -> str:
    """The type to store a produced file under, by its ending."""
    return CONTENT_TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"


def push_file(store: ObjectStore, path: Path, key: str) -> ObjectInfo:
    """Store one file. Raises what `ObjectStore.put` raises."""
    with path.open("rb") as stream:
        return store.put(key, stream, path.stat().st_size, content_type_of(path))


def push_folder(
    store: ObjectStore, folder: Path, prefix: str, on_file: Callable[[int, int], None] | None = None
) -> list[ObjectInfo]:
    """Store every file below `folder` under `prefix/`, playlists last and the master last of all.

    A reader that finds a playlist thus finds everything it names. Idempotent: pushing again replaces.
    `on_file(done, total)` is called after each file.
    """
    files = sorted((path for path in folder.rglob("*") if path.is_file()), key=_push_order)
    stored = []
    for done, path in enumerate(files, 1):
        stored.append(push_file(store, path, f"{prefix.rstrip('/')}/{path.relative_to(folder).as_posix()}"))
        if on_file:
            on_file(done, len(files))
    return stored


def _push_order(path: Path) -> tuple[int, str]:
    rank = 0 if path.suffix != ".m3u8" else 2 if path.name == "master.m3u8" else 1
    return rank, path.as_posix()


def pull_object(store: ObjectStore, key: str, target: Path, reserve: int = 0) -> Path:
    """A local file with the object's bytes: the store's own path where it has one, else a copy at `target`.

    Raises ObjectNotFound, and StoreUnavailable("disk_full") when object plus `reserve` bytes would not fit.
    """
    local = store.local_path(key)
    if local is not None:
        return local
    if store.stat(key).size + reserve > shutil.disk_usage(target.parent).free:
        raise StoreUnavailable("disk_full")
    with target.open("wb", buffering=CHUNK_BYTES) as out:
        for chunk in store.get_range(key):
            out.write(chunk)
    return target
