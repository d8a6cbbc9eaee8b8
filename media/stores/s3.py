"""A store behind the S3 protocol: SeaweedFS, MinIO, AWS, Aliyun OSS and kin."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.parse import quote

import certifi
import urllib3
from minio import Minio
from urllib3.util import Retry, Timeout

from media.errors import ObjectNotFound, RangeNotSatisfiable, StoreUnavailable, UploadInvalid
from media.stores import s3_multipart
from media.stores.interface import CHUNK_BYTES, ObjectInfo, OpenUpload, Part
from media.stores.keys import check_key
from media.stores.parts import check_part_number, joined_etag
from media.stores.s3_errors import translated
from media.stores.settings import StoreSettings

PUT_PART_BYTES = 16 * 1024 * 1024  # what the SDK cuts a large `put` into; also its memory per put


class S3Store:
    """One bucket. Speaks to `s3_endpoint`, signs for `s3_public_endpoint`: signatures cover the host."""

    def __init__(self, settings: StoreSettings) -> None:
        self._bucket = settings.s3_bucket
        self._client = _client(settings, settings.s3_endpoint)
        public = settings.s3_public_endpoint or settings.s3_endpoint
        self._signer = _client(settings, public) if public != settings.s3_endpoint else self._client
        self._region = settings.s3_region

    def ensure_ready(self) -> None:
        with translated(self._bucket):
            is_there = self._client.bucket_exists(self._bucket)
        if not is_there:
            self._make_bucket()

    def _make_bucket(self) -> None:
        """Many services let only their owner make buckets: a key that may look and not make one is no wrong key."""
        try:
            with translated(self._bucket):
                self._client.make_bucket(self._bucket, location=self._region)
        except StoreUnavailable as refused:
            if refused.code != "store_credentials":
                raise
            raise StoreUnavailable("bucket_missing", bucket=self._bucket) from refused

    # --- whole objects

    def put(self, key: str, stream: BinaryIO, size: int, content_type: str) -> ObjectInfo:
        check_key(key)
        exact = cast(BinaryIO, _Exactly(stream, size))
        with translated(self._bucket, key):
            self._client.put_object(self._bucket, key, exact, size, content_type=content_type, part_size=PUT_PART_BYTES)
        return self.stat(key)

    def get_range(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        size = self.stat(key).size  # decides 416 alike on every server, and empty objects have no valid range
        if start < 0 or start > size or (start == size and start > 0):
            raise RangeNotSatisfiable(size=size, start=start)
        wanted = size - start if length is None else min(length, size - start)
        if wanted <= 0:
            return iter(())
        with translated(self._bucket, key):
            response = self._client.get_object(self._bucket, key, offset=start, length=wanted)
        return self._chunks(key, response)

    def _chunks(self, key: str, response: Any) -> Iterator[bytes]:
        try:
            with translated(self._bucket, key):
                yield from response.stream(CHUNK_BYTES)
        finally:
            response.close()
            response.release_conn()

    def open(self, key: str) -> BinaryIO:
        with translated(self._bucket, check_key(key)):
            return cast(BinaryIO, self._client.get_object(self._bucket, key))

    def stat(self, key: str) -> ObjectInfo:
        with translated(self._bucket, check_key(key)):
            return _info(self._client.stat_object(self._bucket, key))

    def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
        with translated(self._bucket):
            for found in self._client.list_objects(self._bucket, prefix=prefix, recursive=True):
                yield _info(found)

    def delete(self, key: str) -> None:
        with translated(self._bucket, check_key(key)):
            self._client.remove_object(self._bucket, key)

    def presigned_get(
        self, key: str, expires_s: int, filename: str | None = None, content_type: str | None = None
    ) -> str | None:
        answer: dict[str, str | list[str] | tuple[str]] = {}
        if filename:
            name = quote(filename, safe="")
            answer["response-content-disposition"] = f"attachment; filename*=UTF-8''{name}"
        if content_type:
            answer["response-content-type"] = content_type
        expires = timedelta(seconds=expires_s)
        with translated(self._bucket, check_key(key)):
            return self._signer.presigned_get_object(
                self._bucket, key, expires=expires, response_headers=answer or None
            )

    def local_path(self, key: str) -> Path | None:
        self.stat(key)
        return None

    # --- multipart

    def begin_upload(self, key: str, content_type: str) -> str:
        with translated(self._bucket, check_key(key)):
            return s3_multipart.create(self._client, self._bucket, key, content_type)

    def part_url(self, key: str, upload_id: str, num: int, expires_s: int) -> str | None:
        check_part_number(num)
        with translated(self._bucket, check_key(key)):
            return s3_multipart.part_url(self._signer, self._bucket, key, upload_id, num, expires_s)

    def put_part(self, key: str, upload_id: str, num: int, data: bytes | BinaryIO) -> str:
        check_part_number(num)
        content = data if isinstance(data, bytes) else data.read()
        with translated(self._bucket, check_key(key)):
            return s3_multipart.upload_part(self._client, self._bucket, key, upload_id, num, content)

    def list_parts(self, key: str, upload_id: str) -> tuple[Part, ...]:
        with translated(self._bucket, check_key(key)):
            return s3_multipart.list_parts(self._client, self._bucket, key, upload_id)

    def complete_upload(self, key: str, upload_id: str, parts: Iterable[Part]) -> ObjectInfo:
        wanted = tuple(sorted(parts, key=lambda part: part.num))
        if not wanted:
            raise UploadInvalid("no_parts")
        try:
            with translated(self._bucket, check_key(key)):
                s3_multipart.complete(self._client, self._bucket, key, upload_id, wanted)
        except (UploadInvalid, ObjectNotFound) as error:
            return self._already_complete(key, wanted, error)
        return self.stat(key)

    def _already_complete(self, key: str, parts: tuple[Part, ...], error: Exception) -> ObjectInfo:
        try:
            info = self.stat(key)
        except ObjectNotFound:
            raise error from None
        if info.etag != joined_etag(parts):
            raise error
        return info

    def abort_upload(self, key: str, upload_id: str) -> None:
        try:
            with translated(self._bucket, check_key(key)):
                s3_multipart.abort(self._client, self._bucket, key, upload_id)
        except (UploadInvalid, ObjectNotFound):
            return

    def clear_halves(self, older_than: datetime) -> int:
        return 0  # an object is there when its last byte came; parts belong to uploads

    def list_uploads(self, older_than: datetime | None = None) -> Iterator[OpenUpload]:
        with translated(self._bucket):
            for upload in s3_multipart.list_uploads(self._client, self._bucket):
                if older_than is None or upload.started_at < older_than:
                    yield upload


class _Exactly:
    """Passes on at most `size` bytes and raises UploadInvalid("size_mismatch") when fewer come."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self._stream, self._size, self._left = stream, size, size

    def read(self, count: int = -1) -> bytes:
        data = self._stream.read(self._left if count < 0 else min(count, self._left))
        if not data and self._left:
            raise UploadInvalid("size_mismatch", declared=self._size, actual=self._size - self._left)
        self._left -= len(data)
        return data


