"""The Monitor in the hand of an administrator: figures, lists and exports that say the same."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from courseware.accounts import queries as accounts
from courseware.accounts import services as account_services
from courseware.accounts.models import User
from courseware.bulk.export import safe
from courseware.core import clock
from courseware.core.database import session
from courseware.knowledge.models import Point
from courseware.libraries import queries as libraries
from courseware.monitoring import queries, services
from courseware.monitoring.definitions import DEFINITIONS
from courseware.monitoring.periods import parse_period
from courseware.monitoring.queries import cache, monitor
from courseware.resources import services as resources
from courseware.review import services as review
from tests.counting import statements
from tests.demo.stories import at, now, play, prelude, publish, revise, watch, withdraw
from tests.servers.client import TestClient
from tests.servers.rewound import MadeOnce

MAY, JULY, OLD = at("2026-05-05"), at("2026-07-07"), at("2025-03-03")
INDICATORS = [d.id for d in DEFINITIONS]


def story(resources: int = 8) -> list[dict[str, Any]]:
    """A library with a little of everything; the title of one resource begins a formula."""
    old = [publish(f"a{n}", OLD, points=[f"p{n % 3 + 1}"]) for n in range(resources)]
    use = [watch(f"a{n}", f"s{m}", at(f"2026-03-0{m}"), 200) for n in range(3) for m in (1, 2, 3)]
    lesson = {
        "at": OLD,
        "do": "lesson.publish",
        "key": "les",
        "course": "c",
        "owner": "t1",
        "items": ["a0", "a1"],
        "activities": 1,
    }
    more = [
        revise("a0", MAY, "neu"), revise("a1", MAY, "neu 1", decided="minor"), publish("n1", MAY, title="=1+1 练习"),
        publish("n2", MAY), withdraw("n2", JULY), publish("img", OLD, "image", evidence=False), lesson,
        {"at": MAY, "do": "lesson.open", "key": "les", "user": "s1", "seconds": 60}, {"at": MAY, "do": "enrol", "course": "c", "user": "s1"},
        {"at": MAY, "do": "satisfaction", "library": "l", "user": "s1", "score": 4, "took_s": 20},
        {"at": JULY, "do": "roster", "library": "l", "unit": "u", "census": "2026-07-01", "students": ["s1", "nobody"], "teachers": ["t1"]},
    ]  # fmt: skip
    return [*old, *use, *more]


@pytest.fixture
def administrator(made_once: MadeOnce, client: TestClient) -> TestClient:
    """The client of an administrator, in a library with a story."""
    return client.sign_in(made_once(make_story))


def make_story() -> User:
    user = {"at": at("2025-01-02"), "do": "user", "key": "adm", "name": "冯", "unit": "u", "roles": ["administrator"]}
    assert not play(prelude(), user, story(), now()).refused
    who = accounts.user_by_key("adm")
    assert who is not None
    return who


def shown_text(html: str) -> str:
    """What a reader sees of a page."""
    body = html[html.index("<main") : html.index("</main>")]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def rows_of(answer: Any) -> list[dict[str, str]]:
    """The rows of a CSV answer."""
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_guests_are_asked_to_sign_in_and_others_are_refused(app: Flask, client: TestClient) -> None:
    assert client.get("/monitor").status_code in (302, 401)
    play(prelude())
    teacher = accounts.user_by_key("t1")
    for path in ("/monitor", "/monitor/indicators/M4.A", "/monitor/indicators/M4.A.csv", "/monitor/export.csv"):
        assert client.sign_in(teacher).get(path).status_code == 403


def test_a_librarian_of_another_unit_finds_no_library_and_may_not_ask_for_one(app: Flask, client: TestClient) -> None:
    play(prelude())
    other = account_services.create_unit("u9", "乙校", "school")
    librarian = account_services.create_user("l9@example.org", "乙", unit=other, roles=["librarian"])
    client.sign_in(librarian)
    assert "/libraries" in client.get("/monitor").text
    assert client.get("/monitor?library=LIB").status_code == 403
    for page in ("compare", "map", "functions", "snapshots", "plan", "yearly", "indicators/M2.A"):
        assert client.get(f"/monitor/{page}").headers["Location"] == "/monitor", page
    assert client.get("/monitor/export.csv").status_code == 404


def test_the_page_shows_the_figures_that_the_command_shows(administrator: TestClient) -> None:
    text = shown_text(administrator.get("/monitor?period=2026").text)
    library = libraries.find_library("LIB")
    assert library is not None
    for result in queries.compute(library, parse_period("2026"), ids=["M2.A", "M3.A", "M4.A", "M8.A", "M9.A"]):
        assert f"{result.value} %" in text
        assert f"{result.numerator} / {result.denominator}" in text


def test_every_figure_opens_in_both_languages(administrator: TestClient) -> None:
    for language in ("zh_Hans", "en"):
        administrator.set_cookie("kk_lang", language)
        for indicator in INDICATORS:
            page = administrator.get(f"/monitor/indicators/{indicator}?period=2026")
            assert page.status_code == 200, indicator
            assert indicator in page.text


def test_the_list_has_as_many_rows_as_the_figure_says(administrator: TestClient) -> None:
    library = libraries.find_library("LIB")
    assert library is not None
    for result in queries.compute(library, parse_period("2026")):
        rows = rows_of(administrator.get(f"/monitor/indicators/{result.id}.csv?period=2026&group=counted"))
        assert len(rows) == len(result.tally.counted), result.id
        if result.tally.numerator is None:
            assert len(rows) == result.numerator


def test_the_export_equals_the_screen(administrator: TestClient) -> None:
    page = shown_text(administrator.get("/monitor/indicators/M4.A?period=2026").text)
    rows = rows_of(administrator.get("/monitor/indicators/M4.A.csv?period=2026"))
    assert len(rows) == 4
    assert all(row["标题" if "标题" in row else "Title"].lstrip("'") in page for row in rows)


def test_the_export_keeps_the_filter(administrator: TestClient) -> None:
    course = libraries.find_library("LIB").courses[0]  # type: ignore[union-attr]
    everything = rows_of(administrator.get(f"/monitor/indicators/M4.A.csv?period=2026&course={course.uuid}"))
    excluded = rows_of(administrator.get("/monitor/indicators/M4.A.csv?period=2026&group=excluded"))
    minor = rows_of(administrator.get("/monitor/indicators/M4.A.csv?period=2026&reason=minor"))
    assert (len(everything), len(excluded), len(minor)) == (4, 2, 1)
    assert administrator.get("/monitor/indicators/M4.A.csv?course=none").status_code == 404


def test_no_cell_begins_a_formula(administrator: TestClient) -> None:
    text = administrator.get("/monitor/indicators/M1.A.csv?period=2026").data.decode("utf-8")
    assert text.startswith("\ufeff")
    assert "'=1+1" in text
    assert not re.search(r'(^|,)"?[=+@]', text, re.MULTILINE)
    assert [safe(cell) for cell in ("-1", " =x", "@x", "\t1", "x=1", 3, None)] == [
        "'-1",
        "' =x",
        "'@x",
        "'\t1",
        "x=1",
        3,
        "",
    ]


def test_all_figures_export_as_one_sheet(administrator: TestClient) -> None:
    rows = rows_of(administrator.get("/monitor/export.csv?period=2026"))
    assert len(rows) == len(DEFINITIONS)
    administrator.set_cookie("kk_lang", "en")
    by_id = {row["Indicator"]: row for row in rows_of(administrator.get("/monitor/export.csv?period=2026"))}
    assert (by_id["M4.A"]["Numerator"], by_id["M4.A"]["Denominator"]) == ("2", "9")


def test_long_lists_are_paged(app: Flask, client: TestClient) -> None:
    user = {"at": at("2025-01-02"), "do": "user", "key": "adm", "name": "冯", "unit": "u", "roles": ["administrator"]}
    play(prelude(), user, [publish(f"b{n:02}", OLD) for n in range(30)], now())
    client.sign_in(accounts.user_by_key("adm"))
    first = client.get("/monitor/indicators/M1.A?period=2026").text
    second = client.get("/monitor/indicators/M1.A?period=2026&after=25").text
    titles = [set(re.findall(r"资源 b\d\d", page)) for page in (first, second)]
    assert [len(found) for found in titles] == [25, 5]
    assert not titles[0] & titles[1]


def test_what_cannot_be_shown_says_so(administrator: TestClient) -> None:
    answers = {path: administrator.get(path).status_code for path in (
        "/monitor/indicators/M99", "/monitor?library=nowhere", "/monitor?period=soon", "/monitor/indicators/M4.A?after=abc")}  # fmt: skip
    assert list(answers.values()) == [404, 404, 422, 200]


def test_an_empty_year_has_no_verdicts_and_no_broken_cards(administrator: TestClient) -> None:
    page = administrator.get("/monitor?period=2019")
    assert page.status_code == 200
    assert "100.00" not in shown_text(page.text[: page.text.index('id="map"')] + "</main>")


def test_everybody_reads_the_definitions(app: Flask, client: TestClient) -> None:
    for language in ("zh_Hans", "en"):
        client.set_cookie("kk_lang", language)
        text = client.get("/about/definitions").text
        assert all(f'id="{key}"' in text for key in INDICATORS)


def publish_more(count: int, day: str) -> None:
    """So many further resources through the services, and a clock that has moved on."""
    author, reviewer = accounts.user_by_key("t1"), accounts.user_by_key("v1")
    library = libraries.find_library("LIB")
    assert author
    assert reviewer
    assert library
    with clock.frozen(dt.datetime.fromisoformat(at(day))):
        for n in range(count):
            made = resources.create_resource(
                author, library, type="text", title=f"再来 {n}", body=f"第{n}篇", course=library.courses[0],
                points=[session().scalars(select(Point)).first()], originality="original", licence="CC-BY-4.0",
            )  # fmt: skip
            review.decide(reviewer, review.submit(author, made), "approve", review.ALL_PASSED, decided_class="new")
    services.hold_clock(dt.datetime.fromisoformat(at(day, "12:00:00")))
    session().commit()


def test_figures_move_as_soon_as_facts_do(administrator: TestClient) -> None:
    def total() -> str:
        page = administrator.get("/monitor/indicators/M1.A?period=2027").text
        return shown_text(page[page.index("<main") : page.index('class="top2"')] + page[page.index('class="huge"') :])

    assert "10 " in total()
    publish_more(3, "2027-06-02")
    assert "13 " in total()


def test_what_is_kept_equals_a_full_recount(administrator: TestClient) -> None:
    library, period = libraries.find_library("LIB"), parse_period("2026")
    assert library is not None
    moment = queries.reporting_now()
    kept = monitor.overview(library, period, moment)
    kept_again = monitor.overview(library, period, moment)
    cache.forget_all()
    fresh = monitor.overview(library, period, moment)
    assert kept is kept_again
    assert kept is not fresh
    assert [r.as_dict() for r in kept.results.values()] == [r.as_dict() for r in fresh.results.values()]
    assert kept.trends == fresh.trends


def test_the_number_of_queries_does_not_grow_with_rows(app: Flask) -> None:
    play(prelude(), story(4), now())
    library, period = libraries.find_library("LIB"), parse_period("2026")
    assert library is not None
    queries.compute(library, period)
    session().expire_all()
    with statements() as few:
        queries.compute(library, period)
    publish_more(20, "2027-06-02")
    library = libraries.find_library("LIB")
    assert library is not None
    session().expire_all()
    with statements() as many:
        queries.compute(library, period)
    assert len(few) == len(many)


def test_trends_end_with_the_figure_itself(administrator: TestClient) -> None:
    library, period = libraries.find_library("LIB"), parse_period("2026")
    assert library is not None
    view = monitor.overview(library, period, queries.reporting_now())
    for key, values in view.trends.items():
        value = view.results[key].value
        assert len(values) == 12
        assert values[-1] == (float(value) if value is not None else None), key
    assert json.dumps(view.trends)
