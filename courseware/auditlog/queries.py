"""Reading and checking the security log."""

from __future__ import annotations

import uuid as uuidlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from courseware.accounts.models import User
from courseware.auditlog.models import AuditEntry, AuditHead
from courseware.auditlog.services import digest_of, mark_of
from courseware.core.database import session
from courseware.core.paging import Page


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What `verify_chain` found: entries read, and the id of the first bad one."""

    entries: int
    first_bad_id: int | None
    problem: str


def verify_chain() -> ChainReport:
    """Recomputes every digest in order; names the first entry that was changed, removed before, or moved.

    The head of the chain, a row with a digest of its own, tells when entries were cut off at the end.
    """
    previous, count, last_id = "", 0, 0
    as_stored = {"yield_per": 1000, "populate_existing": True}
    with session().scalars(select(AuditEntry).order_by(AuditEntry.id).execution_options(**as_stored)) as entries:
        for count, entry in enumerate(entries, start=1):
            if entry.previous_digest != previous:
                return ChainReport(count, entry.id, "an entry before it is missing or was moved")
            if digest_of(entry) != entry.digest:
                return ChainReport(count, entry.id, "the entry was changed")
            previous, last_id = entry.digest, entry.id
    return _check_head(count, last_id, previous)


def _check_head(count: int, last_id: int, last_digest: str) -> ChainReport:
    head = session().scalar(select(AuditHead).order_by(AuditHead.id).execution_options(populate_existing=True))
    if head is None:
        return ChainReport(count, last_id, "the end of the log is not marked") if count else ChainReport(0, None, "")
    if mark_of(head) != head.mark:
        return ChainReport(count, head.last_entry_id, "the mark at the end of the log was changed")
    if (head.last_entry_id, head.last_digest) != (last_id, last_digest):
        return ChainReport(count, head.last_entry_id, "entries at the end are missing")
    return ChainReport(count, None, "")


@dataclass(frozen=True, slots=True)
class EntryLine:
    """An entry with the name of who acted, and of the person it is about where it is about one."""

    entry: AuditEntry
    actor_name: str
    about_name: str = ""

    @property
    def told(self) -> str:
        """The details in one line: `list: M12.A · rows: 25`, inner values as they are."""
        return " · ".join(f"{name}: {_in_words(value)}" for name, value in self.entry.details.items())


def _in_words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_in_words(inner)}" for name, inner in value.items())
    return ", ".join(map(_in_words, value)) if isinstance(value, list) else str(value)


def list_entries(action: str = "", before: int = 0, limit: int = 50, about: str = "") -> Page[EntryLine]:
    """Entries, newest first, before the entry with id `before` (0: from the newest).

    With `action` only those of one kind; with `about` only those on the thing or person of that uuid.
    """
    query = select(AuditEntry, User.name).outerjoin(User, User.id == AuditEntry.actor_id).order_by(AuditEntry.id.desc())
    if before:
        query = query.where(AuditEntry.id < before)
    if action:
        query = query.where(AuditEntry.action == action)
    if about:
        query = query.where(AuditEntry.object_id == about)
    found = session().execute(query.limit(limit + 1)).all()
    people = _names(entry for entry, _name in found)
    rows = [EntryLine(entry, name or "", people.get(entry.object_id, "")) for entry, name in found]
    return Page(rows[:limit], next=str(rows[limit - 1].entry.id) if len(rows) > limit else None)


def _names(entries: Iterable[AuditEntry]) -> dict[str, str]:
    """The names of the people whom entries are about, by uuid."""
    wanted = {uuidlib.UUID(entry.object_id) for entry in entries if entry.object_type == "user" and entry.object_id}
    query = select(User.uuid, User.name).where(User.uuid.in_(wanted))
    return {str(uuid): name for uuid, name in session().execute(query)} if wanted else {}


def known_actions() -> list[str]:
    """Every kind of act the log holds."""
    return sorted(session().scalars(select(AuditEntry.action).distinct()))
