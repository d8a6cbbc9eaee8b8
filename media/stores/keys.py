"""Which keys are safe in every store."""

from __future__ import annotations

import re
import unicodedata

from media.errors import InvalidKey

MAX_KEY_BYTES = 900  # S3 allows 1024; the rest is left for a bucket or folder prefix
MAX_SEGMENT_BYTES = 200  # file systems stop at 255 and temporary names need room
_FORBIDDEN = re.compile(r'[\\:*?"<>|\x00-\x1f\x7f]')  # not portable as file names, or not printable


def check_key(key: str) -> str:
    """The key itself when it is relative, normalised and portable; raises InvalidKey otherwise."""
    if not key or len(key.encode("utf-8", "surrogatepass")) > MAX_KEY_BYTES or not _is_clean_text(key):
        raise InvalidKey(key=key[:80])
    if not all(_is_safe_segment(segment) for segment in key.split("/")):
        raise InvalidKey(key=key[:80])
    return key


def _is_clean_text(key: str) -> bool:
    # A second spelling of the same letters would be another object on S3 and the same file on some disks.
    surrogates = any("\ud800" <= char <= "\udfff" for char in key)
    return not surrogates and unicodedata.is_normalized("NFC", key) and not _FORBIDDEN.search(key)


def _is_safe_segment(segment: str) -> bool:
    if segment in {"", ".", ".."} or segment.startswith(".tmp-"):
        return False
    trimmed = segment.strip() == segment and not segment.endswith(".")
    return trimmed and len(segment.encode()) <= MAX_SEGMENT_BYTES
