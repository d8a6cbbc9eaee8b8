"""Rosters by command and on the pages: looked at first, then taken, then decided."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from courseware.accounts.models import Unit, User
from courseware.core import clock as clocks
from courseware.core.database import session
from courseware.libraries.models import Library
from courseware.monitoring.models import Roster, RosterEntry
from courseware.monitoring.rosters import services
from courseware.monitoring.rosters.models import RosterDraft
from courseware.monitoring.rosters.reading import read_roster
from tests.monitoring.rosters.lists import CENSUS, HEAD, student
from tests.servers.client import TestClient


def test_the_command_checks_then_takes_and_speaks_json(app: Flask, library: Library, school: Unit, file: Callable[..., Path]) -> None:  # fmt: skip
    student(school, "王一", "2023001")
    session().commit()
    good, bad = file(HEAD + "王一,2023001,,学生\n", "a.csv"), file(HEAD + "王一,2023001,,校长\n", "b.csv")
    place = ["--library", "LIB", "--unit", "u1", "--census", "2026-10-31", "--json"]

    def run(path: Path, *more: str) -> tuple[int, dict[str, Any]]:
        answer = app.test_cli_runner().invoke(args=["import", "roster", str(path), *place, *more])
        return answer.exit_code, json.loads(answer.stdout)

    code, checked = run(good, "--dry-run")
    assert (code, checked["written"], checked["matched"]) == (0, False, 1)
    assert run(bad)[0] == 1
    assert run(good)[1]["written"]
    assert session().scalar(select(func.count()).select_from(Roster)) == 1


@pytest.mark.parametrize(
    "options", [["--census", "gestern"], ["--unit", "nowhere"], ["--library", "nowhere"]],
    ids=["no day", "no unit", "no library"],
)  # fmt: skip
def test_the_command_refuses_in_words(
    app: Flask, library: Library, file: Callable[..., Path], options: list[str]
) -> None:
    session().commit()
    place = ["--library", "LIB", "--unit", "u1", "--census", "2026-10-31"]
    answer = app.test_cli_runner().invoke(
        args=["import", "roster", str(file(HEAD + "王一,1,,学生\n")), *place, *options]
    )
    assert (answer.exit_code, "Traceback" in answer.output) == (2, False)


def test_a_keeper_checks_a_file_on_the_page_takes_it_and_decides(
    client: TestClient, library: Library, school: Unit, keeper: User
) -> None:
    person = student(school, "王二", "2023002")
    client.sign_in(keeper)
    content = (HEAD + "王二,,,学生\n钱七,7,,学生\n").encode("gb18030")
    form = {"library": "LIB", "unit": "u1", "census": "2026-10-31", "file": (io.BytesIO(content), "名册.csv")}
    checked = client.post("/monitor/rosters/check", data=form)
    assert checked.status_code == 302
    shown = client.get(checked.location)
    assert "钱七" not in shown.text.split("<main")[0]
    assert shown.status_code == 200
    assert session().scalar(select(func.count()).select_from(Roster)) == 0, "looking at a file takes nothing"
    taken = client.post(checked.location + "/take")
    assert taken.status_code == 302
    page = client.get(taken.location + "?only=doubtful")
    assert "王二" in page.text
    assert "钱七" not in page.text
    entry = session().scalars(select(RosterEntry).where(RosterEntry.person == "王二")).one()
    client.post(f"/monitor/rosters/people/{entry.id}", data={"is": str(person.uuid)})
    assert session().scalar(select(RosterEntry.user_id).where(RosterEntry.id == entry.id)) == person.id
    assert session().scalar(select(func.count()).select_from(RosterDraft)) == 0


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", "产品,价格\n锤子,3\n".encode()], ids=["empty", "binary", "another sheet"])  # fmt: skip
def test_a_bad_file_on_the_page_is_answered_in_words(
    client: TestClient, library: Library, keeper: User, content: bytes
) -> None:
    client.sign_in(keeper)
    form = {"library": "LIB", "unit": "u1", "census": "2026-10-31", "file": (io.BytesIO(content), "x.csv")}
    answer = client.post("/monitor/rosters/check", data=form)
    assert answer.status_code == 422
    assert "kk-err" in answer.text


def test_what_nobody_took_is_forgotten_after_a_day(
    library: Library, school: Unit, keeper: User, file: Callable[..., Path], clock: Any
) -> None:
    services.keep_draft(library, school, CENSUS, "x.csv", read_roster(file(HEAD + "王一,1,,学生\n")), keeper)
    services.drop_old_drafts()
    assert session().scalar(select(func.count()).select_from(RosterDraft)) == 1
    clock(clocks.now() + dt.timedelta(days=2))
    services.drop_old_drafts()
    assert session().scalar(select(func.count()).select_from(RosterDraft)) == 0
