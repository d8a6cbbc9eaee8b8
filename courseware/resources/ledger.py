"""The ledger beside the versions: what was done and is no version, and what was refused."""

from __future__ import annotations

from typing import Any, NoReturn

from sqlalchemy import select, text

from courseware.core import clock
from courseware.core.database import session
from courseware.core.roles import Actor
from courseware.resources import policy
from courseware.resources.errors import DuplicateContent, SameContent
from courseware.resources.models import Resource, ResourceNote, ResourceVersion


def add_note(
    library_id: int, resource_id: int | None, kind: str, actor: Actor | None, **details: Any
) -> dict[str, Any]:
    """Writes one line, now; returns its fields."""
    fields: dict[str, Any] = {
        "library_id": library_id, "resource_id": resource_id, "kind": kind, "at": clock.now(),
        "actor_id": actor.id if actor else None, "details": details,
    }  # fmt: skip
    session().add(ResourceNote(**fields))
    return fields


def note_refusal(error: DuplicateContent | SameContent) -> None:
    """Writes the refusal once more, for a caller whose rollback took the first line away."""
    session().add(ResourceNote(**error.note))


def refuse_copy(actor: Actor | None, existing: Resource, own: Resource | None = None) -> NoReturn:
    """Raises DuplicateContent and leaves a line in the ledger of the resource that is there already."""
    note = add_note(existing.library_id, existing.id, "duplicate", actor, offered_for=str(own.uuid) if own else "")
    raise DuplicateContent(existing.title, existing.uuid, note, is_visible=policy.can_view(actor, existing))


def refuse_same(actor: Actor | None, resource: Resource) -> NoReturn:
    """Raises SameContent and leaves a line in the ledger."""
    raise SameContent(add_note(resource.library_id, resource.id, "reupload", actor))


def find_copy(library_id: int, content_hash: str, except_id: int | None = None) -> Resource | None:
    """Another resource of the library with a version of this content, live, withdrawn or draft; None when there is none.

    On PostgreSQL it also makes an equal request that comes at the same moment wait for this transaction.
    """
    if not content_hash:
        return None
    _queue_up(content_hash)
    query = select(Resource).join(ResourceVersion, ResourceVersion.resource_id == Resource.id)
    query = query.where(Resource.library_id == library_id, ResourceVersion.content_hash == content_hash)
    if except_id is not None:
        query = query.where(Resource.id != except_id)
    return session().scalar(query.order_by(Resource.id).limit(1))


def _queue_up(content_hash: str) -> None:
    db = session()
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": int(content_hash[:15], 16)})
