"""All that the page of one resource shows."""

from __future__ import annotations

import uuid as uuidlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from courseware.core.database import session
from courseware.core.errors import NotFound
from courseware.core.roles import Actor
from courseware.resources import metadata, policy
from courseware.resources.models import Asset, Rendition, Resource, ResourceNote, ResourceVersion
from courseware.resources.queries.lists import is_withdrawn, related_to, resource_by_uuid
from courseware.resources.queries.pictures import thumbnails_of
from courseware.resources.queries.uses import Use, where_used
from courseware.resources.queries.versions import VersionLine, versions_of


@dataclass(frozen=True, slots=True)
class ResourcePage:
    """All that the page of a resource shows. `version` is the one shown: published, else the draft for those who may."""

    resource: Resource
    version: ResourceVersion
    versions: Sequence[VersionLine]
    uses: Sequence[Use]
    related: Sequence[Resource]
    thumbnails: Mapping[int, str]
    missing: Sequence[metadata.Problem] = ()
    can: Mapping[str, bool] = field(default_factory=dict)

    @property
    def asset(self) -> Asset | None:
        """The file shown."""
        return self.version.asset

    def rendition(self, kind: str) -> Rendition | None:
        """The newest rendition of `kind` of the file shown."""
        return self.asset.rendition(kind) if self.asset is not None else None


def resource_page(resource_uuid: uuidlib.UUID, actor: Actor | None) -> ResourcePage:
    """Everything the page of a resource shows to `actor`. Raises NotFound."""
    resource = resource_by_uuid(resource_uuid, actor)
    version = resource.published_version or resource.draft_version
    if version is None:
        raise NotFound()
    may_edit = policy.can_edit(actor, resource)
    related = related_to(resource)
    return ResourcePage(
        resource=resource, version=version, versions=versions_of(resource, actor), uses=_uses(resource, may_edit),
        related=related, thumbnails=thumbnails_of([resource, *related]),
        missing=metadata.list_problems(resource) if may_edit and resource.draft_version is not None else (),
        can=_rights(actor, resource, may_edit),
    )  # fmt: skip


def _uses(resource: Resource, may_edit: bool) -> Sequence[Use]:
    """Where it is used, as far as the reader may know: lessons of a library that is closed only who keeps the resource, and
    who sees it in a closed library as well (SEC8)."""
    sees_all = may_edit or not resource.is_public
    return [use for use in where_used([resource])[resource.id] if use.is_public or sees_all]


def notes_of(resource: Resource, limit: int = 50) -> Sequence[ResourceNote]:
    """The ledger of the resource, newest first."""
    query = select(ResourceNote).where(ResourceNote.resource_id == resource.id)
    return session().scalars(query.order_by(ResourceNote.at.desc(), ResourceNote.id.desc()).limit(limit)).all()


def _rights(actor: Actor | None, resource: Resource, may_edit: bool) -> dict[str, bool]:
    return {
        "edit": may_edit, "submit": may_edit and resource.draft_version is not None,
        "revise": resource.is_live and resource.draft_version_id is None and policy.can_revise(actor, resource),
        "withdraw": resource.is_live and policy.can_withdraw(actor, resource),
        "restore": is_withdrawn(resource) and policy.can_withdraw(actor, resource),
        "download": policy.can_download(actor, resource),
    }  # fmt: skip
