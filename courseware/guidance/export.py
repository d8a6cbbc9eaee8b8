"""A copy of one's own data: a ZIP with every table as JSON and as a sheet, and a README in both languages (R48, R65).

A small one is made while the person waits. A large one is a job; it lies in the store for a week, for its person only.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import uuid as uuidlib
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, Any

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select

from courseware.accounts.models import User
from courseware.auditlog import services as auditlog
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import NotFound
from courseware.core.unit_of_work import unit_of_work
from courseware.guidance.errors import ExportUnderWay
from courseware.guidance.models import DataExport
from courseware.guidance.own_data import OwnTable, Row, as_plain, is_large, own_tables
from courseware.jobs import services as jobs
from courseware.jobs.models import Job
from courseware.resources.storage import passing_folder, store

JOB = "guidance.export"
LARGE = 2_000  # events; more take longer than a person likes to wait
KEPT_FOR = dt.timedelta(days=7)
CONTENT_TYPE = "application/zip"
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def ask(user: User) -> DataExport | None:
    """Asks the worker for a copy when it is large; None when it is small enough to be made at once (`pack`).

    Raises ExportUnderWay while one is being made. Both are written into the security log.
    """
    if not is_large(user, LARGE):
        auditlog.record("guidance.export", user, about=user)
        return None
    if any(one.ready_at is None and not has_failed(one) for one in exports_of(user)):
        raise ExportUnderWay()
    now = clock.now()
    made = DataExport(user_id=user.id, asked_at=now, expires_at=now + KEPT_FOR)
    session().add(made)
    session().flush()
    jobs.enqueue(JOB, f"{JOB}:{made.uuid}", {"export": str(made.uuid)}, priority=jobs.SOON)
    auditlog.record("guidance.export", user, about=made)
    return made


def exports_of(user: User) -> Sequence[DataExport]:
    """The person's copies that are kept or being made, newest first."""
    query = select(DataExport).where(DataExport.user_id == user.id, DataExport.expires_at > clock.now())
    return session().scalars(query.order_by(DataExport.id.desc())).all()


def export_by_uuid(uuid: uuidlib.UUID, user: User) -> DataExport:
    """A finished copy of the person's own, and nobody else's; raises NotFound."""
    found = next((one for one in exports_of(user) if one.uuid == uuid and one.ready_at is not None), None)
    if found is None:
        raise NotFound()
    return found


def has_failed(export: DataExport) -> bool:
    """Whether the worker gave it up."""
    return session().scalar(select(Job.state).where(Job.key == f"{JOB}:{export.uuid}")) in ("failed", "cancelled")


def make_kept(export_uuid: str, name: str) -> dict[str, Any]:
    """The step of the job: packs the copy and puts it into the store; the same again when it is repeated."""
    export = session().scalars(select(DataExport).where(DataExport.uuid == uuidlib.UUID(export_uuid))).one()
    user, key = session().get_one(User, export.user_id), f"exports/{export_uuid}.zip"
    with passing_folder() as folder:
        path = folder / f"{name}.zip"
        with path.open("wb") as target:
            pack(user, target)
        size = path.stat().st_size
        _put(key, path, size)
    number = export.id
    session().rollback()  # what follows writes, and must not begin as a reader (decision 2)
    with unit_of_work() as db:
        row = db.get_one(DataExport, number)
        row.store_key, row.size, row.ready_at = key, size, clock.now()
    return {"size": size}


def forget_expired() -> int:
    """Removes copies that are over, file first; returns how many."""
    old = session().scalars(select(DataExport).where(DataExport.expires_at <= clock.now())).all()
    for export in old:
        if export.store_key:
            store().delete(export.store_key)
        session().delete(export)
    return len(old)


def pack(user: User, target: IO[bytes]) -> None:
    """Writes the whole copy into `target`. Tables without a row of the person are left out, and named in the README."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as zipped:
        counts: dict[str, int] = {}
        for own in own_tables():
            counts[own.name] = own.count(user.id)
            if counts[own.name]:
                _write(zipped, own, user.id)
        for locale, name in (("zh_Hans", "说明.md"), ("en", "README.md")):
            zipped.writestr(name, _readme(user, counts, locale))


def _write(zipped: zipfile.ZipFile, own: OwnTable, user_id: int) -> None:
    with zipped.open(f"json/{own.name}.json", "w") as raw:
        raw.write(b"[")
        for number, row in enumerate(own.rows(user_id)):
            line = json.dumps(row, ensure_ascii=False, sort_keys=True)
            raw.write(f"{',' if number else ''}\n {line}".encode("utf-8", "replace"))
        raw.write(b"\n]\n")
    with zipped.open(f"csv/{own.name}.csv", "w") as raw:
        raw.write(b"\xef\xbb\xbf")  # spreadsheets know by it that this is UTF-8
        _write_sheet(io.TextIOWrapper(raw, "utf-8", errors="replace", newline=""), own.rows(user_id))


def _write_sheet(text: io.TextIOWrapper, rows: Iterable[Row]) -> None:
    writer = csv.writer(text)
    for number, row in enumerate(rows):
        if not number:
            writer.writerow(row)
        writer.writerow(map(as_cell, row.values()))
    text.flush()
    text.detach()


def as_cell(value: Any) -> Any:
    """A value as a spreadsheet takes it: lists as JSON, and no text that it would run as a formula."""
    if isinstance(value, list | dict):
        value = json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return "" if value is None else value


def _readme(user: User, counts: dict[str, int], locale: str) -> str:
    with force_locale(locale):
        lines = [
            "# " + _("What Keku keeps about %(name)s", name=user.name), "",
            _("Made on %(at)s. Every table is here twice: json/ for programs, csv/ for spreadsheets.", at=as_plain(clock.now())), "",
            _("Left out: passwords and tokens (kept only as fingerprints nobody can read back), names of other people, and what you decided about others in office, which stands in the security log (audit_entry)."), "",
            _("Moments are in Asia/Shanghai. To have something corrected or deleted, write to the people named under “Personal information” at the foot of every page."), "",
            "## " + _("Tables and rows"), "", *(f"- {name}: {count}" for name, count in counts.items() if count), "",
            _("Nothing of yours is in: %(tables)s", tables=", ".join(name for name, count in counts.items() if not count)), "",
        ]  # fmt: skip
    return "\n".join(lines)


def _put(key: str, path: Path, size: int) -> None:
    with path.open("rb") as made:
        store().put(key, made, size, CONTENT_TYPE)
