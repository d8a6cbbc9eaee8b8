"""Small marks of a content by which a copy is found among many, whatever was done to the file.

Texts: hashes of passages, thinned by value, so that two sets thin alike. Pictures: 64 bits of low waves. Films: 256 bits of
each distinct frame, whether it grows lighter from left to right. Sound: 64 signs of the loudness around every half second.
A recording stands in another where its marks follow each other as they do there: slides of one template, and two speeches
by one voice, share single marks but no stretches (decision 10 has the figures). Shares are counted both ways.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from media.comparing.aligning import Array, picture_hash, resize
from media.comparing.films import unbarred
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
PICTURE_BITS = 6
RUN = {FILM: 16, SOUND: 8}  # marks that have to follow each other: 32 s of pictures, 6.5 s of sound
RUN_BITS = {FILM: 15, SOUND: 10}  # how far they may be apart in the mean: 6 % of 256 bits, 16 % of 64
STEP_S = 2.0  # seconds of film that one mark stands for in a stretch
TELLING = 8  # pictures that differ, from which a film alone tells where it comes from: a speaker before a wall does not
WAY = {TEXT: 0, PICTURE: 0, FILM: 1, SOUND: 1}  # raised when marks of a track are made anew in another way
BLANK_BITS = 5.0
LEAST_FILM_S = 3.0
FRAME_ROWS = 16
_ROWS_AT_ONCE = 256

Hashes = npt.NDArray[np.uint64]
_READ = re.compile(r"\W+")


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Marks of one track, each with the share of the whole it stands for (seconds, or 1).

    Texts keep 1 mark in 2^`level`; for other tracks `level` is the way they were made (`WAY`), and only equal ways compare.
    """

    track: str
    marks: Hashes
    weights: npt.NDArray[np.float32]
    level: int = 0

    def lookup_keys(self) -> list[int]:
        """Numbers under which the content is looked up: few, and most of them stay when a file is coded anew or cut."""
        if self.track == TEXT:
            return [_keyed(self.track, int(m)) for m in np.sort(self.marks)[:MOST_KEYS]]
        bands = _bands(self.marks)
        chosen = ((band, value) for band in range(4) for value in _least(bands[:, band], MOST_KEYS // 4))
        return sorted({_keyed(self.track, band << 16 | value) for band, value in chosen})

    def part_in(self, other: Fingerprint) -> float:
        """The share of this content that stands in the other, 0 to 1."""
        return self.found_in(other)[0]

    def found_in(self, other: Fingerprint) -> tuple[float, bool]:
        """The share of this content that stands in the other, and whether what stands there tells one content from another."""
        if self.track == TEXT:
            return _shared_passages(self, other), True
        if self.level != other.level or not len(self.marks) or not len(other.marks):
            return 0.0, False
        if self.track == PICTURE:
            return float(int(np.bitwise_count(self.marks[0] ^ other.marks[0])) <= PICTURE_BITS), True
        own, weights = _timed(self)
        found = in_order(own, _timed(other)[0], RUN[self.track], RUN_BITS[self.track])
        share = float((weights * found).sum() / max(float(weights.sum()), 1e-6))
        return share, self.track == SOUND or _differ(own[found])


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


def no_marks() -> Fingerprint:
    """Of a content that leaves no marks."""
    return Fingerprint(TEXT, np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.float32))


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

    Tracks are looked at apart and the larger share counts (M4): a film with another voice stands in the old film. Pictures
    that tell nothing by themselves count only where nothing is heard.
    """
    theirs = {f.track: f for f in old}
    pairs = [(f, theirs[f.track]) for f in new if f.track in theirs]
    is_mute = SOUND not in theirs and all(f.track != SOUND for f in new)
    return _largest([a.found_in(b) for a, b in pairs], is_mute), _largest([b.found_in(a) for a, b in pairs], is_mute)


def _largest(found: Sequence[tuple[float, bool]], is_mute: bool) -> float:
    return max((share for share, tells in found if tells or is_mute), default=0.0)


def in_order(own: Hashes, theirs: Hashes, run: int, bits: float) -> npt.NDArray[np.bool_]:
    """Which of the own marks (rows of words) belong to a stretch of `run` that the other has in the same order.

    Marks of a stretch may be `bits` apart in the mean. The shorter of the two bounds the stretch.
    """
    run = min(run, len(own), len(theirs))
    found = np.zeros(len(own), dtype=bool)
    for first in range(0, len(own) - run + 1, _ROWS_AT_ONCE):
        rows = own[first : first + _ROWS_AT_ONCE + run - 1]
        apart = np.bitwise_count(rows[:, None] ^ theirs[None]).sum(axis=2, dtype=np.uint16)
        count, places = len(rows) - run + 1, len(theirs) - run + 1
        along = sum((apart[i : i + count, i : i + places] for i in range(run)), np.zeros((count, places), np.uint16))
        for start in np.nonzero(along.min(axis=1) <= bits * run)[0]:
            found[first + start : first + start + run] = True
    return found


def pack(fingerprint: Fingerprint) -> tuple[bytes, bytes]:
    """Marks and weights as bytes."""
    return fingerprint.marks.astype("<u8").tobytes(), fingerprint.weights.astype("<f4").tobytes()


def unpack(track: str, marks: bytes, weights: bytes, level: int) -> Fingerprint:
    """What `pack` made."""
    shares = np.frombuffer(weights, dtype="<f4")
    words = np.frombuffer(marks, dtype="<u8")
    return Fingerprint(track, words.reshape(len(shares), -1) if track == FILM else words, shares, level)


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest())


def _keyed(track: str, number: int) -> int:
    """60 bits of the number behind two of the track: fits the signed integers of both databases."""
    return TRACKS.index(track) << 60 | (number >> 4 if track == TEXT else number)


def _bands(marks: Hashes) -> npt.NDArray[np.uint16]:
    """Four numbers of 16 bits for each mark; for films of bits from all over the picture, so that no band is plain ground."""
    if marks.ndim == 2:
        bits = np.unpackbits(np.ascontiguousarray(marks, dtype="<u8").view(np.uint8), axis=1)
        spread = np.random.RandomState(20260102).permutation(bits.shape[1])[:64]
        return np.ascontiguousarray(np.packbits(bits[:, spread], axis=1)).view("<u2")
    return np.ascontiguousarray(marks, dtype="<u8").view("<u2").reshape(-1, 4)


def _least(values: npt.NDArray[np.uint16], count: int) -> list[int]:
    """The `count` values that come first in a fixed mixed order: two contents that share matter choose alike."""
    known = np.unique(values).astype(np.uint32)
    order = np.argsort((known * 0x9E37 + 0x79B9) & 0xFFFF, kind="stable")
    return [int(v) for v in known[order[:count]]]


def _shared_passages(own: Fingerprint, other: Fingerprint) -> float:
    level = max(own.level, other.level)
    mine, theirs = _thinned(own, level), _thinned(other, level)
    if not len(mine[0]) or not len(theirs[0]):
        return 0.0
    return float((mine[1] * np.isin(mine[0], theirs[0])).sum() / max(float(mine[1].sum()), 1e-6))


def _timed(fingerprint: Fingerprint) -> tuple[Hashes, npt.NDArray[np.float32]]:
    """Marks as rows of words, one a step of time, and what each counts."""
    if fingerprint.track == SOUND:
        return fingerprint.marks[:, None], fingerprint.weights
    steps = np.maximum(1, np.round(fingerprint.weights / STEP_S)).astype(np.int64)
    marks = np.repeat(fingerprint.marks, steps, axis=0)
    return marks, np.ones(len(marks), dtype=np.float32)


def _differ(marks: Hashes) -> bool:
    """Whether at least `TELLING` of these frames show different pictures."""
    kept = marks[:1]
    for mark in marks[1:]:
        if np.bitwise_count(kept ^ mark).sum(axis=1).min() > RUN_BITS[FILM]:
            kept = np.concatenate([kept, mark[None]])
            if len(kept) >= TELLING:
                return True
    return len(kept) >= TELLING


def _thinned(fingerprint: Fingerprint, level: int) -> tuple[Hashes, npt.NDArray[np.float32]]:
    if level == fingerprint.level:
        return fingerprint.marks, fingerprint.weights
    kept = fingerprint.marks % np.uint64(1 << level) == 0
    return fingerprint.marks[kept], fingerprint.weights[kept]


def _of_film(film: Film | None) -> Fingerprint | None:
    if film is None:
        return None
    seen = [n for n, frame in enumerate(film.frames) if frame.std() > BLANK_BITS]
    weights = np.array([film.ends[n] - film.starts[n] for n in seen], dtype=np.float32)
    if weights.sum() < LEAST_FILM_S:
        return None
    frames = unbarred(film)
    return Fingerprint(FILM, np.stack([_frame_mark(frames[n]) for n in seen]), weights, WAY[FILM])


def _frame_mark(frame: Array) -> Hashes:
    """256 bits: whether each cell of a coarse grid is lighter than its left neighbour."""
    cells = resize(frame, FRAME_ROWS, FRAME_ROWS + 1)
    return np.packbits(cells[:, 1:] > cells[:, :-1]).view("<u8").astype(np.uint64)


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
    return Fingerprint(SOUND, marks, _once(marks), WAY[SOUND])


def _once(marks: Hashes) -> npt.NDArray[np.float32]:
    """What a recording says again and again (a jingle, a filler) counts once in all."""
    rows = marks[:, None]
    times = np.ones(len(marks), dtype=np.float32)
    for first in range(0, len(rows), _ROWS_AT_ONCE):
        apart = np.bitwise_count(rows[first : first + _ROWS_AT_ONCE, None] ^ rows[None]).sum(axis=2, dtype=np.uint16)
        times[first : first + len(apart)] = (apart <= RUN_BITS[SOUND]).sum(axis=1)
    return np.asarray(1 / times, dtype=np.float32)
