"""The table of moments in the editor: which seconds teach which point, as people write them, and what a machine proposes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from flask_babel import gettext as _

from courseware.knowledge.models import Point
from courseware.resources import captioning, moments
from courseware.resources.models import Resource, ResourceVersion

_CLOCK = re.compile(r"(?:(?:(\d+):)?(\d{1,3}):)?(\d+(?:\.\d+)?)")


@dataclass(slots=True)
class Row:
    """A line of the table of moments, as typed."""

    point: str = ""
    start: str = ""
    end: str = ""


def rows_of(resource: Resource) -> list[Row]:
    """The moments of the draft (or of what is published) as lines of the table."""
    version = resource.draft_version or resource.published_version
    return (
        [Row(str(r.point.uuid), show_clock(r.start_s), show_clock(r.end_s)) for r in version.ranges] if version else []
    )


def typed_rows() -> list[Row]:
    """The lines of the table as they were sent."""
    given = (request.form.getlist(name) for name in ("range-point", "range-start", "range-end"))
    return [Row(*(text.strip()[:40] for text in row)) for row in zip(*given, strict=False)]


def read_rows(
    rows: Sequence[Row], points: Mapping[str, Point]
) -> tuple[list[tuple[Point, float, float]] | None, list[str]]:
    """The typed moments as numbers, and a sentence for each that cannot be read. None where the form had no table."""
    if "range-point" not in request.form:
        return None, []
    found, problems = [], []
    for number, row in enumerate(rows, start=1):
        if not row.start and not row.end:
            continue
        start, end, point = read_clock(row.start), read_clock(row.end), points.get(row.point)
        if point is None:
            problems.append(_("Line %(line)s: choose a point.", line=number))
        elif start is None or end is None:
            problems.append(_("Line %(line)s: write times like 1:48 or 108.", line=number))
        else:
            found.append((point, start, end))
    return found, problems


def read_clock(text: str) -> float | None:
    """Seconds of "1:48", "1:02:03", "108" or "108.5"; None for anything else."""
    match = _CLOCK.fullmatch(text.replace("：", ":").strip())
    if match is None:
        return None
    hours, minutes, seconds = match.groups()
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + float(seconds)


def show_clock(seconds: float) -> str:
    """1:48, or 1:02:03; tenths only where there are any."""
    whole, tenths = divmod(round(seconds * 10), 10)
    hours, rest = divmod(whole, 3600)
    text = f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"
    return f"{text}.{tenths}" if tenths else text


def differ(version: ResourceVersion, ranges: Sequence[Any]) -> bool:
    """Whether `ranges` are other moments than the version has."""
    return sorted((r.point_id, r.start_s, r.end_s) for r in version.ranges) != sorted(
        (p.id, s, e) for p, s, e in ranges
    )


def proposed_moments(
    version: ResourceVersion, points: Sequence[Point], rows: Sequence[Row]
) -> list[moments.ProposedMoment]:
    """What the captions of a draft propose beside the moments that stand in the table."""
    tracks = sorted(version.captions, key=lambda track: track.language[:2] != version.resource.language[:2])
    cues = captioning.cues_of(tracks[0]) if tracks else []
    numbers = {str(point.uuid): point.id for point in points}
    taken = [(numbers.get(row.point, 0), read_clock(row.start) or 0.0, read_clock(row.end) or 0.0) for row in rows]
    return moments.propose_moments(cues, points, taken=taken, duration_s=version.duration_s)
