"""Worked tables of hundreds of people or resources, told as stories and replayed by the command.

Where the table is large the story keeps its proportions, so that every share is the one of the definitions to the digit;
the same tables in full size are counted from facts in the files beside. The longest ones are told on one database: what
they write is written by the others as well.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.demo.stories import SETUP, Line, at, fraction, now, prelude, publish, revise, watch, withdraw
from tests.monitoring.test_scenarios import MAY, OLD, Figures, as_expected, lesson, opened, replayed

BASELINE = "2025-04-01"
LATER = at("2025-05-05")  # after the acceptance, before the year
TYPES = {
    "text": 15, "presentation": 6, "image": 9, "audio": 4, "video": 42, "animation": 15, "simulation": 6, "other": 3,
}  # fmt: skip
ORIGINS = [("original", True)] * 69 + [("original", False)] * 2 + [("adapted", True)] * 12
ORIGINS += [("third_party", False)] * 14 + [("open", False)] * 2 + [("ai", False)]


def school(key: str, kind: str = "school", province: str = "") -> Line:
    return {"at": SETUP, "do": "unit", "key": key, "name": f"单位 {key}", "kind": kind, "province": province}


def people(unit: str, word: str, count: int, role: str = "student", when: str = SETUP) -> list[Line]:
    return [
        {"at": when, "do": "user", "key": f"{word}{n}", "name": f"{word}{n}", "unit": unit, "roles": [role]}
        for n in range(count)
    ]


def told(lines: list[Line], do: str, **fields: Any) -> list[Line]:
    """The lines, those of `do` with other fields."""
    return [line | fields if line["do"] == do else line for line in lines]


def hold(shown: Figures, expected: dict[str, Any]) -> None:
    assert as_expected(shown, expected) == expected


# --- M2, M3, M4, M19 --------------------------------------------------------------------------------------------------


@pytest.mark.one_database
def test_m2_and_m3_of_a_hundred_resources(app: Flask, tmp_path: Path) -> None:
    kinds = [kind for kind, count in TYPES.items() for _ in range(count)]
    stock = [
        publish(f"r{n}", OLD, kind, originality=origin, evidence=has_evidence)
        for n, (kind, (origin, has_evidence)) in enumerate(zip(kinds, ORIGINS, strict=True))
    ]
    one_more = publish("text", at("2025-12-01"), "text", originality="third_party", evidence=False)
    figures = replayed(app, tmp_path / "m2.jsonl", [*prelude(), *stock, one_more, now()])
    before, after = figures("2025"), figures("2026")
    hold(before, {
        "M2.A": (30, 100, "30.00 %"), "M2.B": (24, 100, "24.00 %"),
        "M3.A": (69, 100, "69.00 %"), "M3.B": (81, 100, "81.00 %"),
    })  # fmt: skip
    assert before["M3.A"]["claimed"] == {"numerator": 71, "denominator": 100}
    assert [before["M2.A"]["verdict"], after["M2.A"]["verdict"], before["M3.A"]["verdict"]] == ["pass", "fail", "fail"]


def revised(*keys: str, day: str) -> list[Line]:
    return [revise(key, at(day), f"{key} of {day}") for key in keys]


def eighty_at_the_start() -> list[Line]:
    """40 films and 40 simulations, 60 of them there at the acceptance."""
    films = [publish(f"f{n}", OLD) for n in range(40)]
    return [*films, *(publish(f"s{n}", OLD if n < 20 else LATER, "simulation") for n in range(40))]


def the_year() -> list[Line]:
    """5 new that stay and one that goes; 4 revised (one twice), one revised and withdrawn, 3 withdrawn in all.

    A re-upload is refused; renamed and encoded again is no update.
    """
    june, july, august = at("2026-06-01"), at("2026-07-01"), at("2026-08-01")
    fresh = [publish(f"n{n}", MAY) for n in range(3)] + [publish(f"ns{n}", MAY, "simulation") for n in range(3)]
    changed = revised("f0", "s0", "s1", "s2", "s39", day="2026-06-01") + revised("f0", day="2026-07-01")
    gone = [withdraw(key, august) for key in ("n2", "s37", "s38", "s39")]
    return [
        *fresh, *changed, *gone,
        {"at": july, "do": "resource.reupload", "key": "f1", "author": "t1"},
        {"at": july, "do": "resource.rename", "key": "f2", "title": "新名", "author": "t1"},
        {"at": june, "do": "resource.transcode", "key": "f3"},
    ]  # fmt: skip


def the_years_after() -> list[Line]:
    """Two simulations revised; twelve go; three revised."""
    gone = [withdraw(f"s{n}", at("2027-06-06")) for n in range(25, 37)]
    return [*revised("s3", "s4", day="2027-05-05"), *gone, *revised("s5", "s6", "s7", day="2028-05-05")]


@pytest.mark.one_database
def test_m4_by_its_three_readings_and_m19_of_three_years(app: Flask, tmp_path: Path) -> None:
    """9 of 80, of 60 at the acceptance, and of 82 at the end; simulations 6 of 40, 2 of 40, 3 of 28."""
    story = [*prelude(baseline_at=BASELINE), *eighty_at_the_start(), *the_year(), *the_years_after(), now("2029-01-01")]
    figures = replayed(app, tmp_path / "m4.jsonl", story, refused=1)
    year, last = figures("2026"), figures("2028")
    hold(year, {"M4.A": (9, 80, "11.25 %"), "M4.B": (9, 60, "15.00 %"), "M4.C": (9, 82, "10.98 %")})
    assert year["M4.A"]["verdict"] == "pass"
    assert last["M19.A"]["parts"]["years"] == [[6, 40], [2, 40], [3, 28]]
    hold(last, {"M19.B": (11, 120, "9.17 %")})
    assert [(last[f"M19.{c}"]["display"], last[f"M19.{c}"]["verdict"]) for c in "ABC"] == [
        ("10.24 %", "pass"), ("9.17 %", "fail"), ("66.67 %", "fail")]  # fmt: skip


# --- M9, M15, M17 -----------------------------------------------------------------------------------------------------


def standard_course(n: int, *, is_run: bool) -> list[Line]:
    """A core course of one point with a resource and a question."""
    about = {"at": OLD, "course": f"k{n}", "points": [f"kp{n}"], "author": "t1", "reviewer": "v1"}
    lines: list[Line] = [
        {"at": OLD, "do": "point", "key": f"kp{n}", "library": "l", "name": f"课点{n}", "kind": "knowledge"},
        {"at": OLD, "do": "course", "key": f"k{n}", "library": "l", "major": "m", "name": f"课 {n}", "kind": "core",
         "standard": [{"unit": "一", "points": [f"kp{n}"]}]},
        publish(f"k{n}", OLD, course=f"k{n}", points=[f"kp{n}"]),
        {**about, "do": "question.publish", "key": f"kq{n}", "kind": "single"},
    ]  # fmt: skip
    if is_run:
        lines.append({"at": MAY, "do": "run", "key": "1", "course": f"k{n}", "starts_at": MAY})
    return lines


def test_m9_seven_of_eight_core_courses_are_complete(app: Flask, tmp_path: Path) -> None:
    courses = [line for n in range(8) for line in standard_course(n, is_run=n < 7)]
    bare = [line for line in prelude() if line["do"] != "course"]
    shown = replayed(app, tmp_path / "m9.jsonl", [*bare, *courses, now()])("2026")
    hold(shown, {"M9.A": (7, 8, "87.50 %"), "M9.B": (8, 8, "100.00 %")})
    assert shown["M9.A"]["verdict"] == "fail"


def test_m15_points_with_a_resource_and_with_a_post(app: Flask, tmp_path: Path) -> None:
    """50 points, 47 taught by ten resources, 49 mapped to a post."""
    points = [
        {"at": SETUP, "do": "point", "key": f"g{n}", "library": "l", "name": f"图点{n}", "kind": "skill",
         "posts": ["焊接"] if n else []} for n in range(47)
    ]  # fmt: skip
    taught = [publish(f"r{n}", OLD, points=[f"g{m}" for m in range(n, 47, 10)]) for n in range(10)]
    story = [*told(prelude(), "point", posts=["装配"]), *points, *taught, now()]
    hold(
        replayed(app, tmp_path / "m15.jsonl", story)("2026"),
        {"M15.A": (47, 50, "94.00 %"), "M15.B": (49, 50, "98.00 %")},
    )


def test_m17_what_nobody_else_reviewed_is_refused_and_never_published(app: Flask, tmp_path: Path) -> None:
    alone = publish("r2", MAY, author="t1", reviewer="t1")
    story = [*prelude(), publish("r1", MAY), revise("r1", at("2026-06-01"), "new"), alone, now()]
    hold(replayed(app, tmp_path / "m17.jsonl", story, refused=1)("2026"), {"M17": (2, 2, "100.00 %")})


# --- M10, M11, M18 ----------------------------------------------------------------------------------------------------


def test_m10_and_m11_of_eighty_people(app: Flask, tmp_path: Path) -> None:
    """80 registered and the test account; 64 signed in, 50 with an event, 22 deep: four weeks of 15 minutes and more."""
    crowd = [f"p{n}" for n in range(70)]  # and ten people of the prelude, who only review and publish
    logins = [{"at": MAY, "do": "login", "user": who} for who in crowd[:64]]
    weeks = [at(f"2026-06-{day:02}") for day in (1, 8, 15, 22)]
    deep = [watch("long", who, week, 900) for week in weeks for who in crowd[:22]]
    once = [watch("long", who, weeks[0], 3600) for who in crowd[22:50]]
    story = [*prelude(), *people("u", "p", 70), publish("long", OLD, duration_s=3600), *logins, *deep, *once, now()]
    hold(replayed(app, tmp_path / "m11.jsonl", story)("2026"), {
        "M10.A": 81, "M10.B": 80,
        "M11.A": (50, 80, "62.50 %"), "M11.B": (64, 80, "80.00 %"), "M11.C": (22, 80, "27.50 %"),
    })  # fmt: skip


def test_m11_growth_of_new_people_since_the_acceptance(app: Flask, tmp_path: Path) -> None:
    """50 at the acceptance, 6 new in the year, and 4 who came between."""
    come = [*people("u", "between", 4, when=LATER), *people("u", "new", 6, when=MAY)]
    story = [*prelude(baseline_at=BASELINE), *people("u", "p", 40), *come, now()]
    shown = replayed(app, tmp_path / "growth.jsonl", story)("2026")
    hold(shown, {"M11.growth": (6, 50, "12.00 %")})
    assert shown["M11.growth"]["verdict"] == "pass"


def test_m18_fifty_active_people_seen_from_the_first_host(app: Flask, tmp_path: Path) -> None:
    """20 of the host, 18 of two other schools, 9 of a company, 3 others; the 12 of one school live in another province."""
    units = [
        school("far", province="浙江"), school("near", province="江苏"), school("e", "enterprise", "江苏"),
        school("b", "industry_body", "江苏"),
    ]  # fmt: skip
    groups = {"u": 20, "far": 12, "near": 6, "e": 9, "b": 3}
    crowd = [line for unit, count in groups.items() for line in people(unit, f"of-{unit}", count)]
    uses = [watch("film", line["key"], MAY) for line in crowd]
    story = [*told(prelude(), "unit", province="江苏"), *units, *crowd, publish("film", OLD), *uses]
    hold(replayed(app, tmp_path / "m18.jsonl", [*story, now()])("2026"), {
        "M18.in_school": (20, 50, "40.00 %"), "M18.other_school": (18, 50, "36.00 %"),
        "M18.enterprise": (9, 50, "18.00 %"), "M18.society": (3, 50, "6.00 %"),
        "M18.cross_province": (12, 50, "24.00 %"), "M18.units": 4,
    })  # fmt: skip


# --- M12, M13, M14 ----------------------------------------------------------------------------------------------------


def taught_and_learned(unit: str, *, students: tuple[int, int], teachers: tuple[int, int]) -> list[Line]:
    """So many of a school's people reached: students by a completed course, teachers by a lesson that five opened."""
    (reached, pupils), (teaching, staff) = students, teachers
    lines = [*people(unit, f"{unit}-s", pupils), *people(unit, f"{unit}-t", staff, "teacher")]
    for who in (f"{unit}-s{n}" for n in range(reached)):
        lines.append({"at": MAY, "do": "enrol", "course": "c", "user": who})
        lines.append({"at": at("2026-07-07"), "do": "complete_course", "course": "c", "user": who})
    for n in range(teaching):
        lines.append(lesson(f"{unit}-l{n}", f"{unit}-t{n}", "film"))
        lines += [opened(f"{unit}-l{n}", f"s{learner}") for learner in range(1, 6)]
    return [*lines, {
        "at": at("2026-10-31"), "do": "roster", "library": "l", "unit": unit, "census": "2026-10-31",
        "students": [f"{unit}-s{n}" for n in range(pupils)], "teachers": [f"{unit}-t{n}" for n in range(staff)],
    }]  # fmt: skip