def _client(settings: StoreSettings, endpoint: str) -> Minio:
    scheme, separator, rest = endpoint.partition("://")
    host, secure = (rest, scheme == "https") if separator else (endpoint, settings.s3_secure)
    try:
        client = Minio(
            endpoint=host.rstrip("/"),
            access_key=settings.s3_access_key,
            secret_key=settings.s3_secret_key,
            secure=secure,
            region=settings.s3_region,  # saves a GetBucketLocation call and makes signing work offline
            http_client=_pool(),
        )
    except ValueError as error:
        raise StoreUnavailable("store_settings", reason=f"the endpoint {endpoint}: {error}") from error
    if settings.s3_virtual_host:
        client.enable_virtual_style_endpoint()  # type: ignore[no-untyped-call]  # untyped in the SDK
    return client


def _pool() -> urllib3.PoolManager:
    """The SDK's own pool waits five minutes and retries five times: too long for a waiting page."""
    retry = Retry(total=2, backoff_factor=0.2, status_forcelist=[500, 502, 503, 504])
    timeout = Timeout(connect=5, read=60)
    return urllib3.PoolManager(
        maxsize=10, timeout=timeout, retries=retry, cert_reqs="CERT_REQUIRED", ca_certs=certifi.where()
    )


def _info(found: Any) -> ObjectInfo:
    modified = found.last_modified or datetime.now(UTC)
    etag = (found.etag or "").strip('"')
    return ObjectInfo(found.object_name, found.size or 0, etag, modified, found.content_type or "")
