"""An old version comes back, two people edit one draft, somebody rates what they read: as people do it, in a browser."""

from __future__ import annotations

import uuid as uuidlib
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from courseware.accounts.models import User
from courseware.core.database import session
from courseware.core.unit_of_work import unit_of_work
from courseware.libraries.models import Course, Library
from courseware.resources import services
from tests.pages.axe import sticks_out
from tests.pages.steps import follow
from tests.pages.world import World
from tests.servers.site import LiveSite

FIRST, SECOND = "焊枪与工件成四十五度，匀速前进。", "焊枪与工件成六十度，先慢后快。"


@pytest.fixture
def revised(live_site: LiveSite, world: World) -> uuidlib.UUID:
    """A text with two published versions, new for each test."""
    mark = uuidlib.uuid4().hex
    with live_site.app.app_context(), unit_of_work():
        teacher = session().scalars(select(User).where(User.email == world.emails["teacher"])).one()
        library = session().scalars(select(Library).where(Library.code == world.library)).one()
        course = session().scalars(select(Course).where(Course.uuid == world.uuids["robot"])).one()
        made = services.create_resource(
            teacher, library, type="text", title=f"焊枪角度 {mark[:6]}", course=course, body=f"{FIRST}\n\n{mark}",
            originality="original", licence="CC-BY-4.0",
        )  # fmt: skip
        assert made.draft_version is not None
        services.publish_version(made.draft_version)
        second = services.start_revision(teacher, made, body=f"{SECOND}\n\n{mark}", reason="角度写错了")
        services.publish_version(second, "minor")
        return made.uuid


@pytest.mark.parametrize("width", [390, 1440])
def test_a_teacher_compares_two_versions_and_brings_the_old_one_back(
    open_as: Callable[..., Page], revised: uuidlib.UUID, width: int
) -> None:
    page = open_as("teacher", width=width)
    page.goto(f"/resources/{revised}#versions")
    page.get_by_role("link", name="并排查看变化").click()
    expect(page.locator("table.df del").first).to_be_visible()
    expect(page.locator("table.df ins").first).to_be_visible()
    assert sticks_out(page) == []
    page.goto(f"/resources/{revised}/versions/1")
    expect(page.locator(".prose")).to_contain_text(FIRST)
    page.locator("details.restore summary").click()
    page.fill("#restore-reason", "还是第一版对")
    page.click("details.restore button")
    page.wait_for_url("**/edit")
    assert FIRST in page.locator("textarea[name=body]").input_value()
    page.goto(f"/resources/{revised}")
    expect(page.locator(".prose").first).to_contain_text(SECOND)


def test_the_second_of_two_editors_loses_nothing(open_as: Callable[..., Page], revised: uuidlib.UUID) -> None:
    author, librarian = open_as("teacher"), open_as("librarian")
    author.goto(f"/resources/{revised}/versions/1")
    author.locator("details.restore summary").click()
    author.fill("#restore-reason", "还是第一版对")
    author.click("details.restore button")
    author.wait_for_url("**/edit")
    librarian.goto(f"/teach/resources/{revised}/edit")
    for page, text in ((librarian, "馆员补的一句。"), (author, "作者自己的一句。")):
        page.fill("textarea[name=body]", text)
        follow(page, "button[name=action][value=save]")
    told = author.locator(".kk-err")
    expect(told).to_contain_text("顾书远已于")
    expect(told.locator("table.theirs")).to_contain_text("馆员补的一句。")
    expect(author.locator("textarea[name=body]")).to_have_value("作者自己的一句。")
    assert sticks_out(author) == []
    author.on("dialog", lambda dialog: dialog.accept())
    follow(author, "button[name=action][value=save]")
    expect(author.locator(".kk-note.ok")).to_be_visible()
    librarian.reload()
    expect(librarian.locator("textarea[name=body]")).to_have_value("作者自己的一句。")


@pytest.mark.timeout(120)
def test_whoever_read_a_text_for_a_while_rates_it(open_as: Callable[..., Page], revised: uuidlib.UUID) -> None:
    page = open_as("classmate", width=390)
    page.goto(f"/resources/{revised}")
    expect(page.locator("#ratings form")).to_have_count(0)
    with page.expect_response("**/api/v1/events", timeout=40_000):
        for _second in range(17):
            page.mouse.move(100, 200 + _second)
            page.wait_for_timeout(1000)
    page.reload()
    page.locator("#ratings label").filter(has_text="4").click()
    page.fill("#rating-words", "图再大一点更好")
    follow(page, "#ratings form button")
    expect(page.locator(".kk-note.ok")).to_be_visible()
    expect(page.locator("#ratings input[value='4']")).to_be_checked()
    expect(page.locator("#ratings")).to_contain_text("已有 1 人评分")
    assert sticks_out(page) == []


def test_a_guest_reports_a_problem_and_its_author_answers(open_as: Callable[..., Page], revised: uuidlib.UUID) -> None:
    guest = open_as(None, width=390)
    guest.goto(f"/resources/{revised}")
    follow(guest, guest.get_by_role("link", name="报告问题"))
    guest.get_by_label("内容有错").check()
    words = f"第二句的角度不对（{revised.hex[:6]}）"
    guest.fill("textarea[name=words]", words)
    assert sticks_out(guest) == []
    guest.locator("form.narrow button").click()
    guest.wait_for_url(f"**/resources/{revised}")
    author = open_as("teacher")
    author.goto("/teach/reports")
    case = author.locator("article", has_text=words)
    if case.locator("details[open]").count() == 0:
        case.locator("summary").click()
    case.get_by_label("已改正").check()
    follow(author, case.locator("form button"))
    author.goto("/teach/reports?state=fixed")
    expect(author.locator("article", has_text=words)).to_be_visible()
