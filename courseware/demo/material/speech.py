"""Spoken Chinese by espeak-ng where it is installed."""

import shutil
import subprocess
import wave
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt

Sound = npt.NDArray[np.float32]
RATE = 22050


@lru_cache(maxsize=1)
def speaker() -> str | None:
    """The espeak-ng program, or None."""
    return shutil.which("espeak-ng")


def say(words: str, longest_s: float) -> Sound:
    """The words as sound, spoken faster when they would not fit."""
    sound = _speak(words, 165)
    seconds = len(sound) / RATE
    if seconds > longest_s:
        sound = _speak(words, min(330, round(165 * seconds / longest_s) + 8))
    return sound[: int(longest_s * RATE)]


def _speak(words: str, speed: int) -> Sound:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"
        argv = [speaker() or "espeak-ng", "-v", "cmn", "-s", str(speed), "-p", "42", "-w", str(path), words]
        subprocess.run(argv, check=True, capture_output=True, timeout=30)
        return read_wav(path)


def read_wav(path: Path) -> Sound:
    """A 16 bit WAV file as numbers from -1 to 1."""
    with wave.open(str(path), "rb") as file:
        data = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
        rate = file.getframerate()
    sound = data.astype(np.float32) / 32768
    if rate != RATE:
        at = np.arange(0, len(sound), rate / RATE)
        return np.asarray(np.interp(at, np.arange(len(sound)), sound), dtype=np.float32)
    return np.asarray(sound, dtype=np.float32)
