"""What every test may ask for. Real parts throughout: both databases, an S3 server, a browser, the running site.

A test that uses `app`, or anything that stands on it, runs on SQLite and on PostgreSQL; mark it `one_database` when the
database cannot matter. A test that uses `client` runs on one of the two, half of them on each; tests below tests/pages run
on SQLite. A part that this machine cannot run skips its tests with a
reason, and fails them when CI=true.
"""

from __future__ import annotations

import datetime as dt
import os
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

from tests.servers import databases, s3, shared
from tests.servers.network import refuse_foreign_addresses
from tests.servers.pages import browser, browser_page, open_page, screenshot
from tests.servers.parts import NOT_RUN, need

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from tests.servers.client import TestClient
    from tests.servers.rewound import MadeOnce, Rewound

__all__ = ["browser", "browser_page", "need", "open_page", "screenshot"]

ROOT = Path(__file__).parent.parent
PAGES = ROOT / "tests" / "pages"
LONG = [PAGES, *(ROOT / "tests" / subject for subject in ("demo", "chaos", "jobs", "media", "api", "web"))]
SECRET = "secret-of-the-test-run-0001"
KINDS = pytest.StashKey[list[databases.Kind]]()


# Examples are judged by what they show, not by how long a busy machine took to make them.
hypothesis.settings.register_profile("keku", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("keku")


# --- the run ----------------------------------------------------------------------------------------------------------


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "one_database(kind): the database cannot matter here; SQLite alone, or the one that is named"
    )
    config.addinivalue_line("markers", "console_errors_expected: this page test makes the browser complain on purpose")
    try:
        config.stash[KINDS] = databases.chosen_kinds(os.environ.get(databases.CHOICE))
    except ValueError as reason:
        raise pytest.UsageError(str(reason)) from None
    refuse_foreign_addresses()
    # A run starts a hundred processes of the product: the first of them keeps what Python compiled, for all.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if not _is_worker(config):
        shared.begin_run()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not _is_worker(config) and shared.RUN_DIR in os.environ:
        shared.end_run()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """`--dist loadfile`, with all page tests for one worker. Whatever else the command line names stays as it is."""
    from tests.servers.turns import Turns

    return Turns(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_kind" not in metafunc.fixturenames:
        return
    kinds = _databases_of(metafunc, metafunc.config.stash[KINDS])
    metafunc.parametrize("database_kind", kinds, indirect=True, scope="session")


def _databases_of(metafunc: pytest.Metafunc, chosen: list[databases.Kind]) -> list[databases.Kind]:
    """What services do is tried on every database. What is asked over HTTP stands on those services: each such test runs
    on one of the databases, by its name, and every address on all of them (tests/web/test_rights.py, tests/api)."""
    test = metafunc.definition
    on_one = test.get_closest_marker("one_database")
    if on_one or PAGES in test.path.parents:
        return [kind for kind in chosen if on_one and kind in on_one.args] or chosen[:1]
    if "client" in metafunc.fixturenames and not {ROOT / "tests" / "web", ROOT / "tests" / "api"} & {
        *test.path.parents
    }:
        return [chosen[zlib.crc32(test.originalname.encode()) % len(chosen)]]
    return chosen


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Pages first, then the subjects with tests of a minute, so that no worker begins one when the other has finished.
    for item in items:
        if PAGES in item.path.parents:
            item.add_marker(pytest.mark.pages)
            if _must_run_everything():
                # A browser on a machine that others load as well may be late; what fails twice is a fault.
                item.add_marker(pytest.mark.flaky(reruns=1))
    items.sort(key=lambda item: next((n for n, long in enumerate(LONG) if long in item.path.parents), len(LONG)))


def pytest_collection_finish() -> None:
    """Modules, tests and mappers stay for the whole run: the garbage collector need not look at them again and again."""
    from courseware.core import memory

    memory.settle()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Names every part that could not run here and every test that needed a second try, just above the closing line."""
    for report in terminalreporter.stats.get("rerun", []):
        terminalreporter.write_line(f"FAILED ONCE, TRIED AGAIN: {report.nodeid}", yellow=True)
        terminalreporter.write_line(report.longreprtext[-1500:])
    reasons: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", []):
        text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reason = text.removeprefix("Skipped: ")
        if reason.startswith(NOT_RUN):
            reasons[reason.removeprefix(NOT_RUN)] = reasons.get(reason.removeprefix(NOT_RUN), 0) + 1
    for reason, count in reasons.items():
        terminalreporter.write_line(f"NOT RUN HERE ({count} tests): {reason}", yellow=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    report = yield
    if report.skipped and _must_run_everything() and NOT_RUN in str(report.longrepr):
        report.outcome = "failed"
        report.longrepr = f"A part of the suite cannot run, and in CI every part has to: {report.longrepr[2]}"
    setattr(item, f"report_{report.when}", report)
    return report


def _must_run_everything() -> bool:
    return os.environ.get("CI") == "true"


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


@pytest.fixture(scope="session")
def worker_name(request: pytest.FixtureRequest) -> str:
    """gw0, gw1, …, or main: the name of this worker in names of databases, buckets and folders."""
    return getattr(request.config, "workerinput", {}).get("workerid", "main")


# --- time -------------------------------------------------------------------------------------------------------------


class Clock:
    """The product's one clock in the hand of a test."""

    def __call__(self, moment: dt.datetime | str) -> dt.datetime:
        """Stops the clock at an aware datetime, or at an ISO text; a text without zone is Shanghai time, as people say it."""
        from courseware.core import clock

        if isinstance(moment, str):
            moment = dt.datetime.fromisoformat(moment)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=clock.REPORTING_ZONE)
        clock.set_clock(moment)
        return clock.now()

    def advance(self, **span: float) -> dt.datetime:
        """Moves the stopped clock on: `clock.advance(hours=3)`."""
        from courseware.core import clock

        return self(clock.now() + dt.timedelta(**span))


