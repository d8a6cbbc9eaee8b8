"""WebVTT, SRT and SBV: blocks of lines, one of which holds two times."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from media.captions.cues import Findings, plain

_TIME = r"(-?)(?:(\d{1,6}):)?(\d{1,3}):(\d{1,2})(?:[.,:](\d{1,3})\d*)?"
_TIMING = re.compile(rf"^\s*{_TIME}\s*(?:-+>|,(?=\s*-?\d+:\d\d?:\d\d?[.,]\d))\s*{_TIME}(?![\d:])")
_BROKEN_TIMING = re.compile(r"^\s*-?\d{1,2}:\d{2}[:.,]\d")
_NOT_CUES = ("NOTE", "STYLE", "REGION", "WEBVTT", "X-TIMESTAMP-MAP")


@dataclass(frozen=True, slots=True)
class _Line:
    num: int
    text: str


@dataclass(slots=True)
class _Open:
    """The cue whose text is being read; `times` is None where they could not be understood."""

    line: int
    times: tuple[float, float] | None
    texts: list[str] = field(default_factory=list)


def read_blocks(text: str) -> Findings:
    """The cues of a WebVTT, SRT or SBV file."""
    found, held = Findings(), _Collector()
    for block in _blocks(text):
        held.take(block)
    for cue in held.cues:
        if cue.times is None:
            found.refuse(cue.line, "times_unreadable", "\n".join(cue.texts))
        else:
            found.add(cue.line, *cue.times, plain("\n".join(cue.texts)))
    found.problems += held.found.problems
    return found


@dataclass(slots=True)
class _Collector:
    cues: list[_Open] = field(default_factory=list)
    found: Findings = field(default_factory=Findings)

    def take(self, block: list[_Line]) -> None:
        at = _timing_line(block)
        if _is_no_cue(block[0].text) and not (at is not None and block[0].text.startswith("WEBVTT")):
            return
        if at is not None:
            self.cues.append(_Open(block[at].num, _times(block[at].text), [line.text for line in block[at + 1 :]]))
        elif self.cues:
            # an empty line inside a cue, which many tools write: the rest still belongs to it
            self.cues[-1].texts += [line.text for line in block if not line.text.strip().isdigit()]
        elif not all(line.text.strip().isdigit() for line in block):
            self.found.refuse(block[0].num, "no_times", block[0].text)


def _is_no_cue(text: str) -> bool:
    return text.startswith(_NOT_CUES)


def _timing_line(block: list[_Line]) -> int | None:
    """Which line of the block holds the times; one that can be read before one that only looks like it."""
    readable = (at for at, line in enumerate(block) if _TIMING.match(line.text))
    meant = (at for at, line in enumerate(block) if _looks_like_times(line.text))
    return next(readable, next(meant, None))


def _looks_like_times(text: str) -> bool:
    return "->" in text or bool(_TIMING.match(text)) or bool(_BROKEN_TIMING.match(text))


def _blocks(text: str) -> Iterator[list[_Line]]:
    """Lines between empty lines; a second timing line also begins a block, where the empty line was forgotten."""
    block: list[_Line] = []
    is_timed = False
    for num, line in enumerate(text.split("\n"), 1):
        has_times = bool(_TIMING.match(line))
        if line.strip() and not (has_times and is_timed):
            block.append(_Line(num, line))
            is_timed = is_timed or has_times
            continue
        following = [block.pop()] if line.strip() and block[-1].text.strip().isdigit() else []
        if block:
            yield block
        block = [*following, _Line(num, line)] if line.strip() else []
        is_timed = bool(line.strip()) and has_times
    if block:
        yield block


def _times(text: str) -> tuple[float, float] | None:
    match = _TIMING.match(text)
    if match is None:
        return None
    return _seconds(match.groups()[:5]), _seconds(match.groups()[5:])


def _seconds(fields: Sequence[str | None]) -> float:
    sign, hours, minutes, seconds, fraction = (part or "" for part in fields)
    whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    found = (whole * 1000 + int((fraction or "0").ljust(3, "0"))) / 1000
    return -found if sign else found
