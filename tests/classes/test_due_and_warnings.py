"""Due days, and warnings by stated rules with their figures."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from flask_babel import force_locale
from hypothesis import given, settings
from hypothesis import strategies as st

from courseware.classes import words
from courseware.classes.errors import ClassEnded
from courseware.classes.queries import due_for
from courseware.classes.services import classes, roster, work
from courseware.classes.warnings import BEHIND, SOON, UNSEEN, DueState, Thresholds, warnings_of
from courseware.core import clock as time
from courseware.core.errors import Invalid, NotAllowed
from tests.classes.conftest import Room

NOW = dt.datetime(2026, 11, 10, 4, 0, tzinfo=dt.UTC)  # noon in Shanghai
RULES = Thresholds()


def day(number: int) -> dt.date:
    return dt.date(2026, 11, 10) + dt.timedelta(days=number)


def due(number: int, *, begun: bool = False, done: bool = False) -> DueState:
    return DueState(number, f"第{number}课", day(number), begun or done, done)


def test_not_seen_is_said_from_the_seventh_whole_day_on() -> None:
    joined = NOW - dt.timedelta(days=30)
    almost, week = NOW - dt.timedelta(days=7) + dt.timedelta(seconds=1), NOW - dt.timedelta(days=7)
    assert warnings_of(joined, almost, [], RULES, NOW) == []
    found = warnings_of(joined, week, [], RULES, NOW)
    assert [(w.rule, w.figures["days"], w.figures["last_seen"]) for w in found] == [(UNSEEN, 7, week)]


def test_newcomers_are_not_warned_of_for_the_time_before_they_came() -> None:
    long_ago = NOW - dt.timedelta(days=300)
    assert warnings_of(NOW - dt.timedelta(days=2), long_ago, [], RULES, NOW) == []
    found = warnings_of(NOW - dt.timedelta(days=9), long_ago, [], RULES, NOW)
    assert [w.figures for w in found] == [{"days": 9, "last_seen": None}]


def test_behind_counts_only_lessons_whose_day_is_over_and_late_work_is_done() -> None:
    dues = [due(-3, done=True), due(-1), due(0), due(5)]
    assert [w.rule for w in warnings_of(NOW, NOW, dues, RULES, NOW)] == [SOON], "1 of 2 is not below half"
    found = warnings_of(NOW, NOW, [due(-3), due(-2), due(-1, done=True)], RULES, NOW)
    assert [(w.rule, w.figures) for w in found] == [(BEHIND, {"done": 1, "due": 3})]


def test_the_day_is_over_at_midnight_in_shanghai() -> None:
    last_minute = dt.datetime(2026, 11, 10, 15, 59, tzinfo=dt.UTC)
    assert [w.rule for w in warnings_of(NOW, last_minute, [due(0, begun=True)], RULES, last_minute)] == []
    midnight = last_minute + dt.timedelta(minutes=1)
    assert [w.rule for w in warnings_of(NOW, midnight, [due(0, begun=True)], RULES, midnight)] == [BEHIND]


def test_due_soon_is_what_is_due_today_or_tomorrow_and_not_begun() -> None:
    found = warnings_of(NOW, NOW, [due(0), due(1), due(2), due(1, begun=True)], RULES, NOW)
    assert [(w.rule, w.figures["due_on"]) for w in found] == [(SOON, day(0)), (SOON, day(1))]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(-20, 20), st.booleans(), st.booleans()), max_size=12), st.integers(1, 100))
def test_whoever_has_done_everything_is_never_behind_and_figures_agree(
    states: list[tuple[int, bool, bool]], percent: int
) -> None:
    rules = Thresholds(behind_percent=percent)
    dues = [due(n, begun=b, done=d) for n, b, d in states]
    for warning in warnings_of(NOW, NOW, dues, rules, NOW):
        if warning.rule == BEHIND:
            assert 100 * warning.figures["done"] < percent * warning.figures["due"]
    done = [due(n, done=True) for n, _b, _d in states]
    assert warnings_of(NOW, NOW, done, rules, NOW) == []


def test_sentences_name_the_figures(app: Any) -> None:
    dues = [due(-1), due(1)]
    with app.test_request_context(headers={"Cookie": "kk_lang=en"}):
        told = [words.sentence(w) for w in warnings_of(NOW - dt.timedelta(days=8), None, dues, RULES, NOW)]
    assert told == [
        "Not seen since joining 8 days ago",
        "0 of 1 due lessons and points completed",
        "“第1课” is due on 11-11 and not begun",
    ]
    named = warnings_of(NOW, None, [replace(due(1), title_en="Welding safely")], RULES, NOW)
    with app.test_request_context(), force_locale("en"):
        assert words.sentence(named[0]) == "“Welding safely” is due on 11-11 and not begun"
    with app.test_request_context(), force_locale("zh_Hans"):
        assert "第1课" in words.sentence(named[0])


def test_a_group_s_own_day_goes_before_that_of_the_class(room: Room, clock: Any) -> None:
    clock("2026-11-10 12:00")
    teacher, student, mate = room.world.teacher, room.world.student, room.world.classmate
    roster.set_group(teacher, room.klass, student, "甲", seen="")
    work.set_due(teacher, room.klass, room.lesson, day(2))
    work.set_due(teacher, room.klass, room.lesson, day(5), group="甲")
    assert [(d.due_on, d.class_name, d.is_done) for d in due_for(student)] == [(day(5), "焊接 2501 班", False)]
    assert [d.due_on for d in due_for(mate)] == [day(2)]
    work.set_due(teacher, room.klass, room.lesson, day(3))
    assert [d.due_on for d in due_for(mate)] == [day(3)], "a second day replaces the first"


def test_late_is_shown_and_counts_as_done(room: Room, clock: Any) -> None:
    clock("2026-11-10 12:00")
    work.set_due(room.world.teacher, room.klass, room.lesson, day(0))
    clock("2026-11-11 00:00:01")
    (late,) = due_for(room.world.student)
    assert late.is_late(time.now())
    assert not late.is_done
    room.watch(room.world.student, 100.0)
    (done,) = due_for(room.world.student)
    assert done.is_done
    assert done.is_late(time.now())


def test_nothing_is_due_in_a_class_that_ended_or_was_left(room: Room, clock: Any) -> None:
    clock("2026-11-10 12:00")
    work.set_due(room.world.teacher, room.klass, room.lesson, day(2))
    roster.leave(room.world.classmate, room.klass)
    assert due_for(room.world.classmate) == []
    classes.close(room.world.teacher, room.klass)
    assert due_for(room.world.student) == []
    with pytest.raises(ClassEnded):
        work.set_due(room.world.teacher, room.klass, room.lesson, day(2))


def test_a_day_that_is_over_a_strange_lesson_and_an_empty_group_are_refused_together(room: Room, clock: Any) -> None:
    clock("2026-11-10 12:00")
    teacher = room.world.teacher
    with pytest.raises(Invalid) as refusal:
        work.set_due(teacher, room.klass, room.lesson, day(-1), group="没有人")
    assert set(refusal.value.problems) == {"due_on", "group"}
    with pytest.raises(Invalid):
        work.set_due(room.world.colleague, room.noise, room.lesson, day(1))
    with pytest.raises(NotAllowed):
        work.set_due(room.world.colleague, room.klass, room.lesson, day(1))


def test_thresholds_belong_to_one_class_and_have_bounds(room: Room) -> None:
    classes.set_rules(room.world.teacher, room.klass, unseen_days=3, behind_percent=80, before_days=2)
    assert classes.rules_of(room.klass).unseen_days == 3
    assert classes.rules_of(room.noise).unseen_days == 7
    with pytest.raises(Invalid) as refusal:
        classes.set_rules(room.world.teacher, room.klass, unseen_days=0, behind_percent=101, before_days=1)
    assert set(refusal.value.problems) == {"unseen_days", "behind_percent"}
