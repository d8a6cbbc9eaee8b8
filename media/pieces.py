"""Long recordings in pieces: what a killed worker loses is one piece, not an hour of encoding.

Pieces hold the picture only and begin at key frames of the source. Each becomes one MP4 a rung, with key frames where the
whole recording has its segments; joining copies. (Pieces written straight as HLS segments would all begin at zero.)
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import ffmpeg

from media import threads
from media.ffmpeg import CancelCheck, Job, Progress, run, safe_input
from media.gate import MediaInfo, key_times
from media.hls import Rendition, join_pieces, scaled_pictures, x264
from media.ladder import Rung

LONG_S = 20 * 60.0
PIECE_S = 90.0
_BEFORE_S = 0.002  # a piece begins this much before its key frame: times are rounded on the way
_TIMESCALE = 90_000
_OFFSET_S = 0.05  # a picture that begins later than the sound by more than this is held until it begins


@dataclass(frozen=True, slots=True)
class Piece:
    """Where a piece begins and how long it is, in seconds; the last has no length, and goes on to the end.

    `lead_s` is how much later its first frame comes.
    """

    num: int
    start_s: float
    length_s: float | None
    lead_s: float = _BEFORE_S


def plan_pieces(source: Path, info: MediaInfo, long_s: float = LONG_S, piece_s: float = PIECE_S) -> tuple[Piece, ...]:
    """The pieces of a recording of at least `long_s`, each of about `piece_s` seconds; empty for a shorter one.

    Raises UnsafeFile when the file cannot be read through.
    """
    if info.kind != "video" or info.duration_s < long_s:
        return ()
    keys, first_s = key_times(source, info)
    return cut_at(keys, info.duration_s, piece_s, first_s)


def cut_at(keys: Sequence[float], duration_s: float, piece_s: float, first_s: float = 0.0) -> tuple[Piece, ...]:
    """Pieces that begin at `keys` (seconds, rising), none shorter than `piece_s` but the last, which has half of it."""
    starts = [0.0]
    for key in keys:
        if key - starts[-1] >= piece_s and duration_s - key >= piece_s / 2:
            starts.append(key - _BEFORE_S)
    ends: list[float | None] = [*starts[1:], None]
    return tuple(
        Piece(num, start, None if end is None else end - start, _BEFORE_S if num else first_s)
        for num, (start, end) in enumerate(zip(starts, ends, strict=True))
    )


def encode_piece(
    source: Path,
    info: MediaInfo,
    piece: Piece,
    wanted: Sequence[Rung],
    out: Path,
    progress: Progress | None = None,
    cancelled: CancelCheck | None = None,
) -> list[Path]:
    """One piece in the size of every rung, as `<rung>-<num>.mp4` in `out`. Doing it again replaces them.

    Raises Cancelled and ProcessingFailed.
    """
    out.mkdir(parents=True, exist_ok=True)
    span = {"ss": f"{piece.start_s:.6f}"} if piece.num else {}
    if piece.length_s is not None:
        span["t"] = f"{piece.length_s - piece.lead_s:.6f}"  # ffmpeg counts from the first frame
    stream = safe_input(source, info.demuxer, threads=threads.decoding(info), **span)[str(info.video_index)]
    if piece.lead_s > _OFFSET_S:
        stream = stream.filter("tpad", start_mode="clone", start_duration=piece.lead_s)
    paths = [out / name_of(rung.name, piece) for rung in wanted]
    pictures = scaled_pictures(stream, info, wanted)
    outputs = [
        _mp4(picture, path, x264(rung, info, piece.start_s))
        for (rung, picture), path in zip(pictures, paths, strict=True)
    ]
    length = piece.length_s or max(0.0, info.duration_s - piece.start_s)
    run(ffmpeg.merge_outputs(*outputs), Job(length, progress, cancelled, timeout_s=max(300.0, 30 * length)))
    return paths


def name_of(rung: str, piece: Piece) -> str:
    """The file of one piece of one rung."""
    return f"{rung}-{piece.num:04}.mp4"


def _mp4(picture: Any, path: Path, options: dict[str, Any]) -> Any:
    path.unlink(missing_ok=True)
    return ffmpeg.output(
        picture, str(path.resolve()), f="mp4", video_track_timescale=_TIMESCALE, map_metadata=-1, map_chapters=-1, **options
    )  # fmt: skip


def join(
    files: Mapping[str, Sequence[Path]],
    pieces: Sequence[Piece],
    info: MediaInfo,
    out: Path,
    progress: Progress | None = None,
    cancelled: CancelCheck | None = None,
) -> list[Rendition]:
    """The renditions of `files` (the pieces of each rung in order), checked against the length of the source.

    Raises DamagedMedia, Cancelled and ProcessingFailed.
    """
    out.mkdir(parents=True, exist_ok=True)
    lists = out / "lists"
    lists.mkdir(exist_ok=True)
    try:
        named = {name: _listed(lists / f"{name}.txt", paths, pieces) for name, paths in files.items()}
        return join_pieces(named, info, out, progress, cancelled)
    finally:
        shutil.rmtree(lists, ignore_errors=True)


def _listed(target: Path, paths: Sequence[Path], pieces: Sequence[Piece]) -> Path:
    """Says where each piece begins: what files say of the length of their last frame would add up to a drift."""
    lines = ["ffconcat version 1.0"]
    begins = [0.0 if piece.lead_s > _OFFSET_S else piece.start_s + piece.lead_s for piece in pieces]
    spans = [later - earlier for earlier, later in pairwise(begins)]
    for path, span in zip(paths, [*spans, None], strict=True):
        quoted = str(path.resolve()).replace("'", "'\\''")
        lines += [f"file 'file:{quoted}'", *([f"duration {span:.6f}"] if span is not None else [])]
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return target
