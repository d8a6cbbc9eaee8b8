"""Writing the security log, and proving that nobody touched it since (SEC9-SEC12)."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

from flask import current_app
from sqlalchemy import select, text

from courseware.auditlog.models import AuditEntry, AuditHead
from courseware.core import clock, context
from courseware.core.database import session
from courseware.core.roles import Actor, Role


def record(
    action: str,
    actor: Actor | None,
    *,
    about: Any = None,
    result: str = "done",
    reason: str = "",
    details: dict[str, Any] | None = None,
) -> AuditEntry:
    """Adds one entry in the transaction of the act itself, chained to the entry before.

    `about` is a row with a `uuid`; `details` must hold no secret and no answer of an exam (SEC10).
    """
    db = session()
    _serialise_writers()
    head = db.scalar(select(AuditHead).order_by(AuditHead.id).limit(1)) or AuditHead()
    entry = AuditEntry(
        at=clock.now(),
        action=action,
        actor_id=actor.id if actor else None,
        actor_roles=",".join(sorted(r.value for r in Role if actor and actor.has_role(r))),
        object_type=type(about).__name__.lower() if about is not None else "",
        object_id=str(getattr(about, "uuid", "")) if about is not None else "",
        result=result,
        reason=reason,
        address=context.address(),
        request_id=context.request_id(),
        details=_as_kept(details or {}),
        previous_digest=head.last_digest or "",
        digest="",
    )
    entry.digest = digest_of(entry)
    db.add(entry)
    db.flush()
    head.last_entry_id, head.last_digest = entry.id, entry.digest
    head.mark = mark_of(head)
    db.add(head)
    db.flush()
    return entry


def digest_of(entry: AuditEntry) -> str:
    """The keyed digest of an entry and of the digest before it, as hex."""
    fields = [
        entry.at.isoformat(), entry.action, entry.actor_id, entry.actor_roles, entry.object_type, entry.object_id,
        entry.result, entry.reason, entry.address, entry.request_id, entry.details, entry.previous_digest,
    ]  # fmt: skip
    return _keyed_digest(fields)


def mark_of(head: AuditHead) -> str:
    """The keyed digest of the end of the chain, as hex."""
    return _keyed_digest([head.last_entry_id, head.last_digest])


def _keyed_digest(values: list[Any]) -> str:
    text_form = json.dumps(values, ensure_ascii=False, sort_keys=True, default=str)
    key = current_app.config["SECRET_KEY"].encode()
    return hmac.new(key, text_form.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def _as_kept(details: dict[str, Any]) -> dict[str, Any]:
    """The details as the database gives them back: keys are text, what JSON does not know is text."""
    kept: dict[str, Any] = json.loads(json.dumps(details, default=str))
    return kept


def _serialise_writers() -> None:
    """Two transactions must not chain to the same entry. SQLite has one writer anyway."""
    db = session()
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text("SELECT pg_advisory_xact_lock(7261901)"))
