"""A recording made small: a few grey frames and the loudness of bands of sound, decoded once by ffmpeg.

Only recordings that passed the gate come here; ffmpeg gets one forced demuxer and one file.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import ffmpeg
import numpy as np
import numpy.typing as npt

from media import threads
from media.comparing.aligning import Array
from media.ffmpeg import CancelCheck, Job, run, safe_input
from media.gate import MediaInfo

WIDTH, HEIGHT = 192, 108
LONG_S = 3600.0  # above an hour half as many frames are looked at
STILL = 2.0  # mean difference up to which two neighbouring frames show the same
RATE, HOP, WINDOW = 8000, 800, 1600
BANDS, LOW_HZ, HIGH_HZ = 24, 150.0, 3600.0
FRAMES_S = HOP / RATE
FLOOR_DB = 45.0


@dataclass(frozen=True, slots=True)
class Film:
    """Frames that differ from the one before, each with the time it is shown from and until, in seconds."""

    frames: npt.NDArray[np.uint8]
    starts: Array
    ends: Array
    step_s: float
    length_s: float


@dataclass(frozen=True, slots=True)
class Sound:
    """Loudness of 24 bands every 0.1 s (decibels above the floor, the lasting colour taken out), and what is silent."""

    bands: Array
    is_silent: npt.NDArray[np.bool_]
    length_s: float


@dataclass(frozen=True, slots=True)
class Recording:
    """Both tracks; a track that is missing is None."""

    film: Film | None
    sound: Sound | None
    length_s: float


def read_recording(
    path: Path, info: MediaInfo, *, fps: float = 2.0, pace: float = 1.0, cancelled: CancelCheck | None = None
) -> Recording:
    """Decodes `path` small, `fps` frames a second (half of it above an hour). Raises ProcessingFailed, Cancelled.

    With a `pace` of 1.05 the frames are those that a film 5 % slower shows at its own moments.
    """
    rate = (fps / 2 if info.duration_s > LONG_S else fps) * pace
    with tempfile.TemporaryDirectory(prefix="compare-") as folder:
        pictures, sound = Path(folder) / "frames", Path(folder) / "sound"
        outputs = list(_outputs(path, info, rate, pictures, sound))
        job = Job(info.duration_s, cancelled=cancelled, timeout_s=max(300.0, info.duration_s))
        run(ffmpeg.merge_outputs(*outputs), job)
        film = _film(pictures, rate) if info.video_index >= 0 else None
        heard = _sound(sound) if info.audio_index >= 0 else None
    return Recording(film, heard, info.duration_s)


def _outputs(path: Path, info: MediaInfo, rate: float, pictures: Path, sound: Path) -> Iterator[Any]:
    quick = {"skip_loop_filter": "all", "flags2": "+fast"} if info.video_index >= 0 else {}
    source = safe_input(path, info.demuxer, threads=threads.decoding(info), **quick)
    if info.video_index >= 0:
        seen = source[str(info.video_index)].filter("fps", rate).filter("scale", WIDTH, HEIGHT, flags="area")
        yield ffmpeg.output(seen, str(pictures), f="rawvideo", pix_fmt="gray")
    if info.audio_index >= 0:
        yield ffmpeg.output(source[str(info.audio_index)], str(sound), f="s16le", ac=1, ar=RATE)


def _film(path: Path, rate: float) -> Film | None:
    count = path.stat().st_size // (WIDTH * HEIGHT) if path.exists() else 0
    if count == 0:
        return None
    shown = np.memmap(path, dtype=np.uint8, mode="r", shape=(count, HEIGHT, WIDTH))
    kept = _distinct(shown)
    starts = np.array(kept, dtype=np.float32) / rate
    ends = np.append(starts[1:], count / rate).astype(np.float32)
    return Film(np.array(shown[kept]), starts, ends, 1 / rate, count / rate)


def _distinct(shown: npt.NDArray[np.uint8]) -> list[int]:
    """Numbers of the frames that differ from the last one kept."""
    kept = [0]
    last = shown[0].astype(np.int16)
    for at in range(1, len(shown)):
        frame = shown[at].astype(np.int16)
        gap = np.abs(frame - last)
        if gap.mean() > STILL or _stripes(gap) > 6 * STILL:
            kept.append(at)
            last = frame
    return kept


def _stripes(gap: npt.NDArray[np.int16]) -> float:
    """The largest change of any cell of a coarse grid: a line of text that appears changes the whole but little."""
    cells = gap[: HEIGHT // 12 * 12].reshape(HEIGHT // 12, 12, WIDTH // 16, 16)
    return float(cells.mean(axis=(1, 3)).max())


def _sound(path: Path) -> Sound | None:
    samples = np.fromfile(path, dtype="<i2") if path.exists() else np.zeros(0, dtype="<i2")
    if len(samples) < WINDOW * 4:
        return None
    energy = _band_energy(samples)
    loudness = 10 * np.log10(energy.sum(axis=1) + 1e-12)
    top = float(np.percentile(loudness, 95))
    floor = 10 ** ((top - FLOOR_DB) / 10) / BANDS
    bands = 10 * np.log10(energy / floor + 1)
    is_silent = (loudness < top - FLOOR_DB + 5) | (loudness < -60)
    speaking = bands[~is_silent] if not is_silent.all() else bands
    return Sound((bands - speaking.mean(axis=0)).astype(np.float32), is_silent, len(samples) / RATE)


def _band_energy(samples: npt.NDArray[np.int16]) -> Array:
    edges = np.geomspace(LOW_HZ, HIGH_HZ, BANDS + 1)
    bins = np.fft.rfftfreq(2048, 1 / RATE)
    into = np.stack([(bins >= low) & (bins < high) for low, high in pairwise(edges)]).astype(np.float32)
    into /= np.maximum(into.sum(axis=1, keepdims=True), 1)
    shape = np.hanning(WINDOW).astype(np.float32) / 32768
    windows = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::HOP]
    parts = [
        (np.abs(np.fft.rfft(windows[i : i + 4096] * shape, 2048)) ** 2) @ into.T / WINDOW
        for i in range(0, len(windows), 4096)
    ]
    return np.concatenate(parts).astype(np.float32)
