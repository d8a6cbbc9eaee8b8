"""Rules for joining parts that memory and folder share, so that they refuse what S3 would refuse."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from media.errors import UploadInvalid
from media.stores.interface import MAX_PARTS, Part


def check_part_number(num: int) -> None:
    """Raises UploadInvalid("part_number") outside of 1..10000."""
    if not 1 <= num <= MAX_PARTS:
        raise UploadInvalid("part_number", num=num)


def choose_parts(asked: Iterable[Part], present: Iterable[Part], min_bytes: int) -> list[Part]:
    """The stored parts the caller named, in order of number. Raises UploadInvalid as S3 would."""
    stored = {part.num: part for part in present}
    wanted = sorted(asked, key=lambda part: part.num)
    if not wanted:
        raise UploadInvalid("no_parts")
    for part in wanted:
        if part.num not in stored or stored[part.num].etag != part.etag.strip('"'):
            raise UploadInvalid("part_mismatch", num=part.num)
    for part in wanted[:-1]:
        if stored[part.num].size < min_bytes:
            raise UploadInvalid("part_too_small", num=part.num)
    return [stored[part.num] for part in wanted]


def joined_etag(parts: Iterable[Part]) -> str:
    """The etag S3 gives a joined object: digest of the parts' digests, dash, their count."""
    etags = [part.etag.strip('"') for part in sorted(parts, key=lambda part: part.num)]
    try:
        digest = hashlib.md5(b"".join(bytes.fromhex(etag) for etag in etags), usedforsecurity=False)
    except ValueError:  # an etag that is no digest was never given out by a store
        return ""
    return f"{digest.hexdigest()}-{len(etags)}"
