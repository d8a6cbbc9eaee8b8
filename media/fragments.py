"""How long a fragmented MP4 segment really lasts, read from its boxes.

The HLS muxer sums packet durations for the last segment, which is wrong when frames come at irregular
distances: a screen recording with pauses would seem to end seconds early.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

_CONTAINERS = frozenset({b"moov", b"trak", b"mdia", b"moof", b"traf"})


def segment_seconds(init: Path, segment: Path) -> float:
    """Seconds of the one track in `segment`, by its init file; 0 when the boxes cannot be read."""
    try:
        scale = _timescale(init.read_bytes())
        return sum(_run_ticks(segment.read_bytes())) / scale if scale else 0.0
    except (struct.error, IndexError):
        return 0.0


def _boxes(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and end of the content of every box, descending into the containers that matter."""
    while start + 8 <= end:
        size, name = struct.unpack_from(">I4s", data, start)
        if size < 8:
            return
        yield name, start + 8, min(start + size, end)
        if name in _CONTAINERS:
            yield from _boxes(data, start + 8, min(start + size, end))
        start += size


def _timescale(data: bytes) -> int:
    for name, at, _ in _boxes(data, 0, len(data)):
        if name == b"mdhd":
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
