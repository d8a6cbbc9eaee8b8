"""Stretches of recordings that people go back to: a place where an explanation fails, or one that is worth a clip of its own."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.orm import joinedload

from courseware.classes.queries.watching import watching_of
from courseware.classes.watching import ENOUGH, Span, Watching
from courseware.core import clock
from courseware.core.database import session
from courseware.libraries.models import Library
from courseware.monitoring.radar.models import RewindSpot
from courseware.progress.models import ResourceProgress
from courseware.resources.models import Resource

TIMED = ("video", "audio", "animation")
FEWEST, SHARE_PERCENT, MOST = 5, 50, 500


def hot_spots(watching: Watching) -> list[Span]:
    """Stretches of ten seconds gone back to at least five times, and at least half as often as there were viewers."""
    fewest = max(FEWEST, -(-SHARE_PERCENT * watching.viewers // 100))
    return [span for span in watching.rewinds if span.count >= fewest]


def count_again(library: Library) -> int:
    """Counts the hot spots of the 500 most watched recordings of a library anew; returns how many have one."""
    found = {resource.id: watching_of(resource) for resource in _most_watched(library.id)}
    spots = {key: (hot_spots(watching), watching.viewers) for key, watching in found.items()}
    mine = select(Resource.id).where(Resource.library_id == library.id)
    session().execute(delete(RewindSpot).where(RewindSpot.resource_id.in_(mine)))
    kept = [
        RewindSpot(resource_id=key, spans=_plain(spans), viewers=viewers, counted_at=clock.now())
        for key, (spans, viewers) in spots.items()
        if spans
    ]
    session().add_all(kept)
    session().flush()
    return len(kept)


def spots_of(library_id: int) -> dict[int, tuple[tuple[int, int, int], ...]]:
    """(from, to, times) by resource, as counted last."""
    query = select(RewindSpot.resource_id, RewindSpot.spans).join(Resource, Resource.id == RewindSpot.resource_id)
    rows = session().execute(query.where(Resource.library_id == library_id))
    return {key: tuple((start, end, times) for start, end, times in spans) for key, spans in rows}


def _most_watched(library_id: int) -> Sequence[Resource]:
    viewers = func.count(ResourceProgress.id)
    watched = (
        select(ResourceProgress.resource_id).join(Resource, Resource.id == ResourceProgress.resource_id)
        .where(Resource.library_id == library_id, Resource.is_live, Resource.type.in_(TIMED), ResourceProgress.watched_s > 0)
        .group_by(ResourceProgress.resource_id).having(viewers >= ENOUGH).order_by(viewers.desc(), ResourceProgress.resource_id).limit(MOST)
    )  # fmt: skip
    ids = list(session().scalars(watched))
    query = select(Resource).where(Resource.id.in_(ids)).options(joinedload(Resource.published_version))
    return session().scalars(query).all() if ids else []


def _plain(spans: Sequence[Span]) -> list[list[int]]:
    return [[span.start_s, span.end_s, span.count] for span in spans]
