"""The reviewer's journey: a case by the keys alone, a note that is asked for, the next case."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from courseware.accounts import queries as accounts
from courseware.core.database import session
from courseware.core.unit_of_work import unit_of_work
from courseware.resources import services as resources
from courseware.resources.models import Resource
from courseware.review import services as review
from tests.pages.world import World
from tests.servers.site import LiveSite


def submitted(site: LiveSite, world: World, count: int) -> list[uuid.UUID]:
    """Cases by a teacher; the words of one say 绝对安全."""
    with site.app.app_context(), unit_of_work():
        teacher = accounts.user_by_email(world.emails["teacher"])
        pattern = session().scalars(select(Resource).where(Resource.uuid == world.uuids["video"])).one()
        assert teacher is not None
        made = [
            resources.create_resource(
                teacher, pattern.library, type="text", title=f"按键审核{n}", course=pattern.course, points=pattern.points[:1],
                body=f"第{n}份：该工艺绝对安全。", originality="original", licence="CC-BY-4.0", language="zh-CN",
            )
            for n in range(count)
        ]  # fmt: skip
        return [review.submit(teacher, one, commitment="我已检查，并对此负责。").uuid for one in made]


@pytest.mark.timeout(120)
def test_a_case_is_decided_by_keys_and_several_on_one_page(
    open_as: Callable[..., Page], live_site: LiveSite, world: World
) -> None:
    cases = submitted(live_site, world, 3)
    page = open_as("reviewer")
    page.goto(f"/review/{cases[0]}")
    expect(page.locator(".hints")).to_contain_text("绝对安全")
    expect(page.locator("button.yes")).to_be_hidden()
    page.keyboard.press("1")
    for key in ("p", "p", "p"):
        page.keyboard.press(key)
    page.keyboard.press("4")
    page.keyboard.press("r")
    page.keyboard.type("请改掉绝对化用语")  # R leads into the note, where letters are letters again
    expect(page.locator("textarea[name=note-norms]")).to_have_value("请改掉绝对化用语")
    expect(page.locator("button.back")).to_be_visible()
    page.click("button.back")
    expect(page.locator(".kk-flashes .ok")).to_contain_text("按键审核0")

    page.goto("/review?q=按键审核")
    for box in page.locator("table.qt input[name=case]").all():
        box.check()
    page.click("form[action$='/review/batch'] button")
    expect(page.locator(".one-case")).to_have_count(2)
    first = page.locator(".one-case").first
    for choice in first.locator("label.p").all():
        choice.click()
    page.click("form.several button.btn-primary")
    expect(page.locator(".kk-flashes .ok")).to_be_visible()
    expect(page.locator(".one-case")).to_have_count(1)
