"""A store in a folder: nothing to install, and the worker reads originals in place.

Layout: `objects/<key>` is the file itself, `meta/<key>.json` its type and etag, `uploads/<id>/` an open
upload.
The file is the truth: metadata that does not fit its size and time (a crash between two renames, a file
copied in by hand) is ignored and derived anew.
"""

from __future__ import annotations

import errno
import hashlib
import json
import mimetypes
import os
import shutil
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from media.errors import InvalidKey, ObjectNotFound, RangeNotSatisfiable, StoreUnavailable, UploadInvalid
from media.stores.folder_uploads import FolderUploads
from media.stores.interface import CHUNK_BYTES, MIN_PART_BYTES, ObjectInfo, OpenUpload, Part
from media.stores.keys import check_key
from media.stores.parts import joined_etag


@dataclass(frozen=True, slots=True)
class _Landed:
    """A complete file under a temporary name."""

    path: Path
    etag: str
    content_type: str


class FolderStore:
    """Objects as files below `root`: written under a temporary name, synced to disk, renamed into place."""

    def __init__(self, root: Path, min_part_bytes: int = MIN_PART_BYTES) -> None:
        self._objects, self._meta = root / "objects", root / "meta"
        self._incoming = root / "incoming"
        self._uploads = FolderUploads(root / "uploads", min_part_bytes)

    def ensure_ready(self) -> None:
        with _disk_errors():
            for folder in (self._objects, self._meta, self._incoming, self._uploads.root):
                folder.mkdir(parents=True, exist_ok=True)
            if not os.access(self._incoming, os.W_OK):
                raise PermissionError(self._incoming)

    # --- whole objects

    def put(self, key: str, stream: BinaryIO, size: int, content_type: str) -> ObjectInfo:
        check_key(key)
        with _disk_errors(), self._temporary() as temporary:
            etag = _write_exactly(temporary, stream, size)
            return self._publish(key, _Landed(temporary, etag, content_type))

    @contextmanager
    def _temporary(self) -> Iterator[Path]:
        self._incoming.mkdir(parents=True, exist_ok=True)
        path = self._incoming / uuid.uuid4().hex
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    def _publish(self, key: str, landed: _Landed) -> ObjectInfo:
        stat = landed.path.stat()
        self._write_meta(key, stat, landed)
        target = self._objects / key
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            landed.path.replace(target)
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            raise InvalidKey(key=key) from None  # the key is a folder of another key, or the other way round
        _sync_folder(target.parent)
        return ObjectInfo(key, stat.st_size, landed.etag, _time(stat), landed.content_type)

    def _meta_path(self, key: str) -> Path:
        return self._meta / f"{key}.json"

    def _write_meta(self, key: str, stat: os.stat_result, landed: _Landed) -> None:
        path = self._meta_path(key)
        facts = {
            "size": stat.st_size,
            "mtime_ns": stat.st_mtime_ns,
            "etag": landed.etag,
            "type": landed.content_type,
        }
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise InvalidKey(key=key) from None
        with self._temporary() as temporary:
            temporary.write_text(json.dumps(facts), encoding="utf-8")
            temporary.replace(path)

    def _stat(self, key: str) -> os.stat_result:
        path = self._objects / check_key(key)
        try:
            if not path.is_file():
                raise ObjectNotFound(key=key)
            return path.stat()
        except (FileNotFoundError, NotADirectoryError):
            raise ObjectNotFound(key=key) from None

    def stat(self, key: str) -> ObjectInfo:
        return self._describe(key, self._stat(key))

    def _describe(self, key: str, stat: os.stat_result) -> ObjectInfo:
        facts = self._read_meta(key)
        if (facts.get("size"), facts.get("mtime_ns")) != (stat.st_size, stat.st_mtime_ns):
            guessed = mimetypes.guess_type(key)[0] or "application/octet-stream"
            facts = {"etag": f"{stat.st_mtime_ns:x}-{stat.st_size:x}", "type": guessed}
        return ObjectInfo(key, stat.st_size, facts["etag"], _time(stat), facts["type"])

    def _read_meta(self, key: str) -> dict[str, Any]:
        try:
            facts: dict[str, Any] = json.loads(self._meta_path(key).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return facts

    def get_range(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        size = self._stat(key).st_size
        if start < 0 or start > size or (start == size and start > 0):
            raise RangeNotSatisfiable(size=size, start=start)
        wanted = size - start if length is None else min(length, size - start)
        return _read_chunks(self.open(key), start, wanted)

    def open(self, key: str) -> BinaryIO:
        self._stat(key)
        return (self._objects / key).open("rb")

    def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
        folder = prefix.rpartition("/")[0]
        if folder:
            check_key(folder)
        for key in _walk(self._objects / folder, f"{folder}/" if folder else ""):
            if key.startswith(prefix):
                try:
                    yield self.stat(key)
                except ObjectNotFound:
                    continue  # deleted while we were walking

    def delete(self, key: str) -> None:
        path = self._objects / check_key(key)
        with _disk_errors():
            try:
                path.unlink()
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError, PermissionError):
                if path.is_file():
                    raise
                return
            self._meta_path(key).unlink(missing_ok=True)
            _prune(path.parent, self._objects)
            _prune(self._meta_path(key).parent, self._meta)

    def presigned_get(
        self, key: str, expires_s: int, filename: str | None = None, content_type: str | None = None
    ) -> str | None:
        return None

    def local_path(self, key: str) -> Path | None:
        self._stat(key)
        return self._objects / key

    # --- multipart

    def begin_upload(self, key: str, content_type: str) -> str:
        with _disk_errors():
            return self._uploads.begin(check_key(key), content_type)

    def part_url(self, key: str, upload_id: str, num: int, expires_s: int) -> str | None:
        return None

    def put_part(self, key: str, upload_id: str, num: int, data: bytes | BinaryIO) -> str:
        with _disk_errors():
            return self._uploads.put_part(key, upload_id, num, data)

    def list_parts(self, key: str, upload_id: str) -> tuple[Part, ...]:
        return self._uploads.parts(key, upload_id)

    def complete_upload(self, key: str, upload_id: str, parts: Iterable[Part]) -> ObjectInfo:
        asked = tuple(parts)
        if not self._uploads.exists(upload_id):
            return self._already_complete(check_key(key), asked)
        with _disk_errors(), self._temporary() as temporary:
            content_type, chosen = self._uploads.join(key, upload_id, asked, temporary)
            info = self._publish(key, _Landed(temporary, joined_etag(chosen), content_type))
        self._uploads.drop(upload_id)
        return info

    def _already_complete(self, key: str, asked: tuple[Part, ...]) -> ObjectInfo:
        try:
            info = self.stat(key)
        except ObjectNotFound:
            raise UploadInvalid("upload_not_found") from None
        if info.etag != joined_etag(asked):
            raise UploadInvalid("upload_not_found")
        return info

    def abort_upload(self, key: str, upload_id: str) -> None:
        self._uploads.drop(upload_id)

    def clear_halves(self, older_than: datetime) -> int:
        with _disk_errors():
            return sum(_clear(path) for path in self._halves() if _last_written(path) < older_than)

    def _halves(self) -> tuple[Path, ...]:
        return (*self._incoming.glob("*"), *self._uploads.halves())

    def list_uploads(self, older_than: datetime | None = None) -> Iterator[OpenUpload]:
        return self._uploads.open_uploads(older_than)


@contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
        raise StoreUnavailable("disk_full" if full else "store_unreachable") from error


def _write_exactly(path: Path, stream: BinaryIO, size: int) -> str:
    digest, left = hashlib.md5(usedforsecurity=False), size
    with path.open("wb") as out:
        while left and (chunk := stream.read(min(CHUNK_BYTES, left))):
            digest.update(chunk)
            left -= out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    if left:
        raise UploadInvalid("size_mismatch", declared=size, actual=size - left)
    return digest.hexdigest()


def _sync_folder(folder: Path) -> None:
    """A rename is lost with the power unless the folder itself reaches the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read_chunks(stream: BinaryIO, start: int, length: int) -> Iterator[bytes]:
    with stream:
        stream.seek(start)
        while length > 0 and (chunk := stream.read(min(CHUNK_BYTES, length))):
            length -= len(chunk)
            yield chunk


def _walk(folder: Path, base: str) -> Iterator[str]:
    """Keys below a folder in byte order, as AWS lists them: a folder sorts as its name with the slash."""
    try:
        entries = [(entry.name + "/" if entry.is_dir() else entry.name) for entry in os.scandir(folder)]
    except (FileNotFoundError, NotADirectoryError):
        return
    for name in sorted(entries, key=str.encode):
        if name.endswith("/"):
            yield from _walk(folder / name, base + name)
        else:
            yield base + name


def _prune(folder: Path, stop: Path) -> None:
    while folder != stop:
        try:
            folder.rmdir()
        except OSError:
            return  # not empty, or someone is writing into it
        folder = folder.parent


def _last_written(path: Path) -> datetime:
    try:
        return _time(path.stat())
    except FileNotFoundError:  # whoever wrote it has just finished
        return datetime.now(UTC)


def _clear(path: Path) -> int:
    size = sum(inner.stat().st_size for inner in (path, *path.rglob("*")) if inner.is_file())
    shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
    return size


def _time(stat: os.stat_result) -> datetime:
    return datetime.fromtimestamp(stat.st_mtime, UTC)


def free_bytes(root: Path) -> int:
    """Free disk space in bytes where the store lives."""
    return shutil.disk_usage(root).free
