"""The one interface to stored files.

Memory, folder and S3 keep the same promises; tests/contracts/test_object_stores.py holds them to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

MIN_PART_BYTES = 5 * 1024 * 1024  # what S3 demands of every part but the last; all stores hold to it
MAX_PARTS = 10_000
CHUNK_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """A stored object. `content_type` may be empty in listings, where S3 does not tell it."""

    key: str
    size: int
    etag: str
    modified_at: datetime
    content_type: str


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a multipart upload; `num` counts from 1, `size` in bytes (0 where unknown)."""

    num: int
    etag: str
    size: int = 0


@dataclass(frozen=True, slots=True)
class OpenUpload:
    """A multipart upload begun and neither completed nor aborted."""

    key: str
    upload_id: str
    started_at: datetime


class ObjectStore(Protocol):
    """Files by key. Keys are slash-separated, relative, and no key is the folder of another.

    Every call may raise StoreUnavailable, and InvalidKey for a key that `keys.check_key` refuses.
    An object appears whole or not at all; times are UTC and aware.
    """

    def ensure_ready(self) -> None:
        """Create folder or bucket where missing. Raises StoreUnavailable with a code that names the cause."""

    def put(self, key: str, stream: BinaryIO, size: int, content_type: str) -> ObjectInfo:
        """Store exactly `size` bytes, replacing what was there.

        Raises UploadInvalid("size_mismatch") on a short stream.
        """

    def get_range(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Bytes from `start`, at most `length` (None: to the end), in chunks.

        Raises ObjectNotFound and RangeNotSatisfiable at the call, not at the first chunk.
        """

    def open(self, key: str) -> BinaryIO:
        """A readable binary stream over the object; the caller closes it. Raises ObjectNotFound."""

    def stat(self, key: str) -> ObjectInfo:
        """Size, etag, time and type. Raises ObjectNotFound."""

    def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
        """Objects whose key starts with `prefix`, each once.

        Sort where order matters: S3 servers differ (SeaweedFS walks folder by folder).
        """

    def delete(self, key: str) -> None:
        """Remove the object; removing what is not there is no error."""

    def presigned_get(
        self, key: str, expires_s: int, filename: str | None = None, content_type: str | None = None
    ) -> str | None:
        """A URL a browser may read without us for `expires_s` seconds, or None: serve it through the app.

        With `filename` the browser saves instead of showing.
        """

    def local_path(self, key: str) -> Path | None:
        """Where the object lies on this machine, to read only; None when it has to be fetched.

        Raises ObjectNotFound.
        """

    def begin_upload(self, key: str, content_type: str) -> str:
        """Start a multipart upload and return its id."""

    def part_url(self, key: str, upload_id: str, num: int, expires_s: int) -> str | None:
        """A URL the browser PUTs part `num` to, or None: send it through the app to `put_part`."""

    def put_part(self, key: str, upload_id: str, num: int, data: bytes | BinaryIO) -> str:
        """Store a part, replacing an earlier one of that number; returns its etag. Raises UploadInvalid."""

    def list_parts(self, key: str, upload_id: str) -> tuple[Part, ...]:
        """Parts received, each number once (the newest), by number.

        Raises UploadInvalid("upload_not_found").
        """

    def complete_upload(self, key: str, upload_id: str, parts: Iterable[Part]) -> ObjectInfo:
        """Join the parts into the object. Asking again after a lost answer returns the same object.

        Raises UploadInvalid: no_parts, part_mismatch, part_too_small, upload_not_found.
        """

    def abort_upload(self, key: str, upload_id: str) -> None:
        """Drop the upload and its parts; dropping what is not there is no error."""

    def clear_halves(self, older_than: datetime) -> int:
        """Remove what processes that were killed had written halfway before `older_than`; returns the bytes.

        Nobody can see such halves as objects; stores that take objects whole have none.
        """

    def list_uploads(self, older_than: datetime | None = None) -> Iterator[OpenUpload]:
        """Open uploads, all or only those begun before `older_than`."""
