"""M5, M6, M10, M11, M14, M17."""

from __future__ import annotations

import datetime as dt

from courseware.monitoring.facts import EnrolmentFact, PersonFact, ReviewFact, SessionFact
from tests.monitoring.rows import (
    AFTER,
    LONG_BEFORE,
    YEAR,
    busy,
    figure,
    lesson,
    on,
    opened,
    people,
    resource,
    shown,
    used,
)

DAY = dt.timedelta(days=1)


def test_m5_three_readings_of_active() -> None:
    r1, r2, r3, r4 = resource(), resource(), resource(withdrawn=YEAR.start + 200 * DAY), resource()
    r5 = resource(published=on("2026-03-01"), withdrawn=on("2026-03-13"))
    uses = [used(who, thing) for thing, n in ((r1, 5), (r2, 2), (r4, 3), (r5, 9)) for who in range(1, n + 1)]
    facts = {"resources": [r1, r2, r3, r4, r5], "uses": uses, "lessons": [lesson(1, [r1, r2, r5])],
             "excluded_uses": {"own_use": 132}}  # fmt: skip
    assert shown(figure("M5.A", **facts)) == (2, 4, "50.00 %", None)
    assert shown(figure("M5.B", **facts)) == (3, 4, "75.00 %", None)
    assert shown(figure("M5.C", **facts)) == (2, 4, "50.00 %", None)
    assert figure("M5.A", **facts).tally.exclusions() == {"own_use": 132}


def test_30_days_are_30_times_24_hours_with_spans_added() -> None:
    back = resource(published=on("2026-03-01"), withdrawn=on("2026-03-16"), again=on("2026-10-17", "00:00"))
    assert figure("M5.A", resources=[back]).denominator == 1
    short = resource(published=on("2026-10-02", "00:01"))
    assert figure("M5.A", resources=[short]).denominator == 0


def test_m6_three_readings_of_reference() -> None:
    a, b, c, d = (resource(unit_id=1) for _ in range(4))
    twice, quiet, abroad = lesson(1, [a, d]), lesson(1, [b]), lesson(2, [a], owner_unit_id=2)
    learners = people(11, 12) | people(1, 2, is_learner=False)
    opens = [opened(11, twice), opened(12, abroad), opened(1, quiet), opened(2, quiet), opened(12, quiet, YEAR.end)]
    facts = {"resources": [a, b, c, d], "lessons": [twice, quiet, abroad], "opens": opens, "people": learners}
    assert shown(figure("M6.A", **facts)) == (2, 4, "50.00 %", None)
    assert shown(figure("M6.B", **facts)) == (3, 4, "75.00 %", None)
    assert shown(figure("M6.C", **facts)) == (1, 4, "25.00 %", None)


def test_m6_a_heap_of_resources_is_not_effective_but_remains_a_reference() -> None:
    things = [resource() for _ in range(51)]
    facts = {"resources": things, "people": people(11)}
    heap = lesson(1, things, other_activities=5)
    assert figure("M6.A", **facts, lessons=[heap], opens=[opened(11, heap)]).numerator == 0
    assert figure("M6.B", **facts, lessons=[heap]).numerator == 51
    real = lesson(1, things, other_activities=6)
    assert figure("M6.A", **facts, lessons=[real], opens=[opened(11, real)]).numerator == 51


def test_m10_registered_are_verified_open_and_no_test() -> None:
    everyone = people(1, 2, 3) | {4: PersonFact(4, is_test=True, verified_at=LONG_BEFORE), 5: PersonFact(5)}
    everyone[3] = PersonFact(3, verified_at=LONG_BEFORE, closed_at=on("2026-05-05"))
    assert figure("M10.B", people=everyone).numerator == 2
    assert figure("M10.B", people=everyone, now=on("2026-05-05")).numerator == 3


def test_m11_three_readings_of_active() -> None:
    everyone, thing = people(*range(1, 801)), resource()
    weeks = [SessionFact(who, on(f"2026-03-{day:02}"), 900) for who in range(1, 221) for day in (2, 9, 16, 23)]
    facts = {
        "people": everyone, "resources": [thing], "uses": [used(who, thing) for who in range(1, 501)],
        "sign_ins": {who: on("2026-02-02") for who in range(1, 641)}, "sessions": weeks + busy(300, days=3, minutes=90),
    }  # fmt: skip
    assert shown(figure("M11.A", **facts)) == (500, 800, "62.50 %", None)
    assert shown(figure("M11.B", **facts)) == (640, 800, "80.00 %", None)
    assert shown(figure("M11.C", **facts)) == (220, 800, "27.50 %", None)


def test_publishing_a_lesson_and_opening_another_ones_make_active_and_opening_ones_own_does_not() -> None:
    mine, old = lesson(1, [], on("2026-02-02")), lesson(2, [], on("2025-10-01"))
    facts = {"people": people(1, 2, 3), "lessons": [mine, old], "opens": [opened(2, old), opened(3, old)]}
    assert set(figure("M11.A", **facts).tally.counted) == {1, 3}


def enrolment(key: int, person: int, run: int, *changes: tuple[str, dt.datetime]) -> EnrolmentFact:
    return EnrolmentFact(key, person, 1, run, changes)


def test_m14_enrolments_and_persons() -> None:
    day = on("2026-03-03", "08:00")
    facts = {"enrolments": [
        enrolment(1, 1, 1, ("enrolled", day)), enrolment(2, 1, 2, ("enrolled", day)), enrolment(3, 2, 1, ("enrolled", day)),
        enrolment(4, 3, 2, ("enrolled", day), ("withdrawn", day + dt.timedelta(hours=2))),
    ], "people": people(1, 2, 3)}  # fmt: skip
    assert figure("M14.enrolments", **facts).numerator == 3
    assert figure("M14.persons", **facts).numerator == 2


def test_m14_counts_a_run_once_however_often_people_leave_and_return() -> None:
    day = on("2026-03-03", "08:00")
    coming_and_going = enrolment(1, 1, 1, ("enrolled", day), ("withdrawn", day + 3 * DAY), ("enrolled", day + 4 * DAY))
    returned = enrolment(2, 2, 1, ("enrolled", day), ("withdrawn", day + DAY), ("enrolled", day + 40 * DAY))
    other_year = enrolment(3, 3, 1, ("enrolled", YEAR.end))
    test = enrolment(4, 4, 1, ("enrolled", day))
    facts = {"enrolments": [coming_and_going, returned, other_year, test],
             "people": people(1, 2, 3) | {4: PersonFact(4, is_test=True)}}  # fmt: skip
    assert figure("M14.enrolments", **facts).numerator == 2


def test_m17_one_of_three_versions_was_reviewed_as_it_must() -> None:
    at = on("2026-04-04")
    reviews = [ReviewFact(1, at, 2, 2, True, False), ReviewFact(2, at, 2, 1, True, False),
               ReviewFact(3, at, 2, 2, True, True), ReviewFact(4, YEAR.end, 2, 0, False, True)]  # fmt: skip
    result = figure("M17", reviews=reviews)
    assert shown(result) == (1, 3, "33.33 %", "fail")
    assert result.tally.rest == {2: "levels_missing", 3: "self_review"}


def test_figures_of_the_past_stay_as_they_were() -> None:
    thing = resource(withdrawn=YEAR.end + 90 * DAY)
    assert figure("M1.A", resources=[thing], now=AFTER).numerator == 1
