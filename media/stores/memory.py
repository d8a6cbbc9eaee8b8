"""A store that lives in this process: for tests, and the shortest statement of the contract."""

from __future__ import annotations

import hashlib
import io
import threading
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from media.errors import ObjectNotFound, RangeNotSatisfiable, UploadInvalid
from media.stores.interface import CHUNK_BYTES, MIN_PART_BYTES, ObjectInfo, OpenUpload, Part
from media.stores.keys import check_key
from media.stores.parts import check_part_number, choose_parts, joined_etag


@dataclass(slots=True)
class _Upload:
    key: str
    content_type: str
    started_at: datetime
    parts: dict[int, bytes] = field(default_factory=dict)


class MemoryStore:
    """Keeps objects in a dictionary. `min_part_bytes` may be lowered so that tests can use tiny parts."""

    def __init__(self, min_part_bytes: int = MIN_PART_BYTES) -> None:
        self._min_part_bytes = min_part_bytes
        self._objects: dict[str, tuple[ObjectInfo, bytes]] = {}
        self._uploads: dict[str, _Upload] = {}
        self._lock = threading.RLock()

    def ensure_ready(self) -> None:
        """Always ready."""

    def put(self, key: str, stream: BinaryIO, size: int, content_type: str) -> ObjectInfo:
        data = stream.read(size)
        if len(data) != size:
            raise UploadInvalid("size_mismatch", declared=size, actual=len(data))
        return self._keep(check_key(key), data, _md5(data), content_type)

    def _keep(self, key: str, data: bytes, etag: str, content_type: str) -> ObjectInfo:
        info = ObjectInfo(key, len(data), etag, datetime.now(UTC), content_type)
        with self._lock:
            self._objects[key] = (info, data)
        return info

    def _find(self, key: str) -> tuple[ObjectInfo, bytes]:
        try:
            return self._objects[check_key(key)]
        except KeyError:
            raise ObjectNotFound(key=key) from None

    def get_range(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        info, data = self._find(key)
        if start < 0 or start > info.size or (start == info.size and start > 0):
            raise RangeNotSatisfiable(size=info.size, start=start)
        piece = data[start:] if length is None else data[start : start + length]
        return (piece[at : at + CHUNK_BYTES] for at in range(0, len(piece), CHUNK_BYTES))

    def open(self, key: str) -> BinaryIO:
        return io.BytesIO(self._find(key)[1])

    def stat(self, key: str) -> ObjectInfo:
        return self._find(key)[0]

    def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
        with self._lock:
            keys = sorted((key for key in self._objects if key.startswith(prefix)), key=str.encode)
            found = [self._objects[key][0] for key in keys]
        return iter(found)

    def delete(self, key: str) -> None:
        with self._lock:
            self._objects.pop(check_key(key), None)

    def presigned_get(
        self, key: str, expires_s: int, filename: str | None = None, content_type: str | None = None
    ) -> str | None:
        return None

    def local_path(self, key: str) -> Path | None:
        self._find(key)
        return None

    def begin_upload(self, key: str, content_type: str) -> str:
        upload_id = uuid.uuid4().hex
        self._uploads[upload_id] = _Upload(check_key(key), content_type, datetime.now(UTC))
        return upload_id

    def _upload(self, key: str, upload_id: str) -> _Upload:
        upload = self._uploads.get(upload_id)
        if upload is None or upload.key != key:
            raise UploadInvalid("upload_not_found")
        return upload

    def part_url(self, key: str, upload_id: str, num: int, expires_s: int) -> str | None:
        check_part_number(num)
        return None

    def put_part(self, key: str, upload_id: str, num: int, data: bytes | BinaryIO) -> str:
        check_part_number(num)
        content = data if isinstance(data, bytes) else data.read()
        self._upload(key, upload_id).parts[num] = content
        return _md5(content)

    def list_parts(self, key: str, upload_id: str) -> tuple[Part, ...]:
        parts = self._upload(key, upload_id).parts
        return tuple(Part(num, _md5(data), len(data)) for num, data in sorted(parts.items()))

    def complete_upload(self, key: str, upload_id: str, parts: Iterable[Part]) -> ObjectInfo:
        asked = tuple(parts)
        with self._lock:
            if upload_id not in self._uploads:
                return self._already_complete(key, asked)
            upload = self._upload(key, upload_id)
            chosen = choose_parts(asked, self.list_parts(key, upload_id), self._min_part_bytes)
            data = b"".join(upload.parts[part.num] for part in chosen)
            info = self._keep(key, data, joined_etag(chosen), upload.content_type)
            del self._uploads[upload_id]
        return info

    def _already_complete(self, key: str, asked: tuple[Part, ...]) -> ObjectInfo:
        found = self._objects.get(key)
        if found is None or found[0].etag != joined_etag(asked):
            raise UploadInvalid("upload_not_found")
        return found[0]

    def abort_upload(self, key: str, upload_id: str) -> None:
        self._uploads.pop(upload_id, None)

    def clear_halves(self, older_than: datetime) -> int:
        return 0

    def list_uploads(self, older_than: datetime | None = None) -> Iterator[OpenUpload]:
        open_now = [OpenUpload(up.key, name, up.started_at) for name, up in self._uploads.items()]
        return (up for up in open_now if older_than is None or up.started_at < older_than)


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()
