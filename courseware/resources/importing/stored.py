"""What the library holds already: fingerprints, and what a row would change (R23)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from courseware.core.database import session
from courseware.libraries.models import Library
from courseware.resources.importing.batches import batches
from courseware.resources.importing.drafts import Draft
from courseware.resources.models import Resource, ResourceVersion

UPDATABLE = (
    "title",
    "title_en",
    "description",
    "language",
    "keywords",
    "difficulty",
    "audience",
    "source",
    "course",
    "points",
)


def hash_elsewhere(draft: Draft) -> str:
    """The fingerprint of an imported resource whose file is not here: by its number in the old system, or what it says."""
    text = draft.external_id or "\0".join((draft.fields["title"], str(draft.fields.get("description", ""))))
    return hashlib.sha256(b"imported\0" + text.encode()).hexdigest()


def hashes_of(ids: Sequence[int]) -> dict[int, set[str]]:
    """The fingerprints of all versions, by resource."""
    found: dict[int, set[str]] = {}
    for some in batches(ids):
        query = select(ResourceVersion.resource_id, ResourceVersion.content_hash)
        for resource_id, content_hash in session().execute(query.where(ResourceVersion.resource_id.in_(some))):
            found.setdefault(resource_id, set()).add(content_hash)
    return found


def taken_in(library: Library, hashes: Sequence[str]) -> dict[str, tuple[int, str]]:
    """Those of `hashes` that a version in the library has, with the id and the title of its resource."""
    found: dict[str, tuple[int, str]] = {}
    query = select(ResourceVersion.content_hash, Resource.id, Resource.title).join(
        Resource, Resource.id == ResourceVersion.resource_id
    )
    for some in batches(hashes):
        part = query.where(Resource.library_id == library.id, ResourceVersion.content_hash.in_(some))
        found |= {content_hash: (resource_id, title) for content_hash, resource_id, title in session().execute(part)}
    return found


def changes(draft: Draft, known: Resource) -> dict[str, Any]:
    """What the row says otherwise than the resource it names."""
    given = {name: draft.fields[name] for name in UPDATABLE if draft.fields.get(name) not in (None, [], "")}
    return {name: value for name, value in given.items() if _current(known, name) != value}


def _current(known: Resource, name: str) -> Any:
    value = getattr(known, name)
    return list(value) if name in ("points", "keywords") else value


def would(draft: Draft) -> str:
    """What writing the row would do."""
    if draft.known is None:
        return "created"
    return "updated" if changes(draft, draft.known) else "unchanged"
