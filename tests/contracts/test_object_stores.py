"""One suite, three stores: what one store promises, every store keeps."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import urllib3
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from media.errors import InvalidKey, ObjectNotFound, RangeNotSatisfiable, StoreUnavailable, UploadInvalid
from media.stores import (
    MIN_PART_BYTES,
    FolderStore,
    ObjectStore,
    Part,
    S3Store,
    StoreSettings,
    make_store,
    pull_object,
    push_folder,
)

BIG = os.urandom(300_000)
FULL_PART = os.urandom(MIN_PART_BYTES)


def s3_settings(server: Any, **changes: Any) -> StoreSettings:
    values = {
        "kind": "s3",
        "s3_endpoint": server.endpoint,
        "s3_region": server.region,
        "s3_access_key": server.access_key,
        "s3_secret_key": server.secret_key,
        "s3_secure": False,
        "s3_bucket": f"t-{uuid.uuid4().hex[:12]}",
    }
    return StoreSettings(**(values | changes))


@pytest.fixture(params=["memory", "folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    if request.param == "s3":
        made = make_store(s3_settings(request.getfixturevalue("s3_server")))
    else:
        made = make_store(StoreSettings(kind=request.param, folder=tmp_path / "store"))
    made.ensure_ready()
    put(made, "noise/other", b"not this one")
    return made


def put(store: ObjectStore, key: str, data: bytes, content_type: str = "text/plain") -> Any:
    return store.put(key, io.BytesIO(data), len(data), content_type)


def read(store: ObjectStore, key: str, start: int = 0, length: int | None = None) -> bytes:
    return b"".join(store.get_range(key, start, length))


class TestObjects:
    def test_what_was_put_comes_back_with_its_facts(self, store: ObjectStore) -> None:
        before = datetime.now(UTC) - timedelta(seconds=2)
        info = put(store, "课程/第1课 介绍.bin", BIG, "video/mp4")
        assert info == store.stat("课程/第1课 介绍.bin")
        assert (info.size, info.content_type) == (len(BIG), "video/mp4")
        assert info.etag == hashlib.md5(BIG, usedforsecurity=False).hexdigest()
        assert before <= info.modified_at <= datetime.now(UTC) + timedelta(seconds=2)
        with store.open("课程/第1课 介绍.bin") as stream:
            assert stream.read(10) + stream.read() == BIG

    def test_putting_again_replaces(self, store: ObjectStore) -> None:
        put(store, "a/b", b"old and longer", "text/html")
        put(store, "a/b", b"new", "text/plain")
        assert read(store, "a/b") == b"new"
        assert store.stat("a/b").content_type == "text/plain"

    def test_an_empty_object_is_an_object(self, store: ObjectStore) -> None:
        put(store, "empty", b"")
        assert (store.stat("empty").size, read(store, "empty")) == (0, b"")

    def test_a_missing_object_is_named(self, store: ObjectStore) -> None:
        for ask in (store.stat, store.open, store.get_range, store.local_path):
            with pytest.raises(ObjectNotFound) as caught:
                ask("no/such")
            assert caught.value.params == {"key": "no/such"}

    def test_deleting_twice_is_no_error(self, store: ObjectStore) -> None:
        put(store, "gone/soon", b"x")
        store.delete("gone/soon")
        store.delete("gone/soon")
        with pytest.raises(ObjectNotFound):
            store.stat("gone/soon")
        assert read(store, "noise/other") == b"not this one"

    def test_a_short_stream_leaves_nothing_behind(self, store: ObjectStore) -> None:
        with pytest.raises(UploadInvalid) as caught:
            store.put("short", io.BytesIO(b"abc"), 10, "text/plain")
        assert (caught.value.code, caught.value.params) == ("size_mismatch", {"declared": 10, "actual": 3})
        with pytest.raises(ObjectNotFound):
            store.stat("short")

    def test_no_more_than_the_announced_bytes_are_taken(self, store: ObjectStore) -> None:
        store.put("long", io.BytesIO(b"abcdef"), 3, "text/plain")
        assert read(store, "long") == b"abc"

    @pytest.mark.parametrize("key", ["", "/a", "a//b", "a/../b", "..", "a/", "a\\b", "a\x00b", "a:b", "x" * 901])
    def test_a_key_that_could_escape_is_refused(self, store: ObjectStore, key: str) -> None:
        with pytest.raises(InvalidKey):
            put(store, key, b"x")
        with pytest.raises(InvalidKey):
            store.stat(key)

    def test_listing_is_by_prefix_and_names_each_object_once(self, store: ObjectStore) -> None:
        keys = ["p/a", "p/a-1", "p/b/2", "p/b/10", "p/b-x/1", "p/课", "pp"]
        for key in reversed(keys):
            put(store, key, b"1")
        assert sorted(info.key for info in store.list("p/")) == sorted(keys[:-1])
        assert sorted(info.key for info in store.list("p/b")) == ["p/b-x/1", "p/b/10", "p/b/2"]
        assert [info.size for info in store.list("pp")] == [1]
        assert list(store.list("nothing/here")) == []
        assert "noise/other" in [info.key for info in store.list()]


class TestRanges:
    @pytest.mark.parametrize(("start", "length"), [(0, None), (100, 50), (299_990, None), (299_990, 500), (5, 0)])
    def test_a_range_is_the_slice(self, store: ObjectStore, start: int, length: int | None) -> None:
        put(store, "big", BIG)
        end = None if length is None else start + length
        assert read(store, "big", start, length) == BIG[start:end]

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(start=st.integers(0, 600), length=st.none() | st.integers(0, 700), size=st.sampled_from([1, 7, 599]))
    def test_any_range_is_the_slice_or_refused(
        self, store: ObjectStore, start: int, length: int | None, size: int
    ) -> None:
        data = BIG[:size]
        put(store, "any", data)
        if start >= size:
            with pytest.raises(RangeNotSatisfiable):
                store.get_range("any", start, length)
        else:
            end = None if length is None else start + length
            assert read(store, "any", start, length) == data[start:end]


class TestMultipart:
    def test_parts_in_any_order_become_one_object(self, store: ObjectStore) -> None:
        upload = store.begin_upload("up/multi", "video/mp4")
        last = store.put_part("up/multi", upload, 2, b"the end")
        first = store.put_part("up/multi", upload, 1, io.BytesIO(FULL_PART))
        with pytest.raises(ObjectNotFound):
            store.stat("up/multi")
        info = store.complete_upload("up/multi", upload, [Part(2, last), Part(1, first)])
        assert (info.size, info.content_type) == (len(FULL_PART) + 7, "video/mp4")
        assert hashlib.sha256(read(store, "up/multi")).digest() == hashlib.sha256(FULL_PART + b"the end").digest()
        assert list(store.list_uploads()) == []

    def test_a_part_sent_twice_counts_once_and_the_newest_wins(self, store: ObjectStore) -> None:
        upload = store.begin_upload("up/again", "text/plain")
        store.put_part("up/again", upload, 1, b"first try, cut")
        newest = store.put_part("up/again", upload, 1, b"second try")
        assert [part.num for part in store.list_parts("up/again", upload)] == [1]
        store.complete_upload("up/again", upload, [Part(1, newest)])
        assert read(store, "up/again") == b"second try"

    def test_an_upload_resumes_from_what_the_store_holds(self, store: ObjectStore) -> None:
        upload = store.begin_upload("up/resume", "text/plain")
        store.put_part("up/resume", upload, 1, FULL_PART)
        assert [(open_.key, open_.upload_id) for open_ in store.list_uploads()] == [("up/resume", upload)]
        held = store.list_parts("up/resume", upload)
        assert [(part.num, part.size) for part in held] == [(1, len(FULL_PART))]
        tail = store.put_part("up/resume", upload, 2, b"tail")
        assert store.complete_upload("up/resume", upload, [*held, Part(2, tail)]).size == len(FULL_PART) + 4

    def test_completing_again_after_a_lost_answer_is_the_same_object(self, store: ObjectStore) -> None:
        upload = store.begin_upload("up/twice", "text/plain")
        parts = [Part(1, store.put_part("up/twice", upload, 1, b"content"))]
        first = store.complete_upload("up/twice", upload, parts)
        again = store.complete_upload("up/twice", upload, parts)
        assert (again.key, again.size, again.etag) == (first.key, first.size, first.etag)

    def test_a_changed_or_unknown_part_is_refused_and_the_upload_lives_on(self, store: ObjectStore) -> None:
        upload = store.begin_upload("up/bad", "text/plain")
        good = store.put_part("up/bad", upload, 1, b"content")
        for wrong in ([Part(1, "0" * 32)], [Part(7, good)]):
            with pytest.raises(UploadInvalid, match="Send it again"):
                store.complete_upload("up/bad", upload, wrong)
        assert store.complete_upload("up/bad", upload, [Part(1, good)]).size == 7

    def test_a_small_part_in_the_middle_is_refused(self, store: ObjectStore) -> None:
        upload = store.begin_upload("up/small", "text/plain")
        parts = [Part(num, store.put_part("up/small", upload, num, b"tiny")) for num in (1, 2)]
        with pytest.raises(UploadInvalid) as caught:
            store.complete_upload("up/small", upload, parts)
        assert caught.value.code == "part_too_small"

    def test_an_upload_without_parts_cannot_be_completed(self, store: ObjectStore) -> None:
        upload = store.begin_upload("up/none", "text/plain")
        with pytest.raises(UploadInvalid) as caught:
            store.complete_upload("up/none", upload, [])
        assert caught.value.code == "no_parts"

    def test_an_aborted_upload_is_gone(self, store: ObjectStore) -> None:
        upload = store.begin_upload("up/abort", "text/plain")
        part = Part(1, store.put_part("up/abort", upload, 1, b"x"))
        store.abort_upload("up/abort", upload)
        store.abort_upload("up/abort", upload)
        assert list(store.list_uploads()) == []
        with pytest.raises(UploadInvalid) as caught:
            store.complete_upload("up/abort", upload, [part])
        assert caught.value.code == "upload_not_found"

    def test_part_numbers_have_bounds(self, store: ObjectStore) -> None:
        upload = store.begin_upload("up/num", "text/plain")
        for num in (0, 10_001):
            with pytest.raises(UploadInvalid) as caught:
                store.put_part("up/num", upload, num, b"x")
            assert caught.value.code == "part_number"

    def test_only_old_uploads_are_listed_for_the_sweeper(self, store: ObjectStore) -> None:
        store.begin_upload("up/young", "text/plain")
        now = datetime.now(UTC)
        assert list(store.list_uploads(now - timedelta(hours=1))) == []
        assert [found.key for found in store.list_uploads(now + timedelta(hours=1))] == ["up/young"]


class TestTransfer:
    def test_a_folder_is_pushed_with_the_master_playlist_last(self, store: ObjectStore, tmp_path: Path) -> None:
        folder = tmp_path / "hls"
        (folder / "v480").mkdir(parents=True)
        for name in ("master.m3u8", "v480/index.m3u8", "v480/00000.m4s", "v480/init.mp4"):
            (folder / name).write_text(name)
        seen: list[tuple[int, int]] = []
        order = [info.key for info in push_folder(store, folder, "hls/1", lambda *at: seen.append(at))]
        assert order[-2:] == ["hls/1/v480/index.m3u8", "hls/1/master.m3u8"]
        assert seen[-1] == (4, 4)
        assert store.stat("hls/1/master.m3u8").content_type == "application/vnd.apple.mpegurl"

    def test_an_object_can_be_had_as_a_local_file(self, store: ObjectStore, tmp_path: Path) -> None:
        put(store, "orig/1", BIG)
        assert pull_object(store, "orig/1", tmp_path / "copy").read_bytes() == BIG

    @pytest.mark.parametrize("store", ["memory", "s3"], indirect=True)
    def test_a_copy_that_would_fill_the_disk_is_not_begun(self, store: ObjectStore, tmp_path: Path) -> None:
        put(store, "orig/2", BIG)
        with pytest.raises(StoreUnavailable) as caught:
            pull_object(store, "orig/2", tmp_path / "copy", reserve=1 << 60)
        assert caught.value.code == "disk_full"


@pytest.mark.parametrize("store", ["memory", "folder"], indirect=True)
def test_a_store_without_urls_says_so(store: ObjectStore) -> None:
    upload = store.begin_upload("up/x", "text/plain")
    assert store.presigned_get("noise/other", 60) is None
    assert store.part_url("up/x", upload, 1, 60) is None


@pytest.mark.parametrize("store", ["s3"], indirect=True)
class TestUrls:
    """What a browser does without us."""

    def fetch(self, method: str, url: str | None, **more: Any) -> urllib3.BaseHTTPResponse:
        assert url is not None
        return urllib3.request(method, url, **more)

    def test_a_browser_reads_ranges_and_saves_under_a_name(self, store: ObjectStore) -> None:
        put(store, "see/me", BIG, "video/mp4")
        url = store.presigned_get("see/me", 60, filename="第1课.mp4", content_type="application/x-test")
        answer = self.fetch("GET", url, headers={"Range": "bytes=10-19"})
        assert (answer.status, answer.data) == (206, BIG[10:20])
        assert answer.headers["Content-Type"] == "application/x-test"
        assert answer.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''%E7%AC%AC1")

    def test_a_signature_serves_one_object_only(self, store: ObjectStore) -> None:
        put(store, "see/me", BIG)
        url = store.presigned_get("see/me", 60)
        assert self.fetch("GET", url and url.replace("see/me", "noise/other")).status == 403

    def test_a_browser_sends_parts_by_itself(self, store: ObjectStore) -> None:
        upload = store.begin_upload("up/direct", "video/mp4")
        answer = self.fetch("PUT", store.part_url("up/direct", upload, 1, 60), body=b"from the browser")
        assert answer.status == 200
        store.complete_upload("up/direct", upload, [Part(1, answer.headers["ETag"])])
        assert read(store, "up/direct") == b"from the browser"


class TestFolderStore:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> ObjectStore:
        return make_store(StoreSettings(kind="folder", folder=tmp_path))

    def test_a_key_cannot_be_the_folder_of_another(self, folder: ObjectStore) -> None:
        put(folder, "x", b"1")
        with pytest.raises(InvalidKey):
            put(folder, "x/y", b"2")
        put(folder, "a/b", b"1")
        with pytest.raises(InvalidKey):
            put(folder, "a", b"2")
        assert read(folder, "a/b") == b"1"

    def test_metadata_that_does_not_fit_the_file_is_not_believed(self, folder: ObjectStore) -> None:
        put(folder, "a.png", b"1", "image/x-odd")
        path = folder.local_path("a.png")
        assert path is not None
        path.write_bytes(b"changed by hand")
        assert (folder.stat("a.png").size, folder.stat("a.png").content_type) == (15, "image/png")

    def test_a_failed_put_keeps_the_old_object_and_no_rubbish(self, folder: ObjectStore, tmp_path: Path) -> None:
        put(folder, "keep", b"old")
        with contextlib.suppress(UploadInvalid):
            folder.put("keep", io.BytesIO(b"n"), 5, "text/plain")
        assert read(folder, "keep") == b"old"
        assert list((tmp_path / "incoming").iterdir()) == []

    def test_an_upload_id_cannot_leave_the_folder(self, folder: ObjectStore, tmp_path: Path) -> None:
        (tmp_path / "precious").mkdir()
        folder.abort_upload("k", "../precious")
        assert (tmp_path / "precious").is_dir()
        with pytest.raises(UploadInvalid):
            folder.list_parts("k", "../precious")


class TestS3Troubles:
    """Each cause has its own code, because each has another remedy."""

    def code(self, settings: StoreSettings) -> str:
        with pytest.raises(StoreUnavailable) as caught:
            list(make_store(settings).list("x"))
        return caught.value.code

    def test_wrong_secret(self, s3_server: Any) -> None:
        assert self.code(s3_settings(s3_server, s3_secret_key="wrong-secret-0000")) == "store_credentials"

    def test_unknown_access_key(self, s3_server: Any) -> None:
        assert self.code(s3_settings(s3_server, s3_access_key="NOBODY0000000000")) == "store_credentials"

    def test_missing_bucket(self, s3_server: Any) -> None:
        assert self.code(s3_settings(s3_server, s3_bucket="no-such-bucket")) == "bucket_missing"

    def test_nobody_listens(self, s3_server: Any) -> None:
        assert self.code(s3_settings(s3_server, s3_endpoint="127.0.0.1:9")) == "store_unreachable"

    def test_empty_settings_name_the_field(self) -> None:
        with pytest.raises(StoreUnavailable, match="s3_endpoint is empty"):
            make_store(StoreSettings(kind="s3"))

    def test_a_bucket_name_no_server_takes_is_a_setting_to_mend(self) -> None:
        with pytest.raises(StoreUnavailable, match="s3_bucket"):
            make_store(StoreSettings("s3", None, "h:1", "", "r", "k", "s", False, "Not A Bucket"))

    def test_urls_are_signed_for_the_public_name_without_a_connection(self, s3_server: Any) -> None:
        store = S3Store(s3_settings(s3_server, s3_public_endpoint="https://files.example.test"))
        assert str(store.presigned_get("a/b", 60)).startswith("https://files.example.test/t-")

    def test_virtual_hosts_put_the_bucket_into_the_name(self) -> None:
        oss = StoreSettings(
            "s3", None, "oss-cn-hangzhou.aliyuncs.com", "", "oss-cn-hangzhou", "k", "s", True, "keku", True
        )
        assert str(S3Store(oss).presigned_get("a", 60)).startswith("https://keku.oss-cn-hangzhou.aliyuncs.com/a?")

    def test_virtual_hosts_are_honoured_on_a_private_name(self) -> None:
        own = StoreSettings("s3", None, "https://s3.school.test", "", "r", "k", "s", True, "keku", True)
        assert str(S3Store(own).presigned_get("a", 60)).startswith("https://keku.s3.school.test/a?")


PROVIDERS = {
    "MinIO or SeaweedFS": ("https://s3.school.test:9000", "", False),
    "behind another name for browsers": ("10.0.0.5:8333", "https://files.school.test", False),
    "AWS": ("s3.eu-central-1.amazonaws.com", "", False),
    "Aliyun OSS": ("oss-cn-hangzhou.aliyuncs.com", "", True),
    "Aliyun OSS, inside and outside": ("oss-cn-hangzhou-internal.aliyuncs.com", "oss-cn-hangzhou.aliyuncs.com", True),
}


@pytest.mark.parametrize("name", PROVIDERS)
def test_the_content_policy_names_the_host_that_addresses_are_signed_for(name: str) -> None:
    endpoint, public, virtual = PROVIDERS[name]
    settings = StoreSettings("s3", None, endpoint, public, "eu-central-1", "k", "s", True, "keku", virtual)
    store = S3Store(settings)
    for address in (store.presigned_get("a/b", 60), store.part_url("a/b", "u", 1, 60)):
        assert address is not None
        assert address.startswith(f"{settings.browser_origin()}/")
        assert "X-Amz-Signature=" in address
        assert ("/keku/" in address) is (settings.browser_origin().split("//")[1].split(".")[0] != "keku")


def test_halves_of_killed_processes_go_and_what_is_whole_stays(store: ObjectStore, tmp_path: Path) -> None:
    upload = store.begin_upload("a/film", "video/mp4")
    store.put_part("a/film", upload, 1, b"a part")
    root = tmp_path / "store"
    halves = [root / "incoming/half", root / f"uploads/{upload}/.tmp-half", root / "uploads/.tmp-begun"]
    for path in halves if isinstance(store, FolderStore) else []:
        path.write_bytes(b"x" * 100)
    assert store.clear_halves(datetime.now(UTC) - timedelta(hours=1)) == 0, "somebody may be writing them now"
    cleared = store.clear_halves(datetime.now(UTC) + timedelta(minutes=1))
    assert cleared == (300 if isinstance(store, FolderStore) else 0)
    assert not any(path.exists() for path in halves)
    assert read(store, "noise/other") == b"not this one"
    assert [part.num for part in store.list_parts("a/film", upload)] == [1]
