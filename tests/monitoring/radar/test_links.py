"""Links outside: collected from what is published, asked by the worker, on the radar, exported as shown."""

from __future__ import annotations

import csv
import datetime as dt
import io
import uuid
from collections.abc import Callable

import pytest
from sqlalchemy import select

from courseware.accounts import queries as accounts
from courseware.accounts.models import User
from courseware.core import clock
from courseware.core.database import session
from courseware.core.unit_of_work import unit_of_work
from courseware.libraries import queries as libraries
from courseware.libraries.models import Library
from courseware.monitoring.periods import parse_period
from courseware.monitoring.planning.board import stops
from courseware.monitoring.queries.monitor import overview
from courseware.monitoring.radar import links, looking
from courseware.monitoring.radar.asking import Answer
from courseware.monitoring.radar.models import ExternalLink
from courseware.monitoring.radar.rewinds import count_again, spots_of
from courseware.progress import services as progress
from courseware.progress.batches import EventIn
from courseware.resources.models import Resource
from tests.counting import statements
from tests.demo.stories import at, now, play, prelude, publish
from tests.monitoring.rows import on
from tests.servers.client import TestClient
from tests.servers.rewound import MadeOnce

NOW = on("2026-06-01")
GOOD, BAD, OURS = "https://a.example/x", "http://b.example/gone", "https://keku.example/resources"


@pytest.fixture
def library(made_once: MadeOnce) -> Library:
    made: Library = made_once(make_library)
    clock.set_clock(NOW)
    return made


def make_library() -> Library:
    old = at("2025-10-03")
    texts = [
        publish("a0", old, "text", content=f"见 {BAD}，也见 {GOOD}。"), publish("a1", old, "text", content=f"见 {BAD}。本站 {OURS}"),
        publish("a2", old, "text", content="没有链接"), publish("v", old, "video", duration_s=120),
    ]  # fmt: skip
    boss = {"at": at("2025-01-03"), "do": "user", "key": "adm", "name": "冯", "unit": "u", "roles": ["administrator"]}
    assert not play(prelude(), boss, texts, now("2026-06-01")).refused
    found = libraries.find_library("LIB")
    assert found is not None
    return found


def who(key: str) -> User:
    found = accounts.user_by_key(key)
    assert found is not None
    return found


def look(library: Library, ask: Callable[[str], Answer], days: float) -> None:
    clock.set_clock(NOW + dt.timedelta(days=days))
    with unit_of_work():
        links.collect(library, "keku.example")
    looking.look(ask, lambda _asked: True, pause_s=0)


def half_gone(address: str) -> Answer:
    return Answer("failed", "404") if address == BAD else Answer("alive", "200")


def signs(library: Library) -> dict[str, tuple[str, ...]]:
    period = parse_period("2026")
    found = stops(library, period, clock.now(), overview(library, period, clock.now()).results)
    titles = dict(session().execute(select(Resource.id, Resource.title)).tuples().all())
    return {titles[stop.candidate.resource_id]: stop.reasons for stop in found}


def test_links_of_what_is_published_are_asked_each_once_and_the_site_itself_never(library: Library) -> None:
    asked: list[str] = []
    look(library, lambda address: asked.append(address) or Answer("alive", "200"), 0)  # type: ignore[func-returns-value]
    assert sorted(asked) == [BAD, GOOD]
    look(library, half_gone, 1)
    assert {link.address: link.checked_at for link in links.links_of(library)} == {GOOD: NOW, BAD: NOW}


def test_a_dead_link_puts_every_resource_that_names_it_on_the_radar(library: Library) -> None:
    for day in (0, 1):
        look(library, half_gone, day)
    assert signs(library) == {}
    look(library, half_gone, 3)
    assert signs(library) == {"资源 a0": ("dead_link",), "资源 a1": ("dead_link",)}
    assert links.sizes_of(library) == {"alive": 1, "dead": 1}


def test_a_school_without_a_way_out_calls_nothing_dead(library: Library) -> None:
    for day in range(6):
        look(library, lambda _address: Answer("silent", "name"), day)
    assert {link.state for link in links.links_of(library)} == {"new"}


