"""The good rows of a sheet become resources."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from courseware.accounts import services as accounts
from courseware.accounts.models import User
from courseware.auditlog import services as auditlog
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import DomainError
from courseware.core.roles import Role
from courseware.core.tables import ImportReport, Row, RowProblem
from courseware.libraries.models import Library
from courseware.resources import services
from courseware.resources.assets import WHENEVER, Checked, key_of, register, store_file
from courseware.resources.importing.authors import account_of
from courseware.resources.importing.drafts import Draft
from courseware.resources.importing.reading import Reading, check_rows
from courseware.resources.importing.stored import changes, would
from courseware.resources.models import Asset, Resource, ResourceVersion

Publish = Callable[[ResourceVersion, dt.datetime], object]
UNSIGNED = "未署名"


@dataclass(slots=True)
class ResourceReport(ImportReport):
    """An import report that also names what is only incomplete."""

    warnings: list[RowProblem] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """For JSON answers."""
        counts = {name: getattr(self, name) for name in ("rows", "created", "updated", "unchanged", "dry_run")}
        errors, warnings = ([p.as_dict() for p in some] for some in (self.problems, self.warnings))
        return {**counts, "errors": errors, "warnings": warnings}


def import_resources(
    library: Library,
    rows: Iterable[Row],
    *,
    beside: Path | None = None,
    publish: Publish | None = None,
    dry_run: bool = False,
) -> ResourceReport:
    """Checks all rows, then writes the good ones: as drafts, or published as imported through `publish`.

    `beside` is the folder in which files of the sheet lie. A dry run writes nothing. The caller answers for the right.
    """
    given = list(rows)
    reading = check_rows(library, given, beside=beside, is_published=publish is not None)
    report = ResourceReport(rows=len(given), dry_run=dry_run, problems=reading.problems, warnings=reading.warnings)
    writing = Writing(library, reading, publish)
    for draft in reading.drafts:
        _count(report, writing.write(draft) if not dry_run else would(draft))
    report.problems.sort(key=lambda problem: problem.row)
    if not dry_run:
        auditlog.record(
            "resource.import", None, about=library, details={"created": report.created, "updated": report.updated}
        )
    return report


class Writing:
    """Writing the good rows, each for itself: one that a rule refuses after all takes no other with it.

    `actor` is the author of rows that name none; without one it is an account for what nobody signed.
    """

    def __init__(
        self, library: Library, reading: Reading, publish: Publish | None = None, actor: User | None = None
    ) -> None:
        self.library, self.reading, self.publish, self.actor = library, reading, publish, actor
        self.brought: dict[Path, Checked] = {}
        self._authors: dict[str, User] = {}

    def write(self, draft: Draft) -> str:
        """Writes a row: "created", "updated", "unchanged", or "" when a rule refuses it (noted as a problem).

        Afterwards `draft.known` is the resource of the row.
        """
        try:
            with session().begin_nested():
                return self._update(draft, draft.known) if draft.known is not None else self._create(draft)
        except DomainError as refused:
            self.reading.problems.append(
                RowProblem(draft.row, "file" if draft.file else "", refused.code, refused.sentence())
            )
            return ""

    def _create(self, draft: Draft) -> str:
        author = self._author(draft)
        asset = self._asset(draft.file, author) if draft.file is not None else None
        fields = {name: value for name, value in draft.fields.items() if value not in (None, [], "")}
        resource = services.create_resource(
            author, self.library, asset=asset, body=draft.body, content_hash=draft.content_hash, originality=draft.originality,
            licence=draft.licence, unit=draft.unit, external_id=draft.external_id or None, is_imported=self.publish is not None, **fields,
        )  # fmt: skip
        if self.publish is not None and resource.draft_version is not None:
            self.publish(resource.draft_version, draft.published_at or clock.now())
        draft.known = resource
        return "created"

    def _asset(self, file: Path, author: User) -> Asset:
        checked = self.brought.get(file)
        if checked is None:
            return store_file(file, file.name, author)
        return register(author, checked, file.name, key_of(checked.sha256), priority=WHENEVER)

    def _update(self, draft: Draft, known: Resource) -> str:
        changed = changes(draft, known)
        if not changed:
            return "unchanged"
        services.edit_metadata(self._author(draft), known, changed)
        return "updated"

    def _author(self, draft: Draft) -> User:
        if draft.known is not None:
            return draft.known.author
        if not draft.author and self.actor is not None:
            return self.actor
        name = draft.author or UNSIGNED
        if name not in self._authors:
            self._authors[name] = account_of(name) or self._provisional(draft, name)
        return self._authors[name]

    def _provisional(self, draft: Draft, name: str) -> User:
        self.reading.warn(draft.row, "author", "provisional_author", value=name)
        digest = hashlib.sha256(name.encode()).hexdigest()[:20]
        key = f"imported-{digest}"
        return accounts.create_user(
            f"{key}@import.invalid", name, unit=draft.unit, roles=[Role.TEACHER], key=key, verified=False
        )


def _count(report: ResourceReport, outcome: str) -> None:
    if outcome:
        setattr(report, outcome, getattr(report, outcome) + 1)
