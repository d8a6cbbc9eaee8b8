"""What nothing names leaves the store, a day after it was noticed; what anything names stays, however old."""

from __future__ import annotations

import datetime as dt
import json
import os
import time
import uuid
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import pytest

from courseware.core.database import session
from courseware.jobs import services as jobs
from courseware.jobs.models import Job
from courseware.resources import evidence, orphans, uploads
from courseware.resources.assets import store_file
from courseware.resources.jobs import sweeping
from courseware.resources.models import Asset, Leftover, Rendition
from courseware.resources.storage import store, work_folder
from tests.counting import statements
from tests.media.samples import sample_pdf, sample_png
from tests.resources.conftest import World

pytestmark = pytest.mark.one_database
NOW = dt.datetime.now(dt.UTC)
DAY = dt.timedelta(days=1)
OLD = NOW + 4 * DAY  # seen from there, everything of today is old


def put(key: str, data: bytes = b"nobody's") -> str:
    store().put(key, BytesIO(data), len(data), "text/plain")
    return key


def keys() -> set[str]:
    return {info.key for info in store().list()}


def swept() -> set[str]:
    """Everything that leaves: noted, and removed when its time has come."""
    before = keys()
    orphans.note(OLD)
    sweeping.remove_leftovers(OLD + 2 * DAY)
    return before - keys()


@pytest.fixture(params=["folder", "s3"])
def kept(request: pytest.FixtureRequest, make_app: Callable[..., Any]) -> Iterator[Any]:
    """A library in a folder, and one in S3."""
    more = request.getfixturevalue("s3_server").settings() if request.param == "s3" else {"store": "folder"}
    app = make_app(**more)
    with app.app_context():
        for key in keys():
            store().delete(key)
        yield app


def run_of(asset: Asset, kind: str = "hls") -> str:
    prefix = f"{kind}/{asset.uuid}/{uuid.uuid4().hex[:16]}"
    for name in ("master.m3u8", "v480/index.m3u8", "v480/00000.m4s"):
        put(f"{prefix}/{name}")
    return prefix


def plain_asset(number: int = 1) -> Asset:
    asset = Asset(
        uuid=uuid.uuid4(), sha256=f"{number:064x}", size=8, media_type="video/mp4", filename="f.mp4", kind="video",
        store_key=put(f"assets/{number:02x}/{number:064x}"), facts={}, state="ready",
    )  # fmt: skip
    session().add(asset)
    session().commit()
    return asset


def test_what_a_kill_left_goes_and_what_rows_name_stays(kept: Any) -> None:
    asset = plain_asset()
    named = run_of(asset)
    session().add(Rendition(asset_id=asset.id, kind="hls", run="r", store_key=named, facts={}))
    session().commit()
    lost = {put("assets/ff/nobody"), put("evidence/x/y"), put("snapshots/L/gone.json.gz"), put("exports/gone.zip")}
    half = run_of(asset)
    foreign = put("somebody/elses.bin")
    stays = {asset.store_key, foreign, *(key for key in keys() if key.startswith(named))}
    assert orphans.look(NOW).orphans.objects == 0, "young files may be about to be named"
    found = orphans.look(OLD)
    assert (found.orphans.objects, found.orphans.bytes, found.unknown.objects) == (7, 56, 1)
    assert found.units == {*lost, half}
    assert swept() == {*lost, f"{half}/master.m3u8", f"{half}/v480/index.m3u8", f"{half}/v480/00000.m4s"}
    assert keys() == stays
    assert session().query(Leftover).count() == 0


def test_an_orphan_is_noted_first_and_stays_for_a_day(app: Any, world: World) -> None:
    key = put("assets/ff/nobody")
    assert orphans.note(OLD).orphans.objects == 1
    assert sweeping.remove_leftovers(OLD + DAY / 2).objects == 0
    again = orphans.note(OLD)
    assert (again.orphans.objects, again.waiting.objects) == (0, 1), "it is not noted twice"
    gone = sweeping.remove_leftovers(OLD + DAY)
    assert (gone.objects, gone.bytes, key in keys()) == (1, 8, False)


def test_what_is_named_meanwhile_stays(app: Any, world: World) -> None:
    key = put("assets/01/again")
    orphans.note(OLD)
    session().add(Asset(sha256="1" * 64, size=8, media_type="x/y", filename="a", kind="video", store_key=key, facts={}))
    session().commit()
    assert sweeping.remove_leftovers(OLD + 2 * DAY).objects == 0
    assert key in keys()


def test_the_same_bytes_that_came_again_just_now_stay(app: Any, world: World) -> None:
    key = put("assets/01/again")
    orphans.note(OLD)
    assert sweeping.remove_leftovers(NOW + 2 * DAY).objects == 0, "not due"
    session().query(Leftover).update({"remove_after": NOW - DAY})
    session().commit()
    assert sweeping.remove_leftovers(NOW).objects == 0, "its row may be on the way"
    assert key in keys()


