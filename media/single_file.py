"""A recording as one file that plays from a disk: pictures and sound of an HLS rendition joined, nothing encoded."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import ffmpeg

from media.ffmpeg import CancelCheck, Job, Progress, run
from media.fragments import begins_at

FRAGMENTED = "mp4"
_HEAD_BYTES = 1 << 20  # the head and the beginning of the first segment


def join_segments(chunks: Iterable[bytes], target: Path) -> Path:
    """Writes what a playlist names, the head first: such a row of segments is a file of its own."""
    with target.open("wb") as out:
        for chunk in chunks:
            out.write(chunk)
    return target


def make_single_file(
    picture: Path | None,
    sound: Path | None,
    target: Path,
    duration_s: float,
    progress: Progress | None = None,
    cancelled: CancelCheck | None = None,
) -> Path:
    """Pictures and sound (one may be None) as one mp4 whose index comes first, so that it begins to play at once.

    Both are our own files. Raises Cancelled and ProcessingFailed (also with code disk_full).
    """
    tracks = [_track(path, kind) for path, kind in ((picture, "v"), (sound, "a")) if path is not None]
    joined = ffmpeg.output(*tracks, str(target.resolve()), f="mp4", c="copy", movflags="+faststart", map_metadata=-1)
    run(joined, Job(duration_s=duration_s, progress=progress, cancelled=cancelled, timeout_s=max(300.0, duration_s)))
    return target


def _track(path: Path, kind: str) -> ffmpeg.nodes.FilterableStream:
    """ffmpeg lets every file begin at nothing; what its segments say of their beginning is put back."""
    with path.open("rb") as stream:
        begins_s = begins_at(stream.read(_HEAD_BYTES))
    named = f"file:{path.resolve()}"
    return ffmpeg.input(named, f=FRAGMENTED, protocol_whitelist="file", itsoffset=f"{begins_s:.6f}")[f"{kind}:0"]
