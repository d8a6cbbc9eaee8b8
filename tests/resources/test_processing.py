"""Processing as people meet it: long films in pieces, what is looked at first, stopping, retrying, and tidying up."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from courseware.core import clock as core_clock
from courseware.core.database import session
from courseware.jobs import services as job_services
from courseware.jobs.models import Job
from courseware.resources import assets
from courseware.resources.jobs import recordings, sweeping
from courseware.resources.storage import store
from media import pieces
from media.errors import ProcessingFailed
from tests.media.samples import sample_jpeg, sample_mp4
from tests.resources.conftest import World
from tests.resources.test_jobs import names, process, taken_in

pytestmark = pytest.mark.one_database


@pytest.fixture
def long_film(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Eleven seconds that browsers do not play; eight are long, and pieces are three."""
    monkeypatch.setattr(recordings, "LONG_S", 8.0)
    monkeypatch.setattr(recordings, "PIECE_S", 3.0)
    encoder = ("-c:v", "mpeg4", "-pix_fmt", "yuv420p")
    return sample_mp4(tmp_path / "long.mkv", 11, 640, 480, fps=10, encoder=encoder)


def test_a_long_film_is_made_in_pieces_and_only_the_broken_one_is_made_again(
    world: World, long_film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = taken_in(long_film)
    made: list[int] = []
    real = pieces.encode_piece

    def count(source: Path, info: Any, piece: pieces.Piece, *rest: Any) -> Any:
        made.append(piece.num)
        if len(made) == 2:
            raise ProcessingFailed(detail="the encoder died")
        return real(source, info, piece, *rest)

    monkeypatch.setattr(pieces, "encode_piece", count)
    assert process(asset).state == "failed"
    assert (asset.state, asset.reason_code, made) == ("failed", "processing_failed", [0, 1])
    assets.process_asset(asset)
    session().commit()
    job = process(asset)
    assert job.state == "done"
    assert made == [0, 1, 1, 2, 0, 1, 2], "first size: the second piece again; then the other size"
    steps = [step.name for step in job.steps]
    assert steps[:7] == ["probe", "sound", "first 1/3", "first 2/3", "first 3/3", "first join", "publish"]
    playlists = asset.rendition("hls")
    assert playlists is not None
    assert [p["name"] for p in playlists.facts["playlists"]] == ["v480", "audio", "v240"]
    assert [p["duration_s"] for p in playlists.facts["playlists"]] == pytest.approx([11, 11, 11], abs=0.2)
    assert {"v480/index.m3u8", "v240/index.m3u8", "master.m3u8"} <= names(playlists.store_key)
    assert list(store().list("pieces/")) == [], "pieces go when they are joined"


def test_the_figures_of_the_sound_are_kept_and_the_waveform_is_served(world: World, app: Flask, tmp_path: Path) -> None:
    asset = taken_in(sample_mp4(tmp_path / "a.mp4"))
    process(asset)
    assert asset.gain_db == pytest.approx(5.8, abs=0.5)
    assert asset.facts["loudness_lufs"] == pytest.approx(-21.8, abs=0.5)
    assert asset.facts["has_sound"] is True
    peaks = asset.rendition("peaks")
    assert peaks is not None
    world.published("片子", kind="video", asset=asset)
    session().commit()
    answer = app.test_client().get(f"/media/{peaks.uuid}/peaks.json")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    wave = json.loads(answer.data)
    assert len(wave["data"]) == 2 * wave["length"]


def test_a_page_that_is_opened_brings_its_file_to_the_front(world: World, app: Flask, tmp_path: Path) -> None:
    waiting, seen = (taken_in(sample_mp4(tmp_path / f"{n}.mp4", seconds=1 + n)) for n in range(2))
    resource = world.published("片子", kind="video", asset=seen)
    session().commit()
    priorities = {a.uuid: job_of(a).priority for a in (waiting, seen)}
    assert set(priorities.values()) == {assets.WHENEVER}
    assert app.test_client().get(f"/resources/{resource.uuid}").status_code == 200
    session().expire_all()
    assert (job_of(waiting).priority, job_of(seen).priority) == (assets.WHENEVER, assets.SOON)


def job_of(asset: Any) -> Any:
    session().expire_all()
    return session().scalars(select(Job).where(Job.key == assets.job_key(asset))).one()


def test_an_author_stops_the_work_and_asks_for_it_again(world: World, app: Any, tmp_path: Path) -> None:
    asset = taken_in(sample_mp4(tmp_path / "a.mp4"))
    resource = world.draft("片子", kind="video", asset=asset)
    session().commit()
    author, stranger = app.test_client().sign_in(world.author), app.test_client().sign_in(world.stranger)
    path = f"/teach/resources/{resource.uuid}/processing"
    assert stranger.post(f"{path}/cancel").status_code in (403, 404)
    assert author.post(f"{path}/cancel").status_code == 302
    session().expire_all()
    assert (asset.state, asset.reason_code, job_of(asset).state) == ("failed", "cancelled", "cancelled")
    page = author.get(path).text
    assert f"{path}/retry" in page
    assert author.post(f"{path}/retry").status_code == 302
    session().expire_all()
    assert asset.state == "processing"
    assert process(asset).state == "done"


def test_reasons_are_told_in_the_language_of_the_page(
    world: World, app: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = taken_in(sample_mp4(tmp_path / "a.mp4"))
    resource = world.draft("片子", kind="video", asset=asset)

    def late(*_args: Any, **_more: Any) -> Any:
        raise ProcessingFailed("processing_timeout", limit_s=300, detail="/srv/secret/path")

    monkeypatch.setattr("media.hls.make_playable", late)
    assert process(asset).state == "failed"
    assert asset.reason_params == {"limit_s": 300}
    page = app.test_client().sign_in(world.author).get(f"/teach/resources/{resource.uuid}/processing").text
    assert "300" in page
    assert "Processing took longer" not in page, "the page is Chinese"
    assert "secret" not in page


def test_what_no_row_names_leaves_the_store_after_a_day(world: World, tmp_path: Path) -> None:
    asset = taken_in(sample_jpeg(tmp_path / "a.jpg"))
    job = process(asset)
    old = asset.rendition("thumbnail")
    assert old is not None
    old_prefix = old.store_key
    job_services.requeue(job)
    session().commit()
    process(asset)
    new = asset.rendition("thumbnail")
    assert new is not None
    assert new.store_key != old_prefix
    now = core_clock.now()
    assert sweeping.remove_leftovers(now + dt.timedelta(hours=23)).objects == 0
    assert list(store().list(f"{old_prefix}/"))
    assert sweeping.remove_leftovers(now + dt.timedelta(hours=25)).objects == 2
    assert list(store().list(f"{old_prefix}/")) == []
    assert names(new.store_key)


def test_a_retry_after_the_sweeper_begins_from_nothing(
    world: World, long_film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = taken_in(long_film)

    def fail(*_args: Any, **_more: Any) -> Any:
        raise ProcessingFailed(detail="no")

    with monkeypatch.context() as patch:
        patch.setattr(pieces, "join", fail)
        assert process(asset).state == "failed"
    assert list(store().list("pieces/"))
    assert sweeping.remove_leftovers(core_clock.now() + dt.timedelta(hours=25)).objects > 0
    assert list(store().list("pieces/")) == []
    session().commit()
    assets.process_asset(asset)
    session().commit()
    assert process(asset).state == "done"
    assert asset.state == "ready"


def test_pieces_that_are_gone_when_they_are_joined_once_more_are_made_anew(world: World, long_film: Path) -> None:
    """As after a kill between joining and writing it down, or when a person has the joining done again."""
    asset = taken_in(long_film)
    job = process(asset)
    assert list(store().list("pieces/")) == []
    job_services.retry(world.author, job.uuid, step="first join")
    session().commit()
    assert process(asset).state == "done"
    assert asset.state == "ready"
    assert list(store().list("pieces/")) == []
