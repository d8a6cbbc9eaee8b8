"""The student's journey on a phone: find the second, join, watch for real, know what is left, go on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.pages.axe import sticks_out
from tests.pages.steps import follow
from tests.pages.world import MOMENT, World

PHONE = {"width": 390, "height": 844, "has_touch": True, "is_mobile": True}
TIME = "() => document.querySelector('[data-player] video').currentTime"


@pytest.mark.timeout(240)
@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_a_student_finds_the_second_watches_and_completes_a_lesson(
    open_page: Callable[..., Page], world: World, new_email: str, locale: str
) -> None:
    page = open_page(**PHONE, locale=locale)
    the_moment_by_an_alias(page, world)
    joins_from_the_lesson(page, world, new_email)
    watches(page)
    left = resumes_after_a_reload(page)
    completes(page, left)
    goes_on(page, world)


def the_moment_by_an_alias(page: Page, world: World) -> None:
    """Another name leads to the point and to the second of the video that teaches it."""
    page.goto("/")
    page.fill("main form[role=search] input[name=q]", "四点标法")
    with page.expect_navigation():
        page.press("main form[role=search] input[name=q]", "Enter")
    expect(page.locator(f"a[href='{world.path('points', 'calibrate')}']").first).to_be_visible()
    assert sticks_out(page) == []
    moment = world.path("resources", "video", f"?t={MOMENT}")  # a click plays it in place: test_searching
    expect(page.locator(f"main a[href='{moment}']").first).to_be_visible()
    page.goto(moment)
    expect(page.locator("[data-player] video")).to_be_visible()
    page.wait_for_function(f"() => ({TIME})() > {MOMENT} - 1")


def joins_from_the_lesson(page: Page, world: World, email: str) -> None:
    """From where the video is used to the lesson, an account on the way, and into the course for nothing."""
    follow(page, f"#uses a[href^='{world.path('learn', 'lesson')}']")
    follow(page, "[data-why] a.btn-primary")
    follow(page, "main a[href*='/sign-up']")
    page.fill("#name", "小周")
    page.fill("#email", email)
    page.fill("#password", "Torch-angle-45")
    page.check("#agreed")
    page.click("form.kk-sheet button")
    page.wait_for_url(f"**{world.path('learn', 'lesson')}*")
    follow(page, f"form[action='{world.path('courses', 'robot', '/enrol')}'] button")
    expect(page.locator("[data-why-list] li")).to_have_count(1)


def watches(page: Page) -> None:
    """The picture moves, the caption stands under it, the speed is the one chosen."""
    page.locator("[data-player]").scroll_into_view_if_needed()
    page.locator("[data-player] .big").click()
    page.wait_for_function(f"() => ({TIME})() > 1.5")
    # Where it was watched before it goes on from there, so the clock alone proves nothing.
    page.wait_for_function("() => document.querySelector('video').getVideoPlaybackQuality().totalVideoFrames > 10")
    expect(page.locator(".kk-player .cap span")).to_be_visible()
    speed = page.locator(".kk-ctl .m", has_text="1×").first
    speed.locator("button").first.click()
    speed.get_by_role("menuitemradio", name="2×", exact=True).click()
    assert page.evaluate("() => document.querySelector('video').playbackRate") == 2


def resumes_after_a_reload(page: Page) -> str:
    """What is left shrinks when watching stops; the page opens again where it was left."""
    before = page.locator("[data-why-list]").inner_text()
    page.wait_for_function(f"() => ({TIME})() > {MOMENT}")
    with page.expect_response("**/api/v1/events"):
        page.keyboard.press("k") if page.evaluate(
            "() => document.activeElement.closest('[data-player]') !== null"
        ) else page.locator(".kk-player .sc").click()
    expect(page.locator("[data-why-list]")).not_to_have_text(before)
    stopped: float = page.evaluate(TIME)
    page.reload()
    page.wait_for_function(f"() => Math.abs(({TIME})() - {stopped}) < 2")
    return page.locator("[data-why-list]").inner_text()


def completes(page: Page, left: str) -> None:
    """To the end: nothing is left, and the words say so."""
    assert "20" not in left.replace("%", ""), "some seconds were seen already"
    page.locator("[data-player] .big").click()
    page.wait_for_function("() => document.querySelector('video').ended", timeout=60_000)
    expect(page.locator("[data-why-list] li")).to_have_count(0)
    assert sticks_out(page) == []


def goes_on(page: Page, world: World) -> None:
    """The next lesson is one tap away, and My learning knows where to go on."""
    page.reload()
    page.click("[data-why] a.btn-primary")
    page.wait_for_url(f"**{world.path('learn', 'second')}*")
    page.goto("/my-learning")
    expect(page.locator("main")).to_contain_text("1")
    expect(page.locator(f"main a[href='{world.path('courses', 'robot')}']").first).to_be_visible()
    expect(page.locator(f"main a[href^='{world.path('learn', 'second')}']").first).to_be_visible()
    assert sticks_out(page) == []
