"""Freezing: who may, what stays, what came late; by command, on the page, and checked without a database."""

from __future__ import annotations

import datetime as dt
import io
import json
import uuid
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from courseware.accounts import queries as accounts
from courseware.core.database import session
from courseware.core.errors import NotAllowed
from courseware.libraries.models import Library
from courseware.monitoring import freezing, verify
from courseware.monitoring.models import Snapshot
from courseware.monitoring.periods import Period
from courseware.monitoring.snapshots import document, signing
from courseware.progress.services import EventIn, record_events
from courseware.resources.models import Resource
from courseware.resources.storage import store
from tests.demo.stories import now
from tests.monitoring.snapshots.files import changed, checked, group
from tests.servers.client import TestClient


def test_snapshots_are_chained_and_the_earlier_one_stays(library: Library, period: Period, frozen: bytes) -> None:
    first = freezing.newest_snapshot(library)
    second = freezing.freeze(library, period, None)
    assert first is not None
    assert second.previous_sha256 == first.sha256
    assert checked(b"".join(store().get_range(second.store_key))).previous == first.sha256
    assert session().scalar(select(func.count(Snapshot.id))) == 2


def test_a_change_that_comes_late_is_seen_beside_the_frozen_figure(library: Library, period: Period) -> None:
    snapshot = freezing.freeze(library, period, None)
    assert freezing.late_changes(snapshot, library, period) == ()
    third = session().scalars(select(Resource).order_by(Resource.id)).all()[3]
    for number in (1, 2, 3):  # telephones that were offline until now
        seen = dt.datetime(2026, 2, number, tzinfo=dt.UTC)
        event = EventIn(uuid.uuid4(), "watched", seen, resource=third.uuid, from_s=0, to_s=200, seconds=200)
        who = accounts.user_by_key(f"s{number}")
        assert who is not None
        assert [outcome.status for outcome in record_events(who, [event])] == ["accepted"]
    assert "M5.A" in {difference.id for difference in freezing.late_changes(snapshot, library, period)}


def test_shown_figures_equal_a_recount(library: Library, period: Period) -> None:
    assert freezing.recount(library, period, dt.datetime.fromisoformat(now()["at"])) == ()


def test_only_those_who_keep_the_library_freeze_its_figures(library: Library, period: Period) -> None:
    with pytest.raises(NotAllowed):
        freezing.freeze(library, period, accounts.user_by_key("s1"))


def test_the_page_freezes_lists_and_hands_out_the_file(library: Library, client: TestClient) -> None:
    who = accounts.user_by_key("lib1")
    assert who is not None
    client.sign_in(who)
    address = "/monitor/snapshots?library=LIB&period=2026"
    assert "还没有快照" in client.get(address).text
    client.post("/monitor/snapshots", data={"library": "LIB", "period": "2026"})
    page = client.get(address).text
    snapshot = freezing.newest_snapshot(library)
    assert snapshot is not None
    assert snapshot.sha256 in page
    assert "重新计算，结果一致" in page
    assert checked(client.get(f"/monitor/snapshots/{snapshot.uuid}").data).ok


def test_the_commands_freeze_verify_and_refuse(app: Flask, library: Library, tmp_path: Path) -> None:
    session().commit()
    run, file = app.test_cli_runner(), tmp_path / "snapshot.gz"
    made = run.invoke(args=["metrics", "freeze", "--library", "LIB", "--period", "2026", "--out", str(file), "--json"])
    told = json.loads(made.stdout)
    assert run.invoke(args=["metrics", "verify", str(file)]).exit_code == 0
    assert run.invoke(args=["metrics", "verify", "--json"]).exit_code == 0
    assert verify.main([str(file), "--key", told["signed_by"]]) == 0
    file.write_bytes(changed(file.read_bytes(), lambda lines: group(lines, "uses").pop()))
    assert run.invoke(args=["metrics", "verify", str(file)]).exit_code == 1
    file.write_bytes(b"something else")
    assert run.invoke(args=["metrics", "verify", str(file)]).exit_code == 2
    assert verify.main([str(tmp_path / "nothing.gz")]) == 2


def test_without_a_key_the_module_says_loudly_that_nobody_named_the_signer(
    frozen: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "snapshot.gz"
    file.write_bytes(frozen)
    signer = signing.fingerprint(document.read(io.BytesIO(frozen)).public_key)
    assert verify.main([str(file)]) == 3
    assert f"NOT KNOWN WHOSE: the file was signed by {signer}" in capsys.readouterr().out
    assert verify.main([str(file), "--key", signer.upper().replace(" ", "")]) == 0
    assert "NOT KNOWN" not in capsys.readouterr().out
    assert verify.main([str(file), "--key", "0000 1111"]) == 1