@pytest.fixture
def clock() -> Clock:
    """`clock("2026-03-01 09:00")` stops the product's clock there; it runs again after the test."""
    return Clock()


@pytest.fixture(scope="session", autouse=True)
def _passwords_are_cheap() -> Iterator[None]:
    """The suite makes thousands of accounts; at the real cost of a password they were two minutes of it."""
    from argon2 import PasswordHasher

    from courseware.accounts import passwords

    real, cheap = (passwords._hasher, passwords._decoy), PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    passwords._hasher, passwords._decoy = cheap, cheap.hash("a password nobody has")
    yield
    passwords._hasher, passwords._decoy = real


@pytest.fixture(autouse=True)
def _clock_runs_again() -> Iterator[None]:
    yield
    with suppress(ImportError):
        from courseware.core import clock

        clock.set_clock(None)


# --- databases and the application ------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def database_kind(request: pytest.FixtureRequest) -> databases.Kind:
    """sqlite, postgres: what this test runs on."""
    kind: databases.Kind = request.param
    return kind


@pytest.fixture(scope="session")
def database_url(database_kind: databases.Kind, worker_name: str) -> str:
    """A migrated database of this worker, as KEKU_DATABASE_URL would name it."""
    return need(_database_of, database_kind, f"keku_{worker_name}")


@cache
def _database_of(kind: databases.Kind, name: str) -> str:
    """Once a worker. pytest itself forgets what a session has for one database when a test asks for the other, which
    is twice a file."""
    return databases.migrated_database(kind, name)


@pytest.fixture
def blank_database_url(database_kind: databases.Kind, worker_name: str) -> str:
    """A database without any table, new for each test: for tests of the migrations."""
    return need(databases.blank_database, database_kind, f"keku_blank_{worker_name}")


@pytest.fixture(scope="session")
def _applications(worker_name: str) -> Iterator[Callable[[str], Rewound]]:
    """The application on a database of this worker, made when first asked for and kept for all its tests."""
    from tests.servers.rewound import Rewound

    made: dict[str, Rewound] = {}

    def application_on(url: str) -> Rewound:
        if url not in made:
            folder = shared.run_folder() / f"data-{worker_name}-{len(made)}"
            made[url] = Rewound(create_test_app(url, folder), url)
        return made[url]

    yield application_on
    for each in made.values():
        each.close()


@pytest.fixture
def rewound(_applications: Callable[[str], Rewound], database_url: str) -> Rewound:
    """The worker's application, at its beginning."""
    found = _applications(database_url)
    found.rewind()
    return found


@pytest.fixture
def app(rewound: Rewound) -> Iterator[Flask]:
    """The application on an empty, migrated database, with a store in memory; its context is pushed.

    Service tests call services and then flush or commit as they like: nothing survives the test.
    """
    from courseware.core.database import db

    with rewound.app.app_context():
        yield rewound.app
        db.session.rollback()
        db.session.remove()


@pytest.fixture
def made_once(app: Flask, rewound: Rewound) -> MadeOnce:
    """`made_once(make_world)`: what `make_world()` makes in the empty database, once for all tests of this worker that ask for it.

    Each of them finds the same rows as if they had just been made, whatever others did to theirs.
    """
    return rewound.made_once


@pytest.fixture
def make_app(database_url: str, tmp_path: Path) -> Callable[..., Flask]:
    """`make_app(rate_limits="on")`: an application of its own with other settings, on this worker's emptied database."""
    databases.empty_database(database_url)

    def make(**overrides: object) -> Flask:
        return create_test_app(database_url, tmp_path / "data", **overrides)

    return make


@pytest.fixture
def db_session(app: Flask) -> Session:
    """The session that services use in this test."""
    from courseware.core.database import session

    return session()


@pytest.fixture
def client(app: Flask) -> TestClient:
    """A browser without a screen. Each request has its own context and session, as in production."""
    client: Any = app.test_client()
    return client


def create_test_app(database_url: str, data_dir: Path, **overrides: object) -> Flask:
    """The application as tests run it; `overrides` are settings. Most tests want the fixture `app` or `make_app`."""
    from jinja2 import FileSystemBytecodeCache
    from sqlalchemy import event

    from app import create_app
    from courseware.core.database import db
    from courseware.core.settings import Settings
    from tests.servers.client import TestClient

    data_dir.mkdir(parents=True, exist_ok=True)
    chosen: dict[str, object] = {
        "data_dir": str(data_dir),
        "database_url": database_url,
        "store": "memory",
        "secret_key": SECRET,
        "rate_limits": "off",
        "testing": True,
        **overrides,
    }
    app = create_app(Settings.from_env({}, **chosen))
    app.test_client_class = TestClient
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(_templates_of_the_run()))
    with app.app_context():
        event.listen(db.engine, "connect", _waits_for_no_disk)
    return app


def _templates_of_the_run() -> Path:
    """Where the templates lie as bytecode: each is compiled once a run, not once for each application."""
    folder = shared.run_folder() / "templates"
    folder.mkdir(exist_ok=True)
    return folder


def _waits_for_no_disk(connection: Any, _record: Any) -> None:
    """A database of the tests need not survive a power cut."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous=OFF")


# --- the object store -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def s3_server(worker_name: str) -> s3.S3Server:
    """A real S3 server with a bucket of this worker: endpoint (host:port), access_key, secret_key, region, bucket, secure.

    Shared with all tests of the worker: use keys, or a bucket, of your own.
    """
    return need(s3.server, f"keku-{worker_name}")
