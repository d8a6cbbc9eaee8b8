"""Updates that are none (M4): uploaded again, split into parts, all in the last days of a year."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from statistics import median

from courseware.core.fractions import Ratio
from courseware.monitoring.alerts.rules.model import EXCLUDED, FLAGGED, RESOURCE, Found, Row, Traces
from courseware.monitoring.facts import Facts, ResourceFact
from courseware.monitoring.indicators.updates import Updates, updates_of
from courseware.monitoring.spans import is_live

TIMED = ("video", "audio", "animation")
RUSH_DAYS, RUSH_PERCENT, RUSH_FEWEST = 15, 30, 10
SPLIT_NEW, SPLIT_OLD, SPLIT_LONGEST_S = 10, 5, 180.0


def reupload(facts: Facts, traces: Traces) -> Iterator[Found]:
    """Delete and upload again: refused outright, waiting for an answer, answered, or equal to a withdrawn resource."""
    updates = updates_of(facts)
    now = Ratio(len(updates.counted), len(updates.at_start))
    refused = [
        Row(RESOURCE, note.resource_id or 0, note.at)
        for note in facts.notes
        if note.kind in ("reupload", "duplicate") and facts.period.start <= note.at < updates.moment
    ]
    if refused:
        yield Found("reupload", "refused", EXCLUDED, refused, "M4.A", now)
    yield from _copies(updates, traces, now)
    equal = list(_equal_to_withdrawn(updates))
    if equal:
        without = _without(updates, {row.id for row in equal})
        yield Found("reupload", "equal", FLAGGED, equal, "M4.A", now, without)


def _copies(updates: Updates, traces: Traces, now: Ratio) -> Iterator[Found]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for copy in traces.copies:
        ours, other = updates.by_id.get(copy.resource_id), updates.by_id.get(copy.other_id)
        if copy.is_asked and ours and ours.id in updates.born and other and not is_live(other.spans, updates.moment):
            row = Row(RESOURCE, ours.id, ours.first_published_at, round(100 * copy.share, 1), other.id)
            groups["answered" if copy.answer else "unanswered"].append(row)
    for about, rows in sorted(groups.items()):
        effect = FLAGGED if about == "answered" else EXCLUDED
        without = _without(updates, {row.id for row in rows}) if effect == FLAGGED else None
        yield Found("reupload", about, effect, rows, "M4.A", now, without)


def _equal_to_withdrawn(updates: Updates) -> Iterator[Row]:
    """Counted as new although a withdrawn resource held the very same content: imports may bring such."""
    gone: dict[str, int] = {}
    for resource in updates.resources:
        if not is_live(resource.spans, updates.moment):
            gone.update({v.content_hash: resource.id for v in resource.versions if v.content_hash})
    for key in sorted(updates.born & updates.counted.keys()):
        resource = updates.by_id[key]
        content = resource.versions[0].content_hash if resource.versions else ""
        if content in gone and gone[content] != key:
            yield Row(RESOURCE, key, resource.first_published_at, 100.0, gone[content])


def split(facts: Facts, traces: Traces) -> Iterator[Found]:
    """Parts of one source count once; and authors whose new recordings are much shorter than theirs before."""
    updates = updates_of(facts)
    parts = [Row(RESOURCE, key, updates.by_id[key].first_published_at, None, source) for key, source in sorted(updates.parts.items())]  # fmt: skip
    if parts:
        yield Found("split", "parts", EXCLUDED, parts, "M4.A", Ratio(len(updates.counted), len(updates.at_start)))
    for author, new in sorted(_timed_by_author(updates).items()):
        yield from _shortened(updates, author, new)


def _timed_by_author(updates: Updates) -> dict[int, list[tuple[ResourceFact, float]]]:
    found: dict[int, list[tuple[ResourceFact, float]]] = defaultdict(list)
    for resource in updates.resources:
        first = resource.versions[0] if resource.versions else None
        if resource.type in TIMED and first is not None and first.duration_s:
            found[first.author_id].append((resource, first.duration_s))
    return found


def _shortened(updates: Updates, author: int, media: Sequence[tuple[ResourceFact, float]]) -> Iterator[Found]:
    new = [(r, length) for r, length in media if r.id in updates.born]
    old = [length for r, length in media if r.first_published_at and r.first_published_at < updates.period.start]
    if len(new) < SPLIT_NEW or len(old) < SPLIT_OLD:
        return
    before, after = median(old), median(length for _, length in new)
    if after < SPLIT_LONGEST_S and 2 * after < before:
        rows = [Row(RESOURCE, r.id, r.first_published_at, length) for r, length in new]
        yield Found(
            "split", f"author:{author}", FLAGGED, rows, "M4.A", Ratio(len(updates.counted), len(updates.at_start)),
            _without(updates, {r.id for r, _ in new}), {"before_s": before, "after_s": after},
        )  # fmt: skip


def rush(facts: Facts, traces: Traces) -> Iterator[Found]:
    """More than 30 % of a year's updates in its last 15 days."""
    updates = updates_of(facts)
    since = facts.period.end - dt.timedelta(days=RUSH_DAYS)
    late = [Row(RESOURCE, key, at) for key, at in sorted(_dates(updates).items()) if at >= since]
    whole = len(updates.counted)
    if whole < RUSH_FEWEST or 100 * len(late) <= RUSH_PERCENT * whole:
        return
    now = Ratio(whole, len(updates.at_start))
    without = Ratio(whole - len(late), len(updates.at_start))
    yield Found("rush", "year_end", FLAGGED, late, "M4.A", now, without, {"late": len(late), "all": whole})


def _dates(updates: Updates) -> dict[int, dt.datetime]:
    """When each counted update happened: first publication, first substantive revision, or first part."""
    dates: dict[int, dt.datetime] = {}
    for key in updates.counted:
        resource = updates.by_id.get(key)
        moments = list(_moments(updates, resource)) if resource else []
        if moments:
            dates[key] = min(moments)
    return dates


def _moments(updates: Updates, resource: ResourceFact) -> Iterator[dt.datetime]:
    if resource.id in updates.born and resource.first_published_at:
        yield resource.first_published_at
        return
    for version in resource.versions:
        if version.decided_class == "substantive" and updates.period.start <= version.published_at < updates.moment:
            yield version.published_at
    for part, source in updates.parts.items():
        at = updates.by_id[part].first_published_at
        if source == resource.id and at:
            yield at


def _without(updates: Updates, keys: set[int]) -> Ratio:
    return Ratio(len(updates.counted.keys() - keys), len(updates.at_start))
