"""Counting anew what suggestions rest on: the worker does it once a day, `flask guidance recount` at once."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Table, delete, func, insert, or_, select

from courseware.accounts.models import Unit, User
from courseware.core import clock
from courseware.core.database import session
from courseware.core.unit_of_work import unit_of_work
from courseware.guidance import policy
from courseware.guidance.co_use import LAST, LEAST_PEOPLE, neighbours, people_by_resource
from courseware.guidance.models import CoUse, GuidanceChoice, PopularResource
from courseware.progress.models import ResourceProgress
from courseware.progress.statements import table_of
from courseware.resources.models import Resource

POPULAR = 20
STALE = dt.timedelta(hours=20)
USED_S = 5.0  # opened by mistake and left again is no use
AT_A_TIME = 5_000


def recount() -> tuple[int, int]:
    """Counts co-use and what is popular in each course; returns how many rows of each there are now.

    Reads without holding the writer; then replaces all rows at once, so a reader sees the old ones or the new ones.
    """
    histories, courses = _histories(), _courses()
    session().rollback()  # what follows writes, and must not begin as a reader (decision 2)
    alive = [[number for number in history if number in courses] for history in histories]
    pairs = [
        {"resource_id": n.resource_id, "other_id": n.other_id, "people": n.people, "score": round(n.score, 6)}
        for n in neighbours(alive)
    ]
    popular = _popular(people_by_resource(alive), courses)
    with unit_of_work():
        _replace(table_of(CoUse), pairs)
        _replace(table_of(PopularResource), popular)
    return len(pairs), len(popular)


def recount_when_old() -> None:
    """As `recount`, unless that was done within the last 20 hours."""
    newest = session().scalar(select(func.max(PopularResource.counted_at)))
    session().rollback()
    if newest is None or clock.now() - newest > STALE:
        recount()


def _histories() -> list[list[int]]:
    """The newest uses of everybody whose use counts (policy.counted), newest first."""
    used = or_(
        ResourceProgress.is_complete.is_(True),
        ResourceProgress.watched_s >= USED_S,
        ResourceProgress.attention_s >= USED_S,
    )
    query = (
        select(ResourceProgress.user_id, ResourceProgress.resource_id)
        .join(User, User.id == ResourceProgress.user_id)
        .outerjoin(Unit, Unit.id == User.unit_id)
        .outerjoin(GuidanceChoice, GuidanceChoice.user_id == User.id)
        .where(used, policy.counted())
        .order_by(ResourceProgress.user_id, ResourceProgress.updated_at.desc(), ResourceProgress.resource_id)
        .execution_options(yield_per=AT_A_TIME)
    )
    found: dict[int, list[int]] = defaultdict(list)
    for user, resource in session().execute(query):
        if len(found[user]) < LAST:
            found[user].append(resource)
    return list(found.values())


def _courses() -> dict[int, int | None]:
    """The course of every live resource."""
    query = select(Resource.id, Resource.course_id).where(Resource.is_live.is_(True))
    return {row.id: row.course_id for row in session().execute(query)}


def _popular(people: Mapping[int, int], courses: Mapping[int, int | None]) -> list[dict[str, Any]]:
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for resource, count in people.items():
        course = courses[resource]
        if course is not None and count >= LEAST_PEOPLE:
            found[course].append((count, resource))
    now = clock.now()
    return [
        {"course_id": course, "resource_id": resource, "people": count, "counted_at": now}
        for course, counts in found.items()
        for count, resource in _most(counts)
    ]


def _most(counts: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    return sorted(counts, key=lambda one: (-one[0], one[1]))[:POPULAR]


def _replace(table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    connection = session().connection()
    connection.execute(delete(table))
    for at in range(0, len(rows), AT_A_TIME):
        connection.execute(insert(table), rows[at : at + AT_A_TIME])
