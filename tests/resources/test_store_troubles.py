"""When the file store is away, full, or set up wrongly: a sentence for each, nothing lost, and it works afterwards."""

from __future__ import annotations

import datetime as dt
import http.server
import re
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from courseware.accounts import services as accounts
from courseware.accounts.models import User
from courseware.core.database import db, session
from courseware.core.roles import Role
from courseware.jobs.models import Job
from courseware.jobs.runner import run_here
from courseware.resources import media_views, serving
from courseware.resources.models import Upload
from courseware.resources.storage import store
from media.errors import StoreUnavailable
from media.stores.folder import FolderStore
from tests.servers.disks import mounted, quota
from tests.servers.relay import Relay

pytestmark = pytest.mark.one_database
PAPER = b"%PDF-1.4\n" + b"x" * 500
CHINESE = re.compile(r"[\u4e00-\u9fff]{6}")


@contextmanager
def teaching(app: Any) -> Iterator[Any]:
    """A teacher's browser on this site."""
    with app.app_context():
        unit = accounts.create_unit("s", "学校", "school")
        teacher = accounts.create_user("t@example.org", "师", unit=unit, roles=[Role.TEACHER])
        session().commit()
        yield app.test_client().sign_in(teacher)
        db.session.rollback()
        db.session.remove()


def begin(client: Any, name: str = "a.pdf") -> Any:
    return client.post("/teach/uploads", json={"filename": name, "size": len(PAPER), "sha256": ""})


def is_told(answer: Any, code: str) -> None:
    assert (answer.status_code, answer.json["code"]) == (503, code), answer.json
    assert CHINESE.search(answer.json["title"])
    assert "%(" not in answer.json["title"]


def state(client: Any, path: str) -> Any:
    return client.get(path, headers={"Accept": "application/json"})


def check(client: Any, path: str) -> Any:
    assert client.post(f"{path}/complete", json={}).status_code == 202
    run_here(session().scalars(select(Job).where(Job.kind == "uploads.check", Job.state == "queued")).one())
    session().expire_all()
    return state(client, path)


def test_a_store_that_goes_away_in_the_middle_costs_nothing(make_app: Callable[..., Any], s3_server: Any) -> None:
    relay = Relay(s3_server.endpoint)
    app = make_app(**{**s3_server.settings(), "s3_endpoint": f"127.0.0.1:{relay.port}"})
    with teaching(app) as client:
        begun = begin(client).json
        path = f"/teach/uploads/{begun['upload']}"
        relay.cut()
        is_told(state(client, path), "store_unreachable")
        is_told(begin(client, "b.pdf"), "store_unreachable")
        assert session().query(Upload).count() == 1, "nothing half begun stays"
        relay.open()
        send(begun)
        assert state(client, path).json["received"] == [1]
        assert client.post(f"{path}/complete", json={}).status_code == 202
        relay.cut()
        job = run_here(session().scalars(select(Job)).one())
        assert (job.state, job.reason_code) == ("queued", "store_unreachable"), "it tries again by itself"
        relay.open()
        assert check(client, path).json["state"] == "stored"
    relay.cut()


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"s3_secret_key": "wrong-secret-0000"}, "store_credentials"), ({"s3_bucket": "Not A Bucket"}, "store_settings")],
    ids=["wrong key", "impossible bucket"],
)
def test_settings_that_are_wrong_are_said_in_a_sentence_and_once_mended_it_works(
    make_app: Callable[..., Any], s3_server: Any, changes: dict[str, str], code: str
) -> None:
    with teaching(make_app(**{**s3_server.settings(), **changes})) as client:
        is_told(begin(client), code)
    mended = make_app(**s3_server.settings())
    with mended.app_context():
        arrives(mended.test_client().sign_in(session().scalars(select(User)).one()))
        db.session.remove()


