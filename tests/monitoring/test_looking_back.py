"""The plan of a year that is over: what its forecasts had said, month by month; a young year shows the one before."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask

from courseware.accounts import queries as accounts
from tests.demo.stories import at, now, play, prelude, publish
from tests.servers.client import TestClient


def story() -> list[dict[str, Any]]:
    """Ten resources of old, and one more every month of the year 2026."""
    old = [publish(f"o{n}", at("2025-02-02")) for n in range(10)]
    return [*old, *(publish(f"n{month}", at(f"2026-{month:02}-05")) for month in range(1, 11))]


def plan(client: TestClient, period: str) -> str:
    client.set_cookie("kk_lang", "en")
    client.sign_in(accounts.user_by_key("lib1"))
    answer = client.get("/monitor/plan", query_string={"library": "LIB", "period": period})
    assert answer.status_code == 200
    return str(answer.text)


@pytest.mark.parametrize(
    ("day", "period", "is_young"), [("2027-06-01", "2026", False), ("2026-11-20", "2027", True)], ids=["over", "young"]
)
def test_a_year_without_forecasts_shows_how_far_the_last_ones_were_right(
    app: Flask, client: TestClient, day: str, period: str, is_young: bool
) -> None:
    play(prelude(), story(), now(day))
    page = plan(client, period)
    updates = page.split('id="back-M4.A"')[1].split("</article>")[0]
    months = re.findall(r'<th scope="row" class="num">([\d-]+)</th>', updates)
    assert (months[0], months[-1], len(months)) == ("2025-11", "2026-09", 11)
    held = re.search(r"Ended at 100.00 %.*?(\d+) of 11 ranges held the end", updates, re.DOTALL)
    assert held is not None
    assert int(held[1]) == updates.count("kk-v pass") < 11, "a range of the first months knew nothing of what came"
    assert ("This year is young" in page) == is_young


def test_a_running_year_of_more_than_thirty_days_foresees_and_does_not_look_back(app: Flask, client: TestClient) -> None:  # fmt: skip
    play(prelude(), story()[:15], now("2026-06-15"))
    page = plan(client, "2026")
    assert "At period end about" in page
    assert "back-M4.A" not in page
