"""Captions in and out: WebVTT, SRT, SBV, ASS/SSA, SAMI and TTML are read leniently, because teachers bring files from many tools.

The content decides which kind it is, never the name. Everything becomes a list of `Cue`; what could not be taken, or
looks wrong, becomes a list of `Problem` with its line.
"""

from media.captions.checking import check_cues, repair_cues
from media.captions.cues import CaptionFile, Cue, Problem
from media.captions.reading import MAX_BYTES, MAX_CUES, parse_captions, read_captions
from media.captions.windows import Window, search_windows
from media.captions.writing import timestamp, to_srt, to_text, to_ttml, to_webvtt

__all__ = [
    "MAX_BYTES", "MAX_CUES", "CaptionFile", "Cue", "Problem", "Window", "check_cues", "parse_captions", "read_captions",
    "repair_cues", "search_windows", "timestamp", "to_srt", "to_text", "to_ttml", "to_webvtt",
]  # fmt: skip
