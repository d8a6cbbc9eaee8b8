"""Facts that hint at a poor recording: no sound, no audible sound, hardly any movement. They decide nothing."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import ffmpeg
from PIL import Image, ImageChops, ImageStat

from media import threads
from media.errors import MediaError
from media.ffmpeg import Job, run, safe_input
from media.gate import MediaInfo

STEPS, FRAME = 48, (64, 36)
STILL_BELOW = 1.2  # mean difference of two small grey frames, of 255; noise of coding stays below
_LIMIT = Job(timeout_s=900)


def measure(source: Path, info: MediaInfo, out: Path) -> dict[str, Any]:
    """`still_percent` of a video, unless it cannot be measured."""
    try:
        if info.kind == "video" and info.duration_s:
            return {"still_percent": measure_stillness(source, info, out)}
    except (MediaError, OSError):
        return {}
    return {}


def measure_stillness(source: Path, info: MediaInfo, out: Path) -> int:
    """How many of the steps between frames taken at equal distances show the same picture, in per cent."""
    every = max(1.0, info.duration_s / STEPS)
    options = {"skip_frame": "nokey"} if 0 < info.gop_s <= every or info.duration_s > 1200 else {}
    frames = safe_input(source, info.demuxer, threads=threads.decoding(info), **options)[str(info.video_index)]
    frames = frames.filter("fps", f"1/{every:.3f}").filter("scale", *FRAME)
    run(ffmpeg.output(frames, str((out / "%04d.png").resolve()), f="image2"), _LIMIT)
    paths = sorted(out.glob("*.png"))
    steps = [_difference(a, b) < STILL_BELOW for a, b in pairwise(paths)]
    return round(100 * sum(steps) / len(steps)) if steps else 0


def _difference(first: Path, second: Path) -> float:
    with Image.open(first) as a, Image.open(second) as b:
        return float(ImageStat.Stat(ImageChops.difference(a.convert("L"), b.convert("L"))).mean[0])
