"""A leader's journey: a course standard by hand and by keys, the outline dragged, a colleague taken in, a run planned."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.pages.axe import grave_findings
from tests.pages.steps import follow
from tests.pages.world import World


@pytest.mark.timeout(180)
def test_a_leader_builds_a_standard_an_outline_a_team_and_a_run(open_as: Callable[..., Page], world: World) -> None:
    page = open_as("teacher")
    base = world.path("courses", "robot").replace("/courses/", "/teach/courses/")
    write_a_standard(page, base)
    drag_the_outline(page, base)
    take_a_colleague_in(page, base)
    plan_a_run(page, base)


def write_a_standard(page: Page, base: str) -> None:
    page.goto(f"{base}/standard")
    units = page.locator("[data-modules] [data-unit]")
    before = units.count()
    page.click("[data-add-module]")
    page.keyboard.type("拓展模块")
    page.locator("[data-add-unit]").last.click()
    page.keyboard.type("新工艺")
    moved = page.locator("[data-modules] [data-point]").first.get_attribute("data-point")
    grip = page.locator(f"[data-point='{moved}'] [data-grip]").first
    grip.focus()
    for _ in range(40):  # by keys from unit to unit, down to the new one
        if page.locator("[data-unit]").nth(before).locator(f"[data-point='{moved}']").count():
            break
        page.keyboard.press("ArrowDown")
    expect(page.locator("[data-unit]").nth(before).locator("[data-point]")).to_have_count(1)
    expect(page.locator("[data-impact]")).to_contain_text("新工艺")
    said = page.locator("[data-standard]").get_attribute("data-saved") or ""
    expect(page.locator("[data-said]")).to_have_text(said)
    assert grave_findings(page) == []
    page.reload()
    expect(page.locator("[data-modules] [data-unit]")).to_have_count(before + 1)
    follow(page, "form.pub button")
    expect(page.locator("[data-standard] h2").first).to_be_visible()


def drag_the_outline(page: Page, base: str) -> None:
    page.goto(base)
    lessons = page.locator("[data-lesson]")
    names = [lessons.nth(n).get_attribute("data-lesson") for n in range(lessons.count())]
    with page.expect_response(lambda answer: answer.url.endswith("/outline")) as kept:
        lessons.first.locator("[data-grip]").focus()
        page.keyboard.press("ArrowDown")
    assert kept.value.ok
    page.reload()
    assert page.locator("[data-lesson]").first.get_attribute("data-lesson") == names[1]
    page.locator("[data-lesson] [data-grip]").first.focus()
    with page.expect_response(lambda answer: answer.url.endswith("/outline")):
        page.keyboard.press("ArrowDown")


def take_a_colleague_in(page: Page, base: str) -> None:
    page.goto(f"{base}/team")
    members = page.locator(".tm").first.locator("li")
    count = members.count()
    page.fill("#q", "陈")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    follow(page, "#add .tm button")
    expect(members).to_have_count(count + 1)


def plan_a_run(page: Page, base: str) -> None:
    year = dt.date.today().year + 1
    page.goto(f"{base}/runs")
    assert grave_findings(page) == []
    page.fill("#key", f"{year}-1")
    page.fill("#starts_at", f"{year}-03-01T08:00")
    page.fill("#ends_at", f"{year}-02-01T08:00")
    follow(page, "form.nr button[type=submit]")
    expect(page.locator("#ends_at-error")).to_be_visible()
    page.fill("#ends_at", f"{year}-07-01T08:00")
    page.click("form.nr button[type=submit]")
    page.wait_for_url("**/teach/runs/*")
    page.locator(".sprd button").click()
    expect(page.locator(".opn input").first).to_have_value(f"{year}-03-01T08:00")
