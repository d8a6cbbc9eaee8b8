"""`flask store check` and `flask store move`, on a real folder and a real S3 server."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from courseware.core.database import db, session
from courseware.core.unit_of_work import unit_of_work
from courseware.resources import moving, storage
from courseware.resources.models import StoreMove
from courseware.resources.storage import store, store_of_kind
from media.errors import ObjectNotFound
from media.stores.examining import BAD, GOOD, WARNING, Found, examine
from media.stores.settings import StoreSettings

pytestmark = pytest.mark.one_database
ROOT = Path(__file__).resolve().parents[2]
ORIGIN = "http://127.0.0.1:8000"


def s3(server: Any, **changes: Any) -> StoreSettings:
    known = {
        "kind": "s3", "s3_endpoint": server.endpoint, "s3_region": server.region, "s3_access_key": server.access_key,
        "s3_secret_key": server.secret_key, "s3_secure": False, "s3_bucket": server.bucket,
    }  # fmt: skip
    return StoreSettings(**(known | changes))


def bad(found: list[Found]) -> list[tuple[str, str]]:
    return [(one.about, one.code) for one in found if one.level == BAD]


class TestExamining:
    def test_a_store_that_works_is_good_throughout_and_keeps_nothing(self, s3_server: Any, tmp_path: Path) -> None:
        found = examine(s3(s3_server), tmp_path, ORIGIN)
        assert [(f.about, f.level, f.code) for f in found if f.level != GOOD and "disk" not in f.about] == []
        assert {f.about for f in found} >= {"endpoint", "tls", "clock", "bucket", "objects", "parts", "browsers"}
        assert [o.object_name for o in s3_server.client().list_objects(s3_server.bucket, "check/", True)] == []

    @pytest.mark.parametrize(
        ("changes", "about", "code"),
        [
            ({"s3_secret_key": "wrong-secret-0000"}, "credentials", "store_credentials"),
            ({"s3_access_key": "NOBODY0000000000"}, "credentials", "store_credentials"),
            ({"s3_bucket": "no-such-bucket"}, "bucket", "bucket_missing"),
            ({"s3_secure": True}, "tls", "tls_not_spoken"),
            ({"s3_endpoint": "127.0.0.1:9"}, "endpoint", "endpoint_silent"),
            ({"s3_bucket": "Not A Bucket"}, "settings", "store_settings"),
            ({"s3_access_key": ""}, "settings", "store_settings"),
        ],
    )
    def test_each_trouble_has_its_own_words(
        self, s3_server: Any, tmp_path: Path, changes: dict[str, Any], about: str, code: str
    ) -> None:
        assert bad(examine(s3(s3_server, **changes), tmp_path, ORIGIN))[:1] == [(about, code)]

    def test_a_clock_that_runs_away_is_named_with_its_seconds(
        self, s3_server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for minutes, level, code in ((1, WARNING, "clock_differs"), (20, BAD, "clock_refused")):
            later = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=minutes)
            found = examine(s3(s3_server), tmp_path, ORIGIN, partial(_stopped_at, later))
            clock = next(f for f in found if f.about == "clock")
            assert (clock.level, clock.code) == (level, code)
            assert abs(clock.params["seconds"] - 60 * minutes) <= 2

    def test_a_page_that_may_not_read_the_bucket_is_told_the_rule_to_add(self, s3_server: Any, tmp_path: Path) -> None:
        client, bucket = s3_server.client(), f"cors-{uuid.uuid4().hex[:8]}"
        client.make_bucket(bucket)
        rule = b"""<CORSConfiguration><CORSRule><AllowedOrigin>https://elsewhere.test</AllowedOrigin>
            <AllowedMethod>GET</AllowedMethod><AllowedHeader>*</AllowedHeader></CORSRule></CORSConfiguration>"""
        md5 = {"Content-MD5": base64.b64encode(hashlib.md5(rule, usedforsecurity=False).digest()).decode()}
        client._execute("PUT", bucket, body=rule, headers=md5, query_params={"cors": ""})
        found = examine(s3(s3_server, s3_bucket=bucket), tmp_path, ORIGIN)
        assert bad(found) == [("browsers", "cors_refused")]

    def test_a_service_that_speaks_https_is_recognised_behind_http_settings(
        self, s3_server: Any, tmp_path: Path, https_port: int
    ) -> None:
        plain = examine(s3(s3_server, s3_endpoint=f"127.0.0.1:{https_port}"), tmp_path)
        assert bad(plain)[0] == ("tls", "tls_expected")
        own = examine(s3(s3_server, s3_endpoint=f"127.0.0.1:{https_port}", s3_secure=True), tmp_path)
        assert bad(own)[0] == ("tls", "tls_certificate")

    def test_a_folder_nobody_may_write_to_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("in the way")
        found = examine(StoreSettings("folder", tmp_path / "file" / "store"), tmp_path)
        assert bad(found)[0] == ("folder", "folder_not_writable")

    @pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="not run: there is no second file system here")
    def test_a_work_folder_on_another_disk_is_mentioned(self, tmp_path: Path) -> None:
        shared = Path("/dev/shm") / f"keku-{uuid.uuid4().hex[:8]}"
        try:
            found = examine(StoreSettings("folder", shared), tmp_path)
            assert ("work", "other_file_system") in [(f.about, f.code) for f in found]
        finally:
            shutil.rmtree(shared, ignore_errors=True)


def _stopped_at(moment: dt.datetime) -> dt.datetime:
    return moment


@pytest.fixture
def https_port(tmp_path: Path) -> Iterator[int]:
    """A port where something speaks TLS under a certificate that nobody vouches for."""
    key, certificate = _own_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    listener = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        while True:
            try:
                plain, _address = listener.accept()
            except OSError:
                return
            try:
                context.wrap_socket(plain, server_side=True).close()
            except OSError:
                plain.close()

    threading.Thread(target=answer, daemon=True).start()
    yield listener.getsockname()[1]
    listener.close()


def _own_certificate(folder: Path) -> tuple[Path, Path]:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("not run: no openssl on PATH to make a certificate")
    key, certificate = folder / "key.pem", folder / "cert.pem"
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1", "-days", "2"]
    subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return key, certificate


def put(key: str, data: bytes) -> None:
    store().put(key, BytesIO(data), len(data), "text/plain")


def read(key: str) -> bytes:
    return b"".join(store().get_range(key))


@pytest.fixture
def site(make_app: Callable[..., Any], s3_server: Any) -> Iterator[Any]:
    """A library in a folder, with settings for a bucket of its own; everybody notices a move at once."""
    bucket = f"move-{uuid.uuid4().hex[:10]}"
    app = make_app(**{**s3_server.settings(), "store": "folder", "s3_bucket": bucket})
    with app.app_context():
        for number in range(30):
            put(f"hls/x/{number}.m4s", b"%d" % number * 50)
        put("assets/aa/film", b"f" * 70_000)
        yield app
        db.session.rollback()
        db.session.remove()


def test_a_library_moves_while_people_write_and_is_read_throughout(site: Any) -> None:
    states: list[str] = []

    def during(state: str, _report: Any) -> None:
        states.append(state)
        assert read("assets/aa/film") == b"f" * 70_000, "playable throughout"
        if state == "copying" and len(states) == 1:
            put("assets/bb/late", b"written while it was copied")
            put("hls/x/1.m4s", b"written anew")
            store().delete("hls/x/2.m4s")
        if state == "switching":
            assert storage.place().kind == "s3"
            put("assets/cc/later", b"written after the switch")

    moved = moving.move("s3", during, settle_s=0)
    assert (states[0], states[-1]) == ("copying", "switching")
    assert moved.copied >= 31
    assert storage.place() == storage.Place("s3")
    for key, data in {
        "assets/aa/film": b"f" * 70_000, "assets/bb/late": b"written while it was copied",
        "assets/cc/later": b"written after the switch", "hls/x/1.m4s": b"written anew", "hls/x/29.m4s": b"29" * 50,
    }.items():  # fmt: skip
        assert read(key) == data, key
    with pytest.raises(ObjectNotFound):
        store().stat("hls/x/2.m4s")
    with pytest.raises(moving.MoveRefused):
        moving.move("s3", during, settle_s=0)
    assert storage.conflict() == "store_differs", "the settings still say folder"


def test_a_file_that_is_newer_in_the_new_store_is_not_replaced_by_the_old_one(site: Any) -> None:
    def during(state: str, _report: Any) -> None:
        if state == "switching" and session().query(StoreMove).count() and read("hls/x/5.m4s") != b"newer":
            put("hls/x/5.m4s", b"newer")
            store_of_kind("folder").put("hls/x/5.m4s", BytesIO(b"late in the old"), 15, "text/plain")

    moving.move("s3", during, settle_s=0)
    assert read("hls/x/5.m4s") == b"newer"


def test_a_library_moves_back_and_a_move_can_be_given_up(site: Any) -> None:
    with unit_of_work():
        session().add(StoreMove(from_kind="folder", to_kind="s3", to_place="x", started_at=dt.datetime.now(dt.UTC)))
    moving.stop()
    assert storage.place() == storage.Place("folder")
    moving.move("s3", lambda *_: None, settle_s=0)
    put("assets/dd/new", b"only in the bucket")
    moving.move("folder", lambda *_: None, settle_s=0)
    assert storage.place() == storage.Place("folder")
    assert store_of_kind("folder").local_path("assets/dd/new").read_bytes() == b"only in the bucket"  # type: ignore[union-attr]


def test_settings_that_name_another_bucket_than_the_move_are_refused_in_words(site: Any) -> None:
    from courseware.resources.store_cli import start_words

    with unit_of_work():
        moved = StoreMove(from_kind="folder", to_kind="s3", to_place="elsewhere at s3.school.test", state="done")
        moved.started_at = dt.datetime.now(dt.UTC)
        session().add(moved)
    storage.look_again()
    words, is_over = start_words()
    assert is_over
    assert "elsewhere at s3.school.test" in words


def test_a_move_that_is_killed_goes_on_where_it_stopped(
    site: Any, s3_server: Any, database_url: str, tmp_path: Path
) -> None:
    for number in range(400):
        put(f"hls/y/{number}.m4s", b"%d" % number * 9)
    data = site.config["KEKU"].data_path
    bucket = site.config["KEKU"].s3_bucket
    env = {
        **os.environ, "KEKU_DATA_DIR": str(data), "KEKU_DATABASE_URL": database_url, "KEKU_STORE": "folder",
        "S3_ENDPOINT": s3_server.endpoint, "S3_BUCKET": bucket, "S3_SECURE": "off", "S3_REGION": s3_server.region,
        "S3_ACCESS_KEY": s3_server.access_key, "S3_SECRET_KEY": s3_server.secret_key,
    }  # fmt: skip
    command = [sys.executable, "-m", "flask", "--app", "app", "store", "move", "--to", "s3", "--json"]
    killed = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    client, give_up = s3_server.client(), time.monotonic() + 60
    while time.monotonic() < give_up:
        if client.bucket_exists(bucket) and len(list(client.list_objects(bucket, "hls/y/", True))) > 20:
            break
        time.sleep(0.05)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    (journal,) = (data / "work").glob("store-move-*.jsonl")
    before = len(journal.read_text().splitlines())
    assert 0 < before < 431
    with journal.open("a") as out:
        out.write('{"key": "hls/y/cut-off", "si')
    assert read("hls/y/399.m4s") == b"399" * 9
    again = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    report = json.loads(again.stdout)
    assert (report["objects"], report["to"]) == (431, "s3")
    assert report["copied"] + report["found"] == 431 - before, "what the journal knows is not copied again"
    storage.look_again()
    assert read("hls/y/399.m4s") == b"399" * 9
    assert not journal.exists()


def test_the_command_says_what_is_wrong_in_words_and_by_its_exit_code(site: Any, s3_server: Any) -> None:
    runner = site.test_cli_runner()
    answer = runner.invoke(args=["store", "check", "--store", "s3", "--json"])
    assert json.loads(answer.stdout)["findings"][3]["code"] == "bucket_missing"
    assert answer.exit_code == 2
    text = runner.invoke(args=["store", "check"])
    assert text.exit_code in (0, 1), text.output
    assert "%(" not in text.output
    assert runner.invoke(args=["store", "move"]).exit_code == 2


def test_every_code_of_an_examination_has_its_remedy() -> None:
    from courseware.resources.store_words import REMEDIES

    source = (ROOT / "media" / "stores" / "examining.py").read_text()
    codes = set(re.findall(r'(?:BAD|WARNING), "([a-z_]+)"', source))
    assert len(codes) > 10
    assert codes <= set(REMEDIES)
