"""Worked tables of the definitions, replayed as stories by the command and counted to the digit.

Tables of hundreds of people or resources are told in test_scenario_tables.py; rules through the services are in
tests/demo/test_scenario.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.demo.stories import Line, at, fraction, now, prelude, publish, watch, withdraw

Figures = dict[str, dict[str, Any]]
OLD, MAY = at("2025-03-03"), at("2026-05-05")


def lesson(key: str, owner: str, *items: str, when: str = OLD) -> Line:
    return {
        "at": when,
        "do": "lesson.publish",
        "key": key,
        "course": "c",
        "owner": owner,
        "items": list(items),
        "activities": 1,
    }


def opened(key: str, user: str, when: str = MAY) -> Line:
    return {"at": when, "do": "lesson.open", "key": key, "user": user, "seconds": 0}


def other_school() -> list[Line]:
    """A second school with a teacher."""
    return [
        {"at": OLD, "do": "unit", "key": "w", "name": "乙校", "kind": "school"},
        {"at": OLD, "do": "user", "key": "t9", "name": "t9", "unit": "w", "roles": ["teacher"]},
    ]


def m1() -> list[Line]:
    """10 files, 2 of them identical: the second is refused."""
    files = [publish(f"f{n}", OLD, "image", content=f"file {n}") for n in range(9)]
    return [*files, publish("f9", OLD, "image", content="file 0"), *(lesson(f"l{n}", "t1", "f1") for n in range(3))]


def m5() -> list[Line]:
    """r1-r5: five, two, no, three and nine other users; r5 was live for 12 days."""
    short = [publish("r5", at("2026-05-01")), withdraw("r5", at("2026-05-13"))]
    things = [publish(f"r{n}", OLD) for n in (1, 2, 4)] + [publish("r3", at("2026-04-15")), *short]
    uses = [
        watch(key, f"s{n}", MAY)
        for key, users in (("r1", 5), ("r2", 2), ("r4", 3), ("r5", 6))
        for n in range(1, users + 1)
    ]
    own = [watch(key, "t1", at("2026-05-06")) for key, plays in (("r1", 2), ("r2", 9), ("r3", 4)) for _ in range(plays)]
    return [*things, *uses, *own, lesson("l1", "t2", "r1", "r2", when=at("2026-05-04"))]


def m6() -> list[Line]:
    """a in two lessons, one of another unit; b in one nobody opened; c in none; d opened at home."""
    things = [publish(key, OLD) for key in "abcd"]
    lessons = [lesson("l1", "t1", "a", "d"), lesson("l2", "t9", "a"), lesson("l3", "t2", "b")]
    return [
        *other_school(),
        *things,
        *lessons,
        opened("l1", "s1"),
        opened("l2", "s2"),
        opened("l3", "t2"),
        opened("l3", "t1"),
    ]


def m7() -> list[Line]:
    """600 s, its copy, 95 s; a draft cannot be told here."""
    first = publish("v1", OLD, content="one", duration_s=600)
    return [first, publish("v2", OLD, content="one", duration_s=600), publish("v3", OLD, duration_s=95)]


def m8() -> list[Line]:
    """12 points with 3,1,0,5,2,4,1,3,6,1,2,3 questions, 22 of 31 objective."""
    counts = (3, 1, 0, 5, 2, 4, 1, 3, 6, 1, 2, 3)
    points = [
        {"at": OLD, "do": "point", "key": f"q{n}", "library": "l", "name": f"问点{n}", "kind": "knowledge"}
        for n in range(12)
    ]
    standard = [{"unit": "一", "points": [f"q{n}" for n in range(12)]}]
    course = {
        "at": OLD,
        "do": "course",
        "key": "k",
        "library": "l",
        "major": "m",
        "name": "题课",
        "kind": "core",
        "standard": standard,
    }
    of = [n for n, count in enumerate(counts) for _ in range(count)]
    asked = [
        {"at": MAY, "do": "question.publish", "key": f"question {i}", "course": "k", "points": [f"q{n}"],
         "kind": "single" if i < 22 else "essay", "author": "t1", "reviewer": "v1"}
        for i, n in enumerate(of)
    ]  # fmt: skip
    return [*points, course, *asked]


def m14() -> list[Line]:
    """One film in three parts; two tabs that overlap; three people in two runs."""
    film, text = publish("film", OLD, duration_s=600), publish("text", OLD, "image")
    parts = [
        watch("film", "s1", at("2026-05-05", f"0{8 + n}:00:00"), end, from_s=start) for n, (start, end) in
        enumerate(((0, 300), (200, 500)))
    ] + [watch("film", "s1", at("2026-05-06"), 600, from_s=560)]  # fmt: skip
    tabs = [
        {"at": at("2026-06-01", time), "do": "resource.use", "key": "text", "user": "s2", "kind": "view", "seconds": 1800, "device": device}
        for time, device in (("10:00:00", "desktop"), ("10:10:00", "phone"))
    ]  # fmt: skip
    joined = [("s3", "1"), ("s3", "2"), ("s4", "1"), ("s5", "2")]
    enrols: list[Line] = [{"at": MAY, "do": "enrol", "course": "c", "run": run, "user": user} for user, run in joined]
    left = {"at": at("2026-05-05", "11:00:00"), "do": "withdraw_enrolment", "course": "c", "run": "2", "user": "s5"}
    return [film, text, *parts, *tabs, *enrols, left]


def m14_visits() -> list[Line]:
    """A lesson opened at 09:00, 09:10, 09:50 and 13:00; what its owner and a test account open is no visit."""
    times = ("09:00:00", "09:10:00", "09:50:00", "13:00:00")
    visits = [opened("l1", "s1", at("2026-05-06", time)) for time in times]
    return [publish("a", OLD), lesson("l1", "t1", "a"), *visits, opened("l1", "t1"), opened("l1", "x1")]


STORIES: dict[str, tuple[Any, int, dict[str, Any]]] = {
    "M1": (m1, 1, {"M1.A": 9, "M1.B": 12}),
    "M5": (m5, 0, {"M5.A": (2, 4, "50.00 %"), "M5.B": (3, 4, "75.00 %"), "M5.C": (2, 4, "50.00 %")}),
    "M6": (m6, 0, {"M6.A": (2, 4, "50.00 %"), "M6.B": (3, 4, "75.00 %"), "M6.C": (1, 4, "25.00 %")}),
    "M7": (m7, 1, {"M7.A": 695}),
    "M8": (m8, 0, {}),
    "M14": (m14, 0, {
        "M14.coverage": (540, 600, "90.00 %"), "M14.time": 640 + 40 * 60, "M14.enrolments": 3, "M14.persons": 2,
    }),
    "M14 visits": (m14_visits, 0, {"M14.visits.A": 3, "M14.visits.B": 4}),
}  # fmt: skip


def replayed(app: Flask, file: Path, story: Sequence[Line], *, refused: int = 0) -> Callable[[str], Figures]:
    """Replays the lines by the command; answers with the figures of a year as the other command shows them."""
    lines = sorted(story, key=lambda line: line["at"])
    file.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8")
    run = app.test_cli_runner()
    summary = json.loads(run.invoke(args=["scenario", "replay", str(file), "--json"]).stdout)
    assert (len(summary["refused"]), summary["lines"]) == (refused, len(lines)), summary["refused"]

    def figures_of(year: str) -> Figures:
        answer = run.invoke(args=["metrics", "show", "--library", "LIB", "--period", year, "--json"])
        return {one["id"]: one for one in json.loads(answer.stdout)["indicators"]}

    return figures_of


def as_expected(shown: Figures, expected: Mapping[str, Any]) -> dict[str, Any]:
    """The figures named in `expected`, in its form: a number for a count, else numerator, denominator and display."""
    return {
        key: shown[key]["numerator"] if isinstance(value, int) else fraction(shown[key])
        for key, value in expected.items()
    }


@pytest.mark.parametrize("name", STORIES)
def test_a_worked_table_replayed_by_the_command_gives_its_figures(app: Flask, tmp_path: Path, name: str) -> None:
    tell, refused, expected = STORIES[name]
    shown = replayed(app, tmp_path / f"{name}.jsonl", [*prelude(), *tell(), now()], refused=refused)("2026")
    assert as_expected(shown, expected) == expected
    if name == "M8":  # the prelude's own course, with three points and no question, stands in the denominator as well
        assert (shown["M8.A"]["numerator"], shown["M8.B"]["numerator"]) == (11, 6)
