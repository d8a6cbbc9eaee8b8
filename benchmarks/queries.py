"""How many statements one request sends to the database, once the process is warm."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import event

from benchmarks.load import Ask
from benchmarks.scenarios import Scenario
from benchmarks.site import application

WARM = 3


def count_queries(folder: Path, scenarios: Sequence[Scenario]) -> dict[str, int]:
    """Statements by scenario, counted in this process. Cookies of the served site are good here: same key."""
    from courseware.core.database import db

    app, counted = application(folder), [0]

    def count(*_about: Any) -> None:
        counted[0] += 1

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", count)
    found: dict[str, int] = {}
    for scenario in scenarios:
        for number in range(WARM + 1):
            counted[0] = 0
            _ask(app, scenario.asks(0, number))
        found[scenario.name] = counted[0]
    return found


def _ask(app: Any, ask: Ask) -> None:
    headers = {name: value for name, value in ask.headers.items() if name != "Cookie"}
    client = app.test_client(use_cookies=False)
    cookie = ask.headers.get("Cookie")
    with client.open(
        ask.path,
        method=ask.method,
        data=ask.body or None,
        headers={**headers, **({"Cookie": cookie} if cookie else {})},
    ) as answer:
        answer.get_data()
