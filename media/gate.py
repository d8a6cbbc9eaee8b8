"""The gate every recording passes before ffmpeg sees it.

Magic bytes choose one demuxer, which is forced; protocols and formats are whitelisted; the look inside
happens in a process of its own, in an empty folder, under limits of memory and time.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from media import containers, sandbox
from media.errors import DamagedMedia, UnsafeFile

_WORKER = Path(__file__).with_name("probe_worker.py")


@dataclass(frozen=True, slots=True)
class GateLimits:
    """What is accepted: pixels of one picture, seconds, tracks; and how long looking may take (seconds)."""

    pixels: int = 4096 * 2304
    duration_s: float = 6 * 3600
    tracks: int = 16
    timeout_s: float = 30
    memory_bytes: int = 2 << 30


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """Facts about a recording. `width`, `height` are stored pixels; `display_size` is what a viewer sees.

    Durations are what the file declares, in seconds (0: unknown); `gop_s` is the longest distance between key
    frames found (0: unknown); `rotation` in degrees; indexes are -1 where the track is missing.
    """

    kind: str  # video or audio
    demuxer: str
    size: int
    sha256: str
    duration_s: float
    duration_is_exact: bool
    video_duration_s: float = 0.0
    audio_duration_s: float = 0.0
    width: int = 0
    height: int = 0
    rotation: int = 0
    sar: float = 1.0
    fps: float = 0.0
    pix_fmt: str = ""
    video_codec: str = ""
    video_profile: str = ""
    video_index: int = -1
    gop_s: float = 0.0
    interlaced: bool = False
    audio_codec: str = ""
    audio_profile: str = ""
    audio_channels: int = 0
    audio_rate: int = 0
    audio_index: int = -1
    video_start_s: float = 0.0
    audio_start_s: float = 0.0

    @property
    def video_lead_s(self) -> float:
        """How much later the picture begins than the sound, in seconds; 0 when it does not."""
        return max(0.0, self.video_start_s - self.audio_start_s) if self.has_audio else 0.0

    @property
    def audio_lead_s(self) -> float:
        """How much later the sound begins than the picture, in seconds; 0 when it does not."""
        return max(0.0, self.audio_start_s - self.video_start_s) if self.video_index >= 0 else 0.0

    @property
    def has_audio(self) -> bool:
        """Whether there is a sound track."""
        return self.audio_index >= 0

    @property
    def display_size(self) -> tuple[int, int]:
        """Width and height as seen: pixels made square, rotation applied."""
        wide = round(self.width * self.sar)
        return (self.height, wide) if self.rotation % 180 == 90 else (wide, self.height)


def inspect_media(path: Path, limits: GateLimits | None = None) -> MediaInfo:
    """Facts about the recording at `path`; never opens another file or a network connection.

    Raises UnsafeFile (empty_file, not_a_media_file, cannot_open, probe_timeout, too_many_pixels, too_long,
    too_many_tracks, no_tracks) and DamagedMedia when the file ends before its index does.
    """
    bounds = limits or GateLimits()
    container = _recognise(path)
    facts = _probe(path, container.demuxer, bounds)
    _check(facts, bounds)
    _check_complete(facts, path.stat().st_size)
    return _media_info(path, container, facts)


def _recognise(path: Path) -> containers.Container:
    with path.open("rb") as stream:
        head = stream.read(512)
    if not head:
        raise UnsafeFile("empty_file")
    container = containers.recognise(head)
    if container is None:
        raise UnsafeFile("not_a_media_file")
    return container


def key_times(path: Path, info: MediaInfo) -> tuple[list[float], float]:
    """Seconds of the key frames of the picture, and of its first frame, counted from the beginning of the file.

    Reads the whole file, at 20 MB/s or better. Raises UnsafeFile.
    """
    patience = GateLimits(timeout_s=60 + info.size / 20_000_000)
    found = _probe(path, info.demuxer, patience, str(info.video_index))
    return found["keys"], found["first_s"]


def _probe(path: Path, demuxer: str, bounds: GateLimits, *more: str) -> dict[str, Any]:
    command = [
        sys.executable,
        "-I",
        str(_WORKER),
        str(path.resolve()),
        demuxer,
        containers.DEMUXERS,
        str(bounds.pixels),
        *more,
    ]
    limits = sandbox.Limits(memory_bytes=bounds.memory_bytes, cpu_s=int(bounds.timeout_s) + 1, file_bytes=0)
    with tempfile.TemporaryDirectory(prefix="probe-") as empty:
        process = sandbox.start_limited(command, Path(empty), limits)
        try:
            output, _ = process.communicate(timeout=bounds.timeout_s)
        except subprocess.TimeoutExpired:
            raise UnsafeFile("probe_timeout") from None
        finally:
            sandbox.stop(process, patience_s=0.5)
            process.communicate()
    return _understood(output)


def _understood(output: bytes) -> dict[str, Any]:
    try:
        facts: dict[str, Any] = json.loads(output)
    except ValueError:  # killed by a limit
        raise UnsafeFile("cannot_open") from None
    if "error" in facts:
        raise UnsafeFile("cannot_open", detail=facts["error"])
    return facts


def _check(facts: dict[str, Any], bounds: GateLimits) -> None:
    width, height = facts.get("width", 0), facts.get("height", 0)
    if facts["tracks"] > bounds.tracks:
        raise UnsafeFile("too_many_tracks", tracks=facts["tracks"], limit=bounds.tracks)
    if facts["video_index"] < 0 and facts["audio_index"] < 0:
        raise UnsafeFile("no_tracks")
    if width * height > bounds.pixels:
        raise UnsafeFile("too_many_pixels", width=width, height=height)
    if facts["duration_s"] > bounds.duration_s:
        raise UnsafeFile("too_long", duration_s=round(facts["duration_s"]), limit_s=round(bounds.duration_s))


def _check_complete(facts: dict[str, Any], size: int) -> None:
    """An index that points behind the end of the file tells of a cut-off upload before any work is done."""
    if facts.get("index_end", 0) <= size:
        return
    present = [at for end, at in facts["times"] if end <= size]
    actual = max(present, default=0.0)
    if facts["duration_s"] - actual > tolerance_s(facts["duration_s"]):
        raise DamagedMedia(facts["duration_s"], actual)


def tolerance_s(declared_s: float) -> float:
    """How far output may differ from what the source declares, in seconds."""
    return max(1.0, declared_s / 100)


def _media_info(path: Path, container: containers.Container, facts: dict[str, Any]) -> MediaInfo:
    fields = MediaInfo.__dataclass_fields__
    known = {name: value for name, value in facts.items() if name in fields}
    known.setdefault("duration_is_exact", container.demuxer in containers.EXACT_DURATION)
    return MediaInfo(
        kind="video" if facts["video_index"] >= 0 else "audio",
        demuxer=container.demuxer,
        size=path.stat().st_size,
        sha256=_sha256(path),
        **known,
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
