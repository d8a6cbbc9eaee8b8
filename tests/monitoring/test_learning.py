"""M14 media coverage, time and completion; M16; M18."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from courseware.monitoring.facts import DescriptionFact, EnrolmentFact, PersonFact, SessionFact, UnitFact, WatchFact
from tests.monitoring.rows import AFTER, LONG_BEFORE, YEAR, figure, on, people, resource, resources, shown, used

AT = on("2026-03-03", "10:00")
parts = st.lists(st.tuples(st.integers(0, 700), st.integers(0, 700)).map(sorted), max_size=8)


def watch(person: int, thing: int, start: float, end: float, length: float = 600, at: dt.datetime = AT) -> WatchFact:
    return WatchFact(person, thing, at, start, end, length)


def test_watched_parts_are_joined() -> None:
    watches = [watch(1, 1, 0, 300), watch(1, 1, 200, 500), watch(1, 1, 560, 600), watch(1, 1, 0, 600, at=YEAR.end)]
    assert shown(figure("M14.coverage", watches=watches)) == (540, 600, "90.00 %", None)


def test_a_library_adds_unions_and_lengths_of_every_person_and_medium() -> None:
    watches = [watch(1, 1, 0, 300), watch(2, 1, 0, 300), watch(1, 2, 0, 500, length=100)]
    assert shown(figure("M14.coverage", watches=watches))[:2] == (700, 1300)


@given(parts)
def test_coverage_never_exceeds_the_length_and_does_not_depend_on_order(ranges: list[list[int]]) -> None:
    one_way = figure("M14.coverage", watches=[watch(1, 1, a, b) for a, b in ranges])
    other_way = figure("M14.coverage", watches=[watch(1, 1, a, b) for a, b in reversed(ranges)])
    assert shown(one_way) == shown(other_way)
    assert one_way.numerator is not None
    assert 0 <= one_way.numerator <= (one_way.denominator or 0)


def test_time_on_two_devices_is_one_time() -> None:
    sessions = [SessionFact(1, on("2026-03-03", "10:00"), 1800), SessionFact(1, on("2026-03-03", "10:10"), 1800)]
    assert shown(figure("M14.time", sessions=sessions)) == (2400, None, "40 min", None)
    other = SessionFact(2, on("2026-03-03", "10:00"), 60)
    assert figure("M14.time", sessions=[*sessions, other]).numerator == 2460


def test_completion_of_those_who_started_and_of_those_who_enrolled() -> None:
    thing = resource(course_id=1)
    places = [EnrolmentFact(n, n, 1, 1, _changes(n)) for n in range(1, 1001)]
    facts = {
        "enrolments": places,
        "resources": [thing],
        "uses": [used(n, thing) for n in range(1, 601)],
        "people": people(*range(1, 1001)),
    }
    assert shown(figure("M14.completion.A", **facts)) == (240, 600, "40.00 %", None)
    assert shown(figure("M14.completion.B", **facts)) == (240, 1000, "24.00 %", None)


def _changes(n: int) -> tuple[tuple[str, dt.datetime], ...]:
    joined: tuple[tuple[str, dt.datetime], ...] = (("enrolled", AT),)
    return (*joined, ("completed", AT)) if n <= 240 else joined


def test_m16_complete_metadata_and_names_by_the_template() -> None:
    items = resources(1000)
    gone = resources(3, withdrawn=on("2026-02-02"))
    facts = [DescriptionFact(r.id, n < 996, n < 970) for n, r in enumerate(items)] + [
        DescriptionFact(r.id, False, False) for r in gone
    ]
    assert shown(figure("M16.metadata", resources=items + gone, descriptions=facts)) == (996, 1000, "99.60 %", None)
    assert shown(figure("M16.naming", resources=items + gone, descriptions=facts)) == (970, 1000, "97.00 %", None)


def the_reach() -> dict[str, Any]:
    """500 active persons: 200 of the host, 180 of other schools, 90 of enterprises, 30 others; 120 in another province."""
    host = UnitFact(1, "host", "Host", "school", is_first_host=True, province="A")
    groups = [(200, 1, "school"), (180, 2, "school"), (90, 3, "enterprise"), (30, 4, "industry_body")]
    units = [(unit, kind) for n, unit, kind in groups for _ in range(n)]
    everyone = {
        key: PersonFact(
            key, unit_id=unit, unit_kind=kind, province="B" if 200 < key <= 320 else "A", verified_at=LONG_BEFORE
        )
        for key, (unit, kind) in enumerate(units, 1)
    }
    everyone |= people(9001, 9002)
    thing = resource()
    return {
        "units": [host],
        "people": everyone,
        "resources": [thing],
        "uses": [used(key, thing) for key in range(1, 501)],
    }


def test_m18_splits_the_very_people_that_m11_counts_without_those_who_closed_their_account() -> None:
    facts = the_reach()
    for person in (1, 2, 205):  # two of the host, one of another school
        facts["people"][person] = replace(facts["people"][person], closed_at=on("2026-05-05"))
    facts["people"][3] = replace(facts["people"][3], closed_at=AFTER)
    assert figure("M11.A", **facts).numerator == 497
    assert [figure(f"M18.{name}", **facts).denominator for name in ("in_school", "cross_province")] == [497, 497]
    assert figure("M18.in_school", **facts).numerator == 198


def test_m18_who_is_reached_seen_from_the_first_host() -> None:
    facts = the_reach()
    shares = [figure(f"M18.{name}", **facts).display for name in ("in_school", "other_school", "enterprise", "society")]
    assert shares == ["40.00 %", "36.00 %", "18.00 %", "6.00 %"]
    assert figure("M18.cross_province", **facts).display == "24.00 %"
    assert figure("M18.units", **facts).numerator == 4
