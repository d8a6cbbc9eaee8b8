"""Reading and checking the security log."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from courseware.auditlog.models import AuditEntry
from courseware.auditlog.services import digest_of
from courseware.core.database import session


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What `verify_chain` found: entries read, and the id of the first bad one."""

    entries: int
    first_bad_id: int | None
    problem: str


def verify_chain() -> ChainReport:
    """Recomputes every digest in order; names the first entry that was changed, removed before, or moved."""
    previous, count = "", 0
    for entry in session().scalars(select(AuditEntry).order_by(AuditEntry.id).execution_options(yield_per=1000)):
        count += 1
        if entry.previous_digest != previous:
            return ChainReport(count, entry.id, "an entry before it is missing or was moved")
        if digest_of(entry) != entry.digest:
            return ChainReport(count, entry.id, "the entry was changed")
        previous = entry.digest
    return ChainReport(count, None, "")
