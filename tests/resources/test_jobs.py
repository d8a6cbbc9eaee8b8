"""Processing: playable first, the truth about failures, and pages' pictures and texts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from courseware.core import events
from courseware.core.database import session
from courseware.jobs.models import Job
from courseware.jobs.runner import run_here
from courseware.resources import assets, services
from courseware.resources.jobs import documents
from courseware.resources.models import Asset, Rendition
from courseware.resources.storage import store
from media import hls
from media.errors import DamagedMedia
from media.packages import stored_name
from tests.media.samples import (
    sample_audio,
    sample_docx,
    sample_jpeg,
    sample_mp4,
    sample_pdf,
    sample_pptx,
    sample_zip,
)
from tests.resources.conftest import World

pytestmark = pytest.mark.one_database


def taken_in(path: Path) -> Asset:
    asset = assets.store_file(path, path.name, None)
    session().commit()
    return asset


def process(asset: Asset) -> Job:
    job = session().scalars(select(Job).where(Job.payload["asset"].as_string() == str(asset.uuid))).one()
    done = run_here(job)
    session().expire_all()
    return done


def names(prefix: str) -> set[str]:
    return {info.key.removeprefix(prefix + "/") for info in store().list(prefix)}


def test_a_video_plays_has_pictures_and_smaller_sizes(world: World, tmp_path: Path) -> None:
    asset = taken_in(sample_mp4(tmp_path / "焊枪.mp4", width=1280, height=720))
    assert asset.state == "processing"
    assert process(asset).state == "done"
    assert (asset.state, asset.width, asset.height) == ("ready", 1280, 720)
    playlists = asset.rendition("hls")
    assert playlists is not None
    files = names(playlists.store_key)
    assert {"master.m3u8", "v720/index.m3u8", "v480/index.m3u8", "audio/index.m3u8"} <= files
    master = b"".join(store().get_range(f"{playlists.store_key}/master.m3u8")).decode()
    assert "v720/index.m3u8" in master
    assert "v480/index.m3u8" in master
    assert {r.kind for r in asset.renditions} == {"hls", "poster", "thumbnail", "sprite", "peaks"}
    for rendition in asset.renditions:
        assert store().stat(f"{rendition.store_key}/{rendition.facts['file']}").size > 0


def test_doing_it_again_leaves_one_row_of_each_kind(world: World, tmp_path: Path) -> None:
    asset = taken_in(sample_mp4(tmp_path / "a.mp4"))
    job = process(asset)
    before = {r.kind: r.id for r in asset.renditions}
    job.state = "queued"
    session().commit()
    run_here(job)
    session().expire_all()
    assert {r.kind: r.id for r in asset.renditions} == before


def test_sound_is_playable_too(world: World, tmp_path: Path) -> None:
    asset = taken_in(sample_audio(tmp_path / "电弧声.mp3"))
    assert process(asset).state == "done"
    assert (asset.state, asset.kind) == ("ready", "audio")
    assert {r.kind for r in asset.renditions} == {"hls", "peaks"}


def test_pictures_get_a_thumbnail_and_documents_their_text(world: World, tmp_path: Path) -> None:
    picture, pdf, doc = (
        taken_in(p)
        for p in (
            sample_jpeg(tmp_path / "a.jpg"),
            sample_pdf(tmp_path / "b.pdf", pages=3),
            sample_docx(tmp_path / "c.docx"),
        )
    )
    for asset in (picture, pdf, doc):
        assert process(asset).state == "done"
        assert asset.state == "ready"
    assert (picture.width, picture.height) == (1600, 1200)
    assert {r.kind for r in picture.renditions} == {"thumbnail", "preview"}
    assert pdf.pages == 3
    assert "Keku sample page" in pdf.extracted_text
    assert "第二段" in doc.extracted_text


def test_a_simulation_is_unpacked_and_other_packages_stay_as_they_are(world: World, tmp_path: Path) -> None:
    asset = taken_in(sample_zip(tmp_path / "仿真.zip", {"焊接/index.html": "<h1>仿真</h1>", "焊接/图 1.png": b"p"}))
    assert asset.facts["resource_type"] == "simulation"
    assert process(asset).state == "done"
    unpacked = asset.rendition("simulation")
    assert unpacked is not None
    assert (unpacked.facts["file"], unpacked.facts["files"]) == ("index.html", 2)
    assert names(unpacked.store_key) == {stored_name("index.html"), stored_name("图 1.png")}
    course_package = taken_in(sample_zip(tmp_path / "scorm.zip", {"imsmanifest.xml": "<manifest/>"}))
    assert process(course_package).state == "done"
    assert (course_package.state, course_package.renditions) == ("ready", [])
    plain = taken_in(sample_zip(tmp_path / "素材.zip", {"a.txt": "a"}))
    assert (plain.state, plain.renditions) == ("ready", [])


def test_files_from_before_are_processed_when_somebody_asks(world: World, app: Flask, tmp_path: Path) -> None:
    old = assets.store_file(
        sample_zip(tmp_path / "旧.zip", {"index.html": "<h1>旧</h1>"}), "旧.zip", None, process=False
    )
    plain = assets.store_file(sample_zip(tmp_path / "素材.zip", {"a.txt": "a"}), "素材.zip", None, process=False)
    old.state = plain.state = "ready"
    session().commit()
    assert "1" in app.test_cli_runner().invoke(args=["media", "process"]).output
    assert process(old).state == "done"
    assert old.rendition("simulation") is not None
    assert "0" in app.test_cli_runner().invoke(args=["media", "process"]).output


def test_an_office_file_becomes_pages_where_the_machine_has_libreoffice(
    world: World, app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program of the same calling convention stands in for LibreOffice, which few test machines have."""
    page = sample_pdf(tmp_path / "page.pdf", pages=2)
    program = tmp_path / "soffice"
    program.write_text(
        f'#!/bin/sh\nwhile [ $# -gt 0 ]; do [ "$1" = --outdir ] && out=$2; shift; done\ncp {page} "$out/source.pdf"\n'
    )
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    slides, broken = taken_in(sample_pptx(tmp_path / "a.pptx")), taken_in(sample_docx(tmp_path / "b.docx"))
    with monkeypatch.context() as before:
        before.setattr(documents, "find_office", lambda _named: None)
        assert process(slides).state == "done"
    assert slides.rendition("preview") is None
    assert "2" not in app.test_cli_runner().invoke(args=["media", "process"]).output, "the other waits already"
    assert process(slides).state == "done"
    drawn = slides.rendition("preview")
    assert drawn is not None
    assert (drawn.facts["file"], drawn.facts["pages"]) == ("preview.pdf", 2)
    assert names(drawn.store_key) == {"preview.pdf"}
    program.write_text("#!/bin/sh\nexit 1\n")
    assert process(broken).state == "done"
    assert (broken.state, broken.rendition("preview")) == ("ready", None), "its text is shown instead"


