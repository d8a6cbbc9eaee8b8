"""A data disk without room: uploads and processing say so on their pages, nothing is half, and they work when there is room."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from courseware.accounts.models import Unit
from courseware.core.database import db, session
from courseware.core.errors import is_disk_full
from courseware.jobs.models import Job
from courseware.jobs.runner import run_here
from courseware.libraries import services as libraries
from courseware.resources.models import Asset
from courseware.resources.storage import store
from tests.media.samples import sample_mp4
from tests.resources.test_store_troubles import CHINESE, state, teaching
from tests.servers.disks import Disk, mounted

pytestmark = pytest.mark.one_database


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Disk]:
    """A disk of four megabytes."""
    folder = tmp_path / "data"
    folder.mkdir()
    with mounted(folder, "4m") as is_mounted:
        yield Disk(folder, is_mounted)


def put(client: Any, upload: str, film: Path) -> Any:
    return client.put(
        f"/teach/uploads/{upload}/parts/1", data=film.read_bytes(), headers={"Accept": "application/json"}
    )


def do(kind: str) -> Job:
    job = run_here(session().scalars(select(Job).where(Job.kind == kind, Job.state == "queued")).one())
    session().expire_all()
    return job


@pytest.mark.one_database("postgres")  # a quota would bound the one file of SQLite as well
def test_a_full_disk_is_said_on_the_pages_and_everything_works_afterwards(
    make_app: Callable[..., Any], small_disk: Disk, tmp_path: Path
) -> None:
    film = sample_mp4(tmp_path / "film.mp4", 6, 640, 360)
    app = make_app(store="folder")
    with teaching(app) as client:
        major = libraries.create_major("460305", "工业机器人技术")
        libraries.create_library("ROBOT", "工业机器人资源库", major, hosts=session().scalars(select(Unit)).all())
        session().commit()
        asked = {"filename": film.name, "size": film.stat().st_size, "sha256": "", "library": "ROBOT"}
        upload = client.post("/teach/uploads", json=asked).json["upload"]
        with small_disk.filled(leaving=film.stat().st_size // 2):
            refused = put(client, upload, film)
            assert (refused.status_code, refused.json["code"]) == (503, "disk_full")
            assert CHINESE.search(refused.json["title"])
        assert list(store().list()) == []
        assert put(client, upload, film).status_code == 200, "the same part, when there is room"
        assert client.post(f"/teach/uploads/{upload}/complete", json={}).status_code == 202
        assert do("uploads.check").state == "done"
        page = state(client, f"/teach/uploads/{upload}").json["resource_url"]
        with small_disk.filled(leaving=film.stat().st_size):
            failed = do("media.process")
            assert (failed.state, failed.reason_code) == ("failed", "disk_full")
            asset = session().scalars(select(Asset)).one()
            assert (asset.state, asset.reason_code) == ("failed", "disk_full")
            told = client.get(page).text
            assert "磁盘" in told or "空间" in told
            assert "/processing/retry" in told
        assert client.post(f"{page.removesuffix('/edit')}/processing/retry").status_code in (302, 303)
        assert do("media.process").state == "done"
        session().expire_all()
        assert session().scalars(select(Asset)).one().state == "ready"
        assert [path.name for path in (small_disk.folder / "work").iterdir() if path.name != "passing"] == []


def test_a_file_that_cannot_be_written_is_recognised_whoever_says_it(tmp_path: Path) -> None:
    from sqlalchemy.exc import OperationalError

    full = OSError(28, "No space left on device")
    of_database = OperationalError("INSERT", {}, Exception("database or disk is full"))
    wrapped = RuntimeError("a step failed")
    wrapped.__cause__ = full
    assert all(map(is_disk_full, (full, of_database, wrapped)))
    assert not any(map(is_disk_full, (OSError(2, "not here"), ValueError("x"), None)))


def test_a_page_says_that_the_disk_is_full(app: Any, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(app.view_functions, "accounts.sign_in", full)
    app.testing = False
    answer = client.get("/sign-in")
    assert answer.status_code == 503
    assert "磁盘" in answer.text
    db.session.remove()


def test_the_end_of_a_job_is_written_when_the_database_has_room_again(
    app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy.exc import OperationalError

    from courseware.jobs import registry, runner
    from courseware.jobs import services as jobs

    monkeypatch.setitem(registry.handlers, "test.room", lambda _run: None)
    monkeypatch.setitem(registry.traits, "test.room", registry.Traits())
    monkeypatch.setattr(runner, "END_PAUSE_S", 0.01)
    job = jobs.enqueue("test.room", "room", {})
    session().commit()
    real, tries = runner._write_end, []

    def full_at_first(*args: Any, **values: Any) -> None:
        tries.append(values)
        if len(tries) < 3:
            raise OperationalError("UPDATE", {}, Exception("database or disk is full"))
        real(*args, **values)

    monkeypatch.setattr(runner, "_write_end", full_at_first)
    assert run_here(job).state == "done"
    assert len(tries) == 3
