"""`python -m benchmarks media`: how long uploads take to play, how fast the other sizes follow, and what that costs.

A recording like a lecture (changing slides, a noisy moving corner, speech-like sound) is made once. Each bar of the issue
is measured on the product's own path, as `flask media ingest --wait` goes, in a data folder of its own with SQLite and
the folder store. The commands that ffmpeg was given are then run once more bare: the difference is what we add.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks import machine
from media.ffmpeg import Ran, ffmpeg_binary, watched

HERE = Path(__file__).resolve().parent
KINDS = ("h264", "hevc")
SIZES = {"small": 60, "medium": 180, "large": 600}  # seconds of recording
PLAYABLE_S, FIRST_RUNG, UNDER_TOP, FOUR_RUNGS, OVERHEAD, MEMORY_MB = 20.0, 0.25, 2.5, 1.3, 1.1, 600.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: what was measured, in which unit, and what it has to be."""

    name: str
    measured: float
    wanted: float
    unit: str
    is_most: bool = True

    @property
    def is_met(self) -> bool:
        """Whether it holds."""
        return self.measured <= self.wanted if self.is_most else self.measured >= self.wanted


def main(arguments: list[str]) -> None:
    """Measures, prints, and writes results/media-DATE.json when everything was measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks media", description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="large", help="60, 180 or 600 seconds of 1080p.")
    parser.add_argument("--kind", choices=KINDS, help="One of the two recordings alone; nothing is written then.")
    options = parser.parse_args(arguments)
    kinds = [options.kind] if options.kind else KINDS
    seconds = SIZES[options.size]
    before = machine.load_average()
    with tempfile.TemporaryDirectory(prefix="keku-bench-") as name:
        folder = Path(name)
        told = [_measure(folder, _recording(folder, seconds, kind), kind, seconds) for kind in kinds]
    bars = [bar for found in told for bar in found["bars"]]
    for bar in bars:
        sign = "≤" if bar.is_most else "≥"
        print(
            f"{bar.name:44} {bar.measured:8.2f} {bar.unit:4} {sign} {bar.wanted:g}  {'met' if bar.is_met else 'MISSED'}"
        )
    print(f"load before {before}, after {machine.load_average()}; {seconds} s of 1080p, {options.size}")
    if not options.kind:
        _write(options.size, before, told, bars)


def _recording(folder: Path, seconds: int, kind: str) -> Path:
    """1080p with 30 pictures a second and key frames every 8.3 s; `hevc` is what browsers do not play."""
    path = folder / f"{kind}.mp4"
    slides = "[0]hue=h='floor(t/15)*50':s=1[b];[1]noise=alls=12:allf=t[p];[b][p]overlay=W-w-20:H-h-20,format=yuv420p[v]"
    codec = {
        "h264": ["libx264", "-preset", "veryfast", "-crf", "21", "-g", "250"],
        "hevc": ["libx265", "-preset", "ultrafast", "-x265-params", "log-level=error", "-tag:v", "hvc1"],
    }[kind]
    short = min(seconds, 60)
    loop = folder / f"{kind}-loop.mp4"
    tool = [ffmpeg_binary(), "-nostdin", "-loglevel", "error", "-y"]
    made = [
        *tool, "-f", "lavfi", "-i", "smptehdbars=s=1920x1080:r=30", "-f", "lavfi", "-i",
        "mandelbrot=s=384x216:r=30:start_scale=2", "-f", "lavfi", "-i", "aevalsrc='0.2*sin(2*PI*(180+90*mod(floor(t*3),5))*t)':s=48000",
        "-filter_complex", slides, "-map", "[v]", "-map", "2:a", "-t", str(short), "-c:v", *codec,
        "-c:a", "aac", "-b:a", "128k", "-ac", "2", str(loop),
    ]  # fmt: skip
    subprocess.run(made, check=True)
    repeat = ["-stream_loop", str(seconds // short - 1), "-i", str(loop), "-c", "copy", "-movflags", "+faststart"]
    subprocess.run([*tool, *repeat, str(path)], check=True)
    loop.unlink()
    return path


def _measure(folder: Path, source: Path, kind: str, seconds: int) -> dict[str, Any]:
    data = folder / f"data-{kind}"
    began, cpu_before = time.monotonic(), _cpu_s()
    with watched() as ran:
        report = ingested(data, source)
    took, cpu_s = time.monotonic() - began, _cpu_s() - cpu_before
    if report["state"] != "ready":
        raise SystemExit(f"{kind}: {report['reason']}")
    pipeline = sum(step["seconds"] for step in report["steps"] if step["name"] not in ("gate", "store"))
    cpu_before = _cpu_s()
    bare = _bare(ran, folder)
    bare_cpu_s = _cpu_s() - cpu_before
    print(
        f"{kind}: CPU of everything {cpu_s:.1f} s, of bare ffmpeg {bare_cpu_s:.1f} s: {cpu_s / bare_cpu_s:.3f} times",
        flush=True,
    )
    steps = {step["name"]: step["seconds"] for step in report["steps"]}
    playable = sum(steps[name] for name in ("gate", "store", "probe", "playable", "publish"))
    bars = [_playable_bar(kind, playable, steps, seconds), _ladder_bar(kind, steps, seconds)]
    if kind == "hevc":
        bars.append(
            Bar(
                "whole ladder of four, times real time",
                seconds / (steps["playable"] + steps["sizes"]),
                FOUR_RUNGS,
                "x",
                False,
            )
        )
    bars.append(Bar(f"{kind}: pipeline over bare ffmpeg", pipeline / bare, OVERHEAD, "x"))
    bars.append(Bar(f"{kind}: memory of ffmpeg at the most", max(r.result.peak_mb for r in ran), MEMORY_MB, "MB"))
    runs = [{"s": round(r.seconds, 2), "cpu_s": round(r.result.cpu_s, 2), "mb": r.result.peak_mb} for r in ran]
    return {
        "kind": kind,
        "seconds": took,
        "steps": steps,
        "runs": runs,
        "pipeline_s": pipeline,
        "bare_s": bare,
        "cpu_s": cpu_s,
        "bare_cpu_s": bare_cpu_s,
        "bars": bars,
    }


def _cpu_s() -> float:
    """Seconds of processor time of this process and of all that it started: the figure to believe on a busy machine."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def _playable_bar(kind: str, playable: float, steps: dict[str, float], seconds: int) -> Bar:
    if kind == "h264":
        return Bar("h264: seconds until it plays", playable, PLAYABLE_S, "s")
    return Bar("hevc: first size, share of its length", steps["playable"] / seconds, FIRST_RUNG, "x")


