"""The sound of a recording in figures: loudness and gain (EBU R 128), its peak, and a waveform to draw."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ffmpeg
import numpy as np
import numpy.typing as npt

from media.ffmpeg import CancelCheck, Job, Progress, run, safe_input
from media.gate import MediaInfo

TARGET_LUFS = -16.0  # what speech on phones and computers is commonly brought to
MOST_GAIN_DB = 12.0
HEADROOM_DB = 1.0
SILENT_LUFS = -69.0  # the gate of R 128 itself is at -70
RATE = 8000
POINTS = 1800
PEAKS = "peaks.json"
_TAIL_BYTES = 4000


@dataclass(frozen=True, slots=True)
class Loudness:
    """Integrated loudness (LUFS), loudest sample (decibels below full scale, at least -96), and the gain (decibels) that
    brings the recording to TARGET_LUFS without clipping. None where there is nothing to hear."""

    lufs: float | None
    peak_db: float
    gain_db: float | None


def measure_sound(
    source: Path,
    info: MediaInfo,
    out: Path,
    progress: Progress | None = None,
    cancelled: CancelCheck | None = None,
) -> Loudness:
    """Measures the sound track and writes its waveform to `out/peaks.json`; decodes it once. Needs a sound track.

    The waveform has the form of audiowaveform's JSON: the lowest and the highest sample of each point, -128 to 127.
    Raises Cancelled and ProcessingFailed.
    """
    out.mkdir(parents=True, exist_ok=True)
    samples, told = out / "sound.raw", out / "sound.txt"
    try:
        run(ffmpeg.merge_outputs(*_outputs(source, info, samples, told)), _job(info, progress, cancelled))
        (out / PEAKS).write_text(json.dumps(_waveform(samples), separators=(",", ":")))
        return _loudness(told)
    finally:
        samples.unlink(missing_ok=True)
        told.unlink(missing_ok=True)


def _outputs(source: Path, info: MediaInfo, samples: Path, told: Path) -> list[Any]:
    both = safe_input(source, info.demuxer)[str(info.audio_index)].filter_multi_output("asplit", 2)
    heard = both[0].filter("ebur128", metadata=1, framelog="verbose", peak="sample")
    heard = heard.filter("ametadata", mode="print", file=str(told.resolve()))
    return [
        ffmpeg.output(heard, "-", f="null"),
        ffmpeg.output(both[1], str(samples.resolve()), f="s16le", ac=1, ar=RATE),
    ]


def _job(info: MediaInfo, progress: Progress | None, cancelled: CancelCheck | None) -> Job:
    return Job(info.duration_s, progress, cancelled, timeout_s=max(300.0, 5 * info.duration_s))


def _loudness(told: Path) -> Loudness:
    """The figures of the last block stand for the whole."""
    with told.open("rb") as stream:
        stream.seek(max(0, told.stat().st_size - _TAIL_BYTES))
        lines = stream.read().decode("ascii", "replace").splitlines()
    figures = dict(line.removeprefix("lavfi.r128.").split("=", 1) for line in lines if line.startswith("lavfi.r128."))
    lufs, peak = _number(figures.get("I")), _decibels(figures)
    if lufs is None or lufs <= SILENT_LUFS:
        return Loudness(None, peak, None)
    return Loudness(round(lufs, 1), peak, gain_of(lufs, peak))


def gain_of(lufs: float, peak_db: float) -> float:
    """Decibels to add, at most 12 either way; a gain upwards stops a decibel below full scale."""
    wanted = max(-MOST_GAIN_DB, min(MOST_GAIN_DB, TARGET_LUFS - lufs))
    return round(min(wanted, max(0.0, -HEADROOM_DB - peak_db)), 1)


def _decibels(figures: dict[str, str]) -> float:
    peaks = [value for name, text in figures.items() if name.startswith("sample_peak") and (value := _number(text))]
    return max(-96.0, round(20 * math.log10(max(peaks)), 1)) if peaks and max(peaks) > 0 else -96.0


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _waveform(path: Path) -> dict[str, Any]:
    count = path.stat().st_size // 2
    step = max(1, math.ceil(count / POINTS))
    lows, highs = _extremes(path, count, step)
    data = np.stack([lows, highs], axis=1).ravel() // 256
    return {
        "version": 2, "channels": 1, "sample_rate": RATE, "samples_per_pixel": step, "bits": 8, "length": len(lows),
        "data": data.tolist(),
    }  # fmt: skip


def _extremes(path: Path, count: int, step: int) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.int16]]:
    if not count:
        return np.zeros(0, np.int16), np.zeros(0, np.int16)
    samples = np.memmap(path, dtype="<i2", mode="r", shape=(count,))
    starts = np.arange(0, count, step)
    return np.minimum.reduceat(samples, starts), np.maximum.reduceat(samples, starts)
