"""M12: rosters and who was really reached."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from courseware.monitoring.facts import EnrolmentFact, PersonFact, RosterFact, SessionFact, UnitFact
from tests.monitoring.rows import LONG_BEFORE, YEAR, busy, figure, lesson, on, opened, people, resource, shown

HOST, PARTNER = UnitFact(1, "host", "Host", "school"), UnitFact(2, "partner", "Partner", "university")
COMPANY = UnitFact(3, "works", "Works", "enterprise")
CENSUS = dt.date(2026, 10, 31)
LEARNERS = range(90_001, 90_006)


def the_story() -> dict[str, Any]:
    """The table of M12: host 420/480 and 24/32, partner 246/300 and 17/18."""
    host, partner = tuple(range(1, 481)), tuple(range(1001, 1301))
    host_staff, partner_staff = tuple(range(2001, 2033)), tuple(range(3001, 3019))
    reached = [*host[:420], *partner[:246]]
    teaching = [*host_staff[:24], *partner_staff[:17]]
    lessons = [lesson(owner, [resource()]) for owner in teaching]
    opens = [opened(who, what) for what in lessons for who in LEARNERS]
    rosters = [RosterFact(1, CENSUS, host, host_staff), RosterFact(2, CENSUS, partner, partner_staff)]
    everyone = people(*host, *partner, *LEARNERS) | people(*host_staff, *partner_staff, is_learner=False)
    noise = [
        SessionFact(99_999, on("2026-03-03"), 9999),
        *busy(host[470], days=2, minutes=60),
        *busy(host[471], days=5, minutes=5),
    ]
    return {
        "units": [HOST, PARTNER, COMPANY], "rosters": rosters, "lessons": lessons, "opens": opens, "people": everyone,
        "sessions": [s for who in reached for s in busy(who)] + noise,
    }  # fmt: skip


def test_m12_passes_when_both_groups_reach_80_per_cent() -> None:
    story = the_story()
    assert shown(figure("M12.A", **story)) == (707, 830, "85.18 %", "pass")
    assert shown(figure("M12.B", **story)) == (707, 830, "85.18 %", "pass")


def test_m12_shows_every_unit() -> None:
    parts = figure("M12.A", **the_story()).as_dict()["parts"]
    assert (parts["students"], parts["teachers"]) == ([666, 780], [41, 50])
    assert (parts["students of Host"], parts["teachers of Host"]) == ([420, 480], [24, 32])
    assert (parts["students of Partner"], parts["teachers of Partner"]) == ([246, 300], [17, 18])
    assert parts["students of host"] == parts["students of Host"]
    assert not any("Works" in name for name in parts)


def test_m12_fails_on_teachers_alone_while_the_pooled_figure_passes() -> None:
    story = the_story()
    story["lessons"] = story["lessons"][2:]
    assert shown(figure("M12.A", **story))[3] == "fail"
    assert shown(figure("M12.B", **story)) == (705, 830, "84.94 %", "pass")


def test_a_school_without_a_roster_makes_the_figure_n_a_never_100_per_cent() -> None:
    story = the_story()
    story["rosters"] = [RosterFact(1, CENSUS, (1, 2), ())]
    result = figure("M12.A", **story)
    assert (result.display, result.value, result.verdict) == ("n/a", None, "n/a")
    assert figure("M12.B", **story).display == "n/a"


def test_an_empty_group_has_no_verdict_but_keeps_the_pooled_numbers() -> None:
    result = figure(
        "M12.A", units=[HOST], rosters=[RosterFact(1, CENSUS, (1, 2), ())], people=people(1, 2), sessions=busy(1)
    )
    assert shown(result) == (1, 2, "50.00 %", "n/a")


def test_a_later_file_for_the_same_census_replaces_it_and_an_older_census_does_not() -> None:
    rosters = [
        RosterFact(1, CENSUS, (1, 2, 3, 4), (), id=1), RosterFact(1, CENSUS, (1, 2), (), id=2),
        RosterFact(1, dt.date(2026, 3, 1), (5,), (), id=3), RosterFact(1, dt.date(2025, 10, 31), (6,), (), id=4),
        RosterFact(1, dt.date(2026, 11, 1), (7,), (), id=5),
    ]  # fmt: skip
    assert figure("M12.A", units=[HOST], rosters=rosters, people=people(*range(1, 8))).denominator == 2


def test_a_person_on_two_rosters_counts_in_each_row_and_once_in_the_total() -> None:
    rosters = [RosterFact(1, CENSUS, (1, 2), (9,)), RosterFact(2, CENSUS, (1, 3), (8,))]
    result = figure("M12.A", units=[HOST, PARTNER], rosters=rosters, people=people(1, 2, 3, 8, 9), sessions=busy(1))
    parts = result.as_dict()["parts"]
    assert parts["students"] == [1, 3]
    assert parts["students of Host"] == parts["students of Partner"] == [1, 2]


def test_test_accounts_and_unknown_names_stay_on_the_roster_and_are_not_covered() -> None:
    known = people(1) | {2: PersonFact(2, is_test=True)}
    roster = RosterFact(1, CENSUS, (1, 2, "查无此人"), ())
    result = figure("M12.A", units=[HOST], rosters=[roster], people=known, sessions=busy(1) + busy(2))
    assert (result.numerator, result.denominator) == (1, 3)
    assert result.tally.rest == {("student", 2): "not_reached", ("student", "查无此人"): "no_account"}


@pytest.mark.parametrize(
    ("days", "minutes", "is_covered"), [(3, 20, True), (2, 60, False), (3, 19, False), (5, 12, True)]
)
def test_a_student_needs_three_days_and_sixty_minutes(days: int, minutes: int, is_covered: bool) -> None:
    roster = [RosterFact(1, CENSUS, (1,), ())]
    result = figure("M12.A", units=[HOST], rosters=roster, people=people(1), sessions=busy(1, days, minutes))
    assert bool(result.numerator) == is_covered


def test_time_on_two_devices_is_credited_once() -> None:
    sessions = [SessionFact(1, on(f"2026-03-0{day}", at), 1800) for day in (2, 3, 4) for at in ("10:00", "10:10")]
    result = figure(
        "M12.A", units=[HOST], rosters=[RosterFact(1, CENSUS, (1,), ())], people=people(1), sessions=sessions
    )
    assert result.numerator == 1  # 3 × 40 minutes
    result = figure(
        "M12.A", units=[HOST], rosters=[RosterFact(1, CENSUS, (1,), ())], people=people(1), sessions=sessions[:3]
    )
    assert result.numerator == 0


def test_one_library_course_completed_is_enough() -> None:
    done = [EnrolmentFact(1, 1, 1, 1, (("enrolled", LONG_BEFORE), ("completed", on("2026-02-02")))),
            EnrolmentFact(2, 2, 1, 1, (("completed", YEAR.end),))]  # fmt: skip
    result = figure(
        "M12.A", units=[HOST], rosters=[RosterFact(1, CENSUS, (1, 2), ())], people=people(1, 2), enrolments=done
    )
    assert result.tally.counted == {("student", 1): "completed"}


def test_a_teacher_needs_five_learners_in_one_effective_lesson() -> None:
    staff = people(21, 22, 23, 24, is_learner=False)
    learners = people(*LEARNERS, 21)
    good, thin, heap, empty = (
        lesson(21, [resource()]), lesson(22, [resource()]),
        lesson(23, [resource() for _ in range(55)], other_activities=5), lesson(24, []),
    )  # fmt: skip
    opens = [opened(who, what) for who in LEARNERS for what in (good, heap, empty)]
    opens += [opened(who, thin) for who in list(LEARNERS)[:4]] + [opened(22, thin), opened(24, thin)]
    late = [opened(who, thin, YEAR.end) for who in LEARNERS]
    result = figure(
        "M12.A", units=[HOST], rosters=[RosterFact(1, CENSUS, (), (21, 22, 23, 24))], people=learners | staff,
        lessons=[good, thin, heap, empty], opens=opens + late,
    )  # fmt: skip
    assert result.tally.counted == {("teacher", 21): "lesson"}
