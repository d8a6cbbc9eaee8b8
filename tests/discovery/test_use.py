"""What is asked is counted without who; what finds nothing becomes another name of a point with one click."""

from __future__ import annotations

import datetime as dt
from urllib.parse import quote

import pytest
from flask import current_app
from sqlalchemy import inspect, select
from sqlalchemy.exc import OperationalError

from courseware.core.database import session
from courseware.core.roles import Role
from courseware.core.unit_of_work import unit_of_work
from courseware.discovery import indexing, use
from courseware.discovery.models import SearchUse
from courseware.discovery.use import UseCounter, worth_keeping
from courseware.jobs import worker
from tests.libraries.builders import a_course, a_library, a_point, a_unit, a_user


@pytest.fixture
def point(app):
    with unit_of_work():
        unit = a_unit()
        library = a_library(hosts=[unit])
        made = a_point(library, "工具坐标系标定", course=a_course(library), kind="skill")
        a_point(library, "谐波减速器", course=a_course(library, name="维护"))
    indexing.rebuild_index()
    return made


def counted() -> dict[str, tuple[int, int, int]]:
    from courseware.core.database import session

    return {row.text: (row.asked, row.clicked, row.found) for row in session().scalars(select(SearchUse))}


def test_a_search_and_an_opened_result_are_counted_without_who(app, client, point):
    for _ in range(2):
        client.get("/search?q=工具坐标系标定")
    client.get("/search?q=工具坐标系标定&kind=point")
    client.get("/search?q=不存在的说法XQZ")
    with unit_of_work():
        counter = app.extensions["keku_search_use"]
        counter.clicked("工具坐标系标定")
        counter.write()
    found = counted()
    assert found["工具坐标系标定"] == (2, 1, 1)
    assert found["不存在的说法xqz"][:2] == (1, 0)
    assert {column.key for column in inspect(SearchUse).columns} == {
        "id",
        "day",
        "text",
        "asked",
        "clicked",
        "found",
        "askers",
    }


@pytest.mark.parametrize(
    "text", ["", "  ", "13800138000", "name@school.example", "身份证 110101199001011234", "长" * 61]
)
def test_texts_that_may_name_a_person_are_not_kept(text):
    assert worth_keeping(text) == ""


def test_writing_twice_adds_nothing_and_days_are_kept_apart(app, clock):
    clock("2026-03-01 23:00")
    counter = UseCounter()
    counter.asked("对刀", 4, 0)
    counter.write()
    counter.write()
    clock.advance(hours=2)
    counter.asked("对刀", 0, 1)
    counter.write()
    assert [(w.text, w.asked, w.found) for w in use.weak_texts(finds_nothing=True)] == [("对刀", 2, 0)]
    clock.advance(days=179)
    assert use.forget_old() == 0
    clock.advance(days=1)
    assert use.forget_old() == 1
    clock.advance(days=1)
    assert use.forget_old() == 1


def test_a_search_answers_while_somebody_else_is_writing_and_the_counts_wait(app, client, monkeypatch):
    counter = app.extensions["keku_search_use"] = UseCounter()
    counter._written_at -= 60

    def busy(*_about):
        raise OperationalError("INSERT", {}, Exception("database is locked"))

    with monkeypatch.context() as patch:
        patch.setattr(use, "_write", busy)
        assert client.get("/search?q=焊枪角度").status_code == 200
        counter.asked("焊枪角度", 3, 0)
        counter._written_at -= 60
        counter.write_when_due()
    before = counter._counts[max(counter._counts)].asked
    counter.write()
    session().flush()
    assert session().scalars(select(SearchUse.asked)).one() == before >= 1


def test_poorly_opened_texts_are_those_asked_often_and_seldom_opened(app):
    counter = UseCounter()
    for text, asked, clicked in (("常搜少点", 9, 1), ("常搜常点", 9, 5), ("少搜", 2, 0)):
        for _ in range(asked):
            counter.asked(text, 7, 0)
        for _ in range(clicked):
            counter.clicked(text)
    counter.asked("没有结果", 0, 0)
    counter.write()
    assert [weak.text for weak in use.weak_texts(finds_nothing=False)] == ["常搜少点"]
    assert [weak.text for weak in use.weak_texts(finds_nothing=True)] == ["没有结果"]


def test_a_librarian_makes_a_text_another_name_and_it_is_found(app, client, point):
    with unit_of_work():
        counter = app.extensions.setdefault("keku_search_use", UseCounter())
        counter.asked("标定四点", 0, 0)
        counter.write()
        librarian = a_user(Role.ADMINISTRATOR)
    browser = client.sign_in(librarian)
    page = browser.get("/teach/searches").get_data(as_text=True)
    assert "标定四点" in page
    assert str(point.uuid) in page
    done = browser.post("/teach/searches/alias", data={"text": "标定四点", "point": str(point.uuid)})
    assert done.status_code == 302
    while worker.carry_outbox():
        pass
    assert "工具坐标系标定" in browser.get("/search?q=标定四点").get_data(as_text=True)
    assert browser.post("/teach/searches/alias", data={"text": "x", "point": "no"}).status_code == 404


