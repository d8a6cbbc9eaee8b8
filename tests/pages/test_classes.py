"""A class in one go: opened, joined by code, signed in, asked, given a due day, warned of, told something."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.pages.axe import grave_findings, sticks_out
from tests.pages.steps import follow
from tests.pages.world import World

PHONE = {"width": 390, "height": 844, "has_touch": True, "is_mobile": True}
NAME = "机器人 2501 班"


@pytest.mark.timeout(180)
def test_a_teacher_teaches_a_class_and_students_take_part(open_as: Callable[..., Page], world: World) -> None:
    teacher = open_as("teacher")
    code, home = opens_a_class(teacher)
    student, classmate = open_as("student", **PHONE), open_as("classmate", **PHONE)
    for page in (student, classmate):
        joins(page, code)
    takes_attendance(teacher, student, home)
    asks(teacher, student, classmate, home)
    gives_a_due_day(teacher, student, home)
    tells(teacher, student, home, world)
    talks(teacher, student)


def is_sound(page: Page) -> None:
    assert [*grave_findings(page), *sticks_out(page)] == []


def opens_a_class(page: Page) -> tuple[str, str]:
    page.goto("/teach/classes/new")
    page.fill("#name", NAME)
    page.locator("input[name=run]").first.check()
    follow(page, "form.narrow button")
    code = page.locator("#class-code").inner_text()
    is_sound(page)
    return code, page.url.removesuffix("/people")


def joins(page: Page, code: str) -> None:
    page.goto("/join")
    page.fill("#code", "WRNG22")
    follow(page, "form.joining button")
    expect(page.locator("#code-error")).to_be_visible()
    page.fill("#code", code.lower())
    follow(page, "form.joining button")
    expect(page.locator("h1")).to_have_text(NAME)
    is_sound(page)


def takes_attendance(teacher: Page, student: Page, home: str) -> None:
    """The form appears on the phone by itself; the count on the screen moves by itself."""
    teacher.goto(f"{home}/live")
    teacher.fill("#sititle", "第一课")
    follow(teacher, "form[action$='/sign-ins'] button")
    expect(teacher.locator(".count b")).to_have_text("0")
    is_sound(teacher)
    student.fill("#sicode", teacher.locator(".big-code").inner_text())
    follow(student, "form[action$='/sign-in'] button")
    expect(student.locator("#now .kk-note.ok")).to_be_visible()
    expect(teacher.locator(".count b")).to_have_text("1")
    follow(teacher, "form[action$='/close'] button")
    row = teacher.locator("tbody tr").nth(1)
    row.locator("summary").click()
    row.locator("select").select_option("excused")
    row.locator("input[name=reason]").fill("技能竞赛")
    follow(teacher, row.locator("button"))
    expect(teacher.locator("tbody tr").nth(1)).to_contain_text("技能竞赛")
    is_sound(teacher)


def asks(teacher: Page, student: Page, classmate: Page, home: str) -> None:
    """Counts stand on the projector; students see them when the teacher shows them."""
    teacher.goto(f"{home}/live")
    teacher.fill("#question", "标定前要先做什么？")
    teacher.fill("#options", "回零\n关灯")
    follow(teacher, "#ask form button")
    for page, choice in ((student, 0), (classmate, 0)):
        page.locator("#now .answers input").nth(choice).check()
        follow(page, "form[action$='/answer'] button")
        expect(page.locator("#now p", has_text="回零")).to_be_visible()
        assert page.locator("#now .bars").count() == 0, "not shown yet"
    expect(teacher.locator(".count b")).to_have_text("2")
    teacher.click("button[value=show]")
    expect(teacher.locator(".bars .n").first).to_contain_text("100")
    expect(student.locator("#now .bars")).to_be_visible()
    is_sound(teacher)
    is_sound(student)


def gives_a_due_day(teacher: Page, student: Page, home: str) -> None:
    tomorrow = dt.datetime.now(dt.timezone(dt.timedelta(hours=8))).date() + dt.timedelta(days=1)
    teacher.goto(f"{home}/work")
    teacher.locator("#lesson").select_option(index=2)
    teacher.fill("#due_on", tomorrow.isoformat())
    follow(teacher, "form.setdue button")
    expect(teacher.locator("ul.dues li")).to_have_count(1)
    is_sound(teacher)
    teacher.goto(home)
    expect(teacher.locator("table.board .warned").first).to_contain_text(f"{tomorrow:%m-%d}")
    is_sound(teacher)
    student.reload()
    expect(student.locator("ul.dues li")).to_have_count(1)


def tells(teacher: Page, student: Page, home: str, world: World) -> None:
    """On learning pages until it is read; the teacher sees how many did."""
    teacher.goto(f"{home}/announcements")
    teacher.fill("#title", "周五到实训楼")
    follow(teacher, "form.tell button")
    expect(teacher.locator(".said")).to_contain_text("0 / 2")
    student.goto(world.path("learn", "lesson"))
    told = student.locator(".class-note", has_text="周五到实训楼")
    height = told.evaluate("(note) => note.getBoundingClientRect().height")
    assert height <= 56, "one line until it is opened: the lesson comes first"
    told.locator("summary").click()
    is_sound(student)
    follow(student, told.locator("form button"))
    expect(student.locator(".class-note")).to_have_count(0)
    teacher.reload()
    expect(teacher.locator(".said")).to_contain_text("1 / 2")
    is_sound(teacher)


def talks(teacher: Page, student: Page) -> None:
    """A student begins, the teacher's answer is marked as one."""
    student.goto("/my-classes")
    follow(student, "ul.cls a")
    follow(student, "a[href$='/discussion']")
    student.fill("#say-new", "标定时枪尖对不准怎么办？")
    student.click("form.kk-say button[type=submit]")
    expect(student.locator(".kk-thread")).to_have_count(1)
    is_sound(student)
    follow(teacher, ".kk-tabs a[href$='/discussion']")
    teacher.click(".kk-thread details.re summary")
    teacher.fill(".kk-thread .re textarea", "先降速，再换方向靠近。")
    teacher.click(".kk-thread .re button")
    expect(teacher.locator(".kk-post.te")).to_contain_text("先降速")
    is_sound(teacher)
