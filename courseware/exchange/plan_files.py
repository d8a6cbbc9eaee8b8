"""Which files of a resource come along: the original, a recording at a useful size, what is shown of it in a page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from courseware.exchange.planned import Recording, Stored
from courseware.resources.models import Asset, Rendition, Resource, ResourceVersion

TALLEST = 720  # lines of the video that is taken along: sharp on a phone and a projector, a third of the size of 1080
EXTENSIONS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/gif": "gif",
    "application/pdf": "pdf",
}


def files_of(resource: Resource, version: ResourceVersion) -> tuple[Stored | Recording | None, Stored | None, str]:
    """The file that comes along, what is shown in its place in a page, and the kind of the part."""
    asset = version.asset
    if asset is None:
        return None, None, "page"
    if asset.kind in ("video", "audio"):
        return recording_of(asset), None, "recording"
    original = Stored(asset.store_key, asset.size, _extension(asset), asset.media_type)
    if asset.kind == "image":
        return original, None, "image"
    return original, _pages(asset), "simulation" if resource.type == "simulation" else "document"


def recording_of(asset: Asset) -> Recording | None:
    """What to join of a recording: the sharpest pictures up to TALLEST lines, and the sound. None before it plays."""
    playable = asset.rendition("hls")
    lists = playable.facts.get("playlists", []) if playable is not None else []
    pictures = [one for one in lists if one["kind"] == "video"]
    picture = max(
        (one for one in pictures if _lines(one) <= TALLEST), key=_lines, default=min(pictures, key=_lines, default=None)
    )
    sound = next((one for one in lists if one["kind"] == "audio"), None)
    chosen = [one for one in (picture, sound) if one is not None]
    if playable is None or not chosen:
        return None
    return Recording(
        playable.store_key, picture["name"] if picture else "", sound["name"] if sound else "",
        max(float(one["duration_s"]) for one in chosen), sum(int(one["size"]) for one in chosen),
    )  # fmt: skip


def _lines(playlist: Mapping[str, Any]) -> int:
    return min(int(playlist["width"]), int(playlist["height"])) or int(playlist["height"])


def _pages(asset: Asset) -> Stored | None:
    """An Office file as PDF, where the server drew one."""
    drawn = asset.rendition("preview")
    if drawn is None or not str(drawn.facts.get("file", "")).endswith(".pdf"):
        return None
    return Stored(f"{drawn.store_key}/{drawn.facts['file']}", int(drawn.facts.get("size", 0)), "pdf", "application/pdf")


def picture_of(rendition: Rendition | None) -> Stored | None:
    """A picture drawn by the server, a recording's poster for one."""
    if rendition is None or not rendition.facts.get("file"):
        return None
    name = str(rendition.facts["file"])
    return Stored(
        f"{rendition.store_key}/{name}", int(rendition.facts.get("size", 60_000)), _ending(name), "image/jpeg"
    )


def _extension(asset: Asset) -> str:
    return (
        EXTENSIONS.get(asset.media_type) or str(asset.facts.get("extension") or "") or _ending(asset.filename) or "bin"
    )


def _ending(name: str) -> str:
    return PurePosixPath(name).suffix.lstrip(".").lower()