class WithoutBucket(http.server.BaseHTTPRequestHandler):
    """A service that has no such bucket, and lets this key make none."""

    def do_HEAD(self) -> None:
        self.send_response(404)
        self.end_headers()

    def do_PUT(self) -> None:
        words = b"<Error><Code>AccessDenied</Code><Message>no</Message></Error>"
        self.send_response(403)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(words)))
        self.end_headers()
        self.wfile.write(words)

    def log_message(self, *_: object) -> None:
        pass


def test_a_bucket_that_nobody_made_is_named_and_uploads_work_when_it_is_there(
    make_app: Callable[..., Any], s3_server: Any
) -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), WithoutBucket) as without:
        threading.Thread(target=without.serve_forever, daemon=True).start()
        relay = Relay(f"127.0.0.1:{without.server_address[1]}")
        app = make_app(**{**s3_server.settings(), "s3_endpoint": f"127.0.0.1:{relay.port}"})
        with teaching(app) as client:
            answer = begin(client)
            is_told(answer, "bucket_missing")
            assert s3_server.bucket in answer.json["title"]
            relay.lead_to(s3_server.endpoint)
            arrives(client)
        without.shutdown()
    relay.cut()


def arrives(client: Any) -> None:
    """A file that is begun now comes in whole."""
    begun = begin(client).json
    send(begun)
    assert check(client, f"/teach/uploads/{begun['upload']}").json["state"] == "stored"


def send(begun: Any) -> None:
    """The one part of the file, as a browser sends it."""
    request = urllib.request.Request(begun["parts"][0]["url"], PAPER, method="PUT")
    with urllib.request.urlopen(request, timeout=20):
        pass


def test_a_clock_that_runs_away_is_said_and_works_again_when_it_is_set(
    make_app: Callable[..., Any], s3_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import minio.time

    real = minio.time.utcnow
    with teaching(make_app(**s3_server.settings())) as client, monkeypatch.context() as patched:
        patched.setattr(minio.time, "utcnow", lambda: real() + dt.timedelta(minutes=20))
        is_told(begin(client), "store_clock_skew")
        patched.undo()
        arrives(client)


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte; where this account may not mount one, a quota of half a megabyte a file."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    with mounted(folder, "1m") as is_mounted:
        if is_mounted:
            yield folder
            return
    with quota(500_000):
        yield folder


def test_a_full_disk_is_said_leaves_nothing_half_and_works_when_there_is_room(tiny_disk: Path) -> None:
    kept = FolderStore(tiny_disk, min_part_bytes=1)
    kept.ensure_ready()
    upload = kept.begin_upload("a/film", "video/mp4")
    first = kept.put_part("a/film", upload, 1, b"1" * 400_000)
    for act in (
        lambda: kept.put_part("a/film", upload, 2, b"2" * 800_000),
        lambda: kept.put("b/other", BytesIO(b"3" * 900_000), 900_000, "x/y"),
    ):
        with pytest.raises(StoreUnavailable) as full:
            act()
        assert full.value.code == "disk_full"
    assert [part.num for part in kept.list_parts("a/film", upload)] == [1]
    assert list(kept.list()) == []
    assert list((tiny_disk / "incoming").iterdir()) == []
    from media.stores import Part

    assert kept.complete_upload("a/film", upload, [Part(1, first)]).size == 400_000


def test_a_withdrawn_video_is_out_of_reach_within_a_minute(make_app: Callable[..., Any], s3_server: Any) -> None:
    assert serving.REMEMBER_S + media_views.SEGMENT_URL_S <= 60
    assert media_views.SEGMENT_CACHE_S <= media_views.SEGMENT_URL_S
    app = make_app(**s3_server.settings())
    with app.app_context():
        store().put("hls/x/1.m4s", BytesIO(b"moving pictures"), 15, "video/iso.segment")
        with app.test_request_context():
            sent = media_views.send_stored(serving.Served("hls/x/1.m4s", "video/iso.segment"), "no-cache")
        assert sent.status_code == 302
        assert f"X-Amz-Expires={media_views.SEGMENT_URL_S}" in sent.headers["Location"]
        brief = store().presigned_get("hls/x/1.m4s", 1)
        time.sleep(2.5)
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(str(brief), timeout=10)
