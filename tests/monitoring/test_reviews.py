"""M17: review coverage and, beside it, how quick and how sure review is."""

from __future__ import annotations

from courseware.monitoring.facts import RecheckFact, ReviewFact, SubmissionFact
from tests.monitoring.rows import YEAR, figure, on, shown

MONDAY, TUESDAY = "2026-03-02", "2026-03-03"


def review(version: int, levels: int, done: int, is_self: bool = False) -> ReviewFact:
    return ReviewFact(version, on(MONDAY), levels, done, True, is_self)


def submission(key: int, minutes: int, *, is_approved: bool = True, is_first: bool = True) -> SubmissionFact:
    return SubmissionFact(
        key, key, on(MONDAY), on(MONDAY, f"{9 + minutes // 60:02}:{minutes % 60:02}"), is_approved, is_first
    )


def test_m17_counts_versions_with_every_level_and_no_self_review() -> None:
    reviews = [review(11, 2, 2), review(12, 2, 1), review(21, 2, 2, is_self=True)]
    noise = [
        ReviewFact(31, YEAR.end, 1, 0, False, False),
        ReviewFact(32, on(MONDAY), 1, 0, False, False, is_imported=True),
    ]
    result = figure("M17", reviews=reviews + noise)
    assert shown(result) == (1, 3, "33.33 %", "fail")
    assert result.tally.rest == {12: "levels_missing", 21: "self_review"}
    assert result.tally.excluded == {32: "imported"}


def test_turnaround_is_the_median_and_p90_in_working_minutes_and_first_pass_counts_first_submissions_only() -> None:
    decided = [submission(n, 30 * n) for n in range(1, 10)] + [submission(10, 480, is_approved=False)]
    again = [submission(11, 60, is_first=False)]
    other_year = [SubmissionFact(12, 12, YEAR.end, YEAR.end, True)]
    parts = figure("M17", submissions=decided + again + other_year).tally.parts
    assert parts == {"median_minutes": 150, "p90_minutes": 270, "first_pass": (9, 10)}


def test_a_night_between_submission_and_decision_is_no_review_time() -> None:
    overnight = SubmissionFact(1, 1, on(MONDAY, "16:30"), on(TUESDAY, "09:30"), True)
    assert figure("M17", submissions=[overnight]).tally.parts["median_minutes"] == 60


def test_rechecks_show_how_many_were_overturned() -> None:
    checks = [RecheckFact(n, on(MONDAY), n == 1) for n in range(1, 21)] + [RecheckFact(99, YEAR.end, True)]
    assert figure("M17", rechecks=checks).tally.parts == {"overturned": (1, 20)}
