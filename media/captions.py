"""Captions in and out: WebVTT and SRT, read leniently, because teachers bring files from many tools.

The content decides between the two, never the name; encodings from UTF-8 to GB18030 are recognised.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from media.errors import CaptionError
from media.text import decode_text

MAX_BYTES = 5 * 1024 * 1024
MAX_CUES = 50_000
_TIME = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})(?:[.,:](\d{1,3}))?"
_TIMING = re.compile(rf"^\s*{_TIME}\s*-+>\s*{_TIME}")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<\d[\d:.]*>|</>|\{\\[^}]*\}")
_BROKEN_TIMING = re.compile(r"^\s*\d{1,2}:\d{2}[:.,]\d")
_UNREADABLE = "the times cannot be read; write 00:01:02.500 --> 00:01:05.000"
_NOT_CUES = ("NOTE", "STYLE", "REGION", "WEBVTT", "X-TIMESTAMP-MAP")


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


@dataclass(frozen=True, slots=True)
class _Line:
    num: int
    text: str


def parse_captions(data: bytes) -> list[Cue]:
    """Cues of a WebVTT or SRT file in order of time, markup removed.

    Tolerated: any text encoding, missing hours, numbers or header, comma or point, cues without text (dropped).
    Raises CaptionError: caption_syntax (with line and reason), caption_empty, caption_too_large, text_encoding.
    """
    if len(data) > MAX_BYTES:
        raise CaptionError("caption_too_large")
    if not data.strip():
        raise CaptionError("caption_empty")
    text, encoding = decode_text(data)
    if not encoding:
        raise CaptionError("text_encoding")
    return _checked([raw.cue() for raw in _collected(text.lstrip("\ufeff"))])


def _checked(cues: list[Cue]) -> list[Cue]:
    spoken = [cue for cue in cues if cue.text]
    if not spoken:
        raise CaptionError("caption_empty")
    if len(spoken) > MAX_CUES:
        raise CaptionError("caption_too_large")
    return sorted(spoken, key=lambda cue: (cue.start_s, cue.end_s))


@dataclass(slots=True)
class _Raw:
    """A cue being read."""

    start_s: float
    end_s: float
    lines: list[str]

    def cue(self) -> Cue:
        return Cue(self.start_s, self.end_s, _plain("\n".join(self.lines)))


def _collected(text: str) -> list[_Raw]:
    raws: list[_Raw] = []
    for block in _blocks(text):
        if block[0].text.startswith(_NOT_CUES):
            continue
        at = next((at for at, line in enumerate(block) if "->" in line.text), None)
        if at is not None:
            raws.append(_Raw(*_times(block[at]), [line.text for line in block[at + 1 :]]))
        elif raws:
            # an empty line inside a cue, which many tools write: the rest still belongs to it
            raws[-1].lines += _continuation(block)
        else:
            _check_heading(block)
    return raws


def _blocks(text: str) -> Iterator[list[_Line]]:
    """Lines between empty lines; a second timing line also begins a block, where the empty line was forgotten."""
    block: list[_Line] = []
    for num, line in enumerate(text.split("\n"), 1):
        if line.strip() and not (_TIMING.match(line) and any(_TIMING.match(held.text) for held in block)):
            block.append(_Line(num, line))
            continue
        following = [block.pop()] if line.strip() and block[-1].text.strip().isdigit() else []
        if block:
            yield block
        block = [*following, _Line(num, line)] if line.strip() else []
    if block:
        yield block


def _continuation(block: list[_Line]) -> list[str]:
    for line in block:
        if _BROKEN_TIMING.match(line.text):
            raise CaptionError(line=line.num, reason=_UNREADABLE)
    return [line.text for line in block if not line.text.strip().isdigit()]


def _check_heading(block: list[_Line]) -> None:
    if not all(line.text.strip().isdigit() for line in block):
        raise CaptionError(line=block[0].num, reason="this text has no times")


def _times(line: _Line) -> tuple[float, float]:
    match = _TIMING.match(line.text)
    if match is None:
        raise CaptionError(line=line.num, reason=_UNREADABLE)
    start, end = _seconds(match.groups()[:4]), _seconds(match.groups()[4:])
    if end <= start:
        raise CaptionError(line=line.num, reason="the caption ends before it begins")
    return start, end


def _seconds(fields: Sequence[str | None]) -> float:
    hours, minutes, seconds, fraction = (field or "0" for field in fields)
    whole = int(hours) * 3600 + int(minutes) * 60 + int(seconds)
    return (whole * 1000 + int(fraction.ljust(3, "0"))) / 1000


def _plain(text: str) -> str:
    """Without markup. Entities last, so that an escaped < does not become a tag."""
    bare = html.unescape(_TAG.sub("", text)).replace("\x00", "")
    return "\n".join(line.strip() for line in bare.split("\n") if line.strip())


def to_webvtt(cues: Sequence[Cue]) -> str:
    """The cues as a WebVTT file; parsing it gives the same cues to the millisecond."""
    blocks = [f"{timestamp(cue.start_s)} --> {timestamp(cue.end_s)}\n{_escaped(cue.text)}" for cue in cues]
    return "\n\n".join(["WEBVTT", *blocks]) + "\n"


def _escaped(text: str) -> str:
    lines = [line for line in text.split("\n") if line.strip()]  # an empty line would end the cue
    return html.escape("\n".join(lines), quote=False)


def timestamp(seconds: float) -> str:
    """HH:MM:SS.mmm as WebVTT writes it."""
    total = max(0, round(seconds * 1000))
    hours, rest = divmod(total, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}.{rest % 1000:03}"


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
