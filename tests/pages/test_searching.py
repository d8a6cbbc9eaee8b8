"""Somebody looks for a moment: types, is offered a name, plays it where it was found, goes on and comes back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.pages.axe import grave_findings, sticks_out
from tests.pages.world import World

PLAYING = """() => [...document.querySelectorAll('.inplace video')].some(
    v => !v.paused && v.currentTime >= Number(v.closest('.open').querySelector('a.big').dataset.at))"""


@pytest.mark.parametrize("width", [390, 1440])
def test_a_moment_is_found_played_in_place_and_there_again_after_coming_back(
    open_as: Callable[..., Page], world: World, width: int
) -> None:
    page = open_as(None, width=width)
    scripts: list[str] = []
    page.on("request", lambda request: scripts.append(request.url))
    page.goto("/search")
    box = page.locator("input[name=q]:visible").first
    box.press_sequentially("gongju", delay=30)
    expect(page.locator(".kk-sugg a").first).to_contain_text("工具坐标系")
    box.fill("工具座标系")
    box.press("Enter")
    moment = page.locator(
        f".mo a.big[href*='{world.uuids['video']}']"
    )  # other journeys add recordings of the same words
    expect(moment).to_be_visible()
    assert not [url for url in scripts if "/dist/player" in url], (
        "the player comes when somebody wants to see something"
    )
    moment.focus()
    page.keyboard.press("Enter")
    page.wait_for_function(PLAYING)
    assert sticks_out(page) == []
    assert grave_findings(page) == []
    page.keyboard.press("Escape")
    expect(moment).to_be_focused()
    moment.click()
    page.wait_for_function(PLAYING)
    page.locator(".inplace .ways a").click()
    page.wait_for_url("**/resources/*")
    page.go_back()
    expect(page.locator(".inplace video")).to_be_visible()
    expect(page.locator("input[name=q]:visible").first).to_have_value("工具座标系")
