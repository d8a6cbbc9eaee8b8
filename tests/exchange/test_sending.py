"""A large course is sent in parts, as files of the library are, and becomes an import instead of a file of the library."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from courseware.core.errors import NotAllowed, NotFound
from courseware.exchange import imports
from courseware.exchange.models import CourseImport
from courseware.jobs.models import Job
from courseware.jobs.runner import run_here
from courseware.resources import uploads
from courseware.resources.errors import UploadClosed
from courseware.resources.models import Asset, Upload
from courseware.resources.storage import store
from tests.catalog.world import World
from tests.exchange.packages import cartridge, olx, tarred, worked


def announced(client: Any, path: Path, **more: Any) -> str:
    """The upload that the browser's engine begins for the page."""
    data = path.read_bytes()
    body = {"filename": path.name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest(), "purpose": "course"}
    answer = client.post("/teach/uploads", json=body | more)
    assert answer.status_code == 201, answer.text
    return str(answer.json["upload"])


def part(client: Any, upload: str, path: Path) -> None:
    assert client.put(f"/teach/uploads/{upload}/parts/1", data=path.read_bytes()).status_code == 200


def arrived(client: Any, db_session: Session, upload: str) -> Any:
    """What the engine finds after the worker has looked at the file."""
    assert client.post(f"/teach/uploads/{upload}/complete", json={}).status_code == 202
    run_here(db_session.scalars(select(Job).where(Job.kind == "uploads.check")).one())
    db_session.expire_all()
    return client.get(f"/teach/uploads/{upload}", headers={"Accept": "application/json"})


@pytest.fixture
def sent(world: World, client: Any, db_session: Session, tmp_path: Path) -> Upload:
    """A course of Open edX that is here, whole; nobody has said which course it is for."""
    client.sign_in(world.teacher)
    path = tarred(tmp_path / "焊接.tar.gz", olx())
    number = announced(client, path)
    part(client, number, path)
    arrived(client, db_session, number)
    return db_session.scalars(select(Upload)).one()


def test_a_course_sent_in_parts_is_read_and_never_becomes_a_file_of_the_library(
    world: World, client: Any, db_session: Session, tmp_path: Path
) -> None:
    client.sign_in(world.teacher)
    path = tarred(tmp_path / "焊接.tar.gz", olx())
    number = announced(client, path)
    assert client.get(f"/teach/uploads/{number}").json["received"] == [], "it can be asked at any time how far it is"
    part(client, number, path)
    answer = arrived(client, db_session, number).json
    assert (answer["state"], answer["resource_url"]) == ("stored", f"/teach/course-import?upload={number}")
    page = client.get(answer["resource_url"]).text
    assert "焊接.tar.gz" in page
    assert 'type="file"' not in page, "it is not to be chosen once more"
    done = client.post("/teach/course-import", data={"course": str(world.course.uuid), "upload": number})
    incoming = worked(db_session.scalars(select(CourseImport)).one())
    assert done.location.endswith(str(incoming.uuid))
    assert client.get(answer["resource_url"]).location == done.location, (
        "the tray's link leads to the import from now on"
    )
    assert (incoming.state, incoming.report["counts"]["lessons"]) == ("prepared", 1)
    assert incoming.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert db_session.scalar(select(func.count()).select_from(Asset)) == 0


def test_two_pages_that_wait_for_one_file_make_one_import(world: World, db_session: Session, sent: Upload) -> None:
    first = imports.take_over(world.teacher, world.course, sent)
    assert imports.take_over(world.teacher, world.course, sent) == first
    assert len(db_session.scalars(select(CourseImport)).all()) == 1


def test_a_damaged_file_is_refused_where_it_arrives(
    world: World, client: Any, db_session: Session, tmp_path: Path
) -> None:
    client.sign_in(world.teacher)
    path = cartridge(tmp_path / "a.imscc")
    number = announced(client, path, sha256="0" * 64)
    part(client, number, path)
    assert arrived(client, db_session, number).status_code >= 400
    assert list(store().list(imports.FOLDER)) == []
    again = client.post("/teach/course-import", data={"course": str(world.course.uuid), "upload": number})
    assert again.status_code == 422
    assert db_session.scalars(select(CourseImport)).all() == []


def test_what_is_not_whole_not_theirs_or_forgotten_becomes_no_import(
    world: World, client: Any, db_session: Session, tmp_path: Path, sent: Upload
) -> None:
    half = uploads.upload_by_uuid(world.teacher, UUID(announced(client, cartridge(tmp_path / "a.imscc"))))
    with pytest.raises(UploadClosed):
        imports.take_over(world.teacher, world.course, half)
    with pytest.raises(NotAllowed):
        imports.take_over(world.colleague, world.course, sent)
    with pytest.raises(NotFound):
        imports.take_over(world.teacher, world.course, _of_somebody_else(world, half))
    store().delete(sent.store_key)
    with pytest.raises(UploadClosed):
        imports.take_over(world.teacher, world.course, sent)
    assert client.sign_in(world.colleague).get(f"/teach/course-import?upload={sent.uuid}").status_code == 404


def test_a_file_of_the_library_is_no_course(world: World, client: Any, db_session: Session, tmp_path: Path) -> None:
    client.sign_in(world.teacher)
    path = tmp_path / "讲义.md"
    path.write_text("# 讲义")
    number = announced(client, path, purpose="")
    part(client, number, path)
    arrived(client, db_session, number)
    upload = uploads.upload_by_uuid(world.teacher, UUID(number))
    assert upload.state == "stored"
    with pytest.raises(UploadClosed):
        imports.take_over(world.teacher, world.course, upload)


def test_a_sent_file_waits_for_its_course_and_is_let_go_in_the_end(
    world: World, db_session: Session, clock: Any, sent: Upload
) -> None:
    assert imports.named_of([sent.store_key, f"{imports.FOLDER}lost"]) == {sent.store_key}
    clock(sent.created_at + imports.SENT_WAITS + dt.timedelta(minutes=1))
    assert imports.named_of([sent.store_key]) == set()
    incoming = imports.take_over(world.teacher, world.course, sent)
    assert imports.named_of([sent.store_key]) == {incoming.store_key}


def test_without_script_the_form_says_its_limit(world: World, client: Any) -> None:
    page = client.sign_in(world.teacher).get("/teach/course-import").text
    assert "40 MB" in page
    assert 'enctype="multipart/form-data"' in page


def _of_somebody_else(world: World, upload: Upload) -> Upload:
    upload.user_id = world.colleague.id
    return upload
