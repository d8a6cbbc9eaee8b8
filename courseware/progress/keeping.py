"""Learners who are half way through a resource go on with the version they began (R21; decision 8)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import delete, exists, insert, literal, select, update

from courseware.core import clock
from courseware.core.database import session
from courseware.progress import statements
from courseware.progress.models import KeptVersion
from courseware.progress.statements import kept, seen
from courseware.resources.models import Resource, ResourceVersion
from courseware.resources.queries import version_before


@dataclass(frozen=True, slots=True)
class Kept:
    """A version that a learner goes on with, and what is new in the one that is online."""

    version_id: int
    num: int
    duration_s: float | None
    newest_num: int
    newest_at: dt.datetime | None
    newest_reason: str


def keep_begun(resource: Resource, version: ResourceVersion) -> None:
    """`version` has just been published: whoever had begun the one before and not finished it keeps that one.

    Whoever keeps an older one already goes on keeping it. Equal content is no other version to a learner.
    """
    before = version_before(version)
    if before is None or before.content_hash == version.content_hash:
        return
    has_one = exists().where(kept.c.user_id == seen.c.user_id, kept.c.resource_id == seen.c.resource_id)
    begun = select(seen.c.user_id, seen.c.resource_id, literal(before.id), literal(clock.now(), kept.c.since.type)).where(
        seen.c.resource_id == resource.id, seen.c.is_complete.is_(False), ~has_one,
        (seen.c.watched_s > 0) | (seen.c.attention_s > 0),
    )  # fmt: skip
    session().execute(insert(kept).from_select(["user_id", "resource_id", "version_id", "since"], begun))


def kept_by(user_id: int, resource_id: int) -> Kept | None:
    """The version the person goes on with, where that is not the newest; one query."""
    rows = statements.rows(statements.KEPT, person=user_id, resource=resource_id)
    return Kept(*rows[0]) if rows else None


def take_newest(user_id: int, resource: Resource) -> None:
    """The person goes on with what is online now; what was seen stays seen."""
    session().execute(delete(KeptVersion).where(KeptVersion.user_id == user_id, KeptVersion.resource_id == resource.id))
    newest = resource.published_version
    if newest is not None:
        own = (seen.c.user_id == user_id) & (seen.c.resource_id == resource.id)
        session().execute(update(seen).where(own).values(duration_s=newest.duration_s))


def let_go(user_id: int, finished: list[int]) -> None:
    """What was finished is kept no longer: next time the newest is shown."""
    if finished:
        statements.write(statements.LET_GO, {"person": user_id, "finished": finished})
