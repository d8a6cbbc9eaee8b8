"""Small marks of a content by which a copy is found among many, whatever was done to the file.

Texts: hashes of passages, thinned by value, so that two sets thin alike. Pictures and films: 64 bits of low waves of each
distinct frame. Sound: 64 signs of the loudness around every half second. Shares are counted both ways.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from media.comparing.aligning import picture_hash
from media.comparing.pictures import load_picture
from media.comparing.recordings import BANDS, Film, Sound, read_recording
from media.comparing.sounds import LENGTH, STEP
from media.comparing.texts import fold_text
from media.gate import MediaInfo

TEXT, PICTURE, FILM, SOUND = "text", "picture", "film", "sound"
TRACKS = (TEXT, PICTURE, FILM, SOUND)
SHINGLE = 12
LEAST_CHARS = 60  # a shorter text is a caption, and resembles many
MOST_MARKS, MOST_KEYS = 2000, 192
ALIKE_BITS = {PICTURE: 6, FILM: 6, SOUND: 17}
BLANK_BITS = 5.0
LEAST_FILM_S = 3.0

Hashes = npt.NDArray[np.uint64]
_READ = re.compile(r"\W+")


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Marks of one track, each with the share of the whole it stands for (seconds, or 1). Texts keep 1 in 2^`level`."""

    track: str
    marks: Hashes
    weights: npt.NDArray[np.float32]
    level: int = 0

    def lookup_keys(self) -> list[int]:
        """Numbers under which the content is looked up: few, and most of them stay when a file is coded anew."""
        if self.track == TEXT:
            return [_keyed(self.track, int(m)) for m in np.sort(self.marks)[:MOST_KEYS]]
        chosen = (
            self.marks[np.argsort(-self.weights, kind="stable")[: MOST_KEYS // 4]]
            if self.track != SOUND
            else _spread(self.marks)
        )
        return sorted(
            {_keyed(self.track, band << 16 | int(m) >> 16 * band & 0xFFFF) for m in chosen for band in range(4)}
        )

    def part_in(self, other: Fingerprint) -> float:
        """The share of this content that stands in the other, 0 to 1."""
        level = max(self.level, other.level)
        own, theirs = _thinned(self, level), _thinned(other, level)
        if not len(own[0]) or not len(theirs[0]):
            return 0.0
        found = np.isin(own[0], theirs[0]) if self.track == TEXT else _alike(own[0], theirs[0], ALIKE_BITS[self.track])
        return float((own[1] * found).sum() / max(float(own[1].sum()), 1e-6))


def fingerprint_text(text: str) -> Fingerprint | None:
    """None for texts too short to tell."""
    plain = _READ.sub("", fold_text(text)).lower()
    if len(plain) < LEAST_CHARS:
        return None
    marks = np.unique(
        np.array([_hash(plain[i : i + SHINGLE]) for i in range(len(plain) - SHINGLE + 1)], dtype=np.uint64)
    )
    level = 0
    while len(marks) > MOST_MARKS:
        level += 1
        marks = marks[marks % np.uint64(1 << level) == 0]
    return Fingerprint(TEXT, marks, np.ones(len(marks), dtype=np.float32), level)


def fingerprint_picture(path: Path) -> Fingerprint:
    """Raises UnsafeFile."""
    mark = picture_hash(load_picture(path))
    return Fingerprint(PICTURE, np.array([mark], dtype=np.uint64), np.ones(1, dtype=np.float32))


def fingerprint_recording(path: Path, info: MediaInfo) -> list[Fingerprint]:
    """Its film and its sound, where there is something to see and hear. Raises ProcessingFailed."""
    recording = read_recording(path, info, fps=0.5)
    made = (_of_film(recording.film), _of_sound(recording.sound))
    return [fingerprint for fingerprint in made if fingerprint is not None]


def resemblance(new: Sequence[Fingerprint], old: Sequence[Fingerprint]) -> tuple[float, float]:
    """The share of the new content that stands in the old, and of the old that stands in the new.

    A recording stands where both its film and its sound do.
    """
    theirs = {f.track: f for f in old}
    pairs = [(f, theirs[f.track]) for f in new if f.track in theirs]
    if not pairs or {f.track for f in new} != set(theirs):
        return 0.0, 0.0
    return min(a.part_in(b) for a, b in pairs), min(b.part_in(a) for a, b in pairs)


def pack(fingerprint: Fingerprint) -> tuple[bytes, bytes]:
    """Marks and weights as bytes."""
    return fingerprint.marks.astype("<u8").tobytes(), fingerprint.weights.astype("<f4").tobytes()


def unpack(track: str, marks: bytes, weights: bytes, level: int) -> Fingerprint:
    """What `pack` made."""
    return Fingerprint(track, np.frombuffer(marks, dtype="<u8"), np.frombuffer(weights, dtype="<f4"), level)


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest())


def _keyed(track: str, number: int) -> int:
    """60 bits of the number behind two of the track: fits the signed integers of both databases."""
    return TRACKS.index(track) << 60 | (number >> 4 if track == TEXT else number)


def _spread(marks: Hashes) -> Iterable[np.uint64]:
    return (
        [marks[i] for i in np.unique(np.linspace(0, len(marks) - 1, MOST_KEYS // 4).astype(int))] if len(marks) else []
    )


def _thinned(fingerprint: Fingerprint, level: int) -> tuple[Hashes, npt.NDArray[np.float32]]:
    if level == fingerprint.level:
        return fingerprint.marks, fingerprint.weights
    kept = fingerprint.marks % np.uint64(1 << level) == 0
    return fingerprint.marks[kept], fingerprint.weights[kept]


def _alike(own: Hashes, theirs: Hashes, bits: int) -> npt.NDArray[np.bool_]:
    found = np.zeros(len(own), dtype=bool)
    for i in range(0, len(own), 512):
        apart = np.bitwise_count(own[i : i + 512, None] ^ theirs[None, :])
        found[i : i + 512] = apart.min(axis=1) <= bits
    return found


def _of_film(film: Film | None) -> Fingerprint | None:
    if film is None:
        return None
    seen = [n for n, frame in enumerate(film.frames) if frame.std() > BLANK_BITS]
    weights = np.array([film.ends[n] - film.starts[n] for n in seen], dtype=np.float32)
    if weights.sum() < LEAST_FILM_S:
        return None
    marks = np.array([picture_hash(film.frames[n].astype(np.float32)) for n in seen], dtype=np.uint64)
    return Fingerprint(FILM, marks, weights)


def _of_sound(sound: Sound | None) -> Fingerprint | None:
    """Signs of 64 fixed mixtures of the three seconds around; silence leaves no mark."""
    if sound is None or sound.is_silent.all() or len(sound.bands) < LENGTH:
        return None
    starts = np.arange(0, len(sound.bands) - LENGTH + 1, STEP)
    heard = [s for s in starts if not sound.is_silent[s : s + LENGTH].mean() > 0.5]
    if not heard:
        return None
    view = np.lib.stride_tricks.sliding_window_view(sound.bands, LENGTH, axis=0)[heard].reshape(len(heard), -1)
    mixed = np.random.RandomState(20260101).normal(size=(BANDS * LENGTH, 64)).astype(np.float32)
    bits = (view - view.mean(axis=1, keepdims=True)) @ mixed > 0
    marks = np.packbits(bits, axis=1).view(">u8").ravel().astype(np.uint64)
    return Fingerprint(SOUND, marks, np.ones(len(marks), dtype=np.float32))