def _ladder_bar(kind: str, steps: dict[str, float], seconds: int) -> Bar:
    wanted = UNDER_TOP if kind == "h264" else FOUR_RUNGS
    return Bar(f"{kind}: sizes after the first, times real time", seconds / steps["sizes"], wanted, "x", False)


def ingested(data: Path, source: Path) -> dict[str, Any]:
    """The file through the product, in this process, in a data folder of its own; what `flask media ingest` says."""
    from flask_migrate import upgrade

    from app import create_app
    from courseware.core.database import db
    from courseware.core.settings import Settings
    from courseware.resources import ingesting

    data.mkdir()
    url = f"sqlite:///{data / 'keku.db'}"
    app = create_app(Settings.from_env({}, data_dir=str(data), database_url=url))
    with app.app_context():
        upgrade(directory=str(HERE.parent / "migrations"))
        report = ingesting.report(ingesting.ingest(source, wait=True))
        db.session.remove()
        db.engine.dispose()
    return report


def _bare(ran: list[Ran], folder: Path) -> float:
    """Seconds that the same commands take without us, at the same priority and each in a session of its own, as ours are:
    the kernel shares processors out by session. Their folders are gone, and are made anew."""
    began, made = 0.0, []  # type: float, list[Path]
    for each in ran:
        arguments = list(each.arguments)
        for word in arguments:
            path = Path(word.removeprefix("file:"))
            if path.is_absolute() and folder.parent in path.parents and not path.parent.exists():
                path.parent.mkdir(parents=True)
                made.append(path.parent)
        start = time.monotonic()
        quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stdin": subprocess.DEVNULL}
        subprocess.run(["nice", "-n", "10", *arguments], check=True, start_new_session=True, **quiet)
        began += time.monotonic() - start
    for path in made:
        shutil.rmtree(path, ignore_errors=True)
    return began


def _write(size: str, before: list[float], told: list[dict[str, Any]], bars: list[Bar]) -> None:
    found = [{**part, "bars": [{**asdict(bar), "met": bar.is_met} for bar in part["bars"]]} for part in told]
    document = {
        "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"), "size": size, "machine": asdict(machine.describe()),
        "load_average": [before, machine.load_average()], "met": sum(bar.is_met for bar in bars), "of": len(bars), "found": found,
    }  # fmt: skip
    path = HERE / "results" / f"media-{size}-{dt.datetime.now(dt.UTC):%Y-%m-%d}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(f"Written to {path}", file=sys.stderr)
