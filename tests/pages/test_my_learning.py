"""My learning in a browser: a plan, the last step of a course, its certificate checked by a stranger, a copy of own data."""

from __future__ import annotations

import json
import uuid
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from courseware.accounts import services as accounts
from courseware.accounts.queries import user_by_key
from courseware.catalog import services as catalog
from courseware.core import clock
from courseware.core.roles import Role
from courseware.core.unit_of_work import unit_of_work
from courseware.libraries import queries as libraries
from courseware.libraries import services as library_services
from tests.pages.axe import grave_findings, sticks_out
from tests.pages.conftest import sign_in
from tests.pages.steps import follow
from tests.pages.world import PASSWORD, World

PHONE = {"width": 390, "height": 844, "has_touch": True, "is_mobile": True}
NAME = "温若川"


@pytest.fixture
def course(live_site: Any, world: World) -> tuple[str, str]:
    """A course of this test alone with one text to read, and a learner: its address and the learner's e-mail."""
    key = uuid.uuid4().hex[:8]
    with live_site.app.app_context(), unit_of_work():
        teacher, library = user_by_key("teacher"), libraries.find_library(world.library)
        assert teacher is not None
        assert library is not None
        email = f"{key}@example.org"
        learner = accounts.create_user(email, NAME, unit=teacher.unit, roles=[Role.STUDENT], is_demo=True)
        accounts.set_password(learner, PASSWORD)
        made = library_services.create_course(
            library, key, "机器人安全入门", "foundation", library.core_major, name_en="Robot Safety", theory_hours=8,
            practice_hours=8, summary="学完后能安全进出工作站。", audience="新生",
        )  # fmt: skip
        library_services.set_team(made, [(teacher, "leader")])
        module = catalog.add_module(teacher, made, "进站之前")
        lesson = catalog.create_lesson(teacher, module, "三条红线")
        catalog.save_draft(
            teacher, lesson, [{"kind": "text", "title": "读一遍", "text": "先急停，再进站。", "minutes": 20}]
        )
        catalog.publish_lesson(teacher, lesson)
        made.published_at = clock.now()
        return f"/courses/{made.uuid}", email


@pytest.mark.timeout(180)
def test_a_course_is_planned_completed_certified_and_taken_home(
    open_page: Callable[..., Page], course: tuple[str, str]
) -> None:
    address, email = course
    page = open_page(**PHONE, locale="en", accept_downloads=True)
    sign_in(page, email)
    page.goto(address)
    follow(page, page.locator(f"form[action='{address}/enrol'] button").first)
    plans_the_week(page)
    does_the_last_step(page)
    code = puts_the_name_on_the_certificate(page)
    takes_the_data_home(page)
    is_checked_by_a_stranger(open_page(locale="zh-CN"), code)


def plans_the_week(page: Page) -> None:
    """Every day half an hour: today's lesson stands there with its minutes."""
    page.goto("/my-learning")
    follow(page, "#week a")
    for box in page.locator("input[name=day]").all():
        box.check()
    assert [*grave_findings(page), *sticks_out(page)] == []
    follow(page, "main form button[type=submit]")
    today = page.locator("#week .now")
    expect(today.locator("a")).to_have_text("三条红线")
    expect(today).to_contain_text("30 min")  # of the 45 that the lesson takes
    assert [*grave_findings(page), *sticks_out(page)] == []


def does_the_last_step(page: Page) -> None:
    """From the plan into the lesson; reading the text completes the course."""
    follow(page, "#week .now a")
    follow(page, page.locator("form[action$='/done'] button").first)
    page.goto("/my-learning?show=done")
    expect(page.locator("#courses")).to_contain_text("Robot Safety")


def puts_the_name_on_the_certificate(page: Page) -> str:
    """The name stands on it only after the holder said so; it prints on one sheet. Returns the code."""
    follow(page, "#own a[href='/my-learning/certificates']")
    follow(page, "article.line a.btn-primary")
    expect(page.locator(".cert .who")).not_to_contain_text(NAME)
    follow(page, "form[action$='/name'] button.btn-primary")
    expect(page.locator(".cert .who")).to_have_text(NAME)
    expect(page.locator(".cert .course")).to_contain_text("机器人安全入门")
    assert [*grave_findings(page), *sticks_out(page)] == []
    assert page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") == 1
    return page.locator(".cert .code").inner_text()


def takes_the_data_home(page: Page) -> None:
    """The ZIP is opened: the certificate and the plan are in it."""
    page.goto("/my-learning/export")
    with page.expect_download() as waiting:
        page.click("main form button[type=submit]")
    with zipfile.ZipFile(waiting.value.path()) as zipped:
        (certificate,) = json.loads(zipped.read("json/certificate.json"))
        (choice,) = json.loads(zipped.read("json/guidance_choice.json"))
    assert (certificate["holder_name"], certificate["hours"]) == (NAME, 16)
    assert choice["plan_days"] == list(range(7))


def is_checked_by_a_stranger(page: Page, code: str) -> None:
    """Typed in small letters without dashes; the stranger sees the name in part. One wrong letter proves nothing."""
    page.goto("/verify")
    page.fill("#code", code.lower().replace("-", " "))
    with page.expect_navigation():
        page.press("#code", "Enter")
    expect(page.locator(".verdict.pass")).to_be_visible()
    expect(page.locator(".found")).to_contain_text("温**")
    expect(page.locator(".found")).not_to_contain_text(NAME)
    assert [*grave_findings(page), *sticks_out(page)] == []
    page.fill("#code", code[:-1] + ("0" if code[-1] != "0" else "1"))
    with page.expect_navigation():
        page.press("#code", "Enter")
    expect(page.locator("#nothing")).to_be_visible()
    expect(page.locator(".verdict")).to_have_count(0)
