"""Courses, units and years side by side: rows that make up the figure, and five dimensions that hold every figure once."""

from __future__ import annotations

import csv
import io
import re
from html import unescape
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select

from courseware.accounts import queries as accounts
from courseware.accounts.models import Unit
from courseware.core.database import session
from courseware.libraries import queries as libraries
from courseware.libraries.models import Library
from courseware.monitoring import queries
from courseware.monitoring.definitions import DEFINITIONS, UNRECORDED
from courseware.monitoring.dimensions import DIMENSIONS
from courseware.monitoring.periods import parse_period
from courseware.monitoring.queries import cache, comparing, monitor
from courseware.monitoring.results import FAIL, NOT_APPLICABLE, PASS
from tests.counting import statements
from tests.demo.stories import SETUP, at, now, play, prelude, publish, revise, watch
from tests.servers.client import TestClient

OLD, MAY = at("2025-03-03"), at("2026-05-05")
PARTNER: list[dict[str, Any]] = [
    {"at": SETUP, "do": "unit", "key": "u2", "name": "乙厂", "kind": "enterprise"},
    {"at": SETUP, "do": "user", "key": "e1", "name": "e1", "unit": "u2", "roles": ["teacher"]},
    {"at": SETUP, "do": "user", "key": "adm", "name": "冯", "unit": "u", "roles": ["administrator"]},
    {"at": SETUP, "do": "course", "key": "c2", "library": "l", "major": "m", "name": "第二门课程", "kind": "core"},
]  # fmt: skip


def story(resources: int = 4) -> list[dict[str, Any]]:
    """Two courses: of the first two in four are revised, of the second none of three; one author is not of the school."""
    first = [publish(f"a{n}", OLD) for n in range(resources)]
    second = [publish(f"b{n}", OLD, course="c2", author="e1") for n in range(3)]
    return [
        *first, *second, revise("a0", MAY, "一"), revise("a1", MAY, "二"), publish("n1", at("2025-12-01")),
        *(watch("a0", f"s{m}", at(f"2026-03-0{m}"), 200) for m in (1, 2, 3)),
        {"at": MAY, "do": "roster", "library": "l", "unit": "u", "census": "2026-05-01", "students": ["s1", "无名"], "teachers": []},
    ]  # fmt: skip


@pytest.fixture
def view(app: Flask) -> monitor.Overview:
    """The Monitor of the story in the year 2026."""
    assert not play(prelude(), PARTNER, story(), now()).refused
    return monitor.overview(the_library(), parse_period("2026"), queries.reporting_now())


@pytest.fixture
def administrator(view: monitor.Overview, client: TestClient) -> TestClient:
    """The client of an administrator, in English."""
    client.set_cookie("kk_lang", "en")
    return client.sign_in(accounts.user_by_key("adm"))


def the_library() -> Library:
    library = libraries.find_library("LIB")
    assert library is not None
    return library


def test_every_figure_stands_under_exactly_one_of_five_dimensions() -> None:
    ids = [one.id for one in DIMENSIONS]
    assert ids == ["construction", "platform", "application", "features", "safeguards"]
    assert {d.dimension for d in DEFINITIONS} == set(ids)
    assert {one.dimension for one in UNRECORDED} <= set(ids)
    for family in {d.family for d in DEFINITIONS} - {"M14"}:
        assert len({d.dimension for d in DEFINITIONS if d.family == family}) == 1, family


def test_the_overview_shows_each_figure_once_under_its_dimension(
    administrator: TestClient, view: monitor.Overview
) -> None:
    page = administrator.get("/monitor?period=2026").text
    found: list[tuple[str, str]] = []
    for one in DIMENSIONS:
        part = page[page.index(f'id="{one.id}"') :]
        part = part[: part.index("</section>")]
        assert one.text_en in part
        found += [(key, one.id) for key in re.findall(r'class="kk-def"[^>]*>([^<]+)</a>', part)]
    expected = [(r.id, r.definition.dimension) for r in (*view.official, *view.reference)]
    assert sorted(found) == sorted(expected)


