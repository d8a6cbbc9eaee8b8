"""The player in a real browser: plays, seeks by the transcript, goes on after a reload, remembers, and its captions are edited beside it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.pages.axe import sticks_out
from tests.pages.world import World

TIME = "() => document.querySelector('[data-player] video').currentTime"


@pytest.mark.timeout(180)
def test_playback_advances_seeks_by_transcript_and_goes_on_after_a_reload(
    open_as: Callable[..., Page], world: World
) -> None:
    page = open_as(None, width=360, height=780)
    page.goto(world.path("resources", "video"))
    page.locator("[data-player] .big").click()
    page.wait_for_function(f"() => ({TIME})() > 1")
    page.locator("details.spoken summary").click()
    line = page.locator("[data-transcript] [data-start]").nth(1)
    start = float(line.get_attribute("data-start") or 0)
    line.locator("a").click()
    page.wait_for_function(f"() => Math.abs(({TIME})() - {start}) < 1.5 && ({TIME})() > {start} + 0.3")
    words = line.locator("span").inner_text()
    page.fill("[data-transcript-filter]", words[:3])
    expect(page.locator("[data-transcript] mark").first).to_have_text(words[:3])
    expect(page.locator("[data-transcript-count]")).not_to_be_empty()
    page.locator(".kk-ctl button").first.focus()
    page.keyboard.press("?")
    expect(page.locator(".kk-player .keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".kk-player .keys")).to_have_count(0)
    page.keyboard.press(">")
    page.keyboard.press("k")
    assert page.evaluate("() => document.querySelector('video').paused")
    stopped: float = page.evaluate(TIME)
    page.reload()
    page.wait_for_function(f"() => Math.abs(({TIME})() - {stopped}) < 1")
    assert page.evaluate("() => document.querySelector('video').playbackRate") == 1.25
    assert sticks_out(page) == []


@pytest.mark.timeout(180)
def test_two_people_edit_captions_and_nobody_loses_a_word(open_as: Callable[..., Page], world: World) -> None:
    page, other = open_as("teacher"), open_as("teacher", width=390)
    address = world.path("teach/resources", "video", "/captions/en/edit")
    page.goto(address)
    page.click("form[action$='/open'] button")
    other.goto(address)
    for one in (page, other):
        one.locator(".cues textarea").first.wait_for()
    page.locator(".cues textarea").first.fill("The first to save")
    with page.expect_response("**/cues"):
        pass
    other.locator(".cues textarea").first.fill("The second")
    expect(other.locator("[data-conflict]")).to_be_visible(timeout=10_000)
    expect(other.locator(".cues textarea").first).to_have_value("The second")
    lines = page.locator(".cues li").count()
    page.locator(".cues textarea").first.press("Alt+Enter")
    expect(page.locator(".cues li")).to_have_count(lines + 1)
    page.keyboard.press("Control+z")
    expect(page.locator(".cues li")).to_have_count(lines)
    page.locator(".cues .n").first.click()
    expect(page.locator(".kk-player .cap")).to_have_text("The first to save")
    page.click("[data-act=save]")
    page.wait_for_url("**/edit#captions")
    expect(page.locator(".kk-flashes .ok")).to_be_visible()
    assert sticks_out(other) == []
