"""Moments of a recording: the seconds that teach a point, and its captions."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l

from courseware.core.database import session
from courseware.core.errors import Invalid
from courseware.core.roles import Actor
from courseware.knowledge.models import Point
from courseware.resources import naming, versions
from courseware.resources.errors import BadRanges
from courseware.resources.ledger import add_note
from courseware.resources.models import CaptionTrack, PointRange, ResourcePoint, ResourceVersion
from courseware.resources.reasons import sentence_of, sentence_of_caption
from media.captions import read_captions, to_webvtt
from media.errors import CaptionError

SLACK_S = 0.5  # players and editors round; a range may end this much after the end and is cut there

ENDS_FIRST = _l("“%(point)s”: the end (%(end)s s) must come after the start (%(start)s s).")
OUTSIDE = _l("“%(point)s”: %(start)s–%(end)s s lies outside of the recording (0–%(duration)s s).")
OTHER_LIBRARY = _l("“%(point)s” belongs to another library.")

Range = tuple[Point, float, float]


def set_point_ranges(version: ResourceVersion, ranges: Iterable[Range], actor: Actor | None = None) -> list[PointRange]:
    """Replaces the moments of a version; each (point, start, end) in seconds must lie in [0, duration].

    Points that the resource is not tagged with are added to it. Raises BadRanges naming every range that does not fit.
    """
    wanted = [(point, float(start), float(end)) for point, start, end in ranges]
    problems = [p for p in (_problem(version, r) for r in wanted) if p is not None]
    if problems:
        raise BadRanges({"ranges": problems})
    limit = version.duration_s or math.inf
    version.ranges = [
        PointRange(point=p, point_id=p.id, start_s=s, end_s=min(e, limit)) for p, s, e in _ordered(wanted)
    ]
    _tag(version, [point for point, _s, _e in wanted])
    _tell(version, actor, "ranges")
    return version.ranges


def set_captions(
    version: ResourceVersion,
    language: str,
    captions: str | bytes,
    *,
    is_machine: bool = False,
    actor: Actor | None = None,
) -> CaptionTrack:
    """Sets the captions in one language from a file of any kind. Raises Invalid with every line that cannot be read."""
    webvtt = _as_webvtt(captions.encode() if isinstance(captions, str) else captions)
    track = next((t for t in version.captions if t.language == language), None)
    if track is None:
        track = CaptionTrack(language=language)
        version.captions.append(track)
    track.webvtt, track.is_machine = webvtt, is_machine
    _tell(version, actor, "captions")
    return track


def _as_webvtt(data: bytes) -> str:
    try:
        found = read_captions(data)
    except CaptionError as problem:
        raise Invalid({"captions": [sentence_of(problem)]}) from problem
    if found.lost or not found.cues:
        lost = [sentence_of_caption(problem) for problem in found.lost]
        raise Invalid({"captions": lost or [sentence_of(CaptionError("caption_empty"))]})
    return to_webvtt(found.cues)


def _problem(version: ResourceVersion, wanted: Range) -> Any | None:
    point, start, end = wanted
    words = {
        "point": point.name,
        "start": _number(start),
        "end": _number(end),
        "duration": _number(version.duration_s or 0),
    }
    if point.library_id != version.resource.library_id:
        return _filled(OTHER_LIBRARY, words)
    if not (math.isfinite(start) and math.isfinite(end)) or start < 0 or _ends_late(version, end):
        return _filled(OUTSIDE, words)
    return _filled(ENDS_FIRST, words) if end <= start or _starts_late(version, start) else None


def _ends_late(version: ResourceVersion, end: float) -> bool:
    return bool(version.duration_s) and end > (version.duration_s or 0) + SLACK_S


def _starts_late(version: ResourceVersion, start: float) -> bool:
    return bool(version.duration_s) and start >= (version.duration_s or 0)


def _filled(sentence: Any, words: dict[str, str]) -> str:
    return str(sentence) % words


def _number(seconds: float) -> str:
    return f"{seconds:g}" if math.isfinite(seconds) else "?"


def _ordered(ranges: Sequence[Range]) -> list[Range]:
    unique = {(point.id, start, end): (point, start, end) for point, start, end in ranges}
    return sorted(unique.values(), key=lambda r: (r[1], r[2], r[0].id))


def _tag(version: ResourceVersion, points: Sequence[Point]) -> None:
    resource, db = version.resource, session()
    held = {point.id for point in resource.points}
    new = [p for p in dict.fromkeys(points) if p.id not in held]
    db.add_all(ResourcePoint(resource_id=resource.id, point_id=p.id, seq=len(held) + i) for i, p in enumerate(new))
    db.flush()
    if new:
        db.expire(resource, ["points"])
        naming.mark(resource)


def _tell(version: ResourceVersion, actor: Actor | None, field: str) -> None:
    """Moments and captions of what is published describe it: a line in the ledger, no version."""
    resource = version.resource
    if version.id == resource.published_version_id and version.id is not None:
        add_note(resource.library_id, resource.id, "metadata", actor, fields=[field])
    session().flush()
    if resource.is_live:
        versions.tell_changed(resource)
