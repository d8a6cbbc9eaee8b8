"""Stretches of speech for search: long enough to find, short enough to jump to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from media.captions.cues import Cue


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of speech long enough to find and short enough to jump to."""

    start_s: float
    end_s: float
    text: str


def search_windows(cues: Sequence[Cue], least_s: float = 30, most_s: float = 60) -> list[Window]:
    """Consecutive stretches over all cues, for search moments.

    A window closes at the first sentence end or pause after `least_s`, at the latest before it would exceed
    `most_s`; a single longer cue stays whole. The last window may be shorter.
    """
    windows: list[Window] = []
    held: list[Cue] = []
    for cue in sorted(cues, key=lambda cue: cue.start_s):
        if held and (cue.end_s - held[0].start_s > most_s or _rests(held, cue, least_s)):
            windows.append(_window(held))
            held = []
        held.append(cue)
    return [*windows, _window(held)] if held else windows


def _rests(held: list[Cue], following: Cue, least_s: float) -> bool:
    long_enough = held[-1].end_s - held[0].start_s >= least_s
    pause = following.start_s - held[-1].end_s >= 2
    return long_enough and (pause or held[-1].text.rstrip("\"'”’」』)）").endswith(("。", "！", "？", ".", "!", "?")))


def _window(cues: list[Cue]) -> Window:
    text = " ".join(cue.text.replace("\n", " ") for cue in cues)
    return Window(cues[0].start_s, max(cue.end_s for cue in cues), text)
