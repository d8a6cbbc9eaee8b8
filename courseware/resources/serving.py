"""Which file may go to whom. Files made of an asset follow the resources that use it.

A segment costs one query, or none for fifteen seconds after one was allowed to everybody: a withdrawn video stops
being served well within a minute.
"""

from __future__ import annotations

import time
import uuid as uuidlib
from collections.abc import Callable
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import Exists, exists, select
from sqlalchemy.orm import InstrumentedAttribute

from courseware.core.database import session
from courseware.core.errors import NotFound, SignInNeeded
from courseware.core.roles import Actor
from courseware.resources import policy
from courseware.resources.models import Rendition, Resource, ResourceVersion, Upload
from media.errors import InvalidKey
from media.packages import stored_name
from media.stores.keys import check_key

REMEMBER_S = 15.0
REMEMBER_MANY = 4000

INLINE_TYPES = ("application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp")


@dataclass(frozen=True, slots=True)
class Served:
    """A stored object that may be sent: its key, type, the name to save it under, and whether it never changes."""

    key: str
    media_type: str
    filename: str = ""
    is_immutable: bool = False
    is_public: bool = False
    size: int | None = None


TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl", ".m4s": "video/iso.segment", ".mp4": "video/mp4", ".vtt": "text/vtt", ".json": "application/json",
    ".jpg": "image/jpeg", ".webp": "image/webp", ".png": "image/png", ".pdf": "application/pdf",
}  # fmt: skip


def rendition_file(actor: Callable[[], Actor | None], rendition_uuid: uuidlib.UUID, name: str) -> Served:
    """The file `name` of a rendition, for whoever may see a resource with its asset. Raises NotFound.

    `actor` is asked only where not everybody may see it.
    """
    known = _recall(rendition_uuid) if not name.endswith(".m3u8") else None
    prefix, is_public = known or _allowed(actor, rendition_uuid)
    dot = name.rfind(".")
    media_type = TYPES.get(name[dot:]) if dot >= 0 else None
    if media_type is None:
        raise NotFound()
    return Served(_key(prefix, name), media_type, is_immutable=not name.endswith(".m3u8"), is_public=is_public)


WEB_TYPES = {
    **TYPES, ".html": "text/html; charset=utf-8", ".htm": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8", ".mjs": "text/javascript; charset=utf-8", ".json": "application/json",
    ".svg": "image/svg+xml", ".gif": "image/gif", ".jpeg": "image/jpeg", ".ico": "image/x-icon", ".avif": "image/avif",
    ".mp3": "audio/mpeg", ".m4a": "audio/mp4", ".ogg": "audio/ogg", ".wav": "audio/wav", ".webm": "video/webm",
    ".woff": "font/woff", ".woff2": "font/woff2", ".ttf": "font/ttf", ".otf": "font/otf", ".wasm": "application/wasm",
    ".glb": "model/gltf-binary", ".gltf": "model/gltf+json", ".txt": "text/plain; charset=utf-8", ".xml": "application/xml",
    ".csv": "text/csv; charset=utf-8",
}  # fmt: skip


def simulation_prefix(actor: Callable[[], Actor | None], rendition_uuid: uuidlib.UUID) -> tuple[str, bool]:
    """Where the files of an unpacked simulation lie, for whoever may see a resource with it; and whether that is everybody.

    Raises NotFound.
    """
    known = _recall(rendition_uuid)
    return known or _allowed(actor, rendition_uuid)


def rendition_prefix(rendition_uuid: uuidlib.UUID) -> str:
    """Where the files of a rendition lie, for callers that hold a key to it. Raises NotFound."""
    prefix = session().scalar(select(Rendition.store_key).where(Rendition.uuid == rendition_uuid))
    if prefix is None:
        raise NotFound()
    return prefix


def simulation_file(prefix: str, name: str, *, is_public: bool) -> Served:
    """A file of a package. Endings that browsers do not know are sent as bytes."""
    dot = name.rfind(".")
    media_type = (
        WEB_TYPES.get(name[dot:].lower(), "application/octet-stream") if dot >= 0 else "application/octet-stream"
    )
    return Served(f"{prefix}/{stored_name(name)}", media_type, is_immutable=True, is_public=is_public)


