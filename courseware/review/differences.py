"""What differs between two versions, for a reviewer's eyes: text line by line, facts, moments. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

LINES = 1200
LINE_CHARS = 1500
CONTEXT = 1

_SENTENCE = re.compile(r"(?<=[。！？；!?;])(?=\S)")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of characters; `is_changed` marks it as deleted (old side) or new (new side)."""

    text: str
    is_changed: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """One row side by side. `kind` is same, changed, added, removed or gap (lines left out)."""

    kind: str
    old: Sequence[Piece] = ()
    new: Sequence[Piece] = ()
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class TextDifference:
    """Rows with some unchanged lines around the changes. `is_cut` when a text was too long to compare whole."""

    pairs: Sequence[Pair]
    is_cut: bool = False

    @property
    def changes(self) -> int:
        """Rows that changed."""
        return sum(pair.kind in ("changed", "added", "removed") for pair in self.pairs)


def compare(old: str, new: str) -> TextDifference:
    """Compares two texts by lines and sentences, and changed lines by characters."""
    before, after = _lines(old), _lines(new)
    is_cut = len(before) > LINES or len(after) > LINES
    return TextDifference(list(_pairs(before[:LINES], after[:LINES])), is_cut)


def _lines(text: str) -> list[str]:
    lines = (part.strip() for line in text.splitlines() for part in _SENTENCE.split(line))
    return [line[:LINE_CHARS] for line in lines if line]


def _pairs(old: Sequence[str], new: Sequence[str]) -> Iterator[Pair]:
    steps = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    for number, (tag, a, b, c, d) in enumerate(steps):
        if tag == "equal":
            yield from _unchanged(new[c:d], is_first=number == 0, is_last=number == len(steps) - 1)
        else:
            yield from _changed(old[a:b], new[c:d])


def _unchanged(lines: Sequence[str], *, is_first: bool, is_last: bool) -> Iterator[Pair]:
    head = 0 if is_first else CONTEXT
    tail = 0 if is_last else CONTEXT
    if len(lines) <= head + tail + 1:
        yield from map(_same, lines)
        return
    yield from map(_same, lines[:head])
    yield Pair("gap", skipped=len(lines) - head - tail)
    yield from map(_same, lines[len(lines) - tail :])


def _same(line: str) -> Pair:
    return Pair("same", [Piece(line)], [Piece(line)])


def _changed(old: Sequence[str], new: Sequence[str]) -> Iterator[Pair]:
    for before, after in zip(old, new, strict=False):
        yield Pair("changed", *_pieces(before, after))
    yield from (Pair("removed", old=[Piece(line, is_changed=True)]) for line in old[len(new) :])
    yield from (Pair("added", new=[Piece(line, is_changed=True)]) for line in new[len(old) :])


def _pieces(old: str, new: str) -> tuple[list[Piece], list[Piece]]:
    before: list[Piece] = []
    after: list[Piece] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if b > a:
            before.append(Piece(old[a:b], tag != "equal"))
        if d > c:
            after.append(Piece(new[c:d], tag != "equal"))
    return before, after
