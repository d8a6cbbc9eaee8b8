"""SAMI: HTML of a kind, where <SYNC start=milliseconds> says from when a text is shown; the next one ends it.

Several languages stand side by side as classes of <P>, named in the style sheet at the top.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field

from media.captions.cues import Findings, plain

_SYNC = re.compile(r"<\s*sync\b([^>]*)>", re.IGNORECASE)
_START = re.compile(r"start\s*=\s*[\"']?\s*(-?\d+)", re.IGNORECASE)
_PARAGRAPH = re.compile(r"<\s*p\b([^>]*)>", re.IGNORECASE)
_CLASS = re.compile(r"class\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_BREAK = re.compile(r"<\s*br\s*/?\s*>", re.IGNORECASE)
_END = re.compile(r"<\s*/\s*(?:sync|p|body|sami)\s*>", re.IGNORECASE)
_LANGUAGE = re.compile(r"\.([\w-]+)\s*\{[^}]*?lang\s*:\s*([\w-]+)", re.IGNORECASE | re.DOTALL)
LAST_S = 5.0  # how long the last text is shown, which nothing ends


def looks_like_sami(text: str) -> bool:
    """Whether this is a SAMI file."""
    return bool(re.search(r"<\s*(?:sami|sync)\b", text[:20_000], re.IGNORECASE))


@dataclass(slots=True)
class _Shown:
    """What one language shows since `start`."""

    line: int
    start: float
    text: str


@dataclass(slots=True)
class _Tracks:
    found: Findings = field(default_factory=Findings)
    shown: dict[str, _Shown] = field(default_factory=dict)

    def show(self, line: int, start: float, language: str, text: str) -> None:
        before = self.shown.pop(language, None)
        if before is not None:
            self.found.add(before.line, before.start, start, before.text, language)
        if text:
            self.shown[language] = _Shown(line, start, text)

    def finish(self) -> Findings:
        for language, last in self.shown.items():
            self.found.add(last.line, last.start, last.start + LAST_S, last.text, language)
        return self.found


def read_sami(text: str) -> Findings:
    """The texts of a SAMI file by language, as its style sheet names them."""
    languages = {name.lower(): tag for name, tag in _LANGUAGE.findall(text)}
    lines = [at for at, char in enumerate(text) if char == "\n"]
    tracks, syncs = _Tracks(), list(_SYNC.finditer(text))
    ends = [*(sync.start() for sync in syncs[1:]), len(text)]
    for sync, end in zip(syncs, ends, strict=True):
        num = bisect_right(lines, sync.start()) + 1
        start = _START.search(sync[1])
        if start is None:
            tracks.found.refuse(num, "times_unreadable", plain(text[sync.end() : end]))
            continue
        for language, words in _paragraphs(text[sync.end() : end], languages):
            tracks.show(num, int(start[1]) / 1000, language, words)
    return tracks.finish()


def _paragraphs(body: str, languages: dict[str, str]) -> list[tuple[str, str]]:
    """(language, text) of each paragraph between two SYNCs; a text without <P> counts as one."""
    starts = list(_PARAGRAPH.finditer(body))
    if not starts:
        return [("", _words(body))]
    ends = [*(p.start() for p in starts[1:]), len(body)]
    return [(_language(p[1], languages), _words(body[p.end() : end])) for p, end in zip(starts, ends, strict=True)]


def _language(attributes: str, languages: dict[str, str]) -> str:
    named = _CLASS.search(attributes)
    return languages.get(named[1].lower(), named[1].lower()) if named else ""


def _words(body: str) -> str:
    return plain(_BREAK.sub("\n", _END.split(body, 1)[0].replace("\n", " ")))
