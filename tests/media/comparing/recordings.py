"""Recordings for the labelled set: spoken-like sound, films of slides and moving films, and what people do to them."""

from __future__ import annotations

import atexit
import hashlib
import math
import os
import random
import shutil
import subprocess
import tempfile
import wave
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from media.ffmpeg import ffmpeg_binary
from tests.servers import shared

Samples = npt.NDArray[np.float32]
RATE = 16000
SIZE = (640, 360)
VOICES = ((1.0, 120.0, 1.0), (1.2, 215.0, 1.15), (0.9, 92.0, 0.85))  # formants, pitch, pace


@lru_cache(maxsize=12)
def speech(seed: int, seconds: float, voice: int = 0) -> Samples:
    """Syllables with vowels, pitch and pauses: `seed` chooses the words, `voice` who says them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "speech.npy"
        _kept(path, ("speech", seed, seconds, voice), lambda: np.save(path, _speak(seed, seconds, voice)))
        return np.asarray(np.load(path), dtype=np.float32)


def _speak(seed: int, seconds: float, voice: int) -> Samples:
    dice = np.random.RandomState(seed)
    formants, pitch, pace = VOICES[voice]
    out = np.zeros(int(seconds * RATE) + RATE, np.float32)
    at = 0.1
    while at < seconds - 0.5:
        length = dice.uniform(0.12, 0.28) * pace
        times = np.arange(int(length * RATE)) / RATE
        tone = pitch * dice.uniform(0.85, 1.2) * (1 + dice.uniform(-0.15, 0.15) * times / length)
        peaks = [dice.uniform(300, 800), dice.uniform(900, 2300), dice.uniform(2400, 3200)]
        phase = 2 * np.pi * np.cumsum(tone) / RATE
        sound = _vowel(phase, float(tone.mean()), [p * formants for p in peaks]) * np.hanning(len(times))
        if dice.rand() < 0.5:
            sound[:800] += dice.normal(0, 0.4, 800)[: len(sound[:800])]
        start = int(at * RATE)
        out[start : start + len(sound)] += sound * dice.uniform(0.5, 1)
        at += length * dice.uniform(0.95, 1.2) + (dice.uniform(0.2, 0.6) * pace if dice.rand() < 0.15 else 0)
    out = out[: int(seconds * RATE)]
    noise = np.random.RandomState(seed + 1).normal(0, 0.002, len(out))
    return np.asarray(out / np.abs(out).max() * 0.5 + noise, dtype=np.float32)


def _vowel(phase: npt.NDArray[np.float64], pitch: float, peaks: list[float]) -> npt.NDArray[np.float64]:
    sound = np.zeros(len(phase))
    double, before, sine = 2 * np.cos(phase), np.zeros(len(phase)), np.sin(phase)
    for harmonic in range(1, int(3600 / pitch)):
        gains = (
            math.exp(-(((harmonic * pitch - peak) / (140 + 40 * i)) ** 2)) / (1 + i) for i, peak in enumerate(peaks)
        )
        sound += (sum(gains) + 0.01) * sine
        before, sine = sine, double * sine - before  # the sine of the next multiple, without asking for a sine
    return sound


def write_wav(path: Path, samples: npt.NDArray[np.floating]) -> Path:
    """Mono, 16 bit."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return path


def replaced(samples: Samples, start_s: float, seconds: float, seed: int = 77) -> Samples:
    """The same with other words for `seconds` from `start_s` on."""
    out = samples.copy()
    first, count = int(start_s * RATE), int(seconds * RATE)
    out[first : first + count] = speech(seed, seconds + 1)[:count]
    return out


def ffmpeg(*arguments: object) -> None:
    """Runs ffmpeg on files of our own making."""
    head = (ffmpeg_binary(), "-hide_banner", "-nostdin", "-loglevel", "error", "-y")
    subprocess.run([*head, *map(str, arguments)], check=True, timeout=300)


def altered(source: Path, target: Path, *arguments: object) -> Path:
    """`source` through ffmpeg with `arguments` into `target`."""
    ffmpeg("-i", source, *arguments, target)
    return target


# --- films


def _kept(path: Path, key: object, make: Callable[[], None]) -> Path:
    """The file at `path`; an equal one that was made before, in this run by any worker, is taken again."""
    kept = _made_folder() / f"{hashlib.sha256(repr(key).encode()).hexdigest()[:24]}{path.suffix}"
    if not kept.exists():
        make()
        part = kept.with_name(f"{kept.name}.{os.getpid()}")
        shutil.copyfile(path, part)
        part.rename(kept)
    shutil.copyfile(kept, path)
    return path


