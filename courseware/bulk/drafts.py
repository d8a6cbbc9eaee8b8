"""Taking back what an import made: drafts that nobody used since are deleted as if they had never been."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import exists, select, update

from courseware.accounts.models import User
from courseware.auditlog import services as auditlog
from courseware.bulk.errors import IsUsed
from courseware.core.database import session
from courseware.resources import policy, queries, versions
from courseware.resources.models import Resource, ResourceVersion, Upload
from courseware.review.models import Submission


def delete_draft(actor: User, resource: Resource, _before: Mapping[str, Any]) -> None:
    """Deletes a draft that was never handed in and stands in no lesson. Its file stays for others. Raises IsUsed."""
    if not policy.can_edit(actor, resource) or _went_on(resource) or queries.count_uses([resource.id]):
        raise IsUsed()
    db = session()
    auditlog.record("resource.delete", actor, about=resource, details={"title": resource.title})
    db.execute(update(Upload).where(Upload.resource_id == resource.id).values(resource_id=None))
    db.execute(update(Resource).where(Resource.id == resource.id).values(draft_version_id=None))
    versions.tell_changed(resource)
    db.expire(resource, ["draft_version", "draft_version_id", "versions"])
    for version in db.scalars(select(ResourceVersion).where(ResourceVersion.resource_id == resource.id)):
        db.delete(version)
    db.flush()
    db.delete(resource)
    db.flush()


def _went_on(resource: Resource) -> bool:
    mine = select(ResourceVersion.id).where(ResourceVersion.resource_id == resource.id)
    handed_in = session().scalar(select(exists().where(Submission.version_id.in_(mine))))
    derived = session().scalar(select(exists().where(Resource.derived_from_id == resource.id)))
    return bool(handed_in or derived or resource.published_version_id is not None)
