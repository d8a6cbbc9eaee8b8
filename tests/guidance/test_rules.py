"""The pure rules of guidance: the path along prerequisites, the plan, the weeks, the counts of use, the ranking."""

from __future__ import annotations

import datetime as dt
import uuid
from itertools import combinations
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from courseware.guidance import path
from courseware.guidance.co_use import KEPT, LAST, Neighbour, neighbours, people_by_resource
from courseware.guidance.export import as_cell
from courseware.guidance.plan import WEEKS, first_day, plan_week, weeks_learned
from courseware.guidance.ranking import rank
from courseware.progress.days import number_of

POINTS = list(range(1, 9))
ORDERS = st.permutations(POINTS)
STATES = st.dictionaries(st.sampled_from(POINTS), st.sampled_from(["done", "part"]))
# Edges lead from a later to an earlier point of 1..8, so there is no circle, as the services hold it (R13).
NEEDS = st.dictionaries(st.sampled_from(POINTS[1:]), st.lists(st.integers(1, 8), max_size=3)).map(
    lambda edges: {point: sorted({need for need in needs if need < point}) for point, needs in edges.items()}
)


@given(ORDERS, NEEDS, STATES)
def test_every_step_of_the_path_rests_on_points_that_are_learned(order: Any, needs: Any, states: Any) -> None:
    steps = path.next_steps(order, needs, states, limit=99)
    for step in steps:
        assert states.get(step.point_id) != "done"
        assert all(states.get(need) == "done" for need in needs.get(step.point_id, ()))
    assert len({step.point_id for step in steps}) == len(steps)
    assert bool(steps) == any(states.get(point) != "done" for point in order), (
        "there is a next step until all is learned"
    )


@given(ORDERS, NEEDS, STATES)
def test_steps_that_lead_to_a_gap_come_first(order: Any, needs: Any, states: Any) -> None:
    reasons = [step.reason for step in path.next_steps(order, needs, states, limit=99)]
    assert reasons == sorted(reasons, key=["gap", "begun", "follows", "first"].index)


@given(ORDERS, NEEDS, STATES)
def test_a_gap_is_not_begun_while_something_that_builds_on_it_is(order: Any, needs: Any, states: Any) -> None:
    shown = path.with_gaps(order, needs, states)
    missed = {need for point in states for need in needs.get(point, ()) if need not in states}
    assert {point for point, state in shown.items() if state == "gap"} == missed
    assert {point: state for point, state in shown.items() if state != "gap"} == states


def test_a_gap_deep_below_is_reached_from_its_bottom_and_names_what_was_begun() -> None:
    steps = path.next_steps([1, 2, 3, 4], {2: [1], 3: [2]}, {3: "part"})
    assert [(step.point_id, step.reason, step.because) for step in steps] == [(1, "gap", 3), (4, "first", None)]


def lesson(number: int) -> Any:
    return SimpleNamespace(id=number, uuid=uuid.uuid4(), title=f"第 {number} 课")


@given(
    st.integers(0, 6), st.sets(st.integers(0, 6)), st.integers(10, 240), st.lists(st.integers(1, 90), max_size=9),
    st.dictionaries(st.integers(0, 6), st.integers(1, 20_000)),
)  # fmt: skip
def test_a_plan_keeps_the_order_and_never_asks_for_more_than_was_set_aside(
    weekday: int, days: set[int], minutes: int, left: list[int], learned: dict[int, int]
) -> None:
    monday = dt.date(2026, 11, 16)
    today = monday + dt.timedelta(days=weekday)
    lessons = [(lesson(n), needs) for n, needs in enumerate(left)]
    seconds = {number_of(monday) + day: float(s) for day, s in learned.items()}
    week = plan_week(today, days, minutes, lessons, seconds)
    for day in week.days:
        asked = sum(portion.minutes for portion in day.portions)
        assert asked <= day.planned
        assert not day.portions or day.date >= today
        assert day.planned in (0, minutes)
    portions = [portion for day in week.days for portion in day.portions]
    assert [p.lesson.id for p in portions] == sorted(p.lesson.id for p in portions)
    for one, needs in lessons:
        mine = [p for p in portions if p.lesson is one]
        assert sum(p.minutes for p in mine) <= needs
        assert [p.goes_on for p in mine] == [False, *[True] * (len(mine) - 1)][: len(mine)]


