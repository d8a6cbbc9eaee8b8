"""Captions in and out: WebVTT and SRT, read leniently."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cue:
    """Text shown from `start_s` to `end_s` (seconds from the start)."""

    start_s: float
    end_s: float
    text: str


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of speech long enough to find and short enough to jump to."""

    start_s: float
    end_s: float
    text: str


def parse_captions(data: bytes) -> list[Cue]:
    """Cues in order of time. Raises CaptionError with the line number."""
    raise NotImplementedError


def to_webvtt(cues: Sequence[Cue]) -> str:
    """The cues as a WebVTT file."""
    raise NotImplementedError


def search_windows(cues: Sequence[Cue], least_s: float = 30, most_s: float = 60) -> list[Window]:
    """Windows of 30 to 60 seconds over the cues, for search moments."""
    raise NotImplementedError
