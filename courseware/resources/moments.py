"""Moments that captions speak of: the seconds where the names of points, or their other names, are said. A person decides.

Chinese is written without spaces, and a caption often breaks inside a word: so all lines are searched as one text. Where
one name stands inside another (“坐标系” in “工具坐标系”), only the longer one was said.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from courseware.knowledge.models import Point
from media.captions import Cue

PAUSE_S = 1.5
GAP_S = 40.0  # said again within this time, it is still the same moment
LEAST_S = 12.0  # a moment is at least that long, where the recording is
MOST = 12
OF_ONE_POINT = 2
_ASCII_WORD = re.compile(r"[a-z0-9]")


@dataclass(frozen=True, slots=True)
class ProposedMoment:
    """Seconds in which `point` is named `count` times; `text` is the line that names it first."""

    point: Point
    start_s: float
    end_s: float
    count: int
    text: str


@dataclass(frozen=True, slots=True)
class _Said:
    """All lines as one text, and which line each letter stands in."""

    text: str
    lines: list[int]

    def cue_at(self, place: int) -> int:
        return bisect_right(self.lines, place) - 1


def propose_moments(
    cues: Sequence[Cue],
    points: Iterable[Point],
    *,
    taken: Sequence[tuple[int, float, float]] = (),
    duration_s: float | None = None,
) -> list[ProposedMoment]:
    """What the captions propose, in order of time; nothing for moments that are `taken` (point id, start, end) already.

    Two of one point at most, those where it is named most.
    """
    ordered = sorted(cues, key=lambda cue: cue.start_s)
    known = {point.id: point for point in points}
    hits = _hits(_joined(ordered), {id_: _names(point) for id_, point in known.items()})
    found: list[ProposedMoment] = []
    for id_, places in hits.items():
        made = [_moment(known[id_], group, ordered, duration_s) for group in _groups(places, ordered)]
        best = sorted(made, key=lambda moment: (-moment.count, moment.start_s))[:OF_ONE_POINT]
        found += [moment for moment in best if not _is_taken(moment, taken)]
    most = sorted(found, key=lambda moment: (-moment.count, moment.start_s))[:MOST]
    return sorted(most, key=lambda moment: (moment.start_s, moment.point.id))


def fold(text: str) -> str:
    """As names are compared: width, case and spaces do not matter (a space between Latin words does)."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"(?<![a-z0-9])\s+|\s+(?![a-z0-9])", "", re.sub(r"\s+", " ", plain))


def _joined(cues: Sequence[Cue]) -> _Said:
    pieces: list[str] = []
    lines, at, end = [], 0, 0.0
    for cue in cues:
        lines.append(at)
        piece = fold(cue.text)
        if cue.start_s - end > PAUSE_S:
            piece = f"\n{piece}"  # no word goes on after a silence
        elif pieces and pieces[-1][-1:].isascii() and piece[:1].isascii():
            piece = f" {piece}"
        pieces.append(piece)
        at, end = at + len(piece), max(end, cue.end_s)
    return _Said("".join(pieces), lines)


def _names(point: Point) -> list[str]:
    names = (point.name, point.name_en, *(alias.name for alias in point.aliases))
    return [name for name in dict.fromkeys(fold(name) for name in names if name) if len(name) >= 2]


def _hits(said: _Said, names: Mapping[int, Sequence[str]]) -> dict[int, list[tuple[int, int]]]:
    """First and last line in which each point is named; longer names are looked for first and keep their letters."""
    covered = bytearray(len(said.text))
    hits: dict[int, list[tuple[int, int]]] = {}
    for name, id_ in sorted(
        ((n, i) for i, many in names.items() for n in many), key=lambda pair: (-len(pair[0]), pair[1])
    ):
        for place in _places(said.text, name):
            if not any(covered[place : place + len(name)]):
                covered[place : place + len(name)] = b"\x01" * len(name)
                hits.setdefault(id_, []).append((said.cue_at(place), said.cue_at(place + len(name) - 1)))
    return {id_: sorted(lines) for id_, lines in hits.items()}


def _places(text: str, name: str) -> Iterable[int]:
    place = text.find(name)
    while place >= 0:
        before, after = text[place - 1 : place], text[place + len(name) : place + len(name) + 1]
        is_inside = (_ASCII_WORD.match(name[0]) and _ASCII_WORD.match(before)) or (
            _ASCII_WORD.match(name[-1]) and _ASCII_WORD.match(after)
        )
        if not is_inside:
            yield place
        place = text.find(name, place + 1)


def _groups(places: Sequence[tuple[int, int]], cues: Sequence[Cue]) -> Iterable[list[tuple[int, int]]]:
    group = [places[0]]
    for place in places[1:]:
        if cues[place[0]].start_s - cues[group[-1][1]].end_s > GAP_S:
            yield group
            group = []
        group.append(place)
    yield group


def _moment(
    point: Point, group: Sequence[tuple[int, int]], cues: Sequence[Cue], duration_s: float | None
) -> ProposedMoment:
    first, last = cues[group[0][0]], max(place[1] for place in group)
    end = cues[last].end_s
    for following in itertools.islice(cues, last + 1, None):
        if end - first.start_s >= LEAST_S or following.start_s - end > 2:
            break
        end = max(end, following.end_s)
    limit = duration_s or end
    return ProposedMoment(
        point, round(first.start_s, 1), round(min(end, limit), 1), len(group), first.text.replace("\n", " ")
    )


def _is_taken(moment: ProposedMoment, taken: Sequence[tuple[int, float, float]]) -> bool:
    """Whether half of it is marked with the same point already, or nothing of it lies in the recording."""
    length = moment.end_s - moment.start_s
    shared = sum(
        max(0.0, min(end, moment.end_s) - max(start, moment.start_s))
        for id_, start, end in taken if id_ == moment.point.id
    )  # fmt: skip
    return length <= 0 or shared >= length / 2
