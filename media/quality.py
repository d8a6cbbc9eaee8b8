"""Facts that hint at a poor recording: no sound, no audible sound, hardly any movement. They decide nothing."""

from __future__ import annotations

import math
from array import array
from itertools import pairwise
from pathlib import Path
from typing import Any

import ffmpeg
from PIL import Image, ImageChops, ImageStat

from media.errors import MediaError
from media.ffmpeg import Job, run, safe_input
from media.gate import MediaInfo

SAMPLE_RATE = 4000
LOUDEST = 32768
STEPS, FRAME = 48, (64, 36)
STILL_BELOW = 1.2  # mean difference of two small grey frames, of 255; noise of coding stays below
_LIMIT = Job(timeout_s=900)


def measure(source: Path, info: MediaInfo, out: Path) -> dict[str, Any]:
    """`has_sound`, `peak_db` (0 is the loudest a file can hold) and `still_percent`; what cannot be measured is left out."""
    found: dict[str, Any] = {"has_sound": info.has_audio}
    try:
        if info.has_audio:
            found["peak_db"] = measure_peak(source, info, out / "sound.raw")
        if info.kind == "video" and info.duration_s:
            found["still_percent"] = measure_stillness(source, info, out)
    except (MediaError, OSError):
        return found
    return found


def measure_peak(source: Path, info: MediaInfo, target: Path) -> float:
    """The loudest sample in decibels below full scale, at least -96. Raises ProcessingFailed."""
    track = safe_input(source, info.demuxer)[str(info.audio_index)]
    run(ffmpeg.output(track, str(target.resolve()), f="s16le", ac=1, ar=SAMPLE_RATE), _LIMIT)
    samples = array("h", target.read_bytes()[: target.stat().st_size // 2 * 2])
    target.unlink()
    peak = max(abs(max(samples, default=0)), abs(min(samples, default=0)))
    return round(20 * math.log10(peak / LOUDEST), 1) if peak else -96.0


def measure_stillness(source: Path, info: MediaInfo, out: Path) -> int:
    """How many of the steps between frames taken at equal distances show the same picture, in per cent."""
    every = max(1.0, info.duration_s / STEPS)
    options = {} if info.duration_s <= 1200 else {"skip_frame": "nokey"}
    frames = safe_input(source, info.demuxer, **options)[str(info.video_index)]
    frames = frames.filter("fps", f"1/{every:.3f}").filter("scale", *FRAME)
    run(ffmpeg.output(frames, str((out / "%04d.png").resolve()), f="image2"), _LIMIT)
    paths = sorted(out.glob("*.png"))
    steps = [_difference(a, b) < STILL_BELOW for a, b in pairwise(paths)]
    return round(100 * sum(steps) / len(steps)) if steps else 0


def _difference(first: Path, second: Path) -> float:
    with Image.open(first) as a, Image.open(second) as b:
        return float(ImageStat.Stat(ImageChops.difference(a.convert("L"), b.convert("L"))).mean[0])
