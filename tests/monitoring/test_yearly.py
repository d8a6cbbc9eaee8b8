"""The yearly report: every file says what the screen says, in both languages."""

from __future__ import annotations

import datetime as dt
import io
import json

import pytest
from openpyxl import load_workbook

from courseware.accounts import queries as accounts
from courseware.accounts.models import User
from courseware.libraries import queries as libraries
from courseware.monitoring import queries
from courseware.monitoring.calendar import windows
from courseware.monitoring.periods import parse_period
from courseware.monitoring.results import IndicatorResult
from tests.demo.stories import at, now, play, prelude, publish, revise
from tests.monitoring.files import text_of_file
from tests.monitoring.rows import on
from tests.servers.client import TestClient
from tests.servers.rewound import MadeOnce


@pytest.fixture
def administrator(made_once: MadeOnce, client: TestClient) -> TestClient:
    """The client of an administrator of a library with a small story; its name would be a formula."""
    return client.sign_in(made_once(make_story))


def make_story() -> User:
    boss = {"at": at("2025-01-03"), "do": "user", "key": "adm", "name": "冯", "unit": "u", "roles": ["administrator"]}
    lines = [publish(f"a{n}", at("2025-03-03"), "text" if n < 3 else "video") for n in range(9)]
    assert not play(prelude(), boss, lines, revise("a0", at("2026-03-03"), "新" * 400), now()).refused
    library = libraries.find_library("LIB")
    assert library is not None
    library.name = "=1+1 资源库"
    who = accounts.user_by_key("adm")
    assert who is not None
    return who


def file(administrator: TestClient, kind: str) -> bytes:
    answer = administrator.get(f"/monitor/report.{kind}?library=LIB&period=2026")
    assert answer.status_code == 200
    assert f"LIB-2026.{kind}" in answer.headers["Content-Disposition"]
    return bytes(answer.data)


def shown() -> list[IndicatorResult]:
    library = libraries.find_library("LIB")
    assert library is not None
    return queries.compute(library, parse_period("2026"))


@pytest.mark.parametrize("kind", ["docx", "pdf", "xlsx"])
def test_every_figure_stands_in_the_file_as_on_the_screen_in_both_languages(
    administrator: TestClient, kind: str
) -> None:
    text = text_of_file(kind, file(administrator, kind))
    for result in shown():
        assert result.id in text
        assert result.value is None or result.display.replace(" ", "") in text, result.id
    for words in ("年更新率", "Yearlyupdaterate", "审核覆盖", "Reviewcoverage", "未达标", "Notmet", "1/9"):
        assert words in text


def test_no_cell_of_the_workbook_is_a_formula(administrator: TestClient) -> None:
    book = load_workbook(io.BytesIO(file(administrator, "xlsx")))
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert kinds <= {"s", "n"}, "n is an empty cell"
    assert book.worksheets[0]["A1"].value.startswith("=1+1 资源库")


def test_the_data_are_what_the_command_answers(administrator: TestClient) -> None:
    found = json.loads(file(administrator, "json"))["indicators"]
    assert [(f["id"], f["numerator"], f["denominator"], f["verdict"]) for f in found] == [
        (r.id, r.numerator, r.denominator, r.verdict) for r in shown()
    ]


def test_the_page_stands_beside_last_year_and_offers_the_files(administrator: TestClient) -> None:
    page = administrator.get("/monitor/yearly?period=2026").text
    for kind in ("docx", "pdf", "xlsx", "json"):
        assert f"/monitor/report.{kind}?" in page
    assert "M4.A" in page
    assert administrator.get("/monitor/report.exe?library=LIB&period=2026").status_code == 404


@pytest.mark.parametrize(
    ("today", "first", "is_open", "days"),
    [
        ("2026-11-01", dt.date(2026, 11, 1), True, 44), ("2026-12-15", dt.date(2026, 11, 1), True, 0),
        ("2026-12-16", dt.date(2027, 1, 1), False, 16), ("2026-09-18", dt.date(2026, 11, 1), False, 44),
        ("2026-08-31", dt.date(2026, 1, 1), True, 0),
    ],
)  # fmt: skip
def test_the_nearest_window_of_the_calendar_stands_first(today: str, first: dt.date, is_open: bool, days: int) -> None:
    nearest, other = windows(on(today, "23:59"))
    assert (nearest.opens, nearest.is_open, nearest.days) == (first, is_open, days)
    assert not other.is_open
