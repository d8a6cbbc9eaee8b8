"""What every caption file becomes: cues in order of time, and the problems found on the way, each with its line."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<\d[\d:.]*>|</>|\{\\[^}]*\}")


@dataclass(frozen=True, slots=True)
class Cue:
    """Text shown from `start_s` to `end_s` (seconds from the start)."""

    start_s: float
    end_s: float
    text: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a caption. `line` counts from 1 in a file, or is the number of the cue in a list.

    Codes: times_unreadable, ends_first, negative, no_times (the caption cannot be taken); unordered, overlap,
    no_text, after_end (it can, and a person should look).
    """

    line: int
    code: str
    text: str = ""

    @property
    def is_lost(self) -> bool:
        """Whether the caption could not be taken at all."""
        return self.code in LOST


LOST = ("times_unreadable", "ends_first", "negative", "no_times")
REASONS: Mapping[str, str] = {
    "times_unreadable": "the times cannot be read; write 00:01:02.500 --> 00:01:05.000",
    "ends_first": "the caption ends before it begins",
    "negative": "the caption begins before the recording does",
    "no_times": "this text has no times",
    "unordered": "the caption begins before the one above it",
    "overlap": "the caption begins while the one before is still shown",
    "no_text": "the caption has no text",
    "after_end": "the caption lies after the end of the recording",
}


@dataclass(frozen=True, slots=True)
class CaptionFile:
    """A file as it was understood: its kind, encoding, cues by language ("" where the file names none), and problems."""

    kind: str
    encoding: str
    tracks: Mapping[str, list[Cue]]
    problems: list[Problem] = field(default_factory=list)

    @property
    def cues(self) -> list[Cue]:
        """The cues of the first language."""
        return next(iter(self.tracks.values()), [])

    @property
    def lost(self) -> list[Problem]:
        """The problems that cost a caption."""
        return [problem for problem in self.problems if problem.is_lost]


@dataclass(frozen=True, slots=True)
class Found:
    """A cue as it stands in a file."""

    line: int
    start_s: float
    end_s: float
    text: str
    language: str = ""


@dataclass(slots=True)
class Findings:
    """What a reader of one kind of file collects."""

    cues: list[Found] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def add(self, line: int, start: float, end: float, text: str, language: str = "") -> None:
        """Takes a cue, or notes why its times cannot be."""
        if start < 0:
            self.problems.append(Problem(line, "negative", first_line(text)))
        elif end <= start:
            self.problems.append(Problem(line, "ends_first", first_line(text)))
        else:
            self.cues.append(Found(line, start, end, text, language))

    def refuse(self, line: int, code: str, text: str = "") -> None:
        """Notes a problem of a line."""
        self.problems.append(Problem(line, code, first_line(text)))


def first_line(text: str) -> str:
    """The beginning of a text, to recognise it by."""
    return text.strip().split("\n", 1)[0][:60]


def plain(text: str) -> str:
    """Without markup. Entities last, so that an escaped < does not become a tag."""
    return tidy(html.unescape(_TAG.sub("", text)))


def tidy(text: str) -> str:
    """Lines without outer spaces, none of them empty."""
    lines = (line.strip() for line in text.replace("\x00", "").replace("\xa0", " ").split("\n"))
    return "\n".join(line for line in lines if line)
