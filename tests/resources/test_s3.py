"""With a real S3 server browsers send parts to the store and read segments from it; we only say where."""

from __future__ import annotations

import hashlib
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from courseware.accounts import services as accounts
from courseware.core.database import session
from courseware.core.roles import Role
from courseware.jobs.models import Job
from courseware.jobs.runner import run_here
from courseware.resources import arrivals
from courseware.resources.models import Asset, Upload
from courseware.resources.uploads import PART_BYTES, store_of
from tests.media.samples import sample_mp4

pytestmark = pytest.mark.one_database


def send(url: str, data: bytes) -> int:
    with urllib.request.urlopen(urllib.request.Request(url, data, method="PUT"), timeout=30) as answer:
        return int(answer.status)


@pytest.fixture
def site(make_app: Callable[..., Any], s3_server: Any) -> Any:
    return make_app(**s3_server.settings())


def test_parts_go_straight_to_the_store_and_are_known_after_a_reload(site: Any, tmp_path: Path) -> None:
    film = sample_mp4(tmp_path / "a.mp4").read_bytes()
    data = film + (PART_BYTES + 8).to_bytes(4, "big") + b"free" + b"\0" * PART_BYTES
    with site.app_context():
        unit = accounts.create_unit("s", "学校", "school")
        teacher = accounts.create_user("t@example.org", "师", unit=unit, roles=[Role.TEACHER])
        session().commit()
        client = site.test_client().sign_in(teacher)
        begun = client.post(
            "/teach/uploads", json={"filename": "a.mp4", "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        ).json
        urls = {part["num"]: part["url"] for part in begun["parts"]}
        assert send(urls[2], data[PART_BYTES:]) == 200
        path = f"/teach/uploads/{begun['upload']}"
        assert client.get(path).json["received"] == [2]
        assert client.post(f"{path}/complete", json={}).status_code == 422
        assert send(urls[1], data[:PART_BYTES]) == 200
        assert client.post(f"{path}/complete", json={}).status_code == 202
        assert run_here(session().scalars(select(Job)).one()).state == "done"
        done = client.get(path)
        assert (done.status_code, done.json.get("kind")) == (200, "video"), done.json
        asset = session().scalars(select(Asset)).one()
        assert run_here(session().scalars(select(Job).where(Job.kind == "media.process")).one()).state == "done"
        session().expire_all()
        playlists = asset.rendition("hls")
        assert playlists is not None
        assert client.get(f"/media/{playlists.uuid}/master.m3u8").data.startswith(b"#EXTM3U")
        segment = client.get(f"/media/{playlists.uuid}/audio/init.mp4")
        assert segment.status_code == 302
        with urllib.request.urlopen(segment.headers["Location"], timeout=30) as answer:
            assert answer.read()[4:8] == b"ftyp"


def test_a_worker_killed_right_after_joining_the_parts_has_lost_none(site: Any, tmp_path: Path) -> None:
    """The store forgets an upload once it is joined, and its parts with it; the object is there."""
    film = sample_mp4(tmp_path / "a.mp4").read_bytes()
    with site.app_context():
        unit = accounts.create_unit("s", "学校", "school")
        teacher = accounts.create_user("t@example.org", "师", unit=unit, roles=[Role.TEACHER])
        session().commit()
        client = site.test_client().sign_in(teacher)
        asked = {"filename": "a.mp4", "size": len(film), "sha256": hashlib.sha256(film).hexdigest()}
        for part in client.post("/teach/uploads", json=asked).json["parts"]:
            assert send(part["url"], film) == 200
        upload = session().scalars(select(Upload)).one()
        assert arrivals.join(upload) is None
        assert arrivals.join(upload) is None, "the next worker does the step again"
        assert arrivals.inspect(upload).checked is not None
        store_of(upload).delete(upload.store_key)
        lost = arrivals.join(upload)
        assert lost is not None
        assert lost.code == "parts_lost"