def original_file(
    actor: Actor | None, resource: Resource, version_uuid: uuidlib.UUID | None = None, *, inline: bool = False
) -> Served:
    """The uploaded file of the published version (or another that was; authors and staff may name any), to save or to show in the page.

    Only PDF and pictures are shown; everything else is saved. Raises NotFound, and SignInNeeded for guests who save.
    """
    if not policy.can_view(actor, resource):
        raise NotFound()
    version = _version(actor, resource, version_uuid)
    asset = version.asset
    if asset is None:
        raise NotFound()
    shown = inline and asset.media_type in INLINE_TYPES
    if not shown and not policy.can_download(actor, resource):
        raise SignInNeeded()
    return Served(
        asset.store_key,
        asset.media_type,
        "" if shown else asset.filename,
        is_public=resource.is_public,
        size=asset.size,
    )


def resource_by_uuid(actor: Actor | None, resource_uuid: uuidlib.UUID) -> Resource:
    """The resource, for people who may see it. Raises NotFound."""
    resource = session().scalar(select(Resource).where(Resource.uuid == resource_uuid))
    if resource is None or not policy.can_view(actor, resource):
        raise NotFound()
    return resource


def forget(rendition_uuid: uuidlib.UUID | None = None) -> None:
    """Drops what was remembered of one rendition, or of all."""
    if rendition_uuid is None:
        _memory().clear()
    else:
        _memory().pop(rendition_uuid, None)


def _version(actor: Actor | None, resource: Resource, version_uuid: uuidlib.UUID | None) -> ResourceVersion:
    if version_uuid is None:
        version = resource.published_version if resource.published_version_id is not None else resource.draft_version
    else:
        version = session().scalar(
            select(ResourceVersion).where(
                ResourceVersion.uuid == version_uuid, ResourceVersion.resource_id == resource.id
            )
        )
    if version is None or not policy.can_read_version(actor, version):
        raise NotFound()
    return version


def _allowed(actor: Callable[[], Actor | None], rendition_uuid: uuidlib.UUID) -> tuple[str, bool]:
    row = (
        session()
        .execute(
            select(Rendition.store_key, Rendition.asset_id, _is_public(Rendition.asset_id)).where(
                Rendition.uuid == rendition_uuid
            )
        )
        .one_or_none()
    )
    if row is None:
        raise NotFound()
    prefix, asset_id, is_public = row
    if is_public:
        _remember(rendition_uuid, prefix)
    elif not _may_see_unpublished(actor(), asset_id):
        raise NotFound()
    return prefix, bool(is_public)


def _is_public(asset_id: InstrumentedAttribute[int]) -> Exists:
    """Whether a resource that everybody may see has, or had as a published version that lessons may pin, this asset."""
    return (
        exists()
        .where(ResourceVersion.asset_id == asset_id, ResourceVersion.published_at.is_not(None))
        .where(Resource.id == ResourceVersion.resource_id, Resource.is_public)
    )


def _may_see_unpublished(actor: Actor | None, asset_id: int) -> bool:
    """Whoever sent the file, and whoever may read a version that holds it; staff, while no version does."""
    if actor is None:
        return False
    sent = exists().where(Upload.asset_id == asset_id, Upload.user_id == actor.id)
    if session().scalar(select(sent)):
        return True
    holding = session().scalars(select(ResourceVersion).where(ResourceVersion.asset_id == asset_id)).all()
    if not holding:
        return actor.has_role(*policy.STAFF)
    return any(policy.can_read_version(actor, version) for version in holding)


def _key(prefix: str, name: str) -> str:
    try:
        return check_key(f"{prefix}/{name}")
    except InvalidKey as problem:
        raise NotFound() from problem


def _memory() -> dict[uuidlib.UUID, tuple[float, str]]:
    memory: dict[uuidlib.UUID, tuple[float, str]] = current_app.extensions.setdefault("keku_served", {})
    return memory


def _recall(rendition_uuid: uuidlib.UUID) -> tuple[str, bool] | None:
    at, prefix = _memory().get(rendition_uuid, (0.0, ""))
    return (prefix, True) if prefix and time.monotonic() - at < REMEMBER_S else None


def _remember(rendition_uuid: uuidlib.UUID, prefix: str) -> None:
    memory = _memory()
    if len(memory) >= REMEMBER_MANY:
        memory.clear()
    memory[rendition_uuid] = (time.monotonic(), prefix)