def test_what_was_learned_today_is_taken_off_todays_minutes_and_yesterday_is_said_as_it_was() -> None:
    today = dt.date(2026, 11, 18)  # a Wednesday
    week = plan_week(today, [0, 2, 4], 30, [(lesson(1), 45)], {number_of(today): 20 * 60})
    monday, wednesday, friday = week.days
    assert (monday.planned, monday.learned, monday.is_over, list(monday.portions)) == (30, 0, True, [])
    assert [p.minutes for p in wednesday.portions] == [10]
    assert [(p.minutes, p.goes_on) for p in friday.portions] == [(30, True)]
    assert (week.planned, week.learned) == (90, 20)


@given(st.dates(dt.date(2024, 1, 1), dt.date(2030, 1, 1)), st.sets(st.integers(0, 83)))
def test_a_week_counts_by_any_day_of_it_and_a_pause_changes_no_other_week(today: dt.date, back: set[int]) -> None:
    days = [number_of(today) - n for n in back]
    weeks = weeks_learned(today, days)
    assert len(weeks) == WEEKS
    mondays = {
        (today - dt.timedelta(days=n)) - dt.timedelta(days=(today - dt.timedelta(days=n)).weekday()) for n in back
    }
    first = first_day(today)
    assert sum(weeks) == sum(number_of(monday) >= first for monday in mondays)


HISTORIES = st.lists(st.lists(st.integers(1, 9), max_size=12), max_size=12)


@given(HISTORIES, st.integers(1, 3))
def test_pairs_are_counted_as_a_plain_count_would(histories: list[list[int]], least: int) -> None:
    counted = {(n.resource_id, n.other_id): n.people for n in neighbours(histories, least)}
    plain: dict[tuple[int, int], int] = {}
    for history in histories:
        for pair in combinations(sorted(set(history)), 2):
            plain[pair] = plain.get(pair, 0) + 1
    wanted = {pair: people for pair, people in plain.items() if people >= least}
    assert counted == wanted | {
        (b, a): people for (a, b), people in wanted.items()
    }  # fewer than KEPT each: none is cut
    assert people_by_resource(histories) == {n: sum(n in h for h in histories) for h in histories for n in h}


def test_counts_are_bounded_by_the_newest_uses_and_the_best_neighbours() -> None:
    many = list(range(1, 60))
    found = neighbours([many] * 3)
    assert {n.resource_id for n in found} == set(range(1, LAST + 1))
    assert max(sum(n.resource_id == number for n in found) for number in range(1, LAST + 1)) == KEPT


def test_fewer_than_three_people_make_no_suggestion() -> None:
    assert neighbours([[1, 2], [1, 2], [3, 1]]) == []


@given(
    st.lists(st.builds(Neighbour, st.integers(1, 5), st.integers(6, 12), st.integers(3, 9), st.floats(0.01, 1)), max_size=20),
    st.dictionaries(st.integers(8, 15), st.integers(3, 40), max_size=5), st.sets(st.integers(6, 15)),
)  # fmt: skip
def test_a_ranking_leaves_out_what_it_must_puts_the_course_first_and_repeats(
    found: list[Neighbour], popular: dict[int, int], out: set[int]
) -> None:
    ranked = rank(found, popular, out)
    ids = [one.resource_id for one in ranked]
    assert not out & set(ids)
    assert [number in popular for number in ids] == sorted((number in popular for number in ids), reverse=True)
    assert ranked == rank(reversed(found), popular, out), "the database may answer in any order"
    assert all(one.because is None or one.because <= 5 for one in ranked)


@given(st.text())
def test_no_cell_of_a_sheet_is_run_as_a_formula(text: str) -> None:
    assert not str(as_cell(text)).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert str(as_cell(text)).endswith(text)
