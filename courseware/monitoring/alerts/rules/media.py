"""Media and lessons that are less than they seem (M2, M6, M7): fragments, still pages, lessons that only store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from courseware.core.fractions import Ratio
from courseware.monitoring.alerts.rules.model import EXCLUDED, FLAGGED, LESSON, RESOURCE, Found, Row, Traces
from courseware.monitoring.facts import Facts, ResourceFact
from courseware.monitoring.indicators import registry
from courseware.monitoring.spans import is_live

SCENES_PER_MINUTE, SLIDES_SHORTEST_S = 1.0, 30.0


def fragments(facts: Facts, traces: Traces) -> Iterator[Found]:
    """Audio, video and animation under 30 s: left out of M2 on both sides."""
    tally = registry.count("M2.A", facts).tally
    keys = sorted(key for key, reason in tally.excluded.items() if reason == "fragment")
    if not keys:
        return
    lengths = {r.id: r for r in facts.resources}
    rows = [_fragment(lengths[key], facts.period.moment(facts.now)) for key in keys]
    now = tally.ratio()
    without = Ratio(now.numerator, now.denominator + len(keys))
    yield Found("fragments", "short", EXCLUDED, rows, "M2.A", now, without)


def _fragment(resource: ResourceFact, moment: dt.datetime) -> Row:
    version = resource.version_at(moment)
    return Row(RESOURCE, resource.id, resource.first_published_at, version.duration_s if version else None)


def slides(facts: Facts, traces: Traces) -> Iterator[Found]:
    """Videos of still pages: fewer than one change of picture in 60 s, and nobody speaks; where that was measured."""
    moment = facts.period.moment(facts.now)
    live = {r.id: r for r in facts.resources if is_live(r.spans, moment)}
    found = [
        movie
        for movie in traces.movies
        if movie.resource_id in live
        and movie.duration_s >= SLIDES_SHORTEST_S
        and movie.scenes_per_minute < SCENES_PER_MINUTE
        and movie.is_silent
    ]
    if not found:
        return
    now = registry.count("M2.A", facts).tally.ratio()
    rows = [Row(RESOURCE, m.resource_id, live[m.resource_id].first_published_at, round(m.scenes_per_minute, 2)) for m in found]  # fmt: skip
    yield Found("slides", "still", FLAGGED, rows, "M2.A", now, Ratio(now.numerator + len(found), now.denominator))


def dumps(facts: Facts, traces: Traces) -> Iterator[Found]:
    """Lessons of more than 50 resources with fewer than one activity per ten: not effective in M6."""
    moment = facts.period.moment(facts.now)
    found = [
        lesson
        for lesson in facts.lessons
        if lesson.is_dump
        and lesson.published_at < moment
        and (lesson.superseded_at is None or lesson.superseded_at > facts.period.start)
    ]
    if found:
        rows = [
            Row(LESSON, one.lesson_id, one.published_at, len(one.resource_ids), one.other_activities) for one in found
        ]
        yield Found("dumps", "lessons", EXCLUDED, rows, "M6.A", registry.count("M6.A", facts).tally.ratio())
