"""Two stores as one, while a library moves from one to the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from media.errors import ObjectNotFound
from media.stores.interface import ObjectInfo, ObjectStore, OpenUpload, Part


class StorePair:
    """Reads from `first`, and from `second` what is not there; writes go to `first`, deletions to both.

    Every process asks both as long as a move lasts, so that it does not matter which of them already writes to the new one.
    """

    def __init__(self, first: ObjectStore, second: ObjectStore) -> None:
        self.first, self.second = first, second

    def ensure_ready(self) -> None:
        self.first.ensure_ready()
        self.second.ensure_ready()

    def put(self, key: str, stream: BinaryIO, size: int, content_type: str) -> ObjectInfo:
        return self.first.put(key, stream, size, content_type)

    def _holder(self, key: str) -> ObjectStore:
        try:
            self.first.stat(key)
        except ObjectNotFound:
            return self.second
        return self.first

    def get_range(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        return self._holder(key).get_range(key, start, length)

    def open(self, key: str) -> BinaryIO:
        return self._holder(key).open(key)

    def stat(self, key: str) -> ObjectInfo:
        return self._holder(key).stat(key)

    def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
        seen = set()
        for info in self.first.list(prefix):
            seen.add(info.key)
            yield info
        yield from (info for info in self.second.list(prefix) if info.key not in seen)

    def delete(self, key: str) -> None:
        self.first.delete(key)
        self.second.delete(key)

    def presigned_get(
        self, key: str, expires_s: int, filename: str | None = None, content_type: str | None = None
    ) -> str | None:
        return self._holder(key).presigned_get(key, expires_s, filename, content_type)

    def local_path(self, key: str) -> Path | None:
        return self._holder(key).local_path(key)

    def begin_upload(self, key: str, content_type: str) -> str:
        return self.first.begin_upload(key, content_type)

    def part_url(self, key: str, upload_id: str, num: int, expires_s: int) -> str | None:
        return self.first.part_url(key, upload_id, num, expires_s)

    def put_part(self, key: str, upload_id: str, num: int, data: bytes | BinaryIO) -> str:
        return self.first.put_part(key, upload_id, num, data)

    def list_parts(self, key: str, upload_id: str) -> tuple[Part, ...]:
        return self.first.list_parts(key, upload_id)

    def complete_upload(self, key: str, upload_id: str, parts: Iterable[Part]) -> ObjectInfo:
        return self.first.complete_upload(key, upload_id, parts)

    def abort_upload(self, key: str, upload_id: str) -> None:
        self.first.abort_upload(key, upload_id)

    def clear_halves(self, older_than: datetime) -> int:
        return self.first.clear_halves(older_than) + self.second.clear_halves(older_than)

    def list_uploads(self, older_than: datetime | None = None) -> Iterator[OpenUpload]:
        return self.first.list_uploads(older_than)
