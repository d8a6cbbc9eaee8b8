"""The platform's own check (R58): what is there, and what was made of it in the period."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from flask import Flask

from courseware.accounts import queries as accounts
from courseware.monitoring import queries
from courseware.monitoring.functions import FUNCTIONS, Checked, check_functions
from courseware.monitoring.periods import parse_period
from courseware.monitoring.rollups import keeping
from tests.demo.stories import Line, at, now, play, prelude, publish, watch
from tests.servers.client import TestClient

MAY = at("2026-05-05")


def told() -> list[Line]:
    """Two resources in the year and one before it, a lesson, two enrolments, one person on two days."""
    things = [publish("old", at("2025-03-03")), publish("a", MAY), publish("b", MAY)]
    joined: list[Line] = [{"at": MAY, "do": "enrol", "course": "c", "user": who} for who in ("s1", "s2")]
    seen = [watch("a", "s1", at(f"2026-05-{day}")) for day in ("06", "07")]
    made = {
        "at": MAY,
        "do": "lesson.publish",
        "key": "l1",
        "course": "c",
        "owner": "t1",
        "items": ["old"],
        "activities": 1,
    }
    return [*prelude(), *things, *joined, *seen, made, now()]


def checked(app: Flask, year: str) -> dict[str, Checked]:
    found = check_functions(app.view_functions.keys(), parse_period(year), queries.reporting_now())
    return {one.function.id: one for one in found}


def test_every_function_is_used_available_or_missing(app: Flask) -> None:
    play(told())
    keeping.fold_all_due()
    found = checked(app, "2026")
    uses = {key: one.uses for key, one in found.items() if one.state == "used"}
    assert uses == {"upload": 2, "review": 2, "assembly": 1, "choice": 2, "self_study": 2}
    assert (found["search"].state, found["search"].uses) == ("available", 0)
    assert (found["recommendation"].state, found["recommendation"].uses) == ("available", None)
    assert [key for key, one in found.items() if one.state == "missing"] == ["exam"]
    assert {one.uses for one in checked(app, "2024").values()} == {0, None}


def test_what_the_application_does_not_answer_is_missing(app: Flask) -> None:
    found = check_functions([], parse_period("2026"), queries.reporting_now())
    assert {one.state for one in found} == {"missing"}


def test_page_file_and_command_say_the_same(app: Flask, client: TestClient) -> None:
    user = {"at": at("2025-01-02"), "do": "user", "key": "adm", "name": "冯", "unit": "u", "roles": ["administrator"]}
    play(told(), user)
    keeping.fold_all_due()
    who = accounts.user_by_key("adm")
    assert who is not None
    administrator = client.sign_in(who)
    administrator.set_cookie("kk_lang", "en")
    page = administrator.get("/monitor/functions?library=LIB&period=2026")
    assert "5 used, 10 available, 1 not there yet" in page.text
    file = administrator.get("/monitor/functions.csv?library=LIB&period=2026")
    rows = list(csv.reader(io.StringIO(file.text.lstrip("\ufeff"))))[1:]
    answer = app.test_cli_runner().invoke(
        args=["metrics", "functions", "--library", "LIB", "--period", "2026", "--json"]
    )
    said: list[dict[str, Any]] = json.loads(answer.stdout)["functions"]
    assert [row[3] for row in rows] == ["" if one["uses"] is None else str(one["uses"]) for one in said]
    assert [one["id"] for one in said] == [function.id for function in FUNCTIONS]
