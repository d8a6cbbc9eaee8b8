"""Sound: a soft bed, words or the tones that stand for words, and a few sounds of the trade."""

import wave
from pathlib import Path

import numpy as np

from .speech import RATE, Sound, say, speaker

CHORDS = {
    "RP": (220.0, 277.18, 329.63),
    "SI": (196.0, 246.94, 293.66),
    "MT": (174.61, 220.0, 261.63),
    "PL": (207.65, 261.63, 311.13),
    "OS": (233.08, 293.66, 349.23),
    "MV": (184.99, 233.08, 277.18),
    "EE": (164.81, 207.65, 246.94),
    "TR": (196.0, 261.63, 329.63),
}
SCALE = (392.0, 440.0, 493.88, 587.33, 659.26)
Spoken = list[tuple[float, float, str]]
"""Start, end, words."""


def times(seconds: float) -> Sound:
    """The moments of so many seconds."""
    return np.asarray(np.arange(int(seconds * RATE)) / RATE, dtype=np.float32)


def bed(course: str, seconds: float) -> Sound:
    """Two low chords that breathe every twelve seconds; begins and ends in silence, so that it can be repeated."""
    count = int(seconds * RATE)
    breath = _breath(course)
    return np.tile(breath, count // len(breath) + 1)[:count]


def _breath(course: str) -> Sound:
    """Twelve seconds of the bed."""
    t = times(12)
    swell = 0.5 - 0.5 * np.cos(2 * np.pi * t / 6)
    lower = np.where(t > 6, 0.8909, 1.0)
    tones = [np.sin(2 * np.pi * tone * lower * (t % 6)) for tone in CHORDS.get(course, CHORDS["RP"])]
    return np.asarray(sum(tones) * swell * 0.016, dtype=np.float32)


def notes(words: str, seconds: float) -> Sound:
    """A quiet phrase in place of a sentence: one pluck a character, as fast as speech."""
    sound = np.zeros(max(1, int(seconds * RATE)), dtype=np.float32)
    for n, char in enumerate(words):
        at = int(n / 3.4 * RATE)
        ring = times(0.34)
        pluck = np.sin(2 * np.pi * SCALE[ord(char) % 5] * ring) * np.exp(-ring * 14) * 0.07
        room = len(sound) - at
        if room > 0 and char not in "，。；：！？、":
            sound[at : at + len(pluck)] += pluck[:room]
    return sound


def tell(course: str, spoken: Spoken, seconds: float) -> Sound:
    """The whole recording: words over the bed."""
    sound = bed(course, seconds)
    for start, end, words in spoken:
        part = say(words, end - start + 0.4) * 0.8 if speaker() else notes(words, end - start)
        at = int(start * RATE)
        part = part[: max(0, len(sound) - at)]
        sound[at : at + len(part)] += part
    return sound


def metronome(seconds: float, per_minute: int = 110) -> Sound:
    """A beat for chest compressions, the first of thirty stronger."""
    sound, tick = np.zeros(int(seconds * RATE), dtype=np.float32), times(0.06)
    for n in range(int(seconds * per_minute / 60)):
        at = int(n * 60 / per_minute * RATE)
        pitch = 1320 if n % 30 == 0 else 880
        beat = np.sin(2 * np.pi * pitch * tick) * np.exp(-tick * 60) * 0.3
        sound[at : at + len(beat)] += beat[: len(sound) - at]
    return sound


def gearbox(seconds: float) -> Sound:
    """Six sounds of a reducer in turn: even, knocking, whining, rubbing, rattling, beating."""
    t = times(seconds)
    kind = np.minimum((t / seconds * 6).astype(int), 5)
    hum = 0.05 * np.sin(2 * np.pi * 110 * t) + 0.03 * np.sin(2 * np.pi * 220 * t)
    noise = np.random.default_rng(5).standard_normal(len(t)) * 0.02
    extra = [
        0 * t,
        0.2 * np.sin(2 * np.pi * 90 * t) * (t % 0.4 < 0.03),
        0.06 * np.sin(2 * np.pi * 1850 * t),
        noise * (1 + np.sin(2 * np.pi * 2 * t)),
        noise * 4 * (t % 0.11 < 0.02),
        0.06 * np.sin(2 * np.pi * 116 * t),
    ]
    quiet = (t % (seconds / 6)) < seconds / 6 - 1.2
    return np.asarray((hum + np.choose(kind, extra)) * quiet, dtype=np.float32)


def recording(title: str, course: str, spoken: Spoken, seconds: float) -> Sound:
    """The sound of an audio resource; some titles are about a sound."""
    sound = tell(course, spoken, seconds)
    if "节拍" in title and "急救" in title:
        sound = sound * 0.6 + metronome(seconds)
    if "听音" in title:
        sound = sound * 0.7 + gearbox(seconds)
    return np.asarray(sound, dtype=np.float32)


def write_wav(path: Path, sound: Sound) -> Path:
    """The sound as 16 bit mono."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
    return path
