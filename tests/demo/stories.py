"""Scenario lines written short: a prelude that every story needs, and one function for each thing people do."""

from __future__ import annotations

import itertools
import json
from typing import Any

from courseware.demo import scenario
from courseware.demo.scenario import Summary
from courseware.libraries import queries as libraries
from courseware.monitoring import queries
from courseware.monitoring.periods import parse_period

PERIOD = "2026"
Line = dict[str, Any]


def at(day: str, time: str = "09:00:00") -> str:
    """A moment in Shanghai."""
    return f"{day}T{time}+08:00"


SETUP = at("2025-01-02")


def prelude(students: int = 6, *, baseline_at: str | None = None) -> list[Line]:
    """One school with a library, a core course of two units, teachers, a reviewer, students, and a test account."""
    people = [("t1", ["teacher"]), ("t2", ["teacher"]), ("v1", ["reviewer"]), ("lib1", ["librarian"])]
    people += [(f"s{n}", ["student"]) for n in range(1, students + 1)]
    users = [{"at": SETUP, "do": "user", "key": key, "name": key, "unit": "u", "roles": roles} for key, roles in people]
    units = [{"unit": "一", "points": ["p1", "p2"]}, {"unit": "二", "points": ["p3"]}]
    points = [
        {"at": SETUP, "do": "point", "key": f"p{n}", "library": "l", "name": f"点{n}", "kind": "knowledge"}
        for n in (1, 2, 3)
    ]
    return [
        {"at": SETUP, "do": "unit", "key": "u", "name": "甲校", "kind": "school"}, *users,
        {"at": SETUP, "do": "user", "key": "x1", "name": "x1", "unit": "u", "roles": ["student"], "test": True},
        {"at": SETUP, "do": "major", "key": "m", "code": "460305", "name": "工业机器人技术"},
        {"at": SETUP, "do": "library", "key": "l", "code": "LIB", "name": "资源库", "core_major": "m", "hosts": ["u"],
         **({"baseline_at": baseline_at} if baseline_at else {})}, *points,
        {"at": SETUP, "do": "course", "key": "c", "library": "l", "major": "m", "name": "课程", "kind": "core", "standard": units},
    ]  # fmt: skip


_contents = itertools.count(1)


def publish(key: str, when: str, kind: str = "video", **fields: Any) -> Line:
    """A resource by t1, reviewed by v1."""
    line = {
        "at": when, "do": "resource.publish", "key": key, "library": "l", "course": "c", "type": kind, "title": f"资源 {key}",
        "points": ["p1"], "content": f"content {next(_contents)} of {key}", "originality": "original", "evidence": True, "author": "t1",
        "reviewer": "v1",
    }  # fmt: skip
    timed = {"duration_s": 300} if kind in ("video", "audio", "animation") else {}
    return line | timed | fields


def revise(key: str, when: str, content: str, decided: str = "substantive", **fields: Any) -> Line:
    """A revision by t1."""
    line = {
        "at": when, "do": "resource.revise", "key": key, "content": content, "change": {"share": 0.5, "seconds": 150},
        "reason": "新型号", "author": "t1", "reviewer": "v1", "proposed": decided, "decided": decided,
    }  # fmt: skip
    return line | fields


def withdraw(key: str, when: str) -> Line:
    """Taken down by the librarian."""
    return {"at": when, "do": "resource.withdraw", "key": key, "reason": "陈旧", "by": "lib1"}


def restore(key: str, when: str) -> Line:
    """Put back by the librarian."""
    return {"at": when, "do": "resource.restore", "key": key, "reason": "复核", "by": "lib1"}


def watch(key: str, user: str, when: str, seconds: float = 300, **fields: Any) -> Line:
    """A person watches from the beginning."""
    return {
        "at": when,
        "do": "resource.use",
        "key": key,
        "user": user,
        "kind": "watch",
        "from_s": 0,
        "to_s": seconds,
    } | fields


def now(day: str = "2027-06-01") -> Line:
    """Moves the clock on, so that the period is over."""
    return {"at": at(day), "do": "clock"}


def play(*lines: Line | list[Line]) -> Summary:
    """Replays the lines in the order of their times, the prelude first as given."""
    flat = [one for given in lines for one in (given if isinstance(given, list) else [given])]
    ordered = sorted(flat, key=lambda line: line["at"])
    return scenario.replay([json.dumps(line, ensure_ascii=False) for line in ordered])


def figures(period: str = PERIOD, code: str = "LIB") -> dict[str, dict[str, Any]]:
    """All figures by id, as `flask metrics show --json` gives them."""
    library = libraries.find_library(code)
    assert library is not None
    return {r.id: r.as_dict() for r in queries.compute(library, parse_period(period))}


def fraction(figure: dict[str, Any]) -> tuple[int, int, str]:
    """Numerator, denominator, display."""
    return figure["numerator"], figure["denominator"], figure["display"]
