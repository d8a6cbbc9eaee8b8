"""The fixtures keep their promises; a suite on fixtures that leak proves nothing."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from flask import Flask, g
from playwright.sync_api import Browser
from sqlalchemy import func, select

from courseware.accounts.models import Unit, User
from courseware.core import clock as product_clock
from courseware.core.database import session
from courseware.resources.storage import store
from tests.conftest import Clock
from tests.servers import databases
from tests.servers.browser import Watch
from tests.servers.client import TestClient
from tests.servers.rewound import MadeOnce, Rewound
from tests.servers.turns import Turns


@pytest.mark.parametrize("turn", [1, 2])
def test_nothing_survives_a_test(app: Flask, turn: int) -> None:
    assert session().scalar(select(func.count()).select_from(Unit)) == 0
    session().add(Unit(key="u-1", name="海川学院", kind="school"))
    session().commit()


def test_what_is_kept_comes_back_as_it_was_made_with_its_files_and_is_made_once(
    app: Flask, rewound: Rewound, made_once: MadeOnce
) -> None:
    made: list[int] = []

    def make() -> dict[str, Any]:
        made.append(1)
        unit = Unit(key="u-1", name="海川学院", kind="school")
        session().add(unit)
        store().put("a", io.BytesIO(b"in the store"), 12, "text/plain")
        (rewound.app.config["KEKU"].data_path / "a.txt").write_text("in the folder")
        return {"units": [unit]}

    for _turn in range(2):
        unit = made_once(make)["units"][0]
        assert (unit.name, unit in session()) == ("海川学院", True)
        assert b"".join(store().get_range("a")) == b"in the store"
        assert (app.config["KEKU"].data_path / "a.txt").read_text() == "in the folder"
        unit.name = "changed by the test"
        session().add(Unit(key="u-2", name="of the test", kind="school"))
        store().delete("a")
        session().commit()
        rewound.rewind()
        assert list(app.config["KEKU"].data_path.iterdir()) == list(store().list()) == []
    assert len(made) == 1


def test_where_rows_were_written_before_a_world_is_made_beside_them(app: Flask, made_once: MadeOnce) -> None:
    session().add(Unit(key="u-1", name="海川学院", kind="school"))
    session().commit()
    other = made_once(_a_unit)
    assert session().scalar(select(func.count()).select_from(Unit)) == 2
    assert other.key == "u-2"


def _a_unit() -> Unit:
    unit = Unit(key="u-2", name="远山学院", kind="school")
    session().add(unit)
    session().flush()
    return unit


def test_all_page_tests_are_one_piece_of_work_and_every_other_file_is_one() -> None:
    turns = Turns.__new__(Turns)  # as no run has it: without workers
    pieces = [
        turns._split_scope(f"tests/{file}.py::test_it[{case}]")
        for file in ("pages/test_player", "pages/test_site", "web/test_rights", "web/test_edge")
        for case in ("sqlite", "a::b")
    ]
    assert len(set(pieces)) == 3
    assert pieces[0] == pieces[3]


def test_the_choice_of_databases_knows_both_names_of_postgresql_and_refuses_others() -> None:
    assert databases.chosen_kinds(None) == databases.chosen_kinds("") == ["sqlite", "postgres"]
    assert databases.chosen_kinds("postgresql") == databases.chosen_kinds("postgres, postgresql") == ["postgres"]
    assert databases.chosen_kinds("postgres,sqlite") == ["postgres", "sqlite"]
    with pytest.raises(ValueError, match="mysql"):
        databases.chosen_kinds("sqlite,mysql")


def test_a_request_sees_what_the_test_wrote_and_the_test_sees_what_the_request_wrote(
    app: Flask, client: TestClient
) -> None:
    unit = Unit(key="u-1", name="海川学院", kind="school")
    session().add(unit)
    session().flush()
    g.mark = "of the test"

    def look() -> dict[str, Any]:
        found = session().scalar(select(Unit).where(Unit.key == "u-1"))
        assert found is not None
        found.name = "changed in a request"
        session().commit()
        return {"own_session": found is not unit, "own_g": "mark" not in g}

    seen = run_in_request(app, client, look)
    assert seen == {"own_session": True, "own_g": True}
    assert unit.name == "changed in a request"


def test_signing_in_makes_the_person_known(app: Flask, client: TestClient) -> None:
    user = User(email="lin@example.test", name="林老师")
    session().add(user)
    session().flush()
    client.sign_in(user)
    assert run_in_request(app, client, _who) == {"name": "林老师"}
    client.sign_out()
    assert run_in_request(app, client, _who) == {"name": None}


def test_the_clock_stops_in_requests_too_and_takes_shanghai_time(app: Flask, client: TestClient, clock: Clock) -> None:
    clock("2026-03-01 09:00")
    assert product_clock.now().isoformat() == "2026-03-01T01:00:00+00:00"
    clock.advance(hours=1)
    assert run_in_request(app, client, lambda: {"now": product_clock.now().isoformat()}) == {
        "now": "2026-03-01T02:00:00+00:00"
    }


def test_the_clock_runs_again_after_a_test() -> None:
    assert abs(product_clock.now() - dt.datetime.now(dt.UTC)) < dt.timedelta(seconds=5)


def test_a_page_cannot_complain_unheard(browser: Browser) -> None:
    watch = Watch()
    page = browser.new_page()
    watch.attach(page)
    page.set_content("<script>nobody()</script><img src='http://cdn.example.test/logo.png' alt=''>")
    page.close()
    assert any("nobody is not defined" in problem for problem in watch.problems)
    assert any("cdn.example.test" in problem for problem in watch.problems)


def _who() -> dict[str, Any]:
    from flask_login import current_user

    return {"name": current_user.name if current_user.is_authenticated else None}


def run_in_request(app: Flask, client: TestClient, action: Any) -> Any:
    """What `action` returns inside a real request to a page that has nothing else to do."""
    answer: dict[str, Any] = {}
    original = app.view_functions["health.healthz"]

    def instead() -> Any:
        answer.update(action())
        return original()

    app.view_functions["health.healthz"] = instead
    try:
        assert client.get("/healthz").status_code == 200
    finally:
        app.view_functions["health.healthz"] = original
    return answer
