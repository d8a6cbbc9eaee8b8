"""Two sound tracks by what is heard: windows of three seconds, looked for anywhere in the old track.

Level, tone, noise, coding and a tempo within 10 % (with or without its pitch) leave a window recognisable; other words,
or the same words by another voice, do not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from media.comparing.aligning import Array
from media.comparing.recordings import BANDS, FRAMES_S, HIGH_HZ, LOW_HZ, Sound
from media.comparing.tracks import Match

LENGTH = 30  # frames of 0.1 s in a window
STEP = 5
SAMPLES = 24
SURE = 0.85  # a mean likeness of samples from which no other tempo is tried
SAME = 0.6
SEAM_S = 3.2  # a window over a join is heard nowhere
SILENT_SHARE = 0.8
CHUNK = 256
LONG_FRAMES = 54_000  # above 90 minutes every other place is looked at
PACES = tuple(round(0.90 + 0.01 * i, 2) for i in range(21))
_PER_OCTAVE = BANDS / float(np.log2(HIGH_HZ / LOW_HZ))


@dataclass(frozen=True, slots=True)
class _Pace:
    """How to stretch the new track, and by how many bands to shift it, to lie on the old one."""

    stretch: float = 1.0
    shift: float = 0.0


def match_sounds(old: Sound, new: Sound) -> Match:
    """Step by step whether `new` is heard in `old`, and when. Silence is nothing new."""
    before = _windows(old.bands, 2 if len(old.bands) > LONG_FRAMES else 1)
    pace = _pace(before, new.bands)
    laid = _laid(new.bands, pace)
    starts = np.arange(0, max(1, len(laid) - LENGTH + 1), STEP)
    likeness, at = _best(before, _pick(laid, starts))
    silent = _silent(new, pace, starts)
    stride = 2 if len(old.bands) > LONG_FRAMES else 1
    old_at = (at * stride + LENGTH / 2) * FRAMES_S
    is_new = (likeness < SAME) & ~silent
    old_at = np.where(is_new | silent, np.nan, old_at).astype(np.float32)
    # steps are those of the new track in its own time
    step_s = STEP * FRAMES_S / pace.stretch
    lead = LENGTH // 2 // STEP
    pad = max(0, round(len(laid) / STEP) - len(is_new) - lead)
    return Match(
        np.concatenate([np.repeat(is_new[:1], lead), is_new, np.repeat(is_new[-1:], pad)]),
        np.concatenate([np.full(lead, np.nan), old_at, np.full(pad, np.nan)]).astype(np.float32),
        step_s, old.length_s, new.length_s, least_s=SEAM_S,
    )  # fmt: skip


def _windows(bands: Array, stride: int = 1) -> Array:
    return _pick(bands, np.arange(0, max(1, len(bands) - LENGTH + 1), stride))


def _pick(bands: Array, starts: npt.NDArray[np.int64]) -> Array:
    if len(bands) < LENGTH:
        bands = np.pad(bands, ((0, LENGTH - len(bands)), (0, 0)))
    view = np.lib.stride_tricks.sliding_window_view(bands, LENGTH, axis=0)[starts]
    flat = view.reshape(len(starts), -1).astype(np.float32)
    flat = flat - flat.mean(axis=1, keepdims=True)
    return np.asarray(flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-3), dtype=np.float32)


def _best(before: Array, after: Array) -> tuple[Array, npt.NDArray[np.int64]]:
    likeness = np.empty(len(after), dtype=np.float32)
    at = np.empty(len(after), dtype=np.int64)
    for i in range(0, len(after), CHUNK):
        scores = after[i : i + CHUNK] @ before.T
        at[i : i + CHUNK] = scores.argmax(axis=1)
        likeness[i : i + CHUNK] = scores.max(axis=1)
    return likeness, at


def _pace(before: Array, bands: Array) -> _Pace:
    """The tempo, and the pitch that goes with it, under which samples of the new track are heard best."""
    best, best_score = _Pace(), _sampled(before, bands, _Pace())
    if best_score >= SURE:
        return best
    for stretch in PACES:
        for shift in (0.0, float(np.log2(stretch)) * _PER_OCTAVE):
            score = _sampled(before, bands, _Pace(stretch, shift))
            if score > best_score + 0.01:
                best, best_score = _Pace(stretch, shift), score
    return best


def _sampled(before: Array, bands: Array, pace: _Pace) -> float:
    laid = _laid(bands, pace)
    last = max(0, len(laid) - LENGTH)
    starts = np.unique(np.linspace(0, last, SAMPLES).astype(np.int64))
    likeness, _at = _best(before, _pick(laid, starts))
    return float(np.sort(likeness)[len(likeness) // 3 :].mean())


def _laid(bands: Array, pace: _Pace) -> Array:
    """The bands stretched in time and shifted in pitch."""
    if pace == _Pace():
        return bands
    at = np.arange(0, len(bands) - 1, 1 / pace.stretch)
    low = at.astype(np.int64)
    part = (at - low)[:, None].astype(np.float32)
    moved = bands[low] * (1 - part) + bands[np.minimum(low + 1, len(bands) - 1)] * part
    if not pace.shift:
        return np.asarray(moved, dtype=np.float32)
    columns = np.clip(np.arange(BANDS) - pace.shift, 0, BANDS - 1)
    left = columns.astype(np.int64)
    share = (columns - left).astype(np.float32)
    return np.asarray(
        moved[:, left] * (1 - share) + moved[:, np.minimum(left + 1, BANDS - 1)] * share, dtype=np.float32
    )


def _silent(new: Sound, pace: _Pace, starts: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    quiet = np.concatenate([[0.0], np.cumsum(new.is_silent)])
    first = np.minimum((starts / pace.stretch).astype(np.int64), len(new.is_silent))
    last = np.minimum(first + LENGTH, len(new.is_silent))
    return np.asarray((quiet[last] - quiet[first]) >= SILENT_SHARE * np.maximum(last - first, 1))
