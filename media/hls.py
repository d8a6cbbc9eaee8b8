"""From a recording to HLS: playable first, lower rungs after."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from media.gate import MediaInfo

Progress = Callable[[float], None]  # percent, 0 to 100
CancelCheck = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Rendition:
    """One playlist of the result. Keys are relative to the output folder, files with the playlist first."""

    kind: Literal["video", "audio"]
    name: str  # "v1080", "v480", "audio"
    playlist: str
    files: tuple[str, ...]
    width: int
    height: int
    bandwidth: int  # peak bits per second
    codecs: str
    duration_s: float
    size: int  # bytes of all files


def make_playable(
    source: Path,
    info: MediaInfo,
    out: Path,
    progress: Progress | None = None,
    cancelled: CancelCheck | None = None,
) -> list[Rendition]:
    """The quickest playable result: remuxed where browsers can play the source, else one encoded rung.

    Raises DamagedMedia, ProcessingFailed, Cancelled.
    """
    raise NotImplementedError


def make_rungs(
    source: Path,
    info: MediaInfo,
    out: Path,
    have: Sequence[Rendition],
    progress: Progress | None = None,
    cancelled: CancelCheck | None = None,
) -> list[Rendition]:
    """The rungs still missing beside `have`, in one process; empty when there is nothing to add."""
    raise NotImplementedError


def write_master(out: Path, renditions: Sequence[Rendition]) -> str:
    """Write master.m3u8 over all renditions and return its relative key. Call it last."""
    raise NotImplementedError
