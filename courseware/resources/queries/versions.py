"""Versions of a resource, with what changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from courseware.core.database import session
from courseware.core.roles import Actor
from courseware.resources import change, policy
from courseware.resources.models import LastEdit, Resource, ResourceVersion
from courseware.resources.queries.loaded import named


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A version with what changed, in words. `counts` tells whether it is an update by M4."""

    version: ResourceVersion
    evidence: Sequence[str]
    is_current: bool

    @property
    def counts(self) -> bool:
        """Whether this version counts as an update."""
        return self.version.decided_class == change.SUBSTANTIVE


def versions_of(resource: Resource, actor: Actor | None) -> list[VersionLine]:
    """Versions, newest first, each with its evidence in words; drafts only for authors and staff."""
    query = select(ResourceVersion).where(ResourceVersion.resource_id == resource.id)
    if not (actor is not None and (actor.has_role(*policy.STAFF) or policy.is_author(actor, resource))):
        query = query.where(ResourceVersion.published_at.is_not(None))
    parts = (named(ResourceVersion.author), joinedload(ResourceVersion.asset))
    rows = session().scalars(query.options(*parts).order_by(ResourceVersion.num.desc()))
    return [VersionLine(v, change.evidence_sentences(v.measured), v.id == resource.published_version_id) for v in rows]


def last_edit_of(resource: Resource) -> LastEdit | None:
    """Who saved it last, and when; None where nobody did since it was made."""
    query = select(LastEdit).where(LastEdit.resource_id == resource.id).options(joinedload(LastEdit.user))
    return session().scalar(query)


def version_before(version: ResourceVersion) -> ResourceVersion | None:
    """The version that was published before this one, or None."""
    query = select(ResourceVersion).where(
        ResourceVersion.resource_id == version.resource_id,
        ResourceVersion.num < version.num,
        ResourceVersion.published_at.is_not(None),
    )
    return session().scalar(query.order_by(ResourceVersion.num.desc()).limit(1))
