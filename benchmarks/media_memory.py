"""`python -m benchmarks memory`: what the largest recordings that are taken cost ffmpeg at the most, in every run it makes.

Pictures of 3840 by 2160 and 4096 by 2304 as phones, cameras and screen recorders write them, some of 10 bits, each through
the whole pipeline. A short recording is enough: memory depends on the size of the picture and on what coders keep of it.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from pathlib import Path

from benchmarks import machine
from benchmarks.media import MEMORY_MB, ingested
from media.ffmpeg import RESIDENT_MB, Ran, ffmpeg_binary, watched

UHD, LARGEST = "3840x2160", "4096x2304"
X265 = ["-c:v", "libx265", "-preset", "superfast", "-x265-params", "log-level=error:ref=4:bframes=4", "-tag:v", "hvc1"]
KINDS = {
    "HEVC, 10 bit": (UHD, "mp4", [*X265, "-pix_fmt", "yuv420p10le"]),
    "HEVC, 10 bit, 4:2:2": (UHD, "mp4", [*X265, "-pix_fmt", "yuv422p10le"]),
    "AV1, 10 bit": (UHD, "mp4", ["-c:v", "libsvtav1", "-preset", "12", "-pix_fmt", "yuv420p10le"]),
    "VP9": (UHD, "webm", ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-row-mt", "1"]),
    "H.264, 8 bit": (LARGEST, "mp4", ["-c:v", "libx264", "-preset", "veryfast", "-refs", "4", "-pix_fmt", "yuv420p"]),
}


def main(arguments: list[str]) -> None:
    """Measures and prints; writes nothing."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks memory", description=__doc__)
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--only", default="", help="Kinds whose name holds this.")
    options = parser.parse_args(arguments)
    print(f"load {machine.load_average()}, {machine.describe().cores} cores, limit {RESIDENT_MB:.0f} MB", flush=True)
    for kind in (kind for kind in KINDS if options.only in kind):
        with tempfile.TemporaryDirectory(prefix="keku-bench-") as name:
            _measure(kind, Path(name), options.seconds)


def _measure(kind: str, folder: Path, seconds: int) -> None:
    source = _recording(folder, kind, seconds)
    with watched() as ran:
        report = ingested(folder / "data", source)
    most = max(ran, key=lambda one: one.result.peak_mb)
    verdict = "met" if report["state"] == "ready" and most.result.peak_mb <= MEMORY_MB else "MISSED"
    print(f"{kind:20} {report['state']:8} {most.result.peak_mb:4.0f} MB ({_name(most)})  {verdict} {report['reason']}")
    print(f"{'':20} {', '.join(f'{_name(one)} {one.result.peak_mb:.0f}' for one in ran)}", flush=True)


def _name(run: Ran) -> str:
    """What a run made: the folder and name of its last output."""
    last = Path(run.arguments[-2] if run.arguments[-1] == "-y" else run.arguments[-1])
    return f"{last.parent.name}/{last.name}"


def _recording(folder: Path, kind: str, seconds: int) -> Path:
    size, ending, codec = KINDS[kind]
    path = folder / f"large.{ending}"
    source = ["-f", "lavfi", "-i", f"testsrc2=s={size}:r=15:d={seconds}", "-f", "lavfi", "-i", f"sine=300:d={seconds}"]
    command = [ffmpeg_binary(), "-nostdin", "-loglevel", "error", "-y", *source, *codec, "-g", "60", str(path)]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    return path