def test_a_failure_has_a_reason_and_begins_anew(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asset = taken_in(sample_mp4(tmp_path / "a.mp4"))

    def fail(*_args: Any, **_more: Any) -> Any:
        raise DamagedMedia(40, 26.4)

    with monkeypatch.context() as patch:
        patch.setattr(hls, "make_playable", fail)
        job = process(asset)
    assert (job.state, job.reason_code) == ("failed", "damaged_media")
    assert (asset.state, asset.reason_code) == ("failed", "damaged_media")
    assert "26.4" in asset.reason
    resource = world.draft("片子", kind="video", asset=asset)
    assert "content" in [p.field for p in services.missing_metadata(resource)]
    assets.process_asset(asset)
    session().commit()
    assert process(asset).state == "done"
    assert (asset.state, asset.reason) == ("ready", "")


def test_what_plays_goes_on_playing_when_the_rest_fails(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = taken_in(sample_mp4(tmp_path / "a.mp4", width=640, height=360))

    def fail(*_args: Any, **_more: Any) -> Any:
        raise DamagedMedia(40, 26.4)

    monkeypatch.setattr(hls, "make_rungs", fail)
    assert process(asset).state == "failed"
    assert (asset.state, asset.reason_code) == ("ready", "damaged_media")
    assert asset.rendition("hls") is not None


def test_search_hears_of_every_resource_with_the_file_and_drafts_get_their_evidence(
    world: World, tmp_path: Path
) -> None:
    old = taken_in(sample_docx(tmp_path / "old.docx", ("焊接电流的调节方法。",)))
    process(old)
    resource = world.published("讲义", asset=old)
    new = taken_in(
        sample_docx(tmp_path / "new.docx", ("焊接电流的调节方法。", "新增：低飞溅电源的参数设定与验证步骤。"))
    )
    draft = services.start_revision(world.author, resource, asset=new, reason="新工艺")
    assert draft.measured["share"] is None
    session().commit()
    heard: list[Any] = []

    def listen(_sender: object, kind: str, uuid: Any) -> None:
        heard.append((kind, uuid))

    with events.content_changed.connected_to(listen):
        process(new)
    assert ("resource", resource.uuid) in heard
    assert draft.measured["class"] == "substantive"


def test_the_length_found_reaches_versions_that_lack_it(world: World, tmp_path: Path) -> None:
    asset = taken_in(sample_mp4(tmp_path / "a.mp4"))
    resource = world.draft("片子", kind="video", asset=asset)
    assert resource.draft_version is not None
    resource.draft_version.duration_s = None
    session().commit()
    process(asset)
    assert resource.draft_version.duration_s == pytest.approx(4, abs=0.2)


def test_work_folders_do_not_stay(world: World, app: Any, tmp_path: Path) -> None:
    process(taken_in(sample_mp4(tmp_path / "a.mp4")))
    left = [path for path in (app.config["KEKU"].data_path / "work").rglob("*") if path.is_file()]
    assert left == []
    assert session().scalars(select(Rendition)).all()


def test_ingest_takes_a_file_in_and_waits(world: World, app: Any, tmp_path: Path) -> None:
    import json

    session().commit()
    runner = app.test_cli_runner()
    done = runner.invoke(args=["media", "ingest", str(sample_mp4(tmp_path / "a.mp4")), "--wait", "--json"])
    answer = json.loads(done.stdout)
    assert (done.exit_code, answer["state"], answer["kind"]) == (0, "ready", "video")
    names = [step["name"] for step in answer["steps"]]
    assert names[:5] == ["gate", "store", "probe", "playable", "publish"]
    assert all(step["seconds"] >= 0 for step in answer["steps"])
    made = {(r["kind"], r.get("name", "")): r for r in answer["renditions"]}
    assert {("hls", "v180"), ("hls", "audio"), ("poster", ""), ("sprite", ""), ("peaks", "")} <= set(made)
    assert (made["hls", "v180"]["width"], made["hls", "v180"]["height"]) == (320, 180)
    assert all(r["size"] > 0 for r in made.values())
    assert answer["gain_db"] == pytest.approx(5.8, abs=0.5)
    again = json.loads(runner.invoke(args=["media", "ingest", str(tmp_path / "a.mp4"), "--json"]).stdout)
    assert again["asset"] == answer["asset"]
    (tmp_path / "leer.mp4").write_bytes(b"")
    refused = runner.invoke(args=["media", "ingest", str(tmp_path / "leer.mp4"), "--json"])
    assert refused.exit_code == 2
    assert "Traceback" not in refused.output
