"""ASS and SSA, as Aegisub writes them: lines `Dialogue:` under `[Events]`, whose order of columns `Format:` names."""

from __future__ import annotations

import re
from collections.abc import Sequence

from media.captions.cues import Findings, tidy

_TIME = re.compile(r"\s*(-?)(\d+):(\d{1,2}):(\d{1,2})(?:[.:](\d{1,3}))?\s*$")
_OVERRIDE = re.compile(r"\{([^}]*)\}")
_DRAWING = re.compile(r"\\p[1-9]")
_COLUMNS = ("layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect", "text")


def looks_like_ass(text: str) -> bool:
    """Whether this is an ASS or SSA file."""
    return bool(re.search(r"(?im)^\s*\[script info\]|^dialogue:\s*(?:marked=)?\d", text[:20_000]))


def read_ass(text: str) -> Findings:
    """The dialogue of an ASS or SSA file; comments, drawings and styling are left out."""
    found, columns = Findings(), list(_COLUMNS)
    for num, line in enumerate(text.split("\n"), 1):
        kind, _colon, rest = line.partition(":")
        if kind.strip().lower() == "format" and "text" in rest.lower() and "start" in rest.lower():
            columns = [name.strip().lower() for name in rest.split(",")]
        elif kind.strip().lower() == "dialogue":
            _take(found, num, rest, columns)
    return found


def _take(found: Findings, num: int, rest: str, columns: Sequence[str]) -> None:
    values = dict(zip(columns, rest.split(",", len(columns) - 1), strict=False))
    start, end = _seconds(values.get("start", "")), _seconds(values.get("end", ""))
    text = _spoken(values.get("text", ""))
    if start is None or end is None:
        found.refuse(num, "times_unreadable", text)
    else:
        found.add(num, start, end, text)


def _spoken(text: str) -> str:
    """The words; empty for shapes that are drawn."""
    if any(_DRAWING.search(override) for override in _OVERRIDE.findall(text)):
        return ""
    bare = _OVERRIDE.sub("", text)
    return tidy(bare.replace("\\N", "\n").replace("\\n", "\n").replace("\\h", " "))


def _seconds(text: str) -> float | None:
    match = _TIME.match(text)
    if match is None:
        return None
    sign, hours, minutes, seconds, fraction = match.groups()
    whole = int(hours) * 3600 + int(minutes) * 60 + int(seconds)
    found = (whole * 1000 + int((fraction or "0").ljust(3, "0"))) / 1000
    return -found if sign else found