def test_rows_of_courses_and_units_make_up_the_figure(view: monitor.Overview) -> None:
    compared = 0
    for result in view.results.values():
        ways = comparing.ways(result)
        for way, parts_of in ((comparing.COURSES, comparing.by_course), (comparing.UNITS, comparing.by_unit)):
            parts = parts_of(view.homes, result) if way in ways else []
            compared += bool(parts)
            if parts:
                assert sum(part.result.numerator or 0 for part in parts) == result.numerator, (result.id, way)
                assert sum(part.result.denominator or 0 for part in parts) == (result.denominator or 0), (
                    result.id,
                    way,
                )
    assert compared >= 40


def test_every_row_opens_the_list_whose_size_it_is(administrator: TestClient) -> None:
    opened = 0
    for asked in ("M4.A&by=courses", "M4.A&by=units", "M12.A&by=units", "M1.A&by=units", "M11.A&by=units"):
        page = administrator.get(f"/monitor/compare?period=2026&indicator={asked}").text
        (table,) = re.findall(r"<tbody>(.*?)</tbody>", page, re.S)
        filed = list(
            csv.DictReader(
                io.StringIO(
                    administrator.get(f"/monitor/lists/comparison.csv?period=2026&indicator={asked}").data.decode(
                        "utf-8-sig"
                    )
                )
            )
        )
        assert all(row["Rules"].startswith("2026-") for row in filed)
        for row, line in zip(filed, re.findall(r"<tr>(.*?)</tr>", table, re.S), strict=False):
            (href,) = re.findall(r'<td class="what"><a class="plain" href="([^"]+)"', line)
            address = unescape(href).split("#")[0].replace("?", ".csv?")
            listed = list(
                csv.DictReader(io.StringIO(administrator.get(f"{address}&group=counted").data.decode("utf-8-sig")))
            )
            assert len(listed) == int(row["Numerator"]), (asked, row)
            opened += 1
    assert opened >= 8


def test_a_list_is_narrowed_to_a_unit_and_to_what_belongs_to_none(administrator: TestClient) -> None:
    school = session().scalars(select(Unit).where(Unit.key == "u")).one()
    for code, name, titles in ((school.uuid, "甲校", "a"), ("nowhere", "Outside the units", "b")):
        page = administrator.get(f"/monitor/indicators/M1.A?period=2026&unit={code}").text
        assert f"Remove filter {name}" in page
        assert set(re.findall(r'class="what"><a[^>]*>资源 ([ab])', page)) == {titles}
    assert administrator.get("/monitor/indicators/M1.A?period=2026&unit=moon").status_code == 404


def test_each_row_is_judged_by_the_rule_of_the_figure(view: monitor.Overview) -> None:
    rows = [part.result for part in comparing.by_course(view.homes, view.results["M4.A"])]
    assert [(r.numerator, r.denominator, r.verdict) for r in rows] == [(3, 4, PASS), (0, 3, FAIL)]
    units = [part.result for part in comparing.by_unit(view.homes, view.results["M1.A"])]
    assert [r.numerator for r in units] == [5, 3]


def test_coverage_of_a_unit_needs_both_groups(view: monitor.Overview) -> None:
    (unit,) = comparing.by_unit(view.homes, view.results["M12.A"])
    assert (unit.result.denominator, unit.result.verdict) == (2, NOT_APPLICABLE)
    (pooled,) = comparing.by_unit(view.homes, view.results["M12.B"])
    assert pooled.result.verdict == FAIL


def test_sums_means_and_answers_are_compared_by_year_alone(view: monitor.Overview) -> None:
    for key in ("M7.A", "M3.C", "M14.time", "M14.visits.A", "M19.A", "M13.A"):
        assert comparing.ways(view.results[key]) == [comparing.YEARS], key


def test_a_year_is_the_figure_of_its_own_monitor(view: monitor.Overview) -> None:
    library = the_library()
    for key in ("M4.A", "M1.A", "M10.B", "M19.A"):
        for part in comparing.by_year(library, view, view.results[key]):
            (own,) = queries.compute(library, part.period, view.now, [key])
            assert (part.result.numerator, part.result.denominator, part.result.display, part.result.verdict) == (
                own.numerator, own.denominator, own.display, own.verdict,
            ), (key, part.period.code)  # fmt: skip


