"""Stories replayed through the real services, and what the figures make of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

import courseware.demo
from courseware.accounts import services as accounts
from courseware.core import clock
from courseware.demo import scenario
from courseware.demo.scenario_errors import BadLine, HoldsRealAccounts
from courseware.monitoring import queries
from tests.demo.stories import (
    at,
    figures,
    fraction,
    now,
    play,
    prelude,
    publish,
    restore,
    revise,
    watch,
    withdraw,
)  # fmt: skip

DATA = Path(courseware.demo.__file__).parent / "data"

MAY, JULY, OLD = at("2026-05-05"), at("2026-07-07"), at("2025-03-03")


def refusals(summary: scenario.Summary) -> list[str]:
    return [refused["code"] for refused in summary.refused]


def test_updates_by_all_three_readings(app: Flask) -> None:
    old = [publish(f"a{n}", OLD) for n in range(20)]
    story = [
        revise("a0", MAY, "neu"), revise("a0", JULY, "ganz neu"), revise("a1", MAY, "neu 1"), withdraw("a1", JULY),
        revise("a2", MAY, "neu 2", decided="minor"), publish("n1", MAY), publish("n2", MAY), withdraw("n2", JULY),
        {"at": MAY, "do": "resource.edit_metadata", "key": "a3", "fields": {"keywords": ["新"]}, "author": "t1"},
        {"at": MAY, "do": "resource.rename", "key": "a4", "title": "新名", "author": "t1"},
        {"at": MAY, "do": "resource.transcode", "key": "a5"},
        {"at": MAY, "do": "resource.reupload", "key": "a6", "author": "t1"},
    ]  # fmt: skip
    summary = play(prelude(baseline_at="2025-03-31"), old, story, now())
    assert refusals(summary) == ["same_content"]
    shown = figures()
    assert fraction(shown["M4.A"]) == (2, 20, "10.00 %")
    assert fraction(shown["M4.B"]) == (2, 20, "10.00 %")
    assert fraction(shown["M4.C"]) == (2, 20, "10.00 %")
    parts = shown["M4.A"]["parts"]
    assert (parts["new"], parts["revised"], parts["withdrawn"], parts["net"]) == (1, 1, 1, 0)
    assert shown["M4.A"]["excluded"] == {
        "new_then_withdrawn": 1, "revised_then_withdrawn": 1, "minor": 1, "metadata": 2, "transcode": 1, "reupload": 1}  # fmt: skip


def test_a_title_under_another_name_is_refused_and_counted_as_duplicate(app: Flask) -> None:
    summary = play(
        prelude(), publish("a", OLD, content="one"), withdraw("a", at("2026-02-02")), publish("b", MAY, content="one"),
        publish("c", MAY, content="two"), watch("b", "s1", JULY), now(),
    )  # fmt: skip
    assert refusals(summary) == ["duplicate_content", "unknown_key"]
    shown = figures()
    assert shown["M1.A"]["numerator"] == 1
    assert shown["M4.A"]["excluded"] == {"duplicate": 1}


def test_taking_down_over_the_turn_of_the_year_changes_nothing(app: Flask) -> None:
    play(
        prelude(),
        publish("a", OLD),
        publish("b", OLD),
        withdraw("a", at("2025-10-30")),
        restore("a", at("2025-11-03")),
        now(),
    )
    assert fraction(figures()["M4.A"]) == (0, 2, "0.00 %")
    assert figures("2025")["M1.A"]["numerator"] == 2


def test_parts_of_a_split_count_once(app: Flask) -> None:
    play(
        prelude(),
        publish("a", OLD),
        publish("b", OLD),
        [publish(f"a{n}", MAY, derived_from="a") for n in range(4)],
        now(),
    )
    shown = figures()
    assert fraction(shown["M4.A"]) == (1, 2, "50.00 %")
    assert shown["M1.A"]["numerator"] == 6


def test_text_is_measured_whatever_the_reviewer_says(app: Flask) -> None:
    body = "".join(f"第{n}步检查编号{n * 7}的急停按钮是否可靠。" for n in range(20))
    fresh = "".join(f"视觉引导抓取的误差{chr(0x4E00 + 97 * n)}来自标定板{chr(0x5E00 + 53 * n)}。" for n in range(12))
    story = [
        publish("a", OLD, "text", content=body), revise("a", MAY, body + "完。", reason="更正"),
        publish("b", OLD, "text", content="乙：" + body), revise("b", MAY, "乙：" + body + fresh),
    ]  # fmt: skip
    play(prelude(), story, now())
    shown = figures()["M4.A"]
    assert shown["parts"]["revised"] == 1
    assert shown["excluded"] == {"minor": 1}


def test_own_work_is_not_reviewed_by_its_author(app: Flask) -> None:
    both = {"at": OLD, "do": "user", "key": "tv", "name": "两职", "unit": "u", "roles": ["teacher", "reviewer"]}
    summary = play(
        prelude(),
        both,
        publish("a", MAY, author="tv", reviewer="tv"),
        publish("b", MAY, reviewer="s1"),
        publish("c", MAY, author="tv"),
    )
    assert refusals(summary) == ["self_review", "not_allowed"]


def test_claims_without_accepted_evidence_are_shown_beside_the_figure(app: Flask) -> None:
    play(
        prelude(), publish("a", OLD), publish("b", OLD, evidence=False), publish("c", OLD, originality="adapted"),
        publish("d", OLD, originality="open"), publish("e", OLD, originality="unknown"), now(),
    )  # fmt: skip
    shown = figures()
    assert fraction(shown["M3.A"]) == (1, 4, "25.00 %")
    assert shown["M3.A"]["claimed"] == {"numerator": 2, "denominator": 4}
    assert fraction(shown["M3.B"]) == (2, 4, "50.00 %")


def test_fragments_and_unknown_lengths(app: Flask) -> None:
    story = [publish("a", OLD, duration_s=29), publish("b", OLD), publish("c", OLD, "image")]
    unmeasured = publish("d", OLD)
    del unmeasured["duration_s"]
    play(prelude(), story, unmeasured, now())
    shown = figures()
    assert fraction(shown["M2.A"]) == (1, 3, "33.33 %")
    assert shown["M7.A"]["numerator"] == 329


def test_a_core_course_is_complete_with_standard_resources_questions_and_a_run(app: Flask) -> None:
    question = {"do": "question.publish", "course": "c", "kind": "single", "author": "t1", "reviewer": "v1", "at": OLD}
    asked = [{**question, "key": f"q{n}", "points": [f"p{n}"]} for n in (1, 2, 3)]
    taught = [publish("a", OLD), publish("b", OLD, points=["p3"])]
    run = {"at": OLD, "do": "run", "key": "1", "course": "c", "starts_at": OLD}
    play(prelude(), taught, asked, now())
    assert fraction(figures()["M9.A"]) == (0, 1, "0.00 %")
    play(run | {"at": at("2027-06-02"), "course": "c"})
    assert fraction(figures()["M8.A"]) == (3, 3, "100.00 %")


def test_a_run_makes_the_core_course_complete(app: Flask) -> None:
    question = {"do": "question.publish", "course": "c", "kind": "single", "author": "t1", "reviewer": "v1", "at": OLD}
    asked = [{**question, "key": f"q{n}", "points": [f"p{n}"]} for n in (1, 2, 3)]
    run = {"at": MAY, "do": "run", "key": "1", "course": "c", "starts_at": MAY}
    play(prelude(), publish("a", OLD), publish("b", OLD, points=["p3"]), asked, run, now())
    assert fraction(figures()["M9.A"]) == (1, 1, "100.00 %")
    assert fraction(figures()["M9.B"]) == (1, 1, "100.00 %")


def test_coverage_counts_who_was_really_reached(app: Flask) -> None:
    days = [at(f"2026-03-0{day}") for day in (2, 3, 4)]
    busy = [watch("long", "s1", day, 1300) for day in days] + [watch("long", "s2", day, 1100) for day in days]
    busy += [watch("long", "x1", day, 1300) for day in days]
    lesson = {
        "at": OLD,
        "do": "lesson.publish",
        "key": "les",
        "course": "c",
        "owner": "t1",
        "items": ["long"],
        "activities": 1,
    }
    opens = [{"at": MAY, "do": "lesson.open", "key": "les", "user": f"s{n}", "seconds": 60} for n in range(1, 6)]
    done = [
        {"at": MAY, "do": "enrol", "course": "c", "user": "s3"},
        {"at": JULY, "do": "complete_course", "course": "c", "user": "s3"},
    ]
    roster = {
        "at": at("2026-10-31"), "do": "roster", "library": "l", "unit": "u", "census": "2026-10-31",
        "students": ["s1", "s2", "s3", "s4", "x1", "nobody"], "teachers": ["t1", "t2"],
    }  # fmt: skip
    play(prelude(), publish("long", OLD, duration_s=3600), busy, lesson, opens, done, roster, now())
    shown = figures()["M12.A"]
    assert shown["parts"]["students"] == [2, 6]
    assert shown["parts"]["teachers"] == [1, 2]
    assert fraction(shown) == (3, 8, "37.50 %")
    assert shown["verdict"] == "fail"


def test_without_a_roster_coverage_is_not_applicable(app: Flask) -> None:
    play(prelude(), now())
    assert (figures()["M12.A"]["display"], figures()["M12.A"]["verdict"]) == ("n/a", "n/a")


def test_use_that_does_not_count_is_named(app: Flask) -> None:
    play(
        prelude(), publish("a", OLD), watch("a", "t1", MAY), watch("a", "x1", MAY), watch("a", "s1", MAY, 10),
        watch("a", "s2", MAY, speed=16), watch("a", "v1", MAY, context="review"), watch("a", "s3", MAY, context="preview"),
        [watch("a", f"s{n}", JULY) for n in (1, 2, 3)], now(),
    )  # fmt: skip
    shown = figures()
    assert fraction(shown["M5.A"]) == (1, 1, "100.00 %")
    assert shown["M5.A"]["excluded"] == {
        "own_use": 1, "preview": 1, "review": 1, "speed": 1, "test_account": 1, "too_short": 1}  # fmt: skip


def test_late_events_count_in_the_period_in_which_they_happened(app: Flask) -> None:
    late = [watch("a", f"s{n}", at("2026-11-05"), occurred_at=at("2026-10-31")) for n in (1, 2, 3)]
    summary = play(
        prelude(), publish("a", OLD), late, watch("a", "s1", at("2026-11-06"), occurred_at=at("2026-11-07")),
        watch("a", "s1", at("2026-11-06"), occurred_at=at("2025-01-03")), now(),
    )  # fmt: skip
    assert refusals(summary) == ["event_refused", "event_refused"]
    assert fraction(figures()["M5.A"]) == (1, 1, "100.00 %")
    assert fraction(figures("2027")["M5.A"]) == (0, 1, "0.00 %")


def test_enrolments_left_within_a_day_do_not_count(app: Flask) -> None:
    def enrol(user: str, run: str = "1", when: str = MAY) -> dict[str, Any]:
        return {"at": when, "do": "enrol", "course": "c", "run": run, "user": user}

    left = {"at": at("2026-05-05", "11:00:00"), "do": "withdraw_enrolment", "course": "c", "run": "2", "user": "s3"}
    never_in = {"at": JULY, "do": "withdraw_enrolment", "course": "c", "user": "s6"}
    summary = play(
        prelude(),
        enrol("s1"),
        enrol("s1", "2"),
        enrol("s2"),
        enrol("s3", "2"),
        left,
        enrol("s1", when=JULY),
        never_in,
        now(),
    )
    assert refusals(summary) == ["already_enrolled", "not_enrolled"]
    shown = figures()
    assert (shown["M14.enrolments"]["numerator"], shown["M14.persons"]["numerator"]) == (3, 2)


def test_restoring_what_is_live_and_withdrawing_what_is_withdrawn_are_refused(app: Flask) -> None:
    story = [
        publish("a", OLD),
        restore("a", MAY),
        withdraw("a", at("2026-05-06")),
        withdraw("a", at("2026-05-07")),
        revise("a", JULY, "x"),
    ]
    assert refusals(play(prelude(), story)) == ["already_live", "withdrawn", "withdrawn"]


def test_a_bad_line_is_named_and_the_replay_goes_on(app: Flask) -> None:
    good = [json.dumps(line) for line in prelude()]
    bad = ['{"at"', "[]", '{"do": "clock"}', '{"at": "2026-05-05T09:00:00", "do": "clock"}', json.dumps({"at": MAY, "do": "dance"}),
           json.dumps({"at": MAY, "do": "unit", "key": "u9"}), json.dumps({"at": MAY, "do": "lesson.open", "key": "none", "user": "s1"})]  # fmt: skip
    summary = scenario.replay([*good, *bad, json.dumps(now())])
    assert [r["line"] for r in summary.refused] == list(range(len(good) + 1, len(good) + 8))
    assert summary.lines == len(good) + 8
    assert summary.done == len(good) + 1


def test_a_key_is_used_once(app: Flask) -> None:
    twice = [publish("a", OLD), publish("a", MAY), publish("b", MAY, reviewer="s1"), publish("b", JULY)]
    assert refusals(play(prelude(), twice)) == ["key_used", "not_allowed", "key_used"]


def test_the_same_story_twice_changes_nothing(app: Flask) -> None:
    lines = [*prelude(), publish("a", MAY)]
    play(lines, now())
    summary = play(lines, now())
    assert summary.done == 1
    assert {"key_used", "email_taken", "unknown_key"} >= set(refusals(summary)) - {"code_taken"}
    assert figures()["M1.A"]["numerator"] == 1


def test_a_refused_line_leaves_nothing_behind(app: Flask) -> None:
    play(prelude(), publish("a", MAY, reviewer="s1"), now())
    assert figures()["M1.A"]["numerator"] == 0
    assert figures()["M17"]["denominator"] == 0


def test_figures_are_shown_as_of_the_last_line_and_the_clock_runs_again(app: Flask) -> None:
    play(
        prelude(), publish("a", MAY), {"at": at("2026-05-06"), "do": "clock"}, {"at": JULY, "do": "login", "user": "s1"}
    )
    assert queries.reporting_now().isoformat() == "2026-07-07T01:00:00+00:00"
    assert clock.now() != queries.reporting_now()


def test_real_accounts_are_never_touched(app: Flask) -> None:
    accounts.create_user("real@example.org", "真人", unit=None, roles=["student"])
    with pytest.raises(HoldsRealAccounts):
        play(prelude())


def test_files_beside_the_scenario_only(app: Flask, tmp_path: Path) -> None:
    line = publish("a", MAY, "text", file="../secret.txt")
    del line["content"]
    path = tmp_path / "story" / "story.jsonl"
    path.parent.mkdir()
    (tmp_path / "secret.txt").write_text("geheim")
    path.write_text("\n".join(json.dumps(one) for one in [*prelude(), line]), encoding="utf-8")
    assert refusals(scenario.replay_file(path)) == ["bad_line"]


def test_a_file_that_is_no_text_is_refused(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "story.jsonl"
    path.write_bytes(b"\xff\xfe\x00\x01\xd8")
    with pytest.raises(BadLine):
        scenario.replay_file(path)


def test_the_command_answers_with_a_summary_and_the_figures_follow(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "story.jsonl"
    lines = [*prelude(), publish("a", MAY), publish("b", MAY, reviewer="s1"), now()]
    path.write_text("\n".join(json.dumps(one) for one in lines), encoding="utf-8")
    runner = app.test_cli_runner()
    answer = json.loads(runner.invoke(args=["scenario", "replay", str(path), "--json"]).stdout)
    assert (answer["lines"], answer["done"]) == (len(lines), len(lines) - 1)
    assert answer["refused"][0] | {"reason": ""} == {
        "line": len(lines) - 1,
        "do": "resource.publish",
        "reason": "",
        "code": "not_allowed",
    }
    shown = json.loads(runner.invoke(args=["metrics", "show", "--library", "LIB", "--period", "2026", "--json"]).stdout)
    assert shown["period"] == ["2025-11-01T00:00:00+08:00", "2026-11-01T00:00:00+08:00"]
    assert {one["id"]: one["numerator"] for one in shown["indicators"]}["M1.A"] == 1
    assert "M4.A" in runner.invoke(args=["metrics", "show", "--library", "LIB", "--period", "2026"]).stdout
    for wrong in (["--library", "NO", "--period", "2026"], ["--library", "LIB", "--period", "soon"]):
        assert runner.invoke(args=["metrics", "show", *wrong]).exit_code == 2
