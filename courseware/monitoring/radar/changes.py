"""Tells whether looking found anything new, for what is kept in memory."""

from __future__ import annotations

from collections.abc import Hashable

from sqlalchemy import func, select

from courseware.core.database import session
from courseware.monitoring.radar.models import ExternalLink, KnownStandard, LinkPlace, RewindSpot


def stamp() -> Hashable:
    """Changes when a link was asked or placed, a standard was taken or forgotten, hot spots were counted; one query."""
    marks = (
        func.max(ExternalLink.checked_at), func.max(LinkPlace.id), func.max(KnownStandard.taken_at), func.count(KnownStandard.id),
        func.max(RewindSpot.counted_at),
    )  # fmt: skip
    return tuple(session().execute(select(*(select(mark).scalar_subquery() for mark in marks))).one())
