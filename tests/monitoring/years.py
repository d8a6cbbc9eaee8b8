"""A library with a year that is over: six old resources, one of them used by three people, one of them revised."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from courseware.core.database import session
from courseware.libraries import queries as libraries
from courseware.libraries.models import Library
from courseware.monitoring.queries.cache import forget_all
from courseware.resources.models import ResourceVersion
from tests.demo.stories import at, now, play, prelude, publish, revise, watch

OLD, MAY = at("2025-03-03"), at("2026-05-05")


def make_year(*more: dict[str, Any]) -> Library:
    """The library LIB: 1 of 6 is updated in 2026 by this alone (M4.A); `more` are lines of its story."""
    old = [publish(f"a{n}", OLD) for n in range(6)]
    use = [watch("a0", f"s{m}", at(f"2026-03-0{m}"), 200) for m in (1, 2, 3)]
    assert not play(prelude(), [*old, *use, revise("a1", MAY, "neu"), *more], now()).refused
    return the_library()


def the_library() -> Library:
    """LIB, after a story was played."""
    found = libraries.find_library("LIB")
    assert found is not None
    return found


def decide_otherwise() -> None:
    """Long after the year was reported somebody finds the revision minor: M4.A is 0 of 6."""
    revised = session().scalars(select(ResourceVersion).where(ResourceVersion.num == 2)).one()
    revised.decided_class = "minor"
    session().commit()
    forget_all()
