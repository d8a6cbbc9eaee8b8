"""Databases with the schema of today, quickly: migrated once a run as a template, copied for each worker, emptied
between tests.

The schema comes from the migrations and never from the models, so that every test is also a test of what operators run.
"""

from __future__ import annotations

import atexit
import json
import shutil
from functools import cache
from pathlib import Path
from typing import Any, Literal

import psycopg

from tests.servers import postgres
from tests.servers.shared import Facts, run_folder, started_once

ROOT = Path(__file__).resolve().parent.parent.parent
Kind = Literal["sqlite", "postgres"]
KINDS: tuple[Kind, ...] = ("sqlite", "postgres")
CHOICE = "KEKU_TEST_DATABASES"
NAMES: dict[str, Kind] = {"sqlite": "sqlite", "postgres": "postgres", "postgresql": "postgres"}
TEMPLATE = "keku_template"

EMPTY = "empty"  # the state in which the migrations left the database; what they insert is part of it

# A state is a schema with a copy of every table that has rows. Replica mode passes over foreign keys, and over triggers
# that guard append-only tables against exactly this. Which tables have rows is asked in one statement, planned once; the
# rows of a partition are those of its table.
STATES = """
CREATE SCHEMA keku_tests;
DO $make$
BEGIN
    EXECUTE (
        SELECT 'CREATE VIEW keku_tests.filled AS '
            || string_agg(format('SELECT %1$L AS tablename WHERE EXISTS (SELECT 1 FROM public.%1$I)', tablename), ' UNION ALL ')
        FROM (
            SELECT relname AS tablename FROM pg_class
            WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition AND relname <> 'alembic_version'
        ) AS tables
    );
END $make$;
CREATE FUNCTION keku_tests.keep(state text) RETURNS void LANGUAGE plpgsql AS $body$
DECLARE t record;
BEGIN
    EXECUTE format('CREATE SCHEMA %I', state);
    FOR t IN SELECT tablename FROM keku_tests.filled LOOP
        EXECUTE format('CREATE TABLE %I.%I AS TABLE public.%I', state, t.tablename, t.tablename);
    END LOOP;
END $body$;
CREATE FUNCTION keku_tests.put_back(state text) RETURNS void LANGUAGE plpgsql AS $body$
DECLARE t record;
BEGIN
    SET LOCAL session_replication_role = replica;
    SET LOCAL lock_timeout = '10s';
    FOR t IN SELECT tablename FROM keku_tests.filled LOOP
        EXECUTE format('DELETE FROM public.%I', t.tablename);
    END LOOP;
    FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = state LOOP
        EXECUTE format('INSERT INTO public.%I SELECT * FROM %I.%I', t.tablename, state, t.tablename);
    END LOOP;
END $body$;
"""


def chosen_kinds(text: str | None) -> list[Kind]:
    """The databases that KEKU_TEST_DATABASES names, in its order; all of them when it is unset or empty.

    Raises ValueError for a name that is none: a test run on a database nobody knows proves nothing.
    """
    names = [name.strip().lower() for name in (text or "").split(",") if name.strip()]
    if unknown := [name for name in names if name not in NAMES]:
        raise ValueError(f"{CHOICE} names {', '.join(unknown)}; known are {', '.join(NAMES)}.")
    return list(dict.fromkeys(NAMES[name] for name in names)) or list(KINDS)


def migrated_database(kind: Kind, name: str) -> str:
    """The address of database `name`, made anew with the schema of today and nothing in it."""
    started_once(f"schema-{kind}", _make_template_of(kind))
    if kind == "postgres":
        return postgres.create_database(name, TEMPLATE)
    url = f"sqlite:///{run_folder() / name}.db"
    put_back(url, EMPTY)
    return url


def blank_database(kind: Kind, name: str) -> str:
    """The address of database `name` without any table, for tests of the migrations."""
    if kind == "postgres":
        return postgres.create_database(name)
    path = run_folder() / f"{name}.db"
    for part in _files_of(path):
        part.unlink(missing_ok=True)
    return f"sqlite:///{path}"


def empty_database(url: str) -> None:
    """Takes a migrated database back to how the migrations left it. The caller has closed its own connections."""
    put_back(url, EMPTY)


def keep(url: str, state: str) -> None:
    """Remembers the rows of a migrated database under the name `state`. The caller has closed its own connections."""
    if url.startswith("sqlite"):
        _copy_sqlite(_path_of(url), _state_file(url, state))
    else:
        _connection(url).execute("SELECT keku_tests.keep(%s)", [_schema_of(state)])


def put_back(url: str, state: str) -> None:
    """The database has the rows of `state` again, and no others. The caller has closed its own connections."""
    if url.startswith("sqlite"):
        _copy_sqlite(_state_file(url, state), _path_of(url))
    else:
        _connection(url).execute("SELECT keku_tests.put_back(%s)", [_schema_of(state)])


def migrate(url: str, data_dir: Path, revision: str = "head") -> None:
    """Runs the migrations up to `revision` on the database at `url`, as `flask db upgrade` does."""
    from flask_migrate import upgrade

    from app import create_app
    from courseware.core.database import db
    from courseware.core.settings import Settings

    settings = Settings.from_env({}, data_dir=str(data_dir), database_url=url, store="memory", testing=True)
    app = create_app(settings)
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"), revision=revision)
        db.session.remove()
        db.engine.dispose()


def _make_template_of(kind: Kind):  # type: ignore[no-untyped-def]
    def make(folder: Path) -> Facts:
        url = postgres.create_database(TEMPLATE) if kind == "postgres" else f"sqlite:///{folder / 'template.db'}"
        migrate(url, folder)
        if kind == "postgres":
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(STATES)
                connection.execute("SELECT keku_tests.keep(%s)", [_schema_of(EMPTY)])
        elif any(part.exists() for part in _files_of(folder / "template.db")[1:]):
            raise AssertionError("somebody still has the template open: a copy of it would lack rows")
        return {"url": url}

    return make


def _path_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def _state_file(url: str, state: str) -> Path:
    if state == EMPTY:
        return _path_of(json.loads((run_folder() / "schema-sqlite.json").read_text())["url"])
    path = _path_of(url)
    return path.with_name(f"{path.stem}-{state}.db")


def _schema_of(state: str) -> str:
    return f"keku_tests_{state}"


@cache
def _connection(url: str) -> psycopg.Connection[Any]:
    """One for each database of this worker: a new one would have to compile the function anew for each test."""
    connection = psycopg.connect(url, autocommit=True)
    atexit.register(connection.close)
    return connection


def _copy_sqlite(source: Path, target: Path) -> None:
    """A database that nobody has open is one plain file, without a log beside it."""
    for part in _files_of(target):
        part.unlink(missing_ok=True)
    shutil.copyfile(source, target)


def _files_of(path: Path) -> list[Path]:
    return [path.with_name(path.name + ending) for ending in ("", "-wal", "-shm", "-journal")]
