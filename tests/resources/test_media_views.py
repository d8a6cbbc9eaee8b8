"""Files over HTTP: who may have them, ranges, and the part protocol that browsers speak."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from courseware.core.database import session
from courseware.jobs.models import Job
from courseware.jobs.runner import run_here
from courseware.resources import assets, services
from courseware.resources.models import Asset, Resource, ResourceNote, Upload
from courseware.resources.storage import store
from courseware.resources.uploads import PART_BYTES
from tests.media.samples import sample_mp4, sample_pdf
from tests.resources.conftest import World, make_world
from tests.servers.rewound import MadeOnce


@pytest.fixture
def filmed(made_once: MadeOnce) -> tuple[World, Resource]:
    made: tuple[World, Resource] = made_once(make_filmed)
    return made


def make_filmed() -> tuple[World, Resource]:
    """The world with a film that the worker has processed."""
    world = make_world()
    with tempfile.TemporaryDirectory() as folder:
        asset = assets.store_file(sample_mp4(Path(folder, "a.mp4")), "a.mp4", world.author)
    resource = world.published("片子", kind="video", asset=asset)
    session().commit()
    run_here(session().scalars(select(Job)).one())
    return world, resource


@pytest.fixture
def world(filmed: tuple[World, Resource]) -> World:
    return filmed[0]


@pytest.fixture
def film(filmed: tuple[World, Resource]) -> Resource:
    return filmed[1]


def checked(client: Any, upload: str) -> Any:
    """Says that every part was sent, lets the worker look, and gives the answer that the browser then finds."""
    waiting = client.post(f"/teach/uploads/{upload}/complete", json={})
    assert (waiting.status_code, waiting.json["state"]) == (202, "checking")
    job = session().scalars(select(Job).where(Job.kind == "uploads.check", Job.state == "queued")).one()
    assert run_here(job).state == "done", job.reason
    session().expire_all()
    return client.get(f"/teach/uploads/{upload}", headers={"Accept": "application/json"})


def address(resource: Resource, name: str = "master.m3u8", kind: str = "hls") -> str:
    asset = session().scalars(select(Asset)).first()
    assert asset is not None
    rendition = asset.rendition(kind)
    assert rendition is not None
    return f"/media/{rendition.uuid}/{name}"


def test_everybody_plays_what_is_live(film: Resource, client: Any) -> None:
    master = client.get(address(film))
    assert (master.status_code, master.mimetype) == (200, "application/vnd.apple.mpegurl")
    assert "no-cache" in master.headers["Cache-Control"]
    part = client.get(address(film, "audio/init.mp4"))
    assert part.status_code == 200
    assert "immutable" in part.headers["Cache-Control"]


def test_a_segment_may_be_had_in_part(film: Resource, client: Any) -> None:
    whole = client.get(address(film, "audio/init.mp4")).data
    some = client.get(address(film, "audio/init.mp4"), headers={"Range": "bytes=10-19"})
    assert (some.status_code, some.data) == (206, whole[10:20])
    assert some.headers["Content-Range"] == f"bytes 10-19/{len(whole)}"
    assert client.get(address(film, "audio/init.mp4"), headers={"Range": "bytes=99999999-"}).status_code == 416


@pytest.mark.parametrize("name", ["../../secret.mp4", "nope.mp4", "master.exe", "%2e%2e/x.m3u8", "audio"])
def test_other_names_lead_nowhere(film: Resource, client: Any, name: str) -> None:
    assert client.get(address(film, name)).status_code in (404, 308)


def test_withdrawn_and_draft_media_are_for_authors_and_staff(film: Resource, world: World, client: Any) -> None:
    services.withdraw(world.author, film, "过时")
    session().commit()
    path = address(film)
    assert client.get(path).status_code == 404
    for person, status in (
        (world.student, 404),
        (world.stranger, 404),
        (world.author, 200),
        (world.reviewer, 200),
        (world.librarian, 200),
    ):
        assert client.sign_in(person).get(path).status_code == status
    assert client.sign_in(world.student).get(f"/resources/{film.uuid}/download").status_code == 404


def test_originals_are_saved_by_people_with_an_account(film: Resource, world: World, client: Any) -> None:
    guest = client.get(f"/resources/{film.uuid}/download", headers={"Accept": "application/json"})
    assert guest.status_code == 401
    saved = client.sign_in(world.student).get(f"/resources/{film.uuid}/download")
    assert saved.status_code == 200
    assert saved.headers["Content-Disposition"].startswith("attachment")
    assert "default-src 'none'" in saved.headers["Content-Security-Policy"]


def test_a_pdf_is_shown_in_the_page_even_to_guests(world: World, client: Any, tmp_path: Path) -> None:
    resource = world.published("讲义", asset=assets.store_file(sample_pdf(tmp_path / "a.pdf"), "a.pdf", world.author))
    shown = client.get(f"/resources/{resource.uuid}/file")
    assert (shown.status_code, shown.mimetype) == (200, "application/pdf")
    assert "attachment" not in shown.headers.get("Content-Disposition", "")


def test_the_browser_sends_a_file_in_parts(world: World, client: Any) -> None:
    data = b"%PDF-1.4\n" + b"x" * (PART_BYTES + 100)
    client.sign_in(world.author)
    begun = client.post(
        "/teach/uploads",
        json={
            "filename": "工业机器人示教器.pdf",
            "size": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
            "library": "ROBOT",
        },
    )
    assert begun.status_code == 201
    upload = begun.json["upload"]
    assert (begun.json["part_size"], begun.json["received"], len(begun.json["parts"])) == (PART_BYTES, [], 2)
    assert client.put(f"/teach/uploads/{upload}/parts/2", data=data[PART_BYTES:]).status_code == 200
    assert client.get(f"/teach/uploads/{upload}").json["received"] == [2]
    assert client.post(f"/teach/uploads/{upload}/complete", json={}).status_code == 422
    assert client.put(f"/teach/uploads/{upload}/parts/1", data=data[:PART_BYTES]).status_code == 200
    done = checked(client, upload)
    assert done.status_code == 200
    resource = session().scalars(select(Resource).where(Resource.title == "工业机器人示教器")).one()
    assert done.json["resource_url"] == f"/teach/resources/{resource.uuid}/edit"
    assert (resource.title, resource.type, [p.name for p in resource.points]) == (
        "工业机器人示教器",
        "text",
        ["示教器"],
    )
    again = client.post(f"/teach/uploads/{upload}/complete", json={})
    assert again.json["resource"] == done.json["resource"]


def test_a_refused_file_says_why_in_the_readers_language_and_stays_refused(world: World, client: Any) -> None:
    data = b"MZ\x90\0" + b"\0" * 100
    client.sign_in(world.author)
    upload = client.post(
        "/teach/uploads", json={"filename": "讲义.pdf", "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    ).json["upload"]
    client.put(f"/teach/uploads/{upload}/parts/1", data=data)
    refused = checked(client, upload)
    assert (refused.status_code, refused.json["code"]) == (422, "executable")
    assert len(refused.json["title"]) > 5
    assert session().scalars(select(Upload.state)).one() == "refused"


def test_a_known_file_is_named_instead_of_sent(film: Resource, world: World, client: Any) -> None:
    asset = session().scalars(select(Asset)).one()
    answer = client.sign_in(world.colleague).post(
        "/teach/uploads", json={"filename": "b.mp4", "size": asset.size, "sha256": asset.sha256}
    )
    assert answer.json["upload"] is None
    assert answer.json["existing"]["title"] == "片子"


def test_a_copy_refused_at_the_end_of_an_upload_stays_counted(film: Resource, world: World, client: Any) -> None:
    draft = world.draft("草稿", kind="video")
    services.withdraw(world.author, film, "过时")
    session().commit()
    asset = session().scalars(select(Asset)).one()
    data = b"".join(store().get_range(asset.store_key))
    client.sign_in(world.author)
    begun = client.post(
        "/teach/uploads", json={"filename": "a.mp4", "size": len(data), "sha256": "", "resource": str(draft.uuid)}
    ).json
    client.put(f"/teach/uploads/{begun['upload']}/parts/1", data=data)
    refused = checked(client, begun["upload"])
    assert (refused.status_code, refused.json["code"]) == (409, "duplicate_content")
    assert client.post(f"/teach/uploads/{begun['upload']}/complete", json={}).status_code == 409
    assert session().scalars(select(ResourceNote.kind)).all() == ["duplicate"]


def test_uploads_need_a_teacher_and_a_token(world: World, client: Any) -> None:
    body = {"filename": "a.pdf", "size": 5, "sha256": "0" * 64}
    assert client.post("/teach/uploads", json=body).status_code == 401
    assert client.sign_in(world.student).post("/teach/uploads", json=body).status_code == 403
    client.sign_in(world.author)
    client.sends_token = False
    assert client.post("/teach/uploads", json=body).status_code == 400


@pytest.mark.parametrize(
    "body", [{}, {"filename": "a.pdf", "size": "5"}, {"filename": "", "size": 5}, {"filename": "a.pdf", "size": -1}, []]
)
def test_nonsense_is_refused_in_words(world: World, client: Any, body: Any) -> None:
    answer = client.sign_in(world.author).post("/teach/uploads", json=body)
    assert answer.status_code == 422
    assert answer.json["title"]


def test_giving_up_an_upload(world: World, client: Any) -> None:
    client.sign_in(world.author)
    upload = client.post("/teach/uploads", json={"filename": "a.pdf", "size": 5, "sha256": "0" * 64}).json["upload"]
    assert client.delete(f"/teach/uploads/{upload}").json["state"] == "aborted"
    assert client.get(f"/teach/uploads/{upload}", headers={"Accept": "application/json"}).status_code == 409


def test_a_segment_costs_few_queries(film: Resource, client: Any, app: Any) -> None:
    from sqlalchemy import event

    from courseware.core.database import db

    path = address(film, "audio/init.mp4")
    statements: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", count)
    try:
        client.get(path)
        first = [s for s in statements if s.startswith("SELECT")]
        statements.clear()
        client.get(path)
        second = [s for s in statements if s.startswith("SELECT")]
    finally:
        event.remove(db.engine, "before_cursor_execute", count)
    assert (len(first), len(second)) == (1, 0)
