"""A caption file of any kind, told by its content: read as far as it can be, with every problem and its line."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable

from media.captions.ass import looks_like_ass, read_ass
from media.captions.blocks import read_blocks
from media.captions.checking import check_cues
from media.captions.cues import REASONS, CaptionFile, Cue, Findings, Found
from media.captions.sami import looks_like_sami, read_sami
from media.captions.ttml import looks_like_ttml, read_ttml
from media.errors import CaptionError
from media.text import decode_text

MAX_BYTES = 5 * 1024 * 1024
MAX_CUES = 50_000

_KINDS: tuple[tuple[str, Callable[[str], bool], Callable[[str], Findings]], ...] = (
    ("ttml", looks_like_ttml, read_ttml),
    ("sami", looks_like_sami, read_sami),
    ("ass", looks_like_ass, read_ass),
)


def parse_captions(data: bytes) -> list[Cue]:
    """Cues of a caption file (its first language) in order of time, markup removed; refused whole where one is unreadable.

    Tolerated: any text encoding, missing hours, numbers or header, comma or point, cues without text (dropped).
    Raises CaptionError: caption_syntax (line and reason of the first problem), caption_empty, caption_too_large,
    text_encoding.
    """
    found = read_captions(data)
    if found.lost:
        first = min(found.lost, key=lambda problem: problem.line)
        raise CaptionError(line=first.line, reason=REASONS[first.code], problem=first.code)
    if not found.cues:
        raise CaptionError("caption_empty")
    return found.cues


def read_captions(data: bytes) -> CaptionFile:
    """Everything that can be read of a caption file, in order of time, and all problems in order of lines.

    Raises CaptionError where there is nothing to read: caption_empty, caption_too_large, text_encoding.
    """
    if len(data) > MAX_BYTES:
        raise CaptionError("caption_too_large")
    if not data.strip():
        raise CaptionError("caption_empty")
    if data.lstrip(codecs.BOM_UTF8).startswith(b"WEBVTT"):
        data = data.replace(b"\x00", "\ufffd".encode())  # as the standard asks; nothing else may hold it
    text, encoding = decode_text(data)
    if not encoding:
        raise CaptionError("text_encoding")
    kind, found = _read(text.lstrip("\ufeff"))
    return _checked(kind, encoding, found)


def _read(text: str) -> tuple[str, Findings]:
    for kind, is_it, read in _KINDS:
        if is_it(text):
            return kind, read(text)
    head = text.lstrip()[:6]
    return "webvtt" if head == "WEBVTT" else "srt", read_blocks(text)


def _checked(kind: str, encoding: str, found: Findings) -> CaptionFile:
    if not found.cues and not found.problems:
        raise CaptionError("caption_empty")
    if len(found.cues) > MAX_CUES:
        raise CaptionError("caption_too_large")
    tracks: dict[str, list[Cue]] = {}
    problems = list(found.problems)
    for language in dict.fromkeys(cue.language for cue in found.cues):
        own = [cue for cue in found.cues if cue.language == language]
        cues = _cues(own)
        problems += check_cues(cues, lines=[cue.line for cue in own])
        tracks[language] = sorted((cue for cue in cues if cue.text), key=lambda cue: (cue.start_s, cue.end_s))
    return CaptionFile(kind, encoding, tracks, sorted(problems, key=lambda problem: problem.line))


def _cues(found: Iterable[Found]) -> list[Cue]:
    return [Cue(cue.start_s, cue.end_s, cue.text) for cue in found]
