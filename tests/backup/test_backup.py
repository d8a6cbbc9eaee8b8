"""A backup is the whole installation: put back on an empty machine, of the other database even, everything is there."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import func, select

from courseware.accounts import services as accounts
from courseware.auditlog import queries as auditlog
from courseware.backup import services, tables
from courseware.backup.errors import FolderInUse, NoBackup, NotEmpty, OtherRelease
from courseware.core.database import db, session
from courseware.discovery import services as discovery
from courseware.jobs import services as jobs
from courseware.jobs.models import Job
from courseware.monitoring import freezing
from courseware.monitoring.models import Snapshot
from courseware.monitoring.queries import default_period, reporting_now
from courseware.monitoring.snapshots.checking import check
from courseware.resources.models import Resource
from courseware.resources.storage import store
from tests.conftest import create_test_app, need
from tests.resources.conftest import World, world  # noqa: F401 - a fixture
from tests.servers import databases

KINDS: tuple[databases.Kind, ...] = ("sqlite", "postgres")


@pytest.fixture
def backup(world: World, tmp_path: Path) -> Path:  # noqa: F811
    """The backup of a library with a published resource, a job in the middle, and a frozen year."""
    world.published("焊枪角度")
    world.draft("干伸长")
    session().add(Job(kind="media.process", key="half", payload={}, state="running", worker="old"))
    freezing.freeze(world.library, default_period(world.library, reporting_now()), None)
    session().commit()
    services.create(tmp_path / "backup")
    session().commit()
    return tmp_path / "backup"


@pytest.fixture(params=KINDS)
def empty(request: pytest.FixtureRequest, worker_name: str, tmp_path: Path) -> Iterator[Flask]:
    """Another installation with nothing in it, on either database."""
    url = need(databases.blank_database, request.param, f"keku_restored_{worker_name}")
    app = create_test_app(url, tmp_path / "restored")
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def migrated(empty: Flask) -> Flask:
    """The same with its tables made."""
    upgrade(directory=services._migrations())
    return empty


def manifest(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return found


def test_everything_is_there_again_on_the_same_and_on_the_other_database(
    backup: Path, empty: Flask, tmp_path: Path
) -> None:
    services.restore(backup)
    session().rollback()
    assert rows_that_differ(backup, tmp_path / "again") == {"job"}, "the job that ran is queued again"
    assert session().scalars(select(Resource.title).order_by(Resource.id)).all() == ["焊枪角度", "干伸长"]
    assert session().scalar(select(Resource.published_version_id).where(Resource.title == "焊枪角度"))
    assert auditlog.verify_chain().problem == ""
    assert [found.row.title for found in discovery.search(None, "焊枪", kind="resource").hits] == ["焊枪角度"]
    snapshot = session().scalars(select(Snapshot)).one()
    with store().open(snapshot.store_key) as file:
        assert check(file).ok
    unfinished = session().scalars(select(Job).where(Job.key == "half")).one()
    assert (unfinished.state, unfinished.attempt) == ("queued", 1)
    rows_that_come_after_have_numbers_of_their_own()


def rows_that_differ(first: Path, again: Path) -> set[str]:
    """The tables of which a backup of what was put back has other rows."""
    services.create(again)
    before, after = manifest(first)["tables"], manifest(again)["tables"]
    return {name for name in before if before[name] != after[name]}


def rows_that_come_after_have_numbers_of_their_own() -> None:
    accounts.create_unit("new", "新校", "school")
    jobs.enqueue("media.process", "new", {})
    session().commit()


def test_files_that_lie_there_are_not_copied_again_and_gone_ones_go(backup: Path, world: World) -> None:  # noqa: F811
    keys = [info.key for info in store().list()]
    store().delete(keys[0])
    done = services.create(backup)
    assert (done.files, done.copied) == (len(keys) - 1, 0)
    assert not (backup / "files" / keys[0]).exists()


def test_a_backup_is_put_back_into_an_empty_installation_only(backup: Path, app: Flask) -> None:
    before = session().scalar(select(func.count(Resource.id)))
    with pytest.raises(NotEmpty):
        services.restore(backup)
    assert session().scalar(select(func.count(Resource.id))) == before


def change_rows(folder: Path) -> None:
    path = folder / "database" / "unit.jsonl.gz"
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()).replace(b"school", b"shadow")))


def cut_a_file_off(folder: Path) -> None:
    file = next(path for path in (folder / "files").rglob("*") if path.is_file())
    file.write_bytes(file.read_bytes()[:-1])


def drop_the_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


@pytest.mark.one_database  # where the backup comes from cannot matter to what is refused
def test_a_damaged_backup_is_refused_before_anything_is_written(backup: Path, migrated: Flask, tmp_path: Path) -> None:
    for damage in (change_rows, cut_a_file_off, drop_the_manifest):
        damaged = shutil.copytree(backup, tmp_path / damage.__name__)
        damage(damaged)
        with pytest.raises(NoBackup):
            services.restore(damaged)
        session().rollback()
        assert all(session().scalar(select(func.count()).select_from(table)) == 0 for table in tables.tables()), damage


@pytest.mark.one_database
def test_a_backup_of_another_release_names_both_steps(backup: Path, empty: Flask) -> None:
    told = manifest(backup) | {"revision": "9999"}
    (backup / "manifest.json").write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(OtherRelease, match="9999"):
        services.restore(backup)


def test_a_folder_with_other_files_is_left_alone(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "holiday.jpg").write_bytes(b"x")
    with pytest.raises(FolderInUse):
        services.create(tmp_path / "photos")
    assert [path.name for path in (tmp_path / "photos").iterdir()] == ["holiday.jpg"]


def test_the_commands_say_what_they_did(world: World, tmp_path: Path, app: Flask) -> None:  # noqa: F811
    session().commit()
    run = app.test_cli_runner()
    made = run.invoke(args=["backup", "create", str(tmp_path / "b"), "--json"])
    assert json.loads(made.stdout)["rows"] > 0
    refused = run.invoke(args=["backup", "restore", str(tmp_path / "b")])
    assert refused.exit_code == 2
    assert (tmp_path / "b" / "keys").exists()
