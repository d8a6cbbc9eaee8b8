"""Fragmented MP4 by its boxes: how long a segment really lasts, and when it begins.

The HLS muxer writes a late beginning into an edit list, which players by segment (Chromium with hls.js) do not read: sound
that begins half a second after the picture would be heard with it. Segments say their time themselves, so it goes there.

The HLS muxer also sums packet durations for the last segment, which is wrong when frames come at irregular
distances: a screen recording with pauses would seem to end seconds early.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from pathlib import Path

_CONTAINERS = frozenset({b"moov", b"trak", b"mdia", b"edts", b"moof", b"traf"})
_NOWHERE = -1  # the media time of an entry of an edit list that waits


def segment_seconds(init: Path, segment: Path) -> float:
    """Seconds of the one track in `segment`, by its init file; 0 when the boxes cannot be read."""
    try:
        scale = _timescale(init.read_bytes())
        return sum(_run_ticks(segment.read_bytes())) / scale if scale else 0.0
    except (struct.error, IndexError):
        return 0.0


def begins_at(data: bytes) -> float:
    """Seconds at which the first sample of a row of segments with their head is shown, as the boxes say it.

    ffmpeg reads samples that are shown before they are decoded (negative offsets) later by that much.
    """
    scale, base = _timescale(data), None
    for name, at, _ in _boxes(data, 0, len(data)):
        if name == b"tfdt" and base is None:
            base = struct.unpack_from(">Q" if data[at] == 1 else ">I", data, at + 4)[0]
        elif name == b"trun" and base is not None and scale:
            return float(base + _first_offset(data, at)) / scale
    return 0.0


def _first_offset(data: bytes, at: int) -> int:
    flags = int.from_bytes(data[at + 1 : at + 4])
    if not flags & 0x800:
        return 0
    before = 4 * sum(bool(flags & bit) for bit in (0x01, 0x04, 0x100, 0x200, 0x400))
    return int(struct.unpack_from(">i", data, at + 8 + before)[0])


def begin_in_time(init: Path, segments: Iterable[Path]) -> None:
    """Moves the delay that the edit list of `init` states into the segments, and takes the list out. Doing it twice is no harm."""
    head = bytearray(init.read_bytes())
    delay_ticks = _delay(head)
    if delay_ticks is None:
        return
    for segment in segments if delay_ticks else ():
        data = bytearray(segment.read_bytes())
        _shift(data, delay_ticks)
        segment.write_bytes(data)
    for name, at, _ in _boxes(head, 0, len(head)):
        if name == b"edts":
            head[at - 4 : at] = b"free"
    init.write_bytes(head)


def _delay(head: bytearray) -> int | None:
    """Ticks of the track that the edit list waits at first; None without a list."""
    movie_scale, scale = _timescale(head, b"mvhd"), _timescale(head)
    for name, at, _ in _boxes(head, 0, len(head)):
        if name == b"elst":
            entry = ">qq" if head[at] == 1 else ">ii"
            length, media_time = struct.unpack_from(entry, head, at + 8)
            return round(length * scale / movie_scale) if media_time == _NOWHERE and movie_scale else 0
    return None


def _shift(data: bytearray, ticks: int) -> None:
    """Lets the segment begin `ticks` later."""
    for name, at, _ in _boxes(data, 0, len(data)):
        if name in (b"tfdt", b"sidx"):
            form, place = (">Q" if data[at] == 1 else ">I"), at + (4 if name == b"tfdt" else 12)
            struct.pack_into(form, data, place, struct.unpack_from(form, data, place)[0] + ticks)


def _boxes(data: bytes | bytearray, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and end of the content of every box, descending into the containers that matter."""
    while start + 8 <= end:
        size, name = struct.unpack_from(">I4s", data, start)
        if size < 8:
            return
        yield name, start + 8, min(start + size, end)
        if name in _CONTAINERS:
            yield from _boxes(data, start + 8, min(start + size, end))
        start += size


def _timescale(data: bytes | bytearray, box: bytes = b"mdhd") -> int:
    """Ticks a second of the track, or with mvhd of the whole file."""
    for name, at, _ in _boxes(data, 0, len(data)):
        if name == box:
            wide = data[at] == 1  # version 1 has 64-bit times
            return int(struct.unpack_from(">I", data, at + (20 if wide else 12))[0])
    return 0


def _run_ticks(data: bytes) -> Iterator[int]:
    default = 0
    for name, at, _ in _boxes(data, 0, len(data)):
        if name == b"tfhd":
            default = _default_duration(data, at)
        elif name == b"trun":
            yield from _sample_ticks(data, at, default)


def _default_duration(data: bytes, at: int) -> int:
    flags = int.from_bytes(data[at + 1 : at + 4])
    if not flags & 0x08:
        return 0
    skipped = 8 + (8 if flags & 0x01 else 0) + (4 if flags & 0x02 else 0)
    return int(struct.unpack_from(">I", data, at + skipped)[0])


def _sample_ticks(data: bytes, at: int, default: int) -> Iterator[int]:
    flags = int.from_bytes(data[at + 1 : at + 4])
    count = int(struct.unpack_from(">I", data, at + 4)[0])
    if not flags & 0x100:
        yield count * default
        return
    first = at + 8 + (4 if flags & 0x01 else 0) + (4 if flags & 0x04 else 0)
    stride = 4 * sum(bool(flags & bit) for bit in (0x100, 0x200, 0x400, 0x800))
    for num in range(count):
        yield int(struct.unpack_from(">I", data, first + num * stride)[0])