@cache
def _made_folder() -> Path:
    """Shared by the workers of a run of the suite; of this process otherwise."""
    if shared.RUN_DIR in os.environ:
        folder = Path(os.environ[shared.RUN_DIR]) / "labelled"
        folder.mkdir(exist_ok=True)
        return folder
    folder = Path(tempfile.mkdtemp(prefix="labelled-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


WORDS = (
    "焊枪角度 干伸长 电弧电压 送丝速度 示教器 坐标系 工具中心点 急停按钮 安全围栏 伺服电机 减速机 末端执行器 视觉标定 传送带 "
    "光电开关 接近传感器 气动夹爪 节拍 程序备份 零点校准 关节运动 直线运动 圆弧运动 速度倍率 码垛 焊缝跟踪 起弧 收弧 保护气体 飞溅"
).split()


@lru_cache(maxsize=64)
def slide(seed: int, theme: int = 0) -> Image.Image:
    """A slide: heading, five lines, a diagram; equal ground and heading bar for all of one theme."""
    from tests.media.comparing.pictures import face

    dice = random.Random(seed)
    ground, bar, ink = (("white", (20, 70, 140), (30, 30, 30)), ((24, 34, 52), (230, 120, 30), (235, 235, 235)))[theme]
    page = Image.new("RGB", SIZE, ground)
    draw = ImageDraw.Draw(page)
    draw.rectangle((0, 0, SIZE[0], 50), fill=bar)
    draw.text((20, 10), "".join(dice.sample(WORDS, 2)), fill="white", font=face(26))
    for line in range(5):
        text = "、".join(dice.sample(WORDS, 3)) + f" {dice.randrange(1, 99)}"
        draw.text((24, 70 + 44 * line), f"{line + 1}  {text}", fill=ink, font=face(19))
    for _ in range(4):
        x, y = dice.randrange(400, 560), dice.randrange(80, 280)
        colour = tuple(dice.randrange(60, 220) for _ in range(3))
        draw.rectangle((x, y, x + dice.randrange(30, 80), y + dice.randrange(20, 60)), fill=colour)
    return page


def slide_film(
    path: Path,
    seeds: tuple[int, ...],
    each_s: float,
    sound: Path | None = None,
    theme: int = 0,
    fps: int = 5,
    size: tuple[int, int] = SIZE,
) -> Path:
    """The slides one after the other, `each_s` seconds each, with `sound`."""
    heard = hashlib.sha256(sound.read_bytes()).hexdigest() if sound else ""
    key = (seeds, each_s, heard, theme, fps, size)
    return _kept(path, key, lambda: _make_slide_film(path, seeds, each_s, sound, theme, fps, size))


def _make_slide_film(
    path: Path,
    seeds: tuple[int, ...],
    each_s: float,
    sound: Path | None,
    theme: int,
    fps: int,
    size: tuple[int, int],
) -> None:
    folder = path.parent / f"{path.stem}-slides"
    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    for number, seed in enumerate(seeds):
        name = folder / f"{number}.png"
        slide(seed, theme).resize(size, Image.Resampling.LANCZOS).save(name, compress_level=1)
        lines.append(f"file '{name}'\nduration {each_s}")
    lines.append(f"file '{folder / f'{len(seeds) - 1}.png'}'")
    (folder / "list.txt").write_text("\n".join(lines))
    length = each_s * len(seeds)
    heard = ("-i", sound, "-c:a", "aac", "-b:a", "64k") if sound else ()
    shown = ("-f", "concat", "-safe", "0", "-i", folder / "list.txt")
    ffmpeg(*shown, *heard, "-t", length, "-vf", f"fps={fps}", *X264, path)


X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "26", "-pix_fmt", "yuv420p", "-g", "50")


def moving(path: Path, seconds: float, scene: int = 0, fps: int = 10, size: tuple[int, int] = SIZE) -> Path:
    """A film that moves all the time; `scene` chooses another one."""
    places = (
        "start_x=-0.74:start_y=0.11",
        "start_x=-0.16:start_y=-1.03",
        "start_x=0.28:start_y=0.008",
        "start_x=-1.25:start_y=0.02",
    )
    source = f"mandelbrot=s={size[0] // 2}x{size[1] // 2}:r={fps}:{places[scene]}:start_scale=2.2:end_scale=0.02:end_pts={seconds * fps}"
    make = lambda: ffmpeg("-f", "lavfi", "-i", source, "-t", seconds, "-vf", f"scale={size[0]}:{size[1]}", *X264, path)  # noqa: E731
    return _kept(path, (source, seconds, size), make)
