"""When a thing was published: spans [start, end) and the rules that read them (metrics.md, common rules and M4)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

Span = tuple[dt.datetime, dt.datetime | None]

GRACE = dt.timedelta(days=30)
REVIVED = dt.timedelta(days=90)


def is_live(spans: Iterable[Span], moment: dt.datetime) -> bool:
    """The state before any event of that very moment."""
    return any(start < moment and (end is None or end >= moment) for start, end in spans)


def counts_at_end(spans: Sequence[Span], end: dt.datetime, now: dt.datetime) -> bool:
    """Published at `end`, or withdrawn up to 30 days before and back up to 30 days after it."""
    if is_live(spans, end):
        return True
    left = any(stop is not None and end - GRACE <= stop < end for _, stop in spans)
    return left and any(end <= start <= min(end + GRACE, now) for start, _ in spans)


def counts_at_start(spans: Sequence[Span], start: dt.datetime, moment: dt.datetime) -> bool:
    """Member of P0: published at `start`, or within 90 days before it and published again before `moment`."""
    if is_live(spans, start):
        return True
    was = any(begin < start and (stop is None or stop >= start - REVIVED) for begin, stop in spans)
    return was and any(start <= begin < moment for begin, _ in spans)


def stays(spans: Sequence[Span], end: dt.datetime, now: dt.datetime) -> bool:
    """Counts at `end` and is published 30 days after it, or now if that is earlier (N of M4)."""
    return counts_at_end(spans, end, now) and is_live_or_end(spans, min(end + GRACE, now), end)


def is_live_or_end(spans: Sequence[Span], moment: dt.datetime, end: dt.datetime) -> bool:
    """Live at `moment`; a moment that is not after `end` asks nothing more."""
    return moment <= end or is_live(spans, moment)


def live_for(spans: Iterable[Span], start: dt.datetime, end: dt.datetime) -> dt.timedelta:
    """Time published inside [start, end), spans added."""
    parts = (min(stop or end, end) - max(begin, start) for begin, stop in spans)
    return sum((part for part in parts if part > dt.timedelta()), dt.timedelta())
