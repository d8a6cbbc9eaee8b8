"""Where a year will end: by pace, with a range, in whole numbers, never as a verdict."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from courseware.core import clock as core_clock
from courseware.monitoring.definitions import BY_ID
from courseware.monitoring.facts import GivenFacts, SubmissionFact
from courseware.monitoring.indicators import registry
from courseware.monitoring.periods import previous
from courseware.monitoring.planning import outlook
from courseware.monitoring.planning.forecast import Forecast, Rest, Standing, foresee
from courseware.monitoring.planning.waiting import Waiting, share_kept, waiting_updates
from courseware.review import services as review
from tests.monitoring.rows import YEAR, on, resources
from tests.resources.conftest import make_world

UPDATES, REACHED = BY_ID["M4.A"], BY_ID["M12.A"]
MONTHS = [YEAR.start, *(end for end in YEAR.month_ends() if end <= on("2026-05-01", "00:00"))]


def steady(per_month: int, base: int, months: int = 7) -> list[Standing]:
    """The same number every month, from 1 November on."""
    return [Standing(at, per_month * n, base) for n, at in enumerate(MONTHS[:months])]


def test_a_steady_pace_goes_on_to_the_end_of_the_period() -> None:
    ahead = foresee(UPDATES, YEAR, steady(10, 2000))
    assert ahead is not None
    assert (ahead.numerator, ahead.denominator) == (121, 2000)  # 60 by 1 May, 40 of them since 1 January, 184 days left
    assert ahead.low < ahead.at_period_end < ahead.high
    assert (ahead.missing, ahead.is_met) == (79, False)


def test_what_waits_for_review_counts_where_it_is_more_than_the_pace_gives() -> None:
    by_pace = foresee(UPDATES, YEAR, steady(10, 2000), pending=20)
    by_queue = foresee(UPDATES, YEAR, steady(10, 2000), pending=150)
    assert by_pace == foresee(UPDATES, YEAR, steady(10, 2000))
    assert by_queue is not None
    assert (by_queue.numerator, by_queue.is_met, by_queue.missing) == (210, True, 0)


def test_the_last_people_on_a_roster_are_reached_ever_more_slowly() -> None:
    half_each_quarter = [Standing(at, reached, 800) for at, reached in zip(MONTHS[::3], (0, 400, 600), strict=True)]
    ahead = foresee(REACHED, YEAR, half_each_quarter)
    assert ahead is not None
    assert 740 <= ahead.numerator <= 760  # a straight line would pass 800
    assert Decimal("75.00") <= ahead.low


def test_nothing_is_foreseen_too_early_too_late_without_a_base_or_without_a_target() -> None:
    early = [Standing(YEAR.start, 0, 10), Standing(YEAR.start + dt.timedelta(days=29), 1, 10)]
    late = [Standing(YEAR.start, 0, 10), Standing(YEAR.end, 1, 10)]
    empty = [Standing(at, 0, 0) for at in MONTHS]
    assert [foresee(UPDATES, YEAR, given) for given in (early, late, empty, steady(1, 10)[:1])] == [None] * 4
    assert foresee(BY_ID["M5.A"], YEAR, steady(1, 10)) is None


@given(st.lists(st.integers(0, 100), min_size=6, max_size=6), st.integers(100, 5000), st.integers(0, 50))
def test_a_range_holds_its_value_and_no_share_leaves_0_to_100(grown: list[int], base: int, pending: int) -> None:
    numbers = [sum(grown[:n]) for n in range(len(grown) + 1)]
    history = [Standing(at, min(n, base), base) for at, n in zip(MONTHS, numbers, strict=True)]
    for definition in (UPDATES, REACHED, BY_ID["M8.A"]):
        ahead = foresee(definition, YEAR, history, pending)
        assert isinstance(ahead, Forecast)
        assert ahead.low <= ahead.at_period_end <= ahead.high
        assert ahead.is_met == (ahead.missing == 0)
        if definition is not UPDATES:
            assert Decimal(0) <= ahead.low <= ahead.high <= Decimal(100)


def test_a_running_period_answers_with_a_forecast_and_a_closed_one_without() -> None:
    old = resources(100)
    new = [r for month in range(1, 5) for r in resources(2, published=on(f"2026-0{month}-10"))]
    decided = [SubmissionFact(n, n, on("2026-02-02"), on("2026-02-03"), n > 1) for n in range(1, 5)]
    running = GivenFacts(YEAR, on("2026-05-01", "00:00"), resources=old + new, submissions=decided)
    before, waits = GivenFacts(previous(YEAR), running.now), Waiting(frozenset(r.id for r in old[:40]))
    results = [registry.count(key, running) for key in ("M4.A", "M4.B", "M5.A")]
    shown = outlook.add_forecasts(running, before, results, waits)
    assert shown[0].as_dict()["forecast"]["at_period_end"] == 38.0  # 8 and three quarters of the 40 that wait
    assert all("forecast" not in result.as_dict() for result in shown[1:])
    closed = running.at(YEAR.end)
    assert "forecast" not in outlook.add_forecasts(closed, before, [registry.count("M4.A", closed)], waits)[0].as_dict()


# --- what authors began ------------------------------------------------------------------------------------------------


def test_a_draft_counts_a_quarter_until_the_library_has_shown_what_becomes_of_its_drafts() -> None:
    drafts = frozenset(range(100))
    assert Waiting(drafts=drafts).likely((), 1.0) == 25
    assert Waiting(drafts=drafts, kept=59, seen=76).likely((), 1.0) == 75
    assert Waiting(drafts=drafts, kept=0, seen=996).likely((), 1.0) == 0


def test_what_is_counted_already_brings_no_second_update_and_reviews_count_by_what_is_approved() -> None:
    waits = Waiting(in_review=frozenset({1, 2, 3, 4}), drafts=frozenset({5, 6, 7, 8, 9}))
    assert waits.likely({4, 9, 77}, 1.0) == 4  # three in review, a quarter of four drafts
    assert waits.likely({4, 9, 77}, 0.5) == 2


def test_only_what_lay_a_day_says_how_many_drafts_are_kept() -> None:
    day = dt.timedelta(days=1)
    begun = on("2026-01-10")
    at_once = (begun, begun + day / 2, begun + day)
    kept = (begun, begun + 30 * day, begun + 40 * day)
    late = (begun, begun + 30 * day, begun + 91 * day)
    asleep = (begun, None, None)
    assert share_kept([at_once, at_once, kept, late, asleep]) == (1, 3)


def test_drafts_and_reviews_of_this_library_are_read_without_those_asleep(app: Flask, clock: Any) -> None:
    clock("2030-05-01 09:00")
    world = make_world()
    world.draft("旧稿")
    world.published("早已发布")
    clock("2030-12-01 09:00")
    fresh, waits = world.draft("新稿"), world.draft("送审稿")
    review.submit(world.author, waits, commitment="本人承诺")
    found = waiting_updates(world.library.id, core_clock.now())
    assert (set(found.in_review), set(found.drafts)) == ({waits.id}, {fresh.id}), "the old draft sleeps"
    assert (found.kept, found.seen) == (0, 1), "the one that slept lay and came to nothing"


# --- the range, and looking back ---------------------------------------------------------------------------------------


def test_the_range_of_updates_reaches_to_what_the_same_months_of_last_year_brought() -> None:
    alone = foresee(UPDATES, YEAR, steady(1, 1000))
    spring = foresee(UPDATES, YEAR, steady(1, 1000), rest=Rest(90, 900))
    quiet = foresee(UPDATES, YEAR, steady(20, 1000), rest=Rest(0, 900))
    assert alone
    assert spring
    assert quiet
    assert (spring.low, spring.at_period_end, spring.high) == (alone.low, alone.at_period_end, Decimal("10.60"))
    assert quiet.low == Decimal("12.00"), "last year brought nothing more: it may be so again"
    assert foresee(REACHED, YEAR, steady(1, 1000), rest=Rest(90, 900)) == foresee(REACHED, YEAR, steady(1, 1000))


def test_quiet_months_leave_a_range_and_batches_make_it_wider_than_single_things() -> None:
    quiet = foresee(UPDATES, YEAR, [Standing(at, 5, 100) for at in MONTHS])
    assert quiet is not None
    assert (quiet.low, quiet.at_period_end, quiet.high) == (Decimal("3.00"), Decimal("5.00"), Decimal("7.00"))
    reached = foresee(REACHED, YEAR, [Standing(at, 5, 100) for at in MONTHS])
    assert reached is not None
    assert reached.high == Decimal("6.00")


def test_looking_back_tells_month_by_month_what_had_been_said_and_whether_it_held() -> None:
    new = [r for month in range(1, 11) for r in resources(2, published=on(f"2026-{month:02}-10"))]
    closed = GivenFacts(YEAR, on("2027-02-01"), resources=resources(100) + new)
    (updates,) = [
        one for one in outlook.hindsight(closed, GivenFacts(previous(YEAR), closed.now)) if one.end.id == "M4.A"
    ]
    assert updates.end.numerator == 20
    assert [one.at for one in updates.said] == [end for end in YEAR.month_ends() if end < YEAR.end]
    first, last = updates.said[0].forecast, updates.said[-1].forecast
    assert (first.numerator, last.numerator) == (0, 20), (
        "nothing had happened by 1 December, all was known by 1 October"
    )
    assert (updates.said[0].held, updates.said[-1].held) == (False, True)
    assert updates.held == sum(one.held for one in updates.said)
