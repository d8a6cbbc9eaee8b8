"""What makes two contents the same: the normal form of text and its fingerprint."""

from __future__ import annotations

import hashlib

from courseware.resources.models import Asset
from media.comparing.texts import normalise_text


def hash_text(text: str) -> str:
    """SHA-256 of the normalised text as hex; empty for a text without content."""
    normal = normalise_text(text)
    return hashlib.sha256(normal.encode("utf-8", "surrogatepass")).hexdigest() if normal else ""


def hash_content(asset: Asset | None, body: str) -> str:
    """The fingerprint of a version: of its file where it has one, else of its text."""
    return asset.sha256 if asset is not None else hash_text(body)
