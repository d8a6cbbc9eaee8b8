"""The end of processing: the file is ready, versions learn what was found, search hears of it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from courseware.core import events
from courseware.core.database import session
from courseware.core.unit_of_work import unit_of_work
from courseware.resources import versions
from courseware.resources.jobs.sweeping import leave
from courseware.resources.jobs.work import Work, asset_of
from courseware.resources.models import Asset, Resource, ResourceVersion

FILES = "files"  # measured by looking into both files, not by their texts alone


def finish(work: Work, result: dict[str, Any]) -> dict[str, Any]:
    """Says that the file is ready, and lets go of what an earlier run made."""
    work.run.confirm()
    with unit_of_work():
        asset = asset_of(work.asset_uuid)
        asset.state = "ready"
        _complete_versions(asset)
        _drop_older_runs(asset, work)
        tell_search(asset)
    return result


def _drop_older_runs(asset: Asset, work: Work) -> None:
    """Rows of earlier runs that this one replaces; their files stay a while for those who watch now."""
    kinds = {r.kind for r in asset.renditions if r.run == work.name}
    for old in [r for r in asset.renditions if r.run != work.name and r.kind in kinds]:
        leave(old.store_key)
        session().delete(old)


def _complete_versions(asset: Asset) -> None:
    """Technical data by machine (R18): the length where nobody knew it, and the evidence of change of open drafts."""
    if asset.duration_s is not None:
        unknown = update(ResourceVersion).where(
            ResourceVersion.asset_id == asset.id, ResourceVersion.duration_s.is_(None)
        )
        session().execute(unknown.values(duration_s=asset.duration_s))
    drafts = select(ResourceVersion).where(
        ResourceVersion.asset_id == asset.id, ResourceVersion.state.in_(versions.EDITABLE)
    )
    for version in session().scalars(drafts):
        base = version.resource.published_version
        if base is not None and asset.extracted_text and version.measured.get("by") != FILES:
            version.measured = versions.measure(base, version)


def tell_search(asset: Asset) -> None:
    """Search learns the text, the length and the picture of every resource with this file."""
    uses = select(Resource.uuid).join(ResourceVersion, ResourceVersion.resource_id == Resource.id)
    for resource_uuid in session().scalars(uses.where(ResourceVersion.asset_id == asset.id).distinct()):
        events.content_changed.send(versions.SENDER, kind="resource", uuid=resource_uuid)
