"""TTML (also DFXP, IMSC): XML whose paragraphs carry begin, end or dur, counted from the times of what surrounds them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from media.captions.cues import Findings, tidy

_CLOCK = re.compile(r"(-?)(\d+):(\d{1,2}):(\d{1,2})(?:\.(\d+)|[:;](\d+))?$")
_OFFSET = re.compile(r"(-?)(\d+(?:\.\d+)?)(h|ms|m|s|f|t)$")
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def looks_like_ttml(text: str) -> bool:
    """Whether this is a TTML file."""
    return bool(re.search(r"<\s*(?:\w+:)?tt[\s>]", text[:4000]))


@dataclass(frozen=True, slots=True)
class _Rates:
    frames: float
    ticks: float


@dataclass(frozen=True, slots=True)
class _Place:
    """What holds inside an element: seconds it begins at and ends with, and its language."""

    begin: float
    end: float | None
    language: str


def read_ttml(text: str) -> Findings:
    """The paragraphs of a TTML file. Entities and document types are refused unread: a caption file needs none."""
    found = Findings()
    root = _root(text)
    if root is None:
        found.refuse(1, "no_times")
        return found
    _walk(root, _Place(0.0, None, root.get(_LANG) or ""), _rates(root), found)
    return found


def _root(text: str) -> Any:
    from lxml import etree

    if re.search(r"<!\s*(?:doctype|entity)", text[:4000], re.IGNORECASE):
        return None
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=False)
    body = re.sub(r"^\s*<\?xml[^>]*\?>", lambda match: "\n" * match[0].count("\n"), text)
    return etree.fromstring(body.encode(), parser)


def _walk(element: Any, place: _Place, rates: _Rates, found: Findings) -> None:
    if not isinstance(element.tag, str):
        return
    try:
        inside = _inside(element, place, rates)
    except ValueError:
        found.refuse(element.sourceline or 1, "times_unreadable", "".join(element.itertext()))
        return
    if _name(element) in ("p", "span") and not _holds_times(element):
        words = _words(element)
        if inside.end is not None and words:
            found.add(element.sourceline or 1, inside.begin, inside.end, words, inside.language)
        elif words:
            found.refuse(element.sourceline or 1, "no_times", words)
        return
    for child in element:
        _walk(child, inside, rates, found)


def _inside(element: Any, place: _Place, rates: _Rates) -> _Place:
    begin, end, length = (_seconds(element.get(name), rates) for name in ("begin", "end", "dur"))
    from_s = place.begin + (begin or 0.0)
    ends = [place.begin + end] if end is not None else []
    ends += [from_s + length] if length is not None else []
    ends += [place.end] if place.end is not None else []
    return _Place(from_s, min(ends) if ends else None, element.get(_LANG) or place.language)


def _holds_times(element: Any) -> bool:
    return any(child.get("begin") is not None for child in element.iter() if child is not element)


def _words(element: Any) -> str:
    pieces = [element.text or ""]
    for child in element:
        pieces += [
            "\n" if _name(child) == "br" else _words(child) if isinstance(child.tag, str) else "",
            child.tail or "",
        ]
    return tidy("\n".join(re.sub(r"\s+", " ", line) for line in _joined(pieces)))


def _joined(pieces: list[str]) -> list[str]:
    """Lines as <br/> and nothing else makes them: other line ends are only layout."""
    marked = "".join("\x01" if piece == "\n" else piece.replace("\n", " ") for piece in pieces)
    return marked.split("\x01")


def _name(element: Any) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _rates(root: Any) -> _Rates:
    values = {key.rpartition("}")[2]: value for key, value in root.attrib.items()}
    frames = float(values.get("frameRate", "30") or 30)
    over, under = (float(n) for n in [*values.get("frameRateMultiplier", "1 1").replace(":", " ").split(), "1"][:2])
    return _Rates(frames * over / under, float(values.get("tickRate", "1") or 1))


def _seconds(text: str | None, rates: _Rates) -> float | None:
    """Seconds of a TTML time. Raises ValueError for what is none."""
    if text is None:
        return None
    clock, offset = _CLOCK.match(text.strip()), _OFFSET.match(text.strip())
    if clock is not None:
        sign, hours, minutes, seconds, fraction, frames = clock.groups()
        whole = int(hours) * 3600 + int(minutes) * 60 + int(seconds) + float(f"0.{fraction or 0}")
        return _signed(sign, whole + int(frames or 0) / rates.frames)
    if offset is None:
        raise ValueError(text)
    sign, count, unit = offset.groups()
    units = {**_UNITS, "f": 1 / rates.frames, "t": 1 / rates.ticks}
    return _signed(sign, float(count) * units[unit])


def _signed(sign: str, seconds: float) -> float:
    rounded = round(seconds, 3)
    return -rounded if sign else rounded
