"""A year that is over and frozen keeps its figures on every page, whatever is counted of it today."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import pytest
from flask import Flask

from courseware.accounts import queries as accounts
from courseware.core.database import session
from courseware.libraries.models import Library
from courseware.monitoring import freezing
from courseware.monitoring.closed import frozen_year, reported
from courseware.monitoring.models import Snapshot
from courseware.monitoring.periods import Period, parse_period
from courseware.monitoring.queries import reporting_now
from courseware.monitoring.queries.cache import forget_all
from courseware.monitoring.queries.monitor import overview
from courseware.monitoring.snapshots import document
from tests.monitoring.files import text_of_file
from tests.monitoring.years import decide_otherwise, make_year
from tests.servers.client import TestClient
from tests.servers.rewound import MadeOnce


@pytest.fixture
def library(made_once: MadeOnce) -> Library:
    made: Library = made_once(make_year)
    forget_all()  # what a test before counted after `decide_otherwise`, which no stamp tells apart
    return made


@pytest.fixture
def period(library: Library) -> Period:
    return parse_period("2026", library.period_start_month)


@pytest.fixture
def keeper(client: TestClient, library: Library) -> TestClient:
    client.sign_in(accounts.user_by_key("lib1"))
    return client


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.partition("<main")[2]))


def frozen_differently(library: Library, period: Period, **figure: Any) -> None:
    """As a release with other rules had frozen M4.A."""
    snapshot = freezing.freeze(library, period, None)
    snapshot.figures = [one | (figure if one["id"] == "M4.A" else {}) for one in snapshot.figures]
    session().commit()


def test_what_is_counted_otherwise_today_stands_behind_what_was_frozen(
    library: Library, period: Period, keeper: TestClient
) -> None:
    freezing.freeze(library, period, None)
    decide_otherwise()
    beside = re.compile(r"16\.67 % 1 / 6 .*今天按现行规则(（2026-1）)?重算：0\.00 %")
    for url in (
        "/monitor/indicators/M4.A?library=LIB&period=2026",
        "/monitor?library=LIB&period=2026",
        "/libraries/LIB/figures?period=2026",
    ):
        assert beside.search(text_of(keeper.get(url).text)), url
    assert "M4.A" in text_of(keeper.get("/monitor?library=LIB&period=2026").text).partition("今天重算结果不同")[2]


def test_the_verdicts_of_a_closed_year_are_the_frozen_ones(
    library: Library, period: Period, keeper: TestClient
) -> None:
    before = text_of(keeper.get("/monitor?library=LIB&period=2026").text)
    freezing.freeze(library, period, None)
    decide_otherwise()
    after = text_of(keeper.get("/monitor?library=LIB&period=2026").text)
    judged = re.compile(r"\d+ 项官方指标，.*?未达标")
    assert judged.findall(before)
    assert judged.findall(before) == judged.findall(after)
    assert "重算" not in before
    assert "重算" in after


def test_the_version_of_the_rule_it_was_frozen_by_is_said(library: Library, period: Period, keeper: TestClient) -> None:
    frozen_differently(library, period, numerator=3, value=50.0, version="2025-9")
    page = text_of(keeper.get("/monitor/indicators/M4.A?library=LIB&period=2026").text)
    assert "50.00" in page
    assert "规则 2025-9" in page


def test_a_closed_year_whose_recount_agrees_says_so_once(library: Library, period: Period, keeper: TestClient) -> None:
    freezing.freeze(library, period, None)
    session().commit()
    page = text_of(keeper.get("/monitor?library=LIB&period=2026").text)
    assert "今天重算，结果一致" in page
    assert "今天按现行规则" not in page


def test_a_year_that_goes_on_is_not_closed_by_a_snapshot_on_the_way(app: Flask, library: Library) -> None:
    running = parse_period("2027", library.period_start_month)
    freezing.freeze(library, running, None)
    assert frozen_year(library, running) is None


def test_the_newest_snapshot_of_a_closed_year_counts(library: Library, period: Period) -> None:
    freezing.freeze(library, period, None)
    decide_otherwise()
    today = list(overview(library, period, reporting_now()).results.values())
    first = frozen_year(library, period)
    assert first is not None
    assert "M4.A" in [one.id for one in first.changed(today)]
    freezing.freeze(library, period, None)
    again = frozen_year(library, period)
    assert again is not None
    assert again.changed(today) == []
    assert session().query(Snapshot).count() == 2


def test_the_file_of_all_figures_has_both(library: Library, period: Period, keeper: TestClient) -> None:
    freezing.freeze(library, period, None)
    decide_otherwise()
    for url in ("/monitor/export.csv?library=LIB&period=2026", "/libraries/LIB/figures.csv?period=2026"):
        row = rows_of(keeper, url)["M4.A"]
        assert (row[4], row[6], row[-2], row[-1]) == ("16.67 %", "达标", "0.00 %", "未达标")
    assert rows_of(keeper, "/monitor/export.csv?library=LIB&period=2027")["M4.A"][-3:] == ["", "", ""]


def rows_of(keeper: TestClient, url: str, column: int = 0) -> dict[str, list[str]]:
    text = keeper.get(url).data.decode("utf-8-sig")
    return {row[column]: row for row in csv.reader(io.StringIO(text))}


def answer_of(keeper: TestClient, url: str) -> dict[str, Any]:
    found = json.loads(keeper.get(url).data)
    return next(one for one in found["indicators"] if one["id"] == "M4.A") | {"of": found.get("frozen")}


def test_after_a_late_change_everything_that_shows_the_year_shows_the_frozen_number(
    library: Library, period: Period, keeper: TestClient, app: Flask
) -> None:
    """Page, public page and file of figures: see above. Here report, data, API, command, comparison, and the year after."""
    snapshot = freezing.freeze(library, period, None)
    decide_otherwise()
    where = "library=LIB&period=2026"
    for kind in ("docx", "pdf", "xlsx"):
        text = text_of_file(kind, bytes(keeper.get(f"/monitor/report.{kind}?{where}").data))
        assert "16.67%" in text, kind
        assert "Frozenandcountedtoday" in text, kind
        assert "0.00%0/6" in text.replace("\n", ""), (kind, "today stands beside it")
    by_command = app.test_cli_runner().invoke(
        args=["metrics", "show", "--library", "LIB", "--period", "2026", "--json"]
    )
    (told,) = (one for one in json.loads(by_command.stdout)["indicators"] if one["id"] == "M4.A")
    answers = [answer_of(keeper, f"/monitor/report.json?{where}"), answer_of(keeper, "/api/v1/libraries/LIB/metrics?period=2026"), told]  # fmt: skip
    for answer in answers:
        assert (answer["numerator"], answer["value"], answer["verdict"]) == (1, 16.67, "pass")
        assert (answer["counted_today"]["numerator"], answer["counted_today"]["verdict"]) == (0, "fail")
    assert {answer["of"]["sha256"] for answer in answers[:2]} == {snapshot.sha256}
    for way in ("years", "courses", "units"):
        rows = rows_of(keeper, f"/monitor/lists/comparison.csv?{where}&indicator=M4.A&by={way}")
        assert rows["整个资源库"][2:5] == ["1", "6", "16.67 %"], way
        assert "0.00 %（0 / 6）" in rows["整个资源库"][7].replace(" (", "（").replace(")", "）"), way
        assert sum(int(row[2]) for name, row in rows.items() if name not in ("整个资源库", "2026", "2027", "2025") and row[2].isdigit()) == (0 if way == "years" else 1)  # fmt: skip
    years = rows_of(keeper, f"/monitor/lists/comparison.csv?{where}&indicator=M4.A&by=years")
    assert years["2026"][2:5] == ["1", "6", "16.67 %"]
    following = text_of(keeper.get("/monitor/yearly?library=LIB&period=2027").text)
    assert re.search(r"M4\.A 年更新率.*?16\.67 %", following), "a year ago: as frozen"


def test_a_year_that_is_not_frozen_shows_what_is_counted_everywhere(library: Library, keeper: TestClient) -> None:
    before = answer_of(keeper, "/api/v1/libraries/LIB/metrics?period=2026")
    decide_otherwise()
    answer = answer_of(keeper, "/api/v1/libraries/LIB/metrics?period=2026")
    assert (before["numerator"], answer["numerator"], answer["of"]) == (1, 0, None)
    assert "counted_today" not in answer
    text = text_of_file("xlsx", bytes(keeper.get("/monitor/report.xlsx?library=LIB&period=2026").data))
    assert "Frozenandcountedtoday" not in text
    assert rows_of(keeper, "/monitor/lists/comparison.csv?library=LIB&period=2026&indicator=M4.A&by=years")["2026"][2] == "0"  # fmt: skip


def test_every_frozen_figure_comes_back_as_it_was_counted(library: Library, period: Period) -> None:
    snapshot = freezing.freeze(library, period, None)
    year = frozen_year(library, period)
    assert year is not None
    today = list(overview(library, period, reporting_now()).results.values())
    assert document.figures_of([reported(year, result).result for result in today]) == snapshot.figures
    assert {result.id: reported(year, result).result.display for result in today} == {r.id: r.display for r in today}


def test_a_frozen_figure_whose_rule_changed_is_taken_apart_by_todays_and_says_so(
    library: Library, period: Period, keeper: TestClient
) -> None:
    frozen_differently(library, period, numerator=3, value=50.0, version="2025-9")
    keeper.set_cookie("kk_lang", "en")
    page = text_of(keeper.get("/monitor/compare?library=LIB&period=2026&indicator=M4.A&by=courses").text)
    assert "cannot be taken apart any more" in page
    assert "50.00 %" in page
