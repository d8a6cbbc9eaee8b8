"""The lesson board in the hands of somebody new: five units in a lesson in eleven acts, and nothing lost on the way.

The click path, each line one act of the hand: add a lesson · its title · open · whole library · plus · plus · plus ·
choose a segment · Enter on a unit · drag one · preview. With a pause to read at each this is well under two minutes.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.pages.axe import grave_findings
from tests.pages.steps import board_is_ready, find_unit, whole_library
from tests.pages.world import World

SAVED = "[data-save-state][data-tone=ok]"


@pytest.mark.timeout(180)
def test_five_units_become_a_lesson_and_nothing_is_lost(open_as: Callable[..., Page], world: World) -> None:
    page = open_as("teacher")
    begin(page, world)
    assemble_five(page)
    undo_survives_a_reload(page)
    two_acts_in_one_breath_are_two_steps(page)
    own_question_and_template(page)
    assert grave_findings(page) == []
    a_second_window_is_merged(page, open_as("teacher"))
    leaving_the_search_keeps_its_list(page)
    page.click("[data-leave]")
    page.wait_for_url("**/learn/**")
    expect(page.locator(".kk-note:not([hidden])").first).to_be_visible()


def items(page: Page, count: int) -> None:
    """So many things lie on the board, and all of it is saved."""
    expect(page.locator("[data-plan] [data-item]")).to_have_count(count)
    expect(page.locator(SAVED).first).to_be_visible()


def begin(page: Page, world: World) -> None:
    """From the course to an empty board that says what to do."""
    page.goto(world.path("teach/courses", "unbuilt"))
    page.locator(".addl summary").first.click()
    page.locator(".addl input[name=title]").first.fill("五个资源的一课")
    page.locator(".addl button").first.click()
    board_is_ready(page)
    expect(page.locator("[data-segment-empty]").first).to_be_visible()


def assemble_five(page: Page) -> None:
    """Three by their plus signs, one by keys, one by hand."""
    whole_library(page)
    units = page.locator("[data-tray] [data-unit]")
    expect(units.nth(4)).to_be_visible()
    for n in range(3):
        units.nth(n).locator("[data-add]").click()
    page.locator("[data-segment=discussion] .h").click()
    units.nth(3).focus()
    expect(page.locator("[data-meter=coverage] [data-value]")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("[data-segment=discussion] [data-item]")).to_have_count(1)
    items(page, 4)
    units.nth(4).drag_to(page.locator("[data-segment=problem_solving] [data-items]"))
    expect(page.locator("[data-segment=problem_solving] [data-item]")).to_have_count(1)
    items(page, 5)
    expect(page.locator("[data-tray] .unit.held")).to_have_count(5)


def undo_survives_a_reload(page: Page) -> None:
    """What was done before the reload is taken back after it, and done again."""
    page.reload()
    board_is_ready(page)
    page.click("[data-undo]")
    items(page, 4)
    page.reload()
    board_is_ready(page)
    page.click("[data-redo]")
    items(page, 5)


def two_acts_in_one_breath_are_two_steps(page: Page) -> None:
    """Each act is taken back by itself, however fast it followed the one before."""
    whole_library(page)
    expect(page.locator("[data-tray] [data-add]").nth(1)).to_be_visible()
    page.evaluate("document.querySelectorAll('[data-tray] [data-add]').forEach((b, i) => i < 2 && b.click())")
    items(page, 7)
    for left in (6, 5):
        page.click("[data-undo]")
        items(page, left)


def leaving_the_search_keeps_its_list(page: Page) -> None:
    """From the search by Tab to the unit found: a list drawn anew just then would take the unit out of the hand."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/tray?" in request.url else None)
    find_unit(page, "标定误差怎么检查").focus()
    with page.expect_response("**/tray?**type=video**"):
        page.select_option("#tray select[name=type]", "video")
    assert len(asked) == 2, "one for the words, one for the kind, none for leaving the field"


def own_question_and_template(page: Page) -> None:
    """A question to the class without a new page, and the structure kept for the next lesson."""
    page.click("#own > summary")
    page.select_option("#own select[name=kind]", "question")
    page.fill("#own input[name=title]", "枪角为什么重要")
    page.click("#own button[type=submit]")
    items(page, 6)
    page.click(".tpl > summary")
    page.fill(".tpl input[name=name]", "我的结构")
    page.click(".tpl .keep button")
    expect(page.locator(SAVED).first).to_be_visible()


def a_second_window_is_merged(page: Page, other: Page) -> None:
    """Both add something at once: both are there in both windows, without anybody loading anything."""
    other.goto(page.url)
    board_is_ready(other)
    expect(other.locator("[data-tray] [data-unit]").first).to_be_visible()
    page.locator("[data-tray] [data-add]").nth(0).click()
    items(page, 7)
    other.locator("[data-tray] [data-add]").nth(0).click()
    items(other, 8)
    expect(page.locator("[data-plan] [data-item]")).to_have_count(8)
    expect(page.locator("[data-plan] .fresh")).to_have_count(1)
