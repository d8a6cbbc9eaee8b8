"""The gate every recording passes before ffmpeg sees it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


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
    """Facts about a recording. `width`, `height` are stored pixels; `display_size` is what a viewer sees."""

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

    @property
    def has_audio(self) -> bool:
        """Whether there is a sound track."""
        return self.audio_index >= 0


def inspect_media(path: Path, limits: GateLimits | None = None) -> MediaInfo:
    """Facts about the recording at `path`. Raises UnsafeFile or DamagedMedia; never opens another file or a network."""
    raise NotImplementedError