def test_m12_of_a_host_and_a_partner(app: Flask, tmp_path: Path) -> None:
    """Host 87.50 and 75.00 %, partner 82.00 and 94.44 %: both groups together reach 80 %."""
    home = taught_and_learned("u", students=(21, 24), teachers=(3, 4))
    partner = taught_and_learned("w", students=(41, 50), teachers=(17, 18))
    known = told(prelude(), "library", participants=["w"])
    story = [known[0], school("w"), *known[1:], publish("film", OLD), *home, *partner, now()]
    shown = replayed(app, tmp_path / "m12.jsonl", story)("2026")
    hold(shown, {"M12.A": (82, 96, "85.42 %"), "M12.B": (82, 96, "85.42 %")})
    parts = shown["M12.A"]["parts"]
    assert (parts["students of u"], parts["teachers of u"]) == ([21, 24], [3, 4])
    assert (parts["students of w"], parts["teachers of w"]) == ([41, 50], [17, 18])
    assert (parts["students"], parts["teachers"], shown["M12.A"]["verdict"]) == ([62, 74], [20, 22], "pass")


@pytest.mark.one_database
def test_m13_of_four_hundred_answers(app: Flask, tmp_path: Path) -> None:
    """In full size, for the interval depends on it; with a person who clicked through and one who never learned."""
    scores = [score for score, count in ((5, 230), (4, 138), (3, 22), (2, 6), (1, 4)) for _ in range(count)]
    asked = [*people("u", "p", 402)]
    uses = [watch("film", f"p{n}", MAY) for n in range(401)]
    said = [
        {"at": at("2026-06-01"), "do": "satisfaction", "library": "l", "user": f"p{n}", "score": score, "took_s": 30}
        for n, score in enumerate(scores)
    ]  # fmt: skip
    dropped = [said[0] | {"user": "p400", "took_s": 2}, said[0] | {"user": "p401"}]
    story = [*prelude(), publish("film", OLD), *asked, *uses, *said, *dropped, now()]
    shown = replayed(app, tmp_path / "m13.jsonl", story)("2026")
    hold(shown, {"M13.A": (368, 400, "92.00 %"), "M13.B": (1784, 2000, "89.20 %")})
    assert shown["M13.A"]["interval"] == [88.92, 94.28]
    assert [shown[key]["verdict"] for key in ("M13.A", "M13.B")] == ["pass", "fail"]
    assert shown["M13.A"]["excluded"] == {"straight_lined": 1, "not_a_user": 1}


def test_m14_completion_of_those_who_started_and_of_those_who_enrolled(app: Flask, tmp_path: Path) -> None:
    """25 enrolled, 15 started, 6 completed."""
    crowd = [f"p{n}" for n in range(25)]
    enrols = [{"at": MAY, "do": "enrol", "course": "c", "user": who} for who in crowd]
    uses = [watch("film", who, at("2026-05-06")) for who in crowd[:15]]
    done = [{"at": at("2026-07-07"), "do": "complete_course", "course": "c", "user": who} for who in crowd[:6]]
    story = [*prelude(), *people("u", "p", 25), publish("film", OLD), *enrols, *uses, *done, now()]
    shown = replayed(app, tmp_path / "m14.jsonl", story)("2026")
    assert [fraction(shown[f"M14.completion.{c}"]) for c in "AB"] == [(6, 15, "40.00 %"), (6, 25, "24.00 %")]