def test_what_is_withdrawn_takes_its_links_along(library: Library) -> None:
    look(library, half_gone, 0)
    for one in session().scalars(select(Resource).where(Resource.title.in_(["资源 a0", "资源 a1"]))):
        one.is_live = False
    session().commit()
    with unit_of_work():
        links.collect(library)
        links.forget_unplaced()
    assert session().scalars(select(ExternalLink)).all() == []


def test_a_stretch_that_people_go_back_to_is_on_the_radar_and_one_plain_view_is_not(library: Library) -> None:
    video = session().scalars(select(Resource).where(Resource.type == "video")).one()
    for n in range(6):
        start = on("2026-03-02", f"{8 + n:02d}:00")
        parts = [(0.0, 40.0, 0), (30.0, 40.0, 60), (40.0, 110.0, 120)]
        sent = [
            EventIn(uuid.uuid4(), "watched", start + dt.timedelta(seconds=gap), resource=video.uuid, from_s=a, to_s=b)
            for a, b, gap in parts
        ]
        progress.record_events(who(f"s{n + 1}"), sent)
    session().commit()
    assert signs(library) == {}
    with unit_of_work():
        assert count_again(library) == 1
    assert spots_of(library.id) == {video.id: ((30, 40, 6),)}
    assert signs(library) == {"资源 v": ("rewound", "used")}


def test_the_radar_filters_exports_what_it_shows_and_gives_the_work(library: Library, client: TestClient) -> None:
    for day in (0, 1, 3):
        look(library, half_gone, day)
    client.sign_in(who("adm"))
    page = client.get("/monitor/radar?period=2026&why=dead_link").text
    assert "资源 a0" in page
    assert "资源 a2" not in page
    lines = rows(client.get("/monitor/radar.csv?period=2026&why=dead_link").data)
    assert [line[0] for line in lines[1:]] == ["资源 a0", "资源 a1"]
    assert client.get("/monitor/radar.xlsx?period=2026").data.startswith(b"PK")
    assert "资源 a0" not in client.get("/monitor/radar?period=2026&why=low_rated").text
    first = session().scalars(select(Resource).where(Resource.title == "资源 a1")).one()
    client.post("/monitor/plan", data={"library": "LIB", "period": "2026", "thing": [f"u{first.id}"], "note": "换链接"})
    assert "换链接" in client.get("/monitor/plan?period=2026").text


def test_the_list_of_links_says_where_each_stands_and_its_file_too(library: Library, client: TestClient) -> None:
    for day in (0, 1, 3):
        look(library, half_gone, day)
    client.sign_in(who("adm"))
    page = client.get("/monitor/radar/links?state=dead").text
    assert BAD in page
    assert GOOD not in page
    assert "KEKU_LINK_CHECK" in page
    lines = rows(client.get("/monitor/radar/links.csv?state=dead").data)
    assert [(line[0], line[6]) for line in lines[1:]] == [(BAD, "资源 a0"), (BAD, "资源 a1")]


def test_lists_of_links_cost_as_many_queries_for_many_as_for_few(library: Library, client: TestClient) -> None:
    look(library, half_gone, 0)
    client.sign_in(who("adm"))
    client.get("/monitor/radar/links")
    with statements() as few:
        client.get("/monitor/radar/links")
    one = session().scalars(select(Resource).where(Resource.title == "资源 a2")).one()
    one.description = " ".join(f"http://n{n}.example/" for n in range(20))
    session().commit()
    look(library, half_gone, 2)
    with statements() as many:
        client.get("/monitor/radar/links")
    assert len(many) <= len(few)


def test_a_register_sent_in_the_page_makes_old_standards(library: Library, client: TestClient) -> None:
    client.sign_in(who("adm"))
    about = {"library": "LIB", "period": "2026"}
    bad = {**about, "file": (io.BytesIO("标准号,代替标准\nGB 1,\n".encode()), "s.csv")}
    assert client.post("/monitor/radar/standards", data=bad).status_code == 422
    good = {**about, "file": (io.BytesIO("标准号,代替标准\nGB 5226.1-2002,GB/T 5226.1-2019\n".encode()), "s.csv")}
    assert client.post("/monitor/radar/standards", data=good).status_code == 302
    assert "GB/T 5226.1-2019" in client.get("/monitor/radar/standards").text
    assert rows(client.get("/monitor/radar/standards.csv").data)[1][:2] == ["GB 5226.1-2002", "GB/T 5226.1-2019"]


def rows(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
