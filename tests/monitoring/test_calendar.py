"""The yearly calendar: which reminder is due, what is left to do, and letters to those who keep a library."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from courseware.accounts import queries as accounts
from courseware.core import clock
from courseware.core.database import session
from courseware.jobs.models import Job
from courseware.jobs.runner import run_here
from courseware.libraries import queries as libraries
from courseware.libraries.models import Library
from courseware.monitoring import calendar, freezing, reminders
from courseware.monitoring.alerts.models import Finding
from courseware.monitoring.periods import parse_period
from courseware.monitoring.planning import tasks
from courseware.monitoring.planning.tasks import Wanted
from courseware.resources.models import Resource
from tests.demo.stories import at, play, prelude, publish
from tests.monitoring.rows import on
from tests.servers.client import TestClient
from tests.servers.mailbox import Mailbox, running_mail_server

YEAR = parse_period("2026")


@pytest.fixture
def library(app: Flask) -> Library:
    assert not play(prelude(), publish("a", at("2026-03-03"))).refused
    found = libraries.find_library("LIB")
    assert found is not None
    for user in accounts.user_by_key("lib1"), accounts.user_by_key("t1"):
        assert user is not None
        user.is_demo = user.is_test = False
    session().commit()
    return found


@pytest.fixture
def mailbox(app: Flask) -> Iterator[Mailbox]:
    with running_mail_server() as (box, port):
        before = app.config["KEKU"]
        mail = {
            "smtp_host": "127.0.0.1",
            "smtp_port": str(port),
            "smtp_security": "none",
            "mail_from": "keku@s.example",
        }
        changed = {name: getattr(before, name) for name in before.__slots__}
        app.config["KEKU"] = type(before)(**{**changed, **mail, "public_url": "https://keku.example"})
        yield box
        app.config["KEKU"] = before


def deliver() -> None:
    """The worker's part."""
    session().commit()
    for job in session().scalars(select(Job).where(Job.kind == "accounts.mail", Job.state == "queued")).all():
        run_here(job)


@pytest.mark.parametrize(
    ("today", "mark"),
    [("2026-10-31", ""), ("2026-11-01", "open"), ("2026-11-14", "open"), ("2026-11-15", "30"), ("2026-12-01", "14"),
     ("2026-12-09", "7"), ("2026-12-13", "3"), ("2026-12-15", "1"), ("2026-12-16", "")],
)  # fmt: skip
def test_a_mark_stands_until_the_next_one(today: str, mark: str) -> None:
    assert calendar.collection(on(today)).mark == mark


def test_the_steps_of_a_year_are_open_until_they_are_done(library: Library) -> None:
    clock.set_clock(on("2026-11-20"))
    assert {step.name: step.open for step in calendar.steps(library, YEAR)} == {"rosters": 1, "unusual": 0, "frozen": 1}
    session().add(Finding(library_id=library.id, period_code=YEAR.code, rule="rush", about="x", facts={}, rows=[], size=1, found_at=clock.now(), seen_at=clock.now()))  # fmt: skip
    freezing.freeze(library, YEAR, None)
    assert {step.name: step.open for step in calendar.steps(library, YEAR)} == {"rosters": 1, "unusual": 1, "frozen": 0}


def test_a_year_frozen_before_it_ended_is_not_frozen_for_good(library: Library) -> None:
    clock.set_clock(on("2026-10-20"))
    freezing.freeze(library, YEAR, None, on("2026-10-20"))
    assert [step.open for step in calendar.steps(library, YEAR) if step.name == "frozen"] == [1]


def test_keepers_are_written_to_once_for_each_mark_and_only_while_something_is_left(
    library: Library, mailbox: Mailbox
) -> None:
    for day in ("2026-11-02", "2026-11-03", "2026-12-02"):
        clock.set_clock(on(day))
        reminders.remind(library, clock.now())
        deliver()
    keeper = accounts.user_by_key("lib1")
    assert keeper is not None
    assert [letter["To"] for letter in mailbox.letters] == [keeper.email] * 2
    text = mailbox.letters[1].get_content()
    assert "13" in text
    assert "https://keku.example/monitor/yearly?library=LIB&period=2026" in text


def test_without_a_mail_server_nobody_is_written_to(library: Library) -> None:
    clock.set_clock(on("2026-11-02"))
    assert reminders.remind(library, clock.now()) == 0
    assert session().scalars(select(Job).where(Job.kind == "accounts.mail")).all() == []


def test_work_that_is_given_comes_by_mail_too_in_one_letter(library: Library, mailbox: Mailbox) -> None:
    clock.set_clock(on("2026-06-01"))
    resource, keeper = session().scalars(select(Resource)).first(), accounts.user_by_key("lib1")
    assert resource is not None
    assert keeper is not None
    wanted = [Wanted("update", resource.title, resource.author_id, resource.id), Wanted("evidence", resource.title, resource.author_id, resource.id)]  # fmt: skip
    tasks.assign(keeper, library, wanted, due_on=dt.date(2026, 6, 30), note="请先改")
    deliver()
    (letter,) = mailbox.letters
    assert letter["To"] == resource.author.email
    assert "请先改" in letter.get_content()
    assert "2026-06-30" in letter.get_content()


def test_the_page_of_the_year_says_what_is_left(library: Library, client: TestClient) -> None:
    clock.set_clock(on("2026-11-20"))
    client.sign_in(accounts.user_by_key("lib1"))
    page = client.get("/monitor/yearly?library=LIB&period=2026").text
    assert "/monitor/rosters?" in page
    assert page.count('class="done"') == 1
