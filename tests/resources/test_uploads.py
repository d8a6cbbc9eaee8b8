"""Files on their way in: resumed, recognised, refused with a reason, and one asset however many send it."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from courseware.accounts.models import User
from courseware.core.database import session
from courseware.core.errors import NotAllowed, NotFound
from courseware.jobs.models import Job
from courseware.resources import arrivals, errors, services, uploads
from courseware.resources.models import Asset, Upload
from courseware.resources.storage import store
from tests.media.samples import sample_mp4
from tests.resources.conftest import World

PART = uploads.PART_BYTES


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def begin(person: User, data: bytes, name: str = "焊枪角度.mp4", **more: Any) -> Upload:
    upload = uploads.begin(person, name, len(data), sha(data), **more).upload
    assert upload is not None
    return upload


def send(person: User, upload: Upload, data: bytes, *nums: int) -> None:
    for num in nums or range(1, uploads.count_parts(upload) + 1):
        uploads.receive_part(person, upload, num, io.BytesIO(data[(num - 1) * PART : num * PART]))


def sent(person: User, data: bytes, name: str = "焊枪角度.mp4", **more: Any) -> Upload:
    upload = begin(person, data, name, **more)
    send(person, upload, data)
    return arrivals.complete(person, upload)


def keys() -> list[str]:
    return [info.key for info in store().list("assets/")]


@pytest.fixture
def film(tmp_path: Path) -> bytes:
    return sample_mp4(tmp_path / "film.mp4").read_bytes()


def test_a_video_becomes_an_asset_with_a_job(world: World, film: bytes) -> None:
    upload = sent(world.author, film)
    asset = arrivals.require_stored(upload)
    assert (upload.state, asset.kind, asset.sha256, asset.state) == ("stored", "video", sha(film), "processing")
    assert asset.duration_s == pytest.approx(4, abs=0.2)
    assert "media.process" in session().scalars(select(Job.kind)).all()
    assert b"".join(store().get_range(asset.store_key)) == film


def test_a_cut_off_upload_goes_on_where_it_stopped(world: World) -> None:
    data = b"%PDF-1.4\n" + b"x" * (2 * PART)
    upload = begin(world.author, data, "讲义.pdf")
    send(world.author, upload, data, 3, 1)
    with pytest.raises(errors.PartRefused):
        arrivals.complete(world.author, upload)
    found = uploads.upload_by_uuid(world.author, upload.uuid)
    assert [(part.num, part.done) for part in uploads.part_states(found)] == [(1, True), (2, False), (3, True)]
    send(world.author, found, data, 2, 2)
    assert arrivals.complete(world.author, found).state == "stored"


def test_a_part_cut_off_on_the_way_is_not_kept(world: World) -> None:
    data = b"%PDF-1.4\n" + b"x" * PART
    upload = begin(world.author, data, "讲义.pdf")
    with pytest.raises(errors.PartRefused):
        uploads.receive_part(world.author, upload, 1, io.BytesIO(data[: PART - 5]))
    with pytest.raises(errors.PartRefused):
        uploads.receive_part(world.author, upload, 3, io.BytesIO(b"x"))
    assert not any(part.done for part in uploads.part_states(upload))


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("片子.mp4", b"\0" * 300, "unknown_type"),
        ("讲义.pdf", b"MZ\x90\0" + b"\0" * 100, "executable"),
        ("片子.mp4", b"%PDF-1.4\nhello", "type_mismatch"),
        ("图.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "svg_refused"),
        ("片子.mp4", b"#EXTM3U\nhttp://127.0.0.1/secret", "playlist_refused"),
        ("图.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "damaged_image"),
    ],
)
def test_what_is_not_what_it_says_is_refused_and_nothing_is_kept(
    world: World, name: str, data: bytes, code: str
) -> None:
    upload = sent(world.author, data, name)
    assert (upload.state, upload.reason_code) == ("refused", code)
    assert len(upload.reason) >= 6, "a sentence in Chinese is short, but it is a sentence"
    assert (keys(), session().scalar(select(func.count(Asset.id)))) == ([], 0)
    with pytest.raises(errors.FileRefused) as refused:
        arrivals.require_stored(upload)
    assert refused.value.sentence() == upload.reason


def test_a_truncated_video_is_refused(world: World, film: bytes) -> None:
    upload = sent(world.author, film[: len(film) // 2])
    assert upload.state == "refused"
    assert upload.reason_code in ("damaged_media", "cannot_open")


def test_empty_and_huge_files_are_refused_before_anything_travels(world: World) -> None:
    for size, code in ((0, "empty_file"), (uploads.MAX_BYTES + 1, "too_large")):
        with pytest.raises(errors.FileRefused) as refused:
            uploads.begin(world.author, "x.mp4", size, "a" * 64)
        assert refused.value.code == code
        assert "%(" not in refused.value.sentence()


def test_bytes_that_are_not_those_announced_are_refused(world: World, film: bytes) -> None:
    upload = uploads.begin(world.author, "a.mp4", len(film), "0" * 64).upload
    assert upload is not None
    send(world.author, upload, film)
    assert arrivals.complete(world.author, upload).reason_code == "wrong_hash"
    assert keys() == []


def test_a_file_in_a_resource_one_may_see_is_recognised_before_it_travels(world: World, film: bytes) -> None:
    asset = arrivals.require_stored(sent(world.author, film))
    resource = world.published("片子", kind="video", asset=asset)
    begun = uploads.begin(world.colleague, "另一个名字.mp4", len(film), sha(film), library=world.library)
    assert (begun.upload, begun.existing) == (None, resource)


def test_a_file_in_a_draft_of_somebody_else_is_not_betrayed(world: World, film: bytes) -> None:
    asset = arrivals.require_stored(sent(world.author, film))
    world.draft("秘密草稿", kind="video", asset=asset)
    upload = sent(world.colleague, film, "我的.mp4")
    assert upload.asset_id == asset.id
    assert len(keys()) == 1


def test_two_equal_uploads_at_once_end_in_one_asset(world: World, film: bytes) -> None:
    first, second = begin(world.author, film), begin(world.colleague, film)
    send(world.author, first, film)
    send(world.colleague, second, film)
    arrivals.complete(world.author, first)
    arrivals.complete(world.colleague, second)
    assert first.asset_id == second.asset_id
    assert keys() == [arrivals.require_stored(first).store_key]


def test_completing_twice_gives_the_same_answer(world: World, film: bytes) -> None:
    upload = sent(world.author, film)
    assert arrivals.complete(world.author, upload).asset_id == upload.asset_id


def test_my_own_file_sent_again_needs_no_bytes(world: World, film: bytes) -> None:
    sent(world.author, film)
    again = begin(world.author, film)
    assert again.state == "stored"
    assert all(part.done for part in uploads.part_states(again))


def test_an_aborted_upload_takes_no_more_parts(world: World) -> None:
    upload = begin(world.author, b"%PDF-1.4\n", "a.pdf")
    uploads.abort(world.author, upload)
    uploads.abort(world.author, upload)
    with pytest.raises(errors.UploadClosed):
        send(world.author, upload, b"%PDF-1.4\n")
    with pytest.raises(errors.UploadClosed):
        arrivals.complete(world.author, upload)


def test_uploads_of_others_are_not_there(world: World) -> None:
    upload = begin(world.author, b"%PDF-1.4\n", "a.pdf")
    with pytest.raises(NotFound):
        uploads.upload_by_uuid(world.colleague, upload.uuid)
    with pytest.raises(NotAllowed):
        begin(world.student, b"%PDF-1.4\n", "a.pdf")


def test_what_nobody_finished_in_three_days_is_swept(world: World, clock: Any) -> None:
    clock("2026-03-01 09:00")
    old = begin(world.author, b"%PDF-1.4\n", "a.pdf")
    clock("2026-03-03 08:00")
    young = begin(world.author, b"%PDF-1.5\n", "b.pdf")
    clock("2026-03-04 10:00")
    assert uploads.sweep() == 1
    assert (old.state, young.state) == ("aborted", "open")


def test_the_same_file_is_no_update(world: World, film: bytes) -> None:
    asset = arrivals.require_stored(sent(world.author, film))
    resource = world.published("片子", kind="video", asset=asset)
    with pytest.raises(errors.SameContent):
        services.start_revision(world.author, resource, asset=asset, reason="再传一次")
    with pytest.raises(errors.DuplicateContent):
        world.draft("又一个", kind="video", asset=asset)


@pytest.mark.parametrize(
    "name", ["../../etc/passwd.pdf", "C:\\文档\\讲义.pdf", "a" * 300 + ".pdf", "\u202efdp.exe.pdf"]
)
def test_names_are_only_names(world: World, name: str) -> None:
    upload = begin(world.author, b"%PDF-1.4\n", name)
    assert "/" not in upload.filename
    assert "\\" not in upload.filename
    assert upload.filename.endswith(".pdf")
    assert len(upload.filename) <= 200
