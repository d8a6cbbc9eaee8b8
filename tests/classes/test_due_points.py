"""A class sets a day for a knowledge point: done by the rule of the map, told to learners, counted on the board."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from courseware.classes.models import ClassDuePoint
from courseware.classes.queries import board, points_due_for
from courseware.classes.queries.due_points import due_points_of, people_done
from courseware.classes.services import due_points, roster
from courseware.classes.warnings import BEHIND, SOON
from courseware.core import agenda
from courseware.core.database import session
from courseware.core.errors import Invalid, NotAllowed
from courseware.core.roles import Role
from courseware.knowledge import merging
from tests.classes.conftest import Room
from tests.counting import statements

NOON = "2026-11-10 12:00:00"


def day(number: int) -> dt.date:
    return dt.date(2026, 11, 10) + dt.timedelta(days=number)


def set_day(room: Room, number: int, point: int = 0, group: str = "") -> ClassDuePoint:
    return due_points.set_due_point(room.world.teacher, room.klass, room.world.points[point], day(number), group)


def test_a_point_is_done_when_a_resource_that_teaches_it_is_finished_and_a_group_has_its_own_day(
    room: Room, clock: Any
) -> None:
    clock(NOON)
    student, mate = room.world.student, room.world.classmate
    roster.set_group(room.world.teacher, room.klass, student, "甲", seen="")
    set_day(room, 1)
    set_day(room, 4, group="甲")
    set_day(room, 2)
    assert [(d.title, d.due_on, d.mastery) for d in points_due_for(student)] == [("工作角", day(4), "nothing")]
    assert [d.due_on for d in points_due_for(mate)] == [day(2)], "a second day replaces the first"
    room.watch(mate, 30)
    assert [(d.is_begun, d.is_done) for d in points_due_for(mate)] == [(True, False)]
    room.watch(mate, 90)
    assert points_due_for(mate)[0].is_done
    assert people_done(room.klass, [room.world.points[0].id]) == {room.world.points[0].id: 1}
    assert [due.title for due in agenda.open_for(student)] == ["工作角"]
    assert agenda.open_for(mate) == []


def test_the_board_warns_of_points_as_of_lessons(room: Room, clock: Any) -> None:
    clock(NOON)
    set_day(room, 1)
    lines = board.board_of(room.klass).lines
    assert [[w.rule for w in line.warnings if w.rule == SOON] for line in lines] == [[SOON], [SOON]]
    room.watch(room.world.student, 90)
    clock.advance(days=3)
    warned = [[w.figures for w in line.warnings if w.rule == BEHIND] for line in board.board_of(room.klass).lines]
    assert warned == [[], [{"done": 0, "due": 1}]]


def test_the_board_asks_as_often_for_many_people_and_points_as_for_few(room: Room, clock: Any) -> None:
    clock(NOON)
    set_day(room, 1)
    with statements() as few:
        board.board_of(room.klass)
    for person in room.pupils(12):
        room.watch(person, 90)
    room.world.resource("行走角讲义", points=room.world.points[1:2])
    set_day(room, 2, point=1)
    with statements() as many:
        board.board_of(room.klass)
    assert len(many) <= len(few)


def test_what_nobody_could_do_is_refused_with_every_reason_at_once(room: Room, clock: Any) -> None:
    clock(NOON)
    with pytest.raises(Invalid) as refusal:
        set_day(room, -1, point=2, group="没有人")
    assert set(refusal.value.problems) == {"due_on", "lesson", "group"}, "nothing teaches the third point"
    with pytest.raises(Invalid):
        due_points.set_due_point(room.world.colleague, room.noise, room.world.points[0], day(1))
    with pytest.raises(NotAllowed):
        due_points.set_due_point(room.world.colleague, room.klass, room.world.points[0], day(1))


def test_a_day_is_taken_away_and_what_was_done_stays(client: Any, room: Room, clock: Any) -> None:
    clock(NOON)
    client.sign_in(room.world.teacher)
    address = f"/teach/classes/{room.klass.uuid}/work"
    point = room.world.points[0]
    assert client.post(address, data={"lesson": f"point-{point.uuid}", "due_on": str(day(1))}).status_code == 302
    assert "工作角" in client.get(address).text
    wrong = client.post(address, data={"lesson": "point-nonsense", "due_on": str(day(1))})
    assert wrong.status_code == 422
    client.sign_in(room.world.student)
    assert f'href="/points/{point.uuid}"' in client.get(f"/my-classes/{room.klass.uuid}").text
    assert f'href="/points/{point.uuid}"' in client.get("/my-learning").text
    client.sign_in(room.world.teacher)
    (due,) = due_points_of(room.klass)
    client.post(f"{address}/{due.uuid}/drop")
    assert due_points_of(room.klass) == []


def test_days_of_two_points_that_become_one_become_one(room: Room, clock: Any) -> None:
    clock(NOON)
    room.world.resource("行走角讲义", points=room.world.points[1:2])
    gone, kept = room.world.points[1], room.world.points[0]
    roster.set_group(room.world.teacher, room.klass, room.world.student, "甲", seen="")
    set_day(room, 1)
    set_day(room, 3, point=1)
    set_day(room, 5, point=1, group="甲")
    merging.merge_points(gone, kept, room.world.person("馆员", Role.LIBRARIAN, Role.ADMINISTRATOR))
    session().expire_all()
    found = [(due.point_id == kept.id, due.group_name, due.due_on) for due in due_points_of(room.klass)]
    assert found == [(True, "", day(1)), (True, "甲", day(5))]
