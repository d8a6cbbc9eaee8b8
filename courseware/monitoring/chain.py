"""What only the installation that signed can say: whether a file is one of its snapshots, and whether none is missing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import undefer

from courseware.auditlog.models import AuditEntry
from courseware.core.clock import REPORTING_ZONE
from courseware.core.database import session
from courseware.libraries import queries as libraries
from courseware.libraries.models import Library
from courseware.monitoring.models import Snapshot
from courseware.monitoring.snapshots import document, signing
from courseware.monitoring.snapshots.checking import Report, broken_seal, is_trusted
from courseware.monitoring.snapshots.document import Figures, NoSnapshot, Seal
from courseware.resources.storage import store
from media.errors import ObjectNotFound

FROZEN = "metrics.freeze"


@dataclass(frozen=True, slots=True)
class Chain:
    """The snapshots of one library as stored. `problem` is empty where all are whole and follow each other."""

    library: str
    snapshots: int
    problem: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)

    def in_words(self) -> str:
        """One line of a terminal."""
        return f"{self.library}: {self.snapshots} snapshots, {self.problem or 'each whole and after the one before'}"


def own_key() -> str:
    """The fingerprint of this installation's key; empty while nothing was ever signed."""
    return signing.own_fingerprint(current_app.config["KEKU"].data_path)


def trusted_keys(named: str = "") -> list[str]:
    """This installation's key, and one that the operator names: of an earlier data folder, of another library."""
    return [key for key in (own_key(), named) if key]


def held_against_store(report: Report) -> Report:
    """`report` of a file, refused where this installation's key signed it and its snapshots do not know it."""
    if not report.ok or report.signed_by != own_key():
        return report
    if session().scalar(select(Snapshot.id).where(Snapshot.sha256 == report.sha256)):
        return report
    problem = (
        "The key of this site signed this file, but no snapshot of this site has its SHA-256: "
        "it was taken out of the list, or made elsewhere with the key."
    )
    return replace(report, ok=False, problem=problem)


def chains(trusted: Collection[str]) -> list[Chain]:
    """The chain of every library with its first break: hash, signature, signer, predecessor and shown figures of each file.

    Figures are not counted again; `flask metrics verify FILE` does.
    """
    return [_walk(library, trusted) for library in libraries.all_libraries()]


def taken_out() -> Sequence[str]:
    """Snapshots that the security log saw frozen and that are stored no more, in words: a chain does not miss its end."""
    stored = set(session().scalars(select(Snapshot.sha256)))
    entries = session().execute(
        select(AuditEntry.at, AuditEntry.details).where(AuditEntry.action == FROZEN).order_by(AuditEntry.id)
    )
    return [
        f"the snapshot {details['sha256']} of {details['period']}, frozen {at.astimezone(REPORTING_ZONE):%Y-%m-%d %H:%M}, is missing"
        for at, details in entries
        if "sha256" in details and details["sha256"] not in stored
    ]


def _walk(library: Library, trusted: Collection[str]) -> Chain:
    rows = (
        session()
        .scalars(
            select(Snapshot)
            .where(Snapshot.library_id == library.id)
            .order_by(Snapshot.id)
            .options(undefer(Snapshot.figures))
        )
        .all()
    )
    before = None
    for row in rows:
        if flaw := _flaw(row, before, trusted):
            day = row.taken_at.astimezone(REPORTING_ZONE)
            return Chain(library.code, len(rows), f"broken at {row.sha256} of {day:%Y-%m-%d %H:%M}: {flaw}")
        before = row.sha256
    return Chain(library.code, len(rows))


def _flaw(row: Snapshot, before: str | None, trusted: Collection[str]) -> str:
    if row.previous_sha256 != before:
        return f"It follows {row.previous_sha256 or 'none'}, and before it stands {before or 'none'}: one was taken out or put in."
    try:
        found, figures = _seal_of(row)
    except ObjectNotFound:
        return "Its file is not in the store."
    except NoSnapshot as problem:
        return str(problem)
    return broken_seal(found) or _other_than_listed(found, figures, row) or _strange(found, trusted)


def _seal_of(row: Snapshot) -> tuple[Seal, Figures]:
    with store().open(row.store_key) as file:
        return document.read_seal(file)


def _other_than_listed(found: Seal, figures: Figures, row: Snapshot) -> str:
    if found.sha256 != row.sha256:
        return "Its file is another one than the list of snapshots names."
    if found.head.get("previous") != row.previous_sha256:
        return "Its file follows another snapshot than the list says."
    if list(figures) != row.figures:
        return "The pages show other figures for it than its file holds."
    return ""


def _strange(found: Seal, trusted: Collection[str]) -> str:
    signer = signing.fingerprint(found.public_key)
    return "" if is_trusted(found, trusted) else f"It is signed by {signer}, which is no key of this site."
