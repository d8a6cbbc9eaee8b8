"""Small pictures of resources and the addresses of their files."""

from __future__ import annotations

import uuid as uuidlib
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from courseware.core.database import session
from courseware.resources.models import Rendition, Resource, ResourceVersion


def thumbnails_of(resources: Sequence[Resource]) -> dict[int, str]:
    """Address of a small picture by resource id, where there is one. One query for all."""
    ids = [r.id for r in resources]
    shown = func.coalesce(Resource.published_version_id, Resource.draft_version_id)
    query = (
        select(Resource.id, Rendition.uuid, Rendition.facts)
        .join(ResourceVersion, ResourceVersion.id == shown)
        .join(Rendition, Rendition.asset_id == ResourceVersion.asset_id)
        .where(Resource.id.in_(ids), Rendition.kind == "thumbnail")
        .order_by(Rendition.id)
    )
    rows = session().execute(query) if ids else ()
    return {resource_id: media_path(uuid, facts) for resource_id, uuid, facts in rows}


def media_path(rendition_uuid: uuidlib.UUID, facts: Mapping[str, Any]) -> str:
    """The address of the main file of a rendition."""
    return f"/media/{rendition_uuid}/{facts.get('file', '')}"