def test_the_page_for_librarians_answers_while_the_index_is_missing(app, client):
    with unit_of_work():
        librarian = a_user(Role.ADMINISTRATOR)
    assert client.sign_in(librarian).get("/teach/searches").status_code == 200


def test_ratings_bring_resources_to_the_indexer_again(app, clock):
    assert indexing.tell_of_ratings(dt.datetime(2026, 1, 1, tzinfo=dt.UTC)) == 0


def test_a_list_of_synonyms_gives_points_their_other_names_once(app, point, tmp_path):
    from courseware.core.database import session
    from courseware.discovery.vocabulary import VocabularyUnusable, import_aliases

    lines = tmp_path / "aliases.jsonl"
    lines.write_text(
        '{"name": "工具坐标系标定", "aliases": ["TCP标定", "tool calibration"]}\n\n'
        '{"name": "网络爬虫", "aliases": ["web crawler"]}\n{"name": "harmonic", "aliases": ["谐波减速器"]}\n', "utf-8"
    )  # fmt: skip
    assert import_aliases(point.library, lines, dry_run=True).added == 3
    first, second = (import_aliases(point.library, lines) for _ in range(2))
    session().flush()
    assert (first.added, first.missing, second.added) == (3, 1, 0)
    assert {alias.name for alias in point.aliases} >= {"TCP标定", "tool calibration"}
    lines.write_text('{"name": "x"}', "utf-8")
    with pytest.raises(VocabularyUnusable):
        import_aliases(point.library, lines)
    done = app.test_cli_runner().invoke(args=["import", "aliases", str(lines), "--library", point.library.code])
    assert done.exit_code == 2
    assert "1" in done.stderr


# --- what many ask is offered to others


def ask(text: str, *, times: int, days: int, opened: int, found: int, people: int = 5) -> None:
    """On each of the last days, so many times in all; and a minute has passed since."""
    from courseware.core import clock

    current_app.extensions.pop("keku_memory_popular", None)

    today = clock.now().date()
    with unit_of_work() as db:
        for number in range(days):
            first = number == 0
            row = SearchUse(
                day=today - dt.timedelta(days=number), text=text, asked=times - days + 1 if first else 1,
                clicked=opened if first else 0, found=found, askers=(1 << people) - 1 if first else 1,
            )  # fmt: skip
            db.add(row)


@pytest.mark.parametrize("typed", ["工具坐", "gongjuzuo", "gjzbx"])
def test_what_many_ask_is_offered_as_soon_as_its_beginning_is_typed(client, point, typed):
    ask("工具坐标系", times=9, days=3, opened=2, found=4)
    assert f"/search?q={quote('工具坐标系')}" in client.get(f"/search/suggest?q={typed}").get_data(as_text=True)


@pytest.mark.parametrize(
    "seldom",
    [
        {"times": 4, "days": 3, "opened": 2, "found": 4},
        {"times": 9, "days": 1, "opened": 2, "found": 4},
        {"times": 9, "days": 3, "opened": 0, "found": 4},
        {"times": 9, "days": 3, "opened": 2, "found": 0},
        {"times": 90, "days": 30, "opened": 9, "found": 4, "people": 4},
    ],
    ids=["asked too seldom", "on one day only", "never opened", "finds nothing", "by four people, often"],
)
def test_nobody_is_offered_what_few_people_wrote(client, point, seldom):
    ask("工具坐标系", **seldom)
    assert "/search?q=" not in client.get("/search/suggest?q=工具坐").get_data(as_text=True)


def test_one_person_who_asks_again_and_again_stays_one_person(app, client, point, clock):
    for _ in range(7):
        clock.advance(days=1)
        client.get("/search?q=工具坐标系")
        client.post("/search/opened", data={"q": "工具坐标系"})
        with unit_of_work():
            app.extensions["keku_search_use"].write()
    rows = session().scalars(select(SearchUse)).all()
    assert (len(rows), sum(row.asked for row in rows)) == (7, 7)
    assert len({row.askers for row in rows}) == 1
    assert rows[0].askers.bit_count() == 1
    assert "/search?q=" not in client.get("/search/suggest?q=工具坐").get_data(as_text=True)


@pytest.mark.parametrize("text", ["保密课题的题目", "谐波减速器保密题目"], ids=["nothing", "a part of it only"])
def test_a_popular_text_that_the_public_does_not_find_is_not_offered(client, point, text):
    """The wording of an examination, asked by those who keep it, must not come to those who will sit it."""
    ask(text, times=9, days=3, opened=2, found=4)
    assert "保密" not in client.get(f"/search/suggest?q={text[:5]}").get_data(as_text=True)


def test_a_popular_text_that_is_a_name_stands_there_once(client, point):
    ask("谐波减速器", times=9, days=3, opened=2, found=4)
    page = client.get("/search/suggest?q=谐波").get_data(as_text=True)
    assert ("/points/" in page, "/search?q=" in page) == (True, False)
