"""Worked tables of what the rules never let happen: a story is replayed, then rows are written behind the rules' back.

An import, a restored backup or a hand in the database can bring such rows; the figures have to say so.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select, update

from courseware.accounts.models import User
from courseware.core.database import session
from courseware.core.unit_of_work import unit_of_work
from courseware.resources.models import Resource, ResourceVersion
from courseware.review.models import Decision, Submission, Verdict
from tests.demo.stories import Line, at, now, prelude, publish, revise
from tests.monitoring.test_scenario_tables import hold, people
from tests.monitoring.test_scenarios import MAY, OLD, replayed

IN_JUNE = dt.datetime(2026, 6, 6, tzinfo=dt.UTC)


def set_people(keys: list[str], **values: Any) -> None:
    with unit_of_work() as db:
        db.execute(update(User).where(User.key.in_(keys)).values(**values))


def test_m10_of_a_hundred_accounts(app: Flask, tmp_path: Path) -> None:
    """100 accounts: 3 closed because they were doubles, 2 tests, 5 closed in the year, 10 that never signed in."""
    crowd = [line | ({"test": True} if n == 0 else {}) for n, line in enumerate(people("u", "p", 89))]
    figures = replayed(app, tmp_path / "m10.jsonl", [*prelude(), *crowd, now()])
    set_people(["p1", "p2", "p3"], closed_at=dt.datetime(2025, 3, 3, tzinfo=dt.UTC))
    set_people([f"p{n}" for n in range(4, 9)], closed_at=IN_JUNE)
    set_people([f"p{n}" for n in range(9, 19)], verified_at=None)
    hold(figures("2026"), {"M10.A": 100, "M10.B": 80})
    hold(figures("2025"), {"M10.A": 100, "M10.B": 85})  # five were open still


def test_m16_of_what_an_import_brought(app: Flask, tmp_path: Path) -> None:
    """25 resources: all complete and named as long as only the rules write; then one without a licence, two with own names."""
    figures = replayed(app, tmp_path / "m16.jsonl", [*prelude(), *(publish(f"r{n}", OLD) for n in range(25)), now()])
    hold(figures("2026"), {"M16.metadata": (25, 25, "100.00 %"), "M16.naming": (25, 25, "100.00 %")})
    first, second, third = session().scalars(select(Resource.id).order_by(Resource.id).limit(3))
    with unit_of_work() as db:
        db.execute(update(ResourceVersion).where(ResourceVersion.resource_id == first).values(licence=""))
        db.execute(update(Resource).where(Resource.id.in_((second, third))).values(name="课件终稿"))
    hold(figures("2026"), {"M16.metadata": (24, 25, "96.00 %"), "M16.naming": (23, 25, "92.00 %")})


def test_m17_one_of_three_versions_was_reviewed_as_it_must(app: Flask, tmp_path: Path) -> None:
    """Two levels: r1 had both, its update one of them, and of r2 the author was the second reviewer."""
    story: list[Line] = [
        *prelude(),
        publish("r1", MAY),
        revise("r1", at("2026-06-01"), "new"),
        publish("r2", MAY),
        now(),
    ]
    figures = replayed(app, tmp_path / "m17.jsonl", story)
    hold(figures("2026"), {"M17": (3, 3, "100.00 %")})
    with unit_of_work() as db:
        db.execute(update(Submission).values(levels=2))
        second_level("r1", 1, "lib1"), second_level("r2", 1, "t1")
    shown = figures("2026")
    hold(shown, {"M17": (1, 3, "33.33 %")})
    assert shown["M17"]["verdict"] == "fail"


def second_level(resource: str, num: int, reviewer: str) -> None:
    """Another approval of a version, beside the one that stands."""
    db = session()
    query = select(Submission).join(ResourceVersion, ResourceVersion.id == Submission.version_id)
    query = query.join(Resource, Resource.id == ResourceVersion.resource_id)
    found = db.scalars(query.where(Resource.title == f"资源 {resource}", ResourceVersion.num == num)).one()
    one = found.decisions[0]
    verdicts = [Verdict(dimension=v.dimension, is_passed=v.is_passed) for v in one.verdicts]
    who = db.scalars(select(User.id).where(User.key == reviewer)).one()
    two = Decision(level=2, reviewer_id=who, decision="approve", decided_at=one.decided_at, verdicts=verdicts)
    found.decisions.append(two)
