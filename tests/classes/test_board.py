"""The progress board, its export, announcements and the use of units."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from openpyxl import load_workbook

from courseware.classes import board_sheet
from courseware.classes.errors import NotInClass
from courseware.classes.queries import board, unread_for
from courseware.classes.queries.news import told_in
from courseware.classes.queries.watching import use_of, watching_of
from courseware.classes.services import news, roster, work
from courseware.core import clock as time
from tests.classes.conftest import Room
from tests.counting import statements


def test_a_line_holds_what_the_person_did_in_this_course_and_nothing_of_others(room: Room) -> None:
    room.watch(room.world.student, 100.0)
    room.watch(room.world.classmate, 30.0)
    shown = board.board_of(room.klass)
    mine, mates = shown.lines
    assert [(line.member.name, line.cells, line.done, line.required) for line in shown.lines] == [
        ("苏听澜", ["done"], 1, 1), ("周同学", ["part"], 0, 1)
    ]  # fmt: skip
    assert (mine.percent, mine.minutes, mine.points, mates.points) == (100.0, 2, 1, 0)
    assert shown.points == 3
    assert mine.last_seen is not None
    other = board.board_of(room.noise)
    assert [(line.done, line.last_seen) for line in other.lines] == [(0, None)]


def test_the_board_is_paged_by_key_and_asks_the_same_number_of_questions_for_any_class(room: Room) -> None:
    board.board_of(room.klass)  # the contents of the course are kept from here on
    with statements() as few:
        board.board_of(room.klass)
    room.pupils(30)
    with statements() as many:
        first = board.board_of(room.klass, limit=20)
    assert len(many) == len(few) <= 11
    second = board.board_of(room.klass, first.next or 0, 20)
    assert (len(first.lines), len(second.lines), second.next) == (20, 12, None)
    names = [line.member.name for line in (*first.lines, *second.lines)]
    assert len(set(names)) == 32 == first.people


def test_the_page_of_a_class_asks_the_same_number_of_questions_for_32_people_as_for_2(client: Any, room: Room) -> None:
    client.sign_in(room.world.teacher)
    client.get(page := f"/teach/classes/{room.klass.uuid}")  # the contents of the course are kept from here on
    with statements() as few:
        assert client.get(page).status_code == 200
    room.pupils(30)
    with statements() as many:
        assert "p027" in client.get(page).text
    assert len(many) == len(few) <= 13


def test_those_of_whom_a_rule_warns_can_be_shown_alone(room: Room, clock: Any) -> None:
    clock("2026-11-02 09:00")
    room.pupils(3)
    for member in roster.members_of(room.klass):
        member.joined_at = time.now()
    clock("2026-11-12 09:00")
    room.watch(room.world.student, 40.0)
    assert board.board_of(room.klass).warned == 4
    assert board.board_of(room.klass, limit=2).warned is None, "nobody looked further"
    shown = board.warned_in(room.klass, limit=3)
    assert shown.warned == 4
    assert "苏听澜" not in [line.member.name for line in shown.lines]
    assert all([w.rule for w in line.warnings] == ["unseen"] for line in shown.lines)
    assert len(board.warned_in(room.klass, shown.next or 0, 3).lines) == 1
    work.set_due(room.world.teacher, room.klass, room.lesson, dt.date(2026, 11, 13))
    assert [w.rule for w in board.board_of(room.klass).lines[1].warnings] == ["unseen", "soon"]


def test_the_sheet_equals_the_screen_and_begins_no_formula(app: Any, room: Room) -> None:
    room.world.classmate.name = "=1+1"
    room.watch(room.world.student, 100.0)
    with app.test_request_context(headers={"Cookie": "kk_lang=en"}):
        heads, lines = board_sheet.sheet_of(room.klass)
        sheet: Any = load_workbook(io.BytesIO(board_sheet.as_xlsx(heads, lines))).active
    shown = board.board_of(room.klass).lines
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][:4] == ("Name", "Number", "Study group", "Done")
    assert rows[0][-1] == "立向上角焊"
    assert [(r[3], r[4], r[5], r[6], r[7]) for r in rows[1:]] == [
        (line.done, line.required, line.percent, line.minutes, line.points) for line in shown
    ]
    assert rows[2][0] == "'=1+1"
    assert rows[1][-1] == "completed"


def test_lessons_are_counted_over_the_whole_class(room: Room) -> None:
    room.watch(room.world.student, 100.0)
    room.watch(room.world.classmate, 10.0)
    (total,) = board.lesson_totals(room.klass)
    assert (total.begun, total.completed) == (2, 1)


def test_an_announcement_is_shown_until_it_is_read_and_counts_its_readers(room: Room) -> None:
    teacher, student, mate = room.world.teacher, room.world.student, room.world.classmate
    roster.set_group(teacher, room.klass, student, "甲", seen="")
    for_all = news.announce(teacher, room.klass, "周五到实训楼", "带安全帽。")
    news.announce(teacher, room.klass, "甲组先上机", "", "甲")
    news.announce(room.world.colleague, room.noise, "别班的事", "")
    assert [u.title for u in unread_for(student)] == ["甲组先上机", "周五到实训楼"]
    assert [u.title for u in unread_for(mate)] == ["别班的事", "周五到实训楼"]
    news.read(student, room.klass, for_all)
    news.read(student, room.klass, for_all)
    assert [u.title for u in unread_for(student)] == ["甲组先上机"]
    told = {t.announcement.title: (t.readers, t.audience) for t in told_in(room.klass)}
    assert told == {"周五到实训楼": (1, 2), "甲组先上机": (0, 1)}
    assert [t.announcement.title for t in told_in(room.klass, mate)] == ["周五到实训楼"]
    news.withdraw(teacher, room.klass, for_all)
    assert [u.title for u in unread_for(mate)] == ["别班的事"]
    with pytest.raises(NotInClass):
        news.read(room.world.colleague, room.klass, for_all)


def test_the_pages_of_a_learner_show_what_the_class_was_told_until_it_is_read(client: Any, room: Room) -> None:
    told = news.announce(room.world.teacher, room.klass, "周五到实训楼", "带安全帽。")
    news.announce(room.world.colleague, room.noise, "别班的事", "")
    client.sign_in(room.world.student)
    pages = ["/my-learning", "/my-classes", f"/learn/{room.lesson.uuid}", f"/courses/{room.world.course.uuid}"]
    for path in pages:
        shown = client.get(path).text
        assert f'id="note-{told.uuid}"' in shown, path
        assert "别班的事" not in shown, path
    back = client.post(f"/announcements/{told.uuid}/read", data={"next": "/my-learning"})
    assert back.location == "/my-learning"
    assert [path for path in pages if f"note-{told.uuid}" in client.get(path).text] == []


def test_use_counts_the_class_and_a_curve_needs_five_viewers(room: Room) -> None:
    pupils = room.pupils(5)
    room.watch(room.world.teacher, 100.0)
    for pupil in pupils[:4]:
        room.watch(pupil, 60.0)
    assert not watching_of(room.video, room.klass).is_shown
    room.watch(pupils[4], 100.0)
    room.watch(pupils[4], 30.0, from_s=20.0)
    found = watching_of(room.video, room.klass)
    assert (found.viewers, found.finished) == (5, 1)
    assert (found.seen[10], found.seen[59], found.seen[60]) == (5, 5, 1)
    assert (found.again[19], found.again[20], found.again[29], found.again[30]) == (0, 1, 1, 0)
    assert [(s.start_s, s.count) for s in found.leaves] == [(60, 4)]
    (unit,) = use_of(room.klass).units
    assert (unit.users, unit.finished) == (5, 1)
    assert not watching_of(room.video, room.noise).is_shown


def test_everybody_s_curve_leaves_out_the_author(room: Room) -> None:
    for pupil in room.pupils(5):
        room.watch(pupil, 50.0)
    room.watch(room.world.teacher, 100.0)
    found = watching_of(room.video)
    assert found.viewers == 5
    assert max(found.seen[51:]) == 0