def test_page_and_files_hold_the_same_rows_in_the_order_asked_for(administrator: TestClient) -> None:
    orders = {}
    for order in ("highest", "lowest"):
        asked = f"period=2026&indicator=M4.A&by=courses&order={order}"
        page = administrator.get(f"/monitor/compare?{asked}").text
        drawn = re.findall(r'<td class="what">(?:<a[^>]*>)?([^<]+)', page)
        filed = list(
            csv.reader(
                io.StringIO(administrator.get(f"/monitor/lists/comparison.csv?{asked}").data.decode("utf-8-sig"))
            )
        )
        book = load_workbook(io.BytesIO(administrator.get(f"/monitor/lists/comparison.xlsx?{asked}").data)).worksheets[
            0
        ]
        assert [row[0] for row in filed[1:]] == drawn
        assert [[str(cell.value) for cell in row[:4]] for row in book.iter_rows(min_row=2)] == [
            row[:4] for row in filed[1:]
        ]
        assert all(row[4] in page for row in filed[1:])
        orders[order] = [row[2:4] for row in filed[1:]]
    assert orders["highest"] == [["3", "4"], ["0", "3"], ["3", "7"]]
    assert orders["lowest"] == [["0", "3"], ["3", "4"], ["3", "7"]]


def test_every_figure_compares_in_every_way_in_both_languages(administrator: TestClient) -> None:
    for language in ("en", "zh_Hans"):
        administrator.set_cookie("kk_lang", language)
        for definition in DEFINITIONS:
            for way in ("units", "years"):
                answer = administrator.get(f"/monitor/compare?period=2026&indicator={definition.id}&by={way}")
                assert answer.status_code == 200, (definition.id, way)


def test_what_cannot_be_compared_says_so(administrator: TestClient) -> None:
    assert "cannot be taken apart that way" in administrator.get("/monitor/compare?indicator=M7.A&by=courses").text
    assert "cannot be taken apart that way" not in administrator.get("/monitor/compare?indicator=M4.A&by=courses").text
    answers = [administrator.get(f"/monitor/compare?{asked}").status_code for asked in
               ("indicator=M99", "period=soon", "library=nowhere", "by=moons&order=odd", "period=2019")]  # fmt: skip
    assert answers == [404, 422, 404, 200, 200]
    assert "Nothing to compare yet" in administrator.get("/monitor/compare?period=2019&indicator=M17&by=courses").text


def test_a_comparison_opens_from_the_overview_and_from_a_figure(administrator: TestClient) -> None:
    assert "/monitor/compare?" in administrator.get("/monitor?period=2026").text
    page = administrator.get("/monitor/indicators/M12.A?period=2026").text
    assert re.search(r'href="/monitor/compare\?[^"]*indicator=M12.A', page)


def test_only_those_who_keep_the_library_compare(view: monitor.Overview, client: TestClient) -> None:
    for person, status in (("t1", 403), ("s1", 403), ("lib1", 200)):
        client.sign_in(accounts.user_by_key(person))
        for path in ("/monitor/compare?library=LIB", "/monitor/lists/comparison.csv?library=LIB"):
            assert client.get(path).status_code == status, (person, path)


def test_the_number_of_queries_does_not_grow_with_courses_or_resources(app: Flask, client: TestClient) -> None:
    counts = []
    play(prelude(), PARTNER, story(2), now())
    for more in (0, 30):
        if more:
            play([publish(f"z{n}", at("2027-06-02"), course="c2") for n in range(more)], now("2027-07-01"))
        client.sign_in(accounts.user_by_key("adm"))
        client.get("/monitor/compare?period=2026&by=years")
        cache.forget_all()
        with statements() as seen:
            client.get("/monitor/compare?period=2026&by=courses")
        counts.append(len(seen))
    assert counts[0] == counts[1]
