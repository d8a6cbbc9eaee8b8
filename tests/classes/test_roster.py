"""Who gets into a class, and what a script that guesses codes meets."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from courseware.auditlog.models import AuditEntry
from courseware.catalog import services as catalog
from courseware.classes import codes
from courseware.classes.errors import ClassEnded, NotInClass, RosterChanged, TeachesIt, TooManyCodes, WrongClassCode
from courseware.classes.models import ClassMember
from courseware.classes.queries.people import account_by_text, count_people
from courseware.classes.services import classes, roster
from courseware.core import clock as time
from courseware.core.database import session
from courseware.core.errors import Invalid, NotAllowed
from courseware.core.roles import Role
from courseware.enrollment import queries as enrolled
from courseware.enrollment import services as enrollment
from courseware.enrollment.errors import ByClassOnly
from courseware.progress.models import LessonProgress
from tests.classes.conftest import Room


def test_codes_have_no_letters_that_look_alike_and_are_read_however_they_are_typed() -> None:
    made = {codes.new_join_code() for _each in range(300)}
    assert len(made) == 300
    assert not set("".join(made)) & set("IO01")
    assert codes.typed(" ａbc-d e7\n") == "ABCDE7"
    assert codes.shown("ABCDE7") == "ABC DE7"


def test_the_code_of_a_class_brings_a_person_into_the_class_and_its_run(room: Room) -> None:
    newcomer = room.world.person("何同学", Role.STUDENT)
    joined = roster.join(newcomer, codes.shown(room.klass.join_code or "").lower())
    assert joined is room.klass
    assert enrolled.is_enrolled(newcomer, room.world.course)
    assert count_people(room.klass) == 3
    roster.join(newcomer, room.klass.join_code or "")
    assert count_people(room.klass) == 3, "once is enough"


def test_a_run_for_a_class_list_is_joined_through_its_class_only_and_left_with_it(room: Room) -> None:
    world = room.world
    run = catalog.open_run(world.course, "2", time.now() - dt.timedelta(days=1), kind="spoc")
    klass = classes.open_class(world.teacher, run, "SPOC 班")
    newcomer = world.person("何同学", Role.STUDENT)
    with pytest.raises(ByClassOnly):
        enrollment.enrol(newcomer, world.course, "2")
    roster.join(newcomer, klass.join_code or "")
    assert enrolled.is_enrolled(newcomer, world.course)
    roster.leave(newcomer, klass)
    assert not enrolled.is_enrolled(newcomer, world.course)


def test_an_old_code_a_closed_code_and_an_ended_class_open_nothing(room: Room) -> None:
    teacher, newcomer = room.world.teacher, room.world.person("何同学", Role.STUDENT)
    old = room.klass.join_code or ""
    new = roster.renew_code(teacher, room.klass)
    with pytest.raises(WrongClassCode):
        roster.join(newcomer, old)
    roster.close_code(teacher, room.klass)
    with pytest.raises(WrongClassCode):
        roster.join(newcomer, new)
    code = roster.renew_code(teacher, room.klass)
    room.klass.run.ends_at = time.now() - dt.timedelta(seconds=1)
    with pytest.raises(ClassEnded, match="2501"):
        roster.join(newcomer, code)
    with pytest.raises(ClassEnded):
        roster.add_people(teacher, room.klass, [newcomer])
    assert count_people(room.klass) == 2


def test_a_script_that_guesses_codes_is_stopped_and_raises_the_alarm_once(room: Room, clock: Any) -> None:
    clock("2026-11-02 09:00")
    guesser = room.world.person("何同学", Role.STUDENT)
    for number in range(8):
        with pytest.raises(WrongClassCode):
            roster.join(guesser, f"WRNG{number:02}")
    for _again in range(3):
        with pytest.raises(TooManyCodes, match="15"):
            roster.join(guesser, room.klass.join_code or "")
    alarms = session().scalars(select(AuditEntry).where(AuditEntry.action == "class.code_guessing")).all()
    assert [(a.actor_id, a.result) for a in alarms] == [(guesser.id, "refused")]
    roster.join(room.world.person("无辜", Role.STUDENT), room.klass.join_code or "")
    clock.advance(minutes=16)
    roster.join(guesser, room.klass.join_code or "")


def test_many_accounts_behind_one_address_are_stopped_later_than_one_account(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("courseware.core.context.address", lambda: "10.1.2.3")
    for number in range(15):
        guesser = room.world.person(f"g{number}", Role.STUDENT)
        for _each in range(8):
            with pytest.raises(WrongClassCode):
                roster.join(guesser, "WRONG2")
    with pytest.raises(TooManyCodes):
        roster.join(room.world.person("第十六", Role.STUDENT), room.klass.join_code or "")


def test_teachers_do_not_join_their_own_class_and_strangers_do_not_lead_it(room: Room) -> None:
    with pytest.raises(TeachesIt):
        roster.join(room.world.teacher, room.klass.join_code or "")
    for act in (
        lambda: roster.add_people(room.world.colleague, room.klass, []),
        lambda: roster.renew_code(room.world.colleague, room.klass),
        lambda: roster.remove(room.world.colleague, room.klass, room.world.student),
        lambda: classes.open_class(room.world.colleague, room.klass.run, "冒名"),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_whoever_is_taken_out_keeps_what_was_done_and_may_come_back(room: Room) -> None:
    student = room.world.student
    room.watch(student, 100.0)
    roster.remove(room.world.teacher, room.klass, student)
    assert count_people(room.klass) == 1
    kept = session().scalars(select(LessonProgress).where(LessonProgress.user_id == student.id)).one()
    assert kept.completed_at is not None
    with pytest.raises(NotInClass):
        roster.remove(room.world.teacher, room.klass, student)
    roster.join(student, room.klass.join_code or "")
    rows = select(func.count()).select_from(ClassMember).where(ClassMember.user_id == student.id)
    assert session().scalar(rows) == 1, "the row is used again"


def test_two_teachers_who_edit_groups_do_not_overwrite_each_other(room: Room) -> None:
    teacher, student = room.world.teacher, room.world.student
    seen = roster.state_of(roster.members_of(room.klass))
    roster.set_group(teacher, room.klass, student, "甲", seen="")
    with pytest.raises(RosterChanged):
        roster.set_group(teacher, room.klass, student, "乙", seen="")
    with pytest.raises(RosterChanged):
        roster.split(teacher, room.klass, 2, 1, seen)
    assert [m.group_name for m in roster.members_of(room.klass)] == ["甲", ""]


def test_a_split_by_lot_is_balanced_and_comes_out_the_same_for_one_seed(room: Room) -> None:
    room.pupils(9)
    for _twice in range(2):
        roster.split(room.world.teacher, room.klass, 3, 7, roster.state_of(roster.members_of(room.klass)))
        groups = [m.group_name for m in roster.members_of(room.klass)]
        assert sorted(groups.count(name) for name in ("1", "2", "3")) == [3, 4, 4]
        assert groups == [str(n) for n in roster.deal(11, 3, 7)]
    with pytest.raises(Invalid):
        roster.split(room.world.teacher, room.klass, 12, 7, roster.state_of(roster.members_of(room.klass)))


@settings(deadline=None)
@given(st.integers(0, 200), st.integers(1, 50), st.integers())
def test_groups_by_lot_differ_by_one_at_most(people: int, groups: int, seed: int) -> None:
    dealt = roster.deal(people, groups, seed)
    sizes = [dealt.count(number) for number in range(1, groups + 1)]
    assert len(dealt) == people == sum(sizes)
    assert max(sizes) - min(sizes) <= 1


def test_an_account_is_found_by_its_whole_number_or_e_mail_only(room: Room) -> None:
    person = room.world.person("何同学", Role.STUDENT, key="2026010107")
    assert account_by_text(" 2026010107 ") is person
    assert account_by_text("何同学@EXAMPLE.org") is person
    for part in ("", "2026", "何同学", "%"):
        assert account_by_text(part) is None
