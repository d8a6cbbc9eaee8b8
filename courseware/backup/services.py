"""Making a backup and putting it back (SEC19): database, stored files, settings and keys in one folder.

The database is read in one transaction, so that rows fit each other while people go on working. Files never change
under their key, so they are copied after it: whatever a row names is there. A folder that holds an earlier backup is
brought up to date, and files that lie in it already are not copied again.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic.script import ScriptDirectory
from flask import current_app
from flask_migrate import upgrade
from sqlalchemy import Connection, func, inspect, select, text, update

from courseware.auditlog import services as auditlog
from courseware.auditlog.queries import verify_chain
from courseware.backup import tables
from courseware.backup.errors import FolderInUse, NoBackup, NotEmpty, OtherRelease
from courseware.core import clock
from courseware.core.database import db, session
from courseware.core.settings import Settings
from courseware.discovery import indexing
from courseware.discovery.engine import engine
from courseware.jobs.models import Job
from courseware.monitoring.snapshots.signing import KEY_FILE
from courseware.resources.storage import store

FORMAT = "keku-backup/1"
MANIFEST, ROWS, FILES, KEYS = "manifest.json", "database", "files", "keys"
SECRETS = ("secret_key", KEY_FILE)
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Done:
    """What was written or put back."""

    tables: int
    rows: int
    files: int
    bytes: int
    copied: int


def create(folder: Path, say: Say = lambda _text: None) -> Done:
    """Writes a whole backup into `folder`. Raises FolderInUse. The manifest comes last: without it nothing counts."""
    _require_usable(folder)
    (folder / ROWS).mkdir(parents=True, exist_ok=True)
    (folder / MANIFEST).unlink(missing_ok=True)
    revision, dumped = _dump_database(folder, say)
    files, size, copied = _copy_files_out(folder, say)
    _keep_keys(_data_folder(), folder / KEYS)
    manifest = {
        "format": FORMAT, "made_at": clock.now().isoformat(), "revision": revision, "tables": dumped,
        "files": files, "bytes": size, "settings": _plain_settings(),
    }  # fmt: skip
    unfinished = folder / f"{MANIFEST}.part"
    unfinished.write_text(json.dumps(manifest, ensure_ascii=False, indent=2), encoding="utf-8")
    unfinished.replace(folder / MANIFEST)
    auditlog.record("backup.create", None, details={"files": files, "bytes": size})
    return Done(len(dumped), sum(table["rows"] for table in dumped.values()), files, size, copied)


def restore(folder: Path, say: Say = lambda _text: None) -> Done:
    """Puts a backup into this installation, which has to be empty; the database may be of the other kind.

    Everything is checked before a row is written, and all rows come in one transaction. Unfinished jobs begin anew.
    Raises NoBackup, OtherRelease, NotEmpty.
    """
    manifest = _checked_manifest(folder, say)
    if not inspect(db.engine).has_table("alembic_version"):
        upgrade(directory=_migrations())
    _require_empty()
    copied, size = _copy_files_in(folder, say)
    _load_database(folder, manifest["tables"], say)
    _keep_keys(folder / KEYS, _data_folder())
    current_app.config["SECRET_KEY"] = (
        _settings().signing_key()
    )  # the security log goes on under the key it was begun with
    if verify_chain().problem:
        say("The security log cannot be checked: set KEKU_SECRET_KEY to what it was on the old installation.")
    say(f"{engine().rebuild(indexing.all_documents()).documents} documents indexed")
    rows = sum(table["rows"] for table in manifest["tables"].values())
    auditlog.record("backup.restore", None, details={"made_at": manifest["made_at"], "rows": rows})
    return Done(len(manifest["tables"]), rows, copied, size, copied)


# --- database


def _dump_database(folder: Path, say: Say) -> tuple[str, dict[str, Any]]:
    with db.engine.connect().execution_options(**_one_state()) as connection, connection.begin():
        revision = str(connection.scalar(text("SELECT version_num FROM alembic_version")))
        dumped = {}
        for table in tables.tables():
            dumped[table.name] = tables.dump(connection, table, _rows_path(folder, table.name))
        say(f"{sum(one['rows'] for one in dumped.values())} rows of {len(dumped)} tables")
        return revision, dumped


def _one_state() -> dict[str, Any]:
    """SQLite reads one state for as long as a transaction lasts; PostgreSQL has to be asked to."""
    if db.engine.dialect.name == "sqlite":
        return {}
    return {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


def _load_database(folder: Path, dumped: Mapping[str, Any], say: Say) -> None:
    with db.engine.connect().execution_options(writes=True) as connection, connection.begin():
        for work in (tables.load, tables.close_circles):
            for table in tables.tables():
                work(connection, table, dumped[table.name]["columns"], tables.read(_rows_path(folder, table.name)))
        for table in tables.tables():
            tables.go_on_counting(connection, table)
        _begin_jobs_anew(connection)
    say(f"{sum(one['rows'] for one in dumped.values())} rows put back")


def _begin_jobs_anew(connection: Connection) -> None:
    """The engine of the old installation is not in the backup: what ran there is queued, as another attempt."""
    running = update(Job).where(Job.state == "running")
    connection.execute(running.values(state="queued", worker="", attempt=Job.attempt + 1))


def _require_empty() -> None:
    for table in tables.tables():
        if session().scalar(select(func.count()).select_from(table)):
            raise NotEmpty(table=table.name)
    session().rollback()


def _rows_path(folder: Path, table: str) -> Path:
    return folder / ROWS / f"{table}.jsonl.gz"


def _migrations() -> str:
    return str(Path(current_app.root_path) / "migrations")


# --- files and keys


def _copy_files_out(folder: Path, say: Say) -> tuple[int, int, int]:
    """How many files the store has, their bytes, and how many were copied now. Files that are gone go from the backup."""
    known, size, copied = set(), 0, 0
    for info in store().list():
        path = folder / FILES / info.key
        known.add(path)
        size += info.size
        if path.exists() and path.stat().st_size == info.size:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.part")
        with store().open(info.key) as source, part.open("wb") as target:
            shutil.copyfileobj(source, target)
        part.replace(path)
        copied += 1
    for path in _files_in(folder):
        if path not in known:
            path.unlink()
    say(f"{len(known)} files, {copied} of them copied now")
    return len(known), size, copied


def _copy_files_in(folder: Path, say: Say) -> tuple[int, int]:
    size = copied = 0
    for path in _files_in(folder):
        length = path.stat().st_size
        with path.open("rb") as source:
            store().put(path.relative_to(folder / FILES).as_posix(), source, length, "application/octet-stream")
        size, copied = size + length, copied + 1
    say(f"{copied} files put back")
    return copied, size


def _files_in(folder: Path) -> list[Path]:
    return sorted(path for path in (folder / FILES).rglob("*") if path.is_file())


def _keep_keys(source: Path, target: Path) -> None:
    """What signs sessions and snapshots, readable by the owner only."""
    target.mkdir(parents=True, exist_ok=True)
    for name in SECRETS:
        if (source / name).exists():
            shutil.copyfile(source / name, target / name)
            os.chmod(target / name, 0o600)


def _data_folder() -> Path:
    return _settings().data_path


def _settings() -> Settings:
    found: Settings = current_app.config["KEKU"]
    return found


def _plain_settings() -> dict[str, str]:
    """Settings as they were, without passwords and keys: for whoever sets the new machine up."""
    return _settings().without_secrets()


# --- checking


def _require_usable(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()) and not any((folder / name).exists() for name in (MANIFEST, ROWS)):
        raise FolderInUse(folder=str(folder))


def _checked_manifest(folder: Path, say: Say) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise NoBackup(folder=str(folder), reason=f"{MANIFEST} is missing or broken") from problem
    if manifest.get("format") != FORMAT:
        raise NoBackup(folder=str(folder), reason=f"its format is {manifest.get('format')}")
    ours = ScriptDirectory(_migrations()).get_current_head()
    if manifest["revision"] != ours:
        raise OtherRelease(theirs=manifest["revision"], ours=ours)
    for name, told in manifest["tables"].items():
        if _digest(folder, name) != told["sha256"]:
            raise NoBackup(folder=str(folder), reason=f"the rows of {name} were changed or cut off")
    files = _files_in(folder)
    if (len(files), sum(path.stat().st_size for path in files)) != (manifest["files"], manifest["bytes"]):
        raise NoBackup(folder=str(folder), reason="stored files are missing or cut off")
    say("The backup is whole.")
    return manifest


def _digest(folder: Path, table: str) -> str:
    try:
        return tables.digest_of(_rows_path(folder, table))
    except (OSError, EOFError):
        return ""
