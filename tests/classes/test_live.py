"""Attendance and quick questions: once a person, whoever is faster; corrections have a reason."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from courseware.auditlog.models import AuditEntry
from courseware.classes import codes
from courseware.classes.errors import (
    AnsweredAlready,
    NotInClass,
    OldPass,
    PollClosed,
    SignInClosed,
    SignInRunning,
    TooManyCodes,
    WrongSignInCode,
)
from courseware.classes.models import PollAnswer
from courseware.classes.queries.live import attendance_of, count_present, open_polls_of, result_of
from courseware.classes.queries.news import going_on_for
from courseware.classes.services import polls, sign_ins
from courseware.core.database import session
from courseware.core.errors import Invalid, NotAllowed
from courseware.core.roles import Role
from tests.classes.conftest import Room


@settings(deadline=None)
@given(st.floats(0, 4e9), st.sampled_from(sign_ins.PERIODS_S))
def test_the_code_on_the_screen_is_good_for_its_period_and_the_next(at: float, period: int) -> None:
    code = codes.screen_code("secret", period, at)
    assert len(code) == 4
    assert codes.is_on_screen(code, "secret", period, at)
    assert codes.is_on_screen(code, "secret", period, at + period)
    assert 1 <= codes.seconds_left(period, at) <= period


def test_a_code_of_long_ago_opens_nothing() -> None:
    old = [codes.screen_code("secret", 20, turn * 20.0) for turn in range(50)]
    taken = sum(codes.is_on_screen(code, "secret", 20, 50_000.0) for code in old)
    assert taken <= 1, "four digits may meet by chance once"


def test_members_sign_in_with_the_code_on_the_screen_once(room: Room, clock: Any) -> None:
    clock("2026-11-02 08:00:05")
    opened = sign_ins.open_sign_in(room.world.teacher, room.klass, "第一课")
    code, _left = sign_ins.code_now(opened)
    clock.advance(seconds=25)
    sign_ins.sign_in(room.world.student, opened, f" {code} ")
    sign_ins.sign_in(room.world.student, opened, code)
    assert count_present(opened) == 1
    clock.advance(seconds=60)
    with pytest.raises(WrongSignInCode):
        sign_ins.sign_in(room.world.classmate, opened, code)
    with pytest.raises(NotInClass):
        sign_ins.sign_in(room.world.person("外人", Role.STUDENT), opened, code)
    assert {a.user.name: a.state for a in attendance_of(opened)} == {"苏听澜": "present", "周同学": "absent"}


def test_guessing_four_digits_is_stopped(room: Room, clock: Any) -> None:
    clock("2026-11-02 08:00:05")
    opened = sign_ins.open_sign_in(room.world.teacher, room.klass)
    code, _left = sign_ins.code_now(opened)
    wrong = f"{(int(code) + 5000) % 10000:04}"
    for _each in range(8):
        with pytest.raises(WrongSignInCode):
            sign_ins.sign_in(room.world.student, opened, wrong)
    with pytest.raises(TooManyCodes):
        sign_ins.sign_in(room.world.student, opened, code)
    assert count_present(opened) == 0


def test_one_sign_in_at_a_time_and_none_after_it_closed(room: Room) -> None:
    opened = sign_ins.open_sign_in(room.world.teacher, room.klass)
    with pytest.raises(SignInRunning):
        sign_ins.open_sign_in(room.world.teacher, room.klass)
    sign_ins.close(room.world.teacher, opened)
    with pytest.raises(SignInClosed):
        sign_ins.sign_in(room.world.student, opened, sign_ins.code_now(opened)[0])
    assert sign_ins.open_sign_in(room.world.teacher, room.klass) is not opened


def test_a_correction_needs_a_reason_and_stands_in_the_security_log(room: Room) -> None:
    opened = sign_ins.open_sign_in(room.world.teacher, room.klass)
    with pytest.raises(Invalid):
        sign_ins.correct(room.world.teacher, opened, room.world.student, "excused", "  ")
    with pytest.raises(NotAllowed):
        sign_ins.correct(room.world.colleague, opened, room.world.student, "present", "我说的")
    with pytest.raises(NotInClass):
        sign_ins.correct(room.world.teacher, opened, room.world.colleague, "present", "在场")
    sign_ins.correct(room.world.teacher, opened, room.world.student, "excused", "技能竞赛")
    mine = next(a for a in attendance_of(opened) if a.user is room.world.student)
    assert (mine.state, mine.by, mine.reason) == ("excused", room.world.teacher.name, "技能竞赛")
    entry = session().scalars(select(AuditEntry).where(AuditEntry.action == "class.sign_in_corrected")).one()
    assert (entry.reason, entry.details["before"], entry.details["after"]) == ("技能竞赛", "absent", "excused")


def test_the_first_answer_counts_and_the_second_is_refused(room: Room) -> None:
    poll = polls.ask(room.world.teacher, room.klass, "single", "先看哪一项？", ["负载", "电流", "负载", " "])
    assert poll.options == ["负载", "电流"]
    polls.answer(room.world.student, poll, ["1"])
    with pytest.raises(AnsweredAlready):
        polls.answer(room.world.student, poll, ["0"])
    assert session().scalar(select(func.count()).select_from(PollAnswer)) == 1
    assert result_of(poll).counts == [("0", 0), ("1", 1)]


def test_learners_see_counts_only_when_they_are_shown_and_answer_only_while_it_is_open(room: Room) -> None:
    teacher, student = room.world.teacher, room.world.student
    poll = polls.ask(teacher, room.klass, "true_false", "焊前要清理坡口吗？")
    polls.ask(room.world.colleague, room.noise, "true_false", "别班的问题？")
    assert [(p.question, mine) for p, mine in open_polls_of(room.klass, student)] == [("焊前要清理坡口吗？", None)]
    polls.set_open(teacher, poll, is_open=False)
    assert open_polls_of(room.klass, student) == []
    with pytest.raises(PollClosed):
        polls.answer(student, poll, ["1"])
    polls.show_results(teacher, poll, are_shown=True)
    assert len(open_polls_of(room.klass, student)) == 1
    polls.set_open(teacher, poll, is_open=True)
    polls.answer(student, poll, ["1"])
    with pytest.raises(NotInClass):
        polls.answer(room.world.person("外人", Role.STUDENT), poll, ["1"])


def test_learning_pages_point_at_what_still_waits_for_the_person(room: Room) -> None:
    teacher, student = room.world.teacher, room.world.student
    opened = sign_ins.open_sign_in(teacher, room.klass)
    poll = polls.ask(teacher, room.klass, "true_false", "焊前要清理坡口吗？")
    assert [(g.has_sign_in, g.has_poll) for g in going_on_for(student)] == [(True, True)]
    sign_ins.sign_in(student, opened, sign_ins.code_now(opened)[0])
    assert [(g.has_sign_in, g.has_poll) for g in going_on_for(student)] == [(False, True)]
    polls.answer(student, poll, ["1"])
    assert going_on_for(student) == []
    assert len(going_on_for(room.world.classmate)) == 1


@pytest.mark.parametrize(
    ("kind", "chosen"),
    [("single", []), ("single", ["0", "1"]), ("single", ["9"]), ("multiple", []), ("multiple", ["0", "x"]), ("scale", ["6"]),
     ("true_false", ["2"]), ("words", ["  "])],
)  # fmt: skip
def test_answers_that_the_question_does_not_offer_are_refused(kind: str, chosen: list[str]) -> None:
    with pytest.raises(Invalid):
        polls.sound_answer(kind, 3, chosen)


@settings(deadline=None)
@given(st.sets(st.sampled_from("0123"), min_size=1))
def test_several_answers_are_kept_in_the_order_of_the_options(chosen: set[str]) -> None:
    assert polls.sound_answer("multiple", 4, list(chosen)) == sorted(chosen)


def test_a_scale_has_a_mean_and_words_are_counted_together(room: Room) -> None:
    scale = polls.ask(room.world.teacher, room.klass, "scale", "把握有多大？", ["不用", "这些"])
    polls.answer(room.world.student, scale, ["4"])
    polls.answer(room.world.classmate, scale, ["5"])
    assert result_of(scale).mean == 4.5
    assert scale.options == []
    word = polls.ask(room.world.teacher, room.klass, "words", "一个词？")
    polls.answer(room.world.student, word, ["  安全   第一 "])
    polls.answer(room.world.classmate, word, ["安全 第一"])
    assert result_of(word).counts == [("安全 第一", 2)]


def test_a_question_needs_words_and_enough_different_answers(room: Room) -> None:
    with pytest.raises(Invalid) as refusal:
        polls.ask(room.world.teacher, room.klass, "single", "  ", ["一样", "一样"])
    assert set(refusal.value.problems) == {"question", "options"}


def scan(client: Any, room: Room) -> str:
    """What a phone reads from the screen of the teacher: the path with its pass."""
    opened = sign_ins.running(room.klass)
    assert opened is not None
    return f"/my-classes/{room.klass.uuid}/sign-in?pass={sign_ins.pass_now(opened)}"


def test_a_phone_scans_the_screen_and_one_tap_signs_in(client: Any, room: Room, clock: Any) -> None:
    clock("2026-11-02 08:00:05")
    opened = sign_ins.open_sign_in(room.world.teacher, room.klass, "第一课")
    client.sign_in(room.world.teacher)
    shown = client.get(f"/teach/sign-ins/{opened.uuid}/screen").text
    assert shown.count('class="qr"') == 1
    assert sign_ins.code_now(opened)[0] in shown, "without a camera the digits do the same"
    client.sign_in(room.world.student)
    page = client.get(scan(client, room))
    assert (page.status_code, count_present(opened)) == (200, 0), "looking signs nobody in"
    client.post(scan(client, room).split("?")[0], data={"pass": sign_ins.pass_now(opened)})
    assert count_present(opened) == 1
    assert "kk-note ok" in client.get(scan(client, room)).text


def test_a_code_that_was_photographed_is_refused_in_words_and_the_digits_still_work(
    client: Any, room: Room, clock: Any
) -> None:
    clock("2026-11-02 08:00:05")
    opened = sign_ins.open_sign_in(room.world.teacher, room.klass)
    sent_on = scan(client, room)
    clock.advance(seconds=45)
    client.sign_in(room.world.student).set_cookie("kk_lang", "en")
    late = client.get(sent_on)
    assert (late.status_code, "no longer on the screen" in late.text) == (422, True)
    for _each in range(10):
        client.post(sent_on.split("?")[0], data={"pass": sent_on.split("=")[1]})
    assert count_present(opened) == 0
    client.post(sent_on.split("?")[0], data={"code": sign_ins.code_now(opened)[0]})
    assert count_present(opened) == 1, "an old picture is no guess at the digits"


def test_a_pass_of_one_class_opens_no_other_and_strangers_hear_so(client: Any, room: Room, clock: Any) -> None:
    clock("2026-11-02 08:00:05")
    sign_ins.open_sign_in(room.world.teacher, room.klass)
    other = sign_ins.open_sign_in(room.world.colleague, room.noise)
    path = scan(client, room)
    with pytest.raises(OldPass):
        sign_ins.sign_in_by_pass(room.world.classmate, other, path.split("=")[1])
    client.sign_in(room.world.person("外人", Role.STUDENT)).set_cookie("kk_lang", "en")
    stranger = client.get(path)
    assert (stranger.status_code, "You are not in this class" in stranger.text) == (403, True)
    client.sign_out()
    guest = client.get(path)
    assert guest.status_code == 302
    assert "pass%3D" in guest.location, "after signing in one is back where one was"


def test_scanning_after_the_end_says_so(client: Any, room: Room, clock: Any) -> None:
    clock("2026-11-02 08:00:05")
    opened = sign_ins.open_sign_in(room.world.teacher, room.klass)
    path = scan(client, room)
    sign_ins.close(room.world.teacher, opened)
    session().commit()
    client.sign_in(room.world.student).set_cookie("kk_lang", "en")
    assert "No sign-in is open now" in client.get(path).text
