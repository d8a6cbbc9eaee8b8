"""The multipart calls the minio SDK keeps private, and nothing else that is private.

The SDK offers no public way to run a multipart upload whose parts come from a browser; its maintainers
point at these methods. Hence the pin in requirements.in (<7.3) and the contract suite that would notice.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from minio import Minio
from minio.datatypes import Part as MinioPart

from media.stores.interface import OpenUpload, Part


def create(client: Minio, bucket: str, key: str, content_type: str) -> str:
    """Begin; returns the upload id."""
    return str(client._create_multipart_upload(bucket, key, {"Content-Type": content_type}))


def part_url(client: Minio, bucket: str, key: str, upload_id: str, num: int, expires_s: int) -> str:
    """Presigned PUT for one part; signing needs no connection."""
    query: dict[str, str | list[str] | tuple[str]] = {"uploadId": upload_id, "partNumber": str(num)}
    expires = timedelta(seconds=expires_s)
    return str(client.get_presigned_url("PUT", bucket, key, expires=expires, extra_query_params=query))


def upload_part(client: Minio, bucket: str, key: str, upload_id: str, num: int, data: bytes) -> str:
    """Send one part from here; returns its etag."""
    return str(client._upload_part(bucket, key, data, None, upload_id, num)).strip('"')


def list_parts(client: Minio, bucket: str, key: str, upload_id: str) -> tuple[Part, ...]:
    """All pages of parts, each number once.

    SeaweedFS lists a part that was sent twice twice, in either order: the newest is the valid one.
    """
    newest: dict[int, tuple[datetime, Part]] = {}
    for found in _part_pages(client, bucket, key, upload_id):
        at = found.last_modified or datetime.min.replace(tzinfo=UTC)
        part = Part(int(found.part_number), str(found.etag).strip('"'), int(found.size or 0))
        if part.num not in newest or at >= newest[part.num][0]:
            newest[part.num] = (at, part)
    return tuple(newest[num][1] for num in sorted(newest))


def _part_pages(client: Minio, bucket: str, key: str, upload_id: str) -> Iterator[MinioPart]:
    marker: str | None = None
    while True:
        page = client._list_parts(bucket, key, upload_id, part_number_marker=marker)
        yield from page.parts
        if not page.is_truncated or not page.parts:
            return
        marker = str(page.next_part_number_marker or page.parts[-1].part_number)


def complete(client: Minio, bucket: str, key: str, upload_id: str, parts: tuple[Part, ...]) -> None:
    """Join the parts, which must be in order of number."""
    wanted = [MinioPart(part.num, part.etag.strip('"')) for part in parts]
    client._complete_multipart_upload(bucket, key, upload_id, wanted)


def abort(client: Minio, bucket: str, key: str, upload_id: str) -> None:
    """Drop the upload."""
    client._abort_multipart_upload(bucket, key, upload_id)


def list_uploads(client: Minio, bucket: str) -> Iterator[OpenUpload]:
    """All pages of open uploads."""
    key_marker = id_marker = None
    while True:
        page = client._list_multipart_uploads(bucket, key_marker=key_marker, upload_id_marker=id_marker)
        for found in page.uploads:
            started = found.initiated_time or datetime.now(UTC)
            yield OpenUpload(str(found.object_name), str(found.upload_id), started)
        if not page.is_truncated or not page.uploads:
            return
        key_marker = page.next_key_marker or page.uploads[-1].object_name
        id_marker = page.next_upload_id_marker or page.uploads[-1].upload_id