@pytest.mark.parametrize("state", ["queued", "running"])
def test_results_of_a_job_that_waits_or_works_stay(app: Any, world: World, state: str) -> None:
    asset = plain_asset()
    jobs.enqueue("media.process", f"media:{asset.uuid}:1", {"asset": str(asset.uuid)}).state = state
    session().commit()
    run_of(asset)
    run_of(asset, "pieces")
    assert swept() == set()


def test_uploads_under_way_stay_and_refused_ones_do_not(app: Any, world: World) -> None:
    for number, upload_state in enumerate(("open", "checking", "aborted", "refused")):
        upload = uploads.begin(world.author, f"{number}.mp4", 10 + number).upload
        assert upload is not None
        upload.state, upload.store_key = upload_state, put(f"assets/0{number}/{upload_state}")
    session().commit()
    assert swept() == {"assets/02/aborted", "assets/03/refused"}


def test_withdrawn_versions_evidence_and_frozen_years_stay(app: Any, world: World, tmp_path: Any) -> None:
    from courseware.monitoring.models import Snapshot
    from courseware.resources import services

    paper = store_file(sample_pdf(tmp_path / "a.pdf"), "a.pdf", world.author)
    resource = world.draft("讲义", kind="text", asset=paper)
    kept = evidence.add_evidence(world.author, resource, sample_png(tmp_path / "right.png"), "right.png")
    assert resource.draft_version is not None
    services.publish_version(resource.draft_version)
    services.withdraw(world.librarian, resource, "旧了")
    year = Snapshot(
        library_id=world.library.id, period_code="2026", as_of=NOW, taken_at=NOW, sha256="a" * 64, public_key="k",
        store_key=put("snapshots/ROBOT/a.json.gz"), size=8, figures={},
    )  # fmt: skip
    session().add(year)
    session().commit()
    assert {paper.store_key, kept.store_key, year.store_key} <= keys()
    assert swept() == set()


def test_nothing_is_judged_while_the_library_moves(app: Any, world: World, monkeypatch: Any) -> None:
    put("assets/ff/nobody")
    orphans.note(OLD)
    monkeypatch.setattr(orphans, "place", lambda: type("Moving", (), {"other": "s3"})())
    monkeypatch.setattr(sweeping, "place", orphans.place)
    with pytest.raises(orphans.LibraryMoves):
        orphans.look()
    assert sweeping.remove_leftovers(OLD + 2 * DAY).objects == 0
    assert "assets/ff/nobody" in keys()


def test_the_number_of_queries_does_not_grow_with_files(app: Any, world: World) -> None:
    def asked(names: range) -> int:
        for number in names:
            put(f"assets/{number:02x}/{number}")
            put(f"hls/{uuid.uuid4()}/run/{number}.m4s")
        with statements() as counted:
            orphans.look(OLD)
        return len(counted)

    assert asked(range(3)) == asked(range(3, 60))


def test_halves_of_killed_processes_are_cleared(kept: Any) -> None:
    folder, passing = work_folder(str(uuid.uuid4())), work_folder("passing") / "check-1"
    passing.mkdir()
    foreign = work_folder("store-move")
    for place in (folder, passing, foreign):
        (place / "source").write_bytes(b"x" * 100)
        for path in (place / "source", place):
            os.utime(path, (time.time() - 2 * 86400,) * 2)
    fresh = work_folder(str(uuid.uuid4()))
    assert sweeping.clear_halves() == 200
    assert (folder.exists(), passing.exists(), fresh.exists(), foreign.exists()) == (False, False, True, True)


def test_the_command_looks_first_and_removes_when_told(app: Any, world: World) -> None:
    put("assets/ff/nobody")
    session().commit()
    run = app.test_cli_runner().invoke
    told = run(args=["store", "sweep"])
    assert told.exit_code == 0, told.output
    assert "--remove" in told.output, "in whichever language, it says that nothing was changed and how to do it"
    assert session().query(Leftover).count() == 0
    answer = json.loads(run(args=["store", "sweep", "--remove", "--json"]).output)
    assert answer["young"] == {"objects": 1, "bytes": 8}
    assert set(answer) >= {"seen", "orphans", "waiting", "unknown", "uploads", "removed", "halves"}


def test_the_worker_looks_once_a_day_however_often_it_starts(app: Any, world: World, clock: Any) -> None:
    from courseware.jobs.runner import run_here

    clock("2026-03-01 10:00")
    sweeping.ask_for_sweep()
    job = session().query(Job).filter_by(kind=sweeping.SWEEP).one()
    assert run_here(job).state == "done", job.reason
    assert job.result is not None
    assert job.result["seen"]["objects"] == 0
    sweeping.ask_for_sweep()
    assert job.state == "done"
    clock("2026-03-02 11:00")
    sweeping.ask_for_sweep()
    session().refresh(job)
    assert (job.state, session().query(Job).filter_by(kind=sweeping.SWEEP).count()) == ("queued", 1)
