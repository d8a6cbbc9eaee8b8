"""A copy of one's own data holds everything of one person and nothing of others, small or large."""

from __future__ import annotations

import csv
import io
import json
import uuid
import zipfile
from typing import Any

import pytest

from courseware.accounts import services as accounts
from courseware.core import clock as core_clock
from courseware.core.database import Model, session
from courseware.core.errors import NotFound
from courseware.guidance import export
from courseware.guidance.errors import ExportUnderWay
from courseware.guidance.models import DataExport
from courseware.guidance.own_data import LEFT_OUT, OWN, SECRET, own_tables
from courseware.jobs.models import Job
from courseware.jobs.runner import run_here
from courseware.progress import services as progress
from courseware.progress.services import EventIn
from tests.catalog.world import World


def learn(world: World, user: Any, resource: Any, count: int = 1) -> None:
    events = [EventIn(uuid.uuid4(), "read", core_clock.now(), resource=resource.uuid, seconds=30) for _ in range(count)]
    assert {told.status for told in progress.record_events(user, events)} == {"accepted"}


def opened(data: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(data))


def test_the_copy_holds_all_of_the_person_and_nobody_else(client: Any, world: World) -> None:
    accounts.set_password(world.student, "Weld-4711-seam")
    resource = world.resource("=SUM(危险的标题)")
    lesson = world.lesson({"kind": "text", "title": "小结", "text": "…"})
    for person in (world.student, world.classmate):
        world.enrol(person)
        learn(world, person, resource, 3)
        progress.mark_done(person, lesson, lesson.published_version.activities[0].key)
    session().commit()
    client.sign_in(world.student)
    answer = client.post("/my-learning/export")
    assert answer.mimetype == "application/zip"
    zipped = opened(answer.data)
    tables = {name: json.loads(zipped.read(name)) for name in zipped.namelist() if name.endswith(".json")}
    assert tables["json/user.json"][0]["email"] == "苏听澜@example.org"
    assert len([row for row in tables["json/learning_event.json"] if row["verb"] == "read"]) == 3
    assert tables["json/enrollment.json"][0]["course"] == "焊接机器人操作基础"
    assert tables["json/certificate.json"][0]["holder_name"] == "苏听澜"
    assert {row["action"] for row in tables["json/audit_entry.json"]} >= {"enrollment.enrol", "guidance.export"}
    everything = b"".join(zipped.read(name) for name in zipped.namelist()).decode()
    assert "周同学" not in everything
    assert "password_hash" not in everything
    assert "argon2" not in everything
    rows = list(csv.DictReader(io.StringIO(zipped.read("csv/resource_progress.csv").decode("utf-8-sig"))))
    assert rows[0]["resource"] == "'=SUM(危险的标题)"
    assert "learning_event: " in zipped.read("README.md").decode()
    assert "苏听澜" in zipped.read("说明.md").decode()


def test_every_table_of_persons_is_in_the_copy(app: Any) -> None:
    exported = {own.name for own in own_tables()}
    for table in Model.metadata.tables.values():
        is_personal = "user_id" in table.columns or "author_id" in table.columns
        assert not is_personal or table.name in exported | LEFT_OUT, f"{table.name} is somebody's and in no copy"
    assert {"user", "audit_entry", "learning_event", "certificate", "favourite"} <= exported


def test_no_secret_column_is_in_any_table(app: Any) -> None:
    for own in own_tables():
        names = {column.name for column in own.columns}
        assert not names & {*SECRET, *OWN}
        assert not [name for name in names if "hash" in name and name not in ("content_hash",)]


def test_a_large_copy_is_made_by_the_worker_for_its_person_only_and_goes_away(
    client: Any, world: World, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "LARGE", 5)
    clock("2026-03-05 09:00")
    learn(world, world.student, world.resource(), 8)
    session().commit()
    client.sign_in(world.student).set_cookie("kk_lang", "en")
    assert client.post("/my-learning/export").location == "/my-learning/export"
    assert "being made" in client.get("/my-learning/export").text
    with pytest.raises(ExportUnderWay):
        export.ask(world.student)
    made = session().query(DataExport).one()
    path = f"/my-learning/export/{made.uuid}"
    assert client.get(path).status_code == 404
    session().commit()
    run_here(session().query(Job).filter_by(kind=export.JOB).one())
    session().expire_all()
    answer = client.get(path)
    assert len(json.loads(opened(answer.data).read("json/learning_event.json"))) == 8
    assert "Download" in client.get("/my-learning/export").text
    client.sign_in(world.classmate)
    assert client.get(path).status_code == 404
    clock.advance(days=8)
    with pytest.raises(NotFound):
        export.export_by_uuid(made.uuid, world.student)
    assert export.forget_expired() == 1
    assert session().query(DataExport).count() == 0
