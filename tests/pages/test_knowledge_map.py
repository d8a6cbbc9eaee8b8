"""A learner finds a way through a course of 500 points with keyboard, search and focus; a librarian ties two of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from courseware.core.unit_of_work import unit_of_work
from courseware.knowledge import services as knowledge
from courseware.libraries import queries as libraries
from courseware.libraries import services
from tests.pages.axe import grave_findings, sticks_out
from tests.pages.world import World
from tests.servers.site import LiveSite

Opener = Callable[..., Page]
CANVAS = "[data-graph-canvas]"


@pytest.fixture(scope="module")
def large_course(live_site: LiveSite, world: World) -> str:
    """500 points in ten units, each point after the one before it in its unit; its address."""
    with live_site.app.app_context(), unit_of_work():
        library = libraries.library_by_code(world.library, None)
        course = services.create_course(library, "BIG", "五百个点的课程", "extension", library.core_major)
        points = []
        for n in range(500):
            before = points[-1:] if n % 50 else []
            points.append(
                knowledge.create_point(
                    library, f"big{n:03}", f"大课程的第 {n} 个知识点", "knowledge", course=course, prerequisites=before
                )
            )
        units = [(f"u{n}", f"第 {n + 1} 单元", f"Unit {n + 1}", points[50 * n : 50 * n + 50]) for n in range(10)]
        knowledge.publish_standard(course, "1", units)
        return f"/map?course={course.uuid}"


def ready(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector("[data-graph][data-ready]")


def test_500_points_are_found_focused_and_opened_by_keyboard(open_as: Opener, large_course: str) -> None:
    page = open_as("student")
    ready(page, large_course)
    assert grave_findings(page) == []
    page.fill("[data-map-search]", "第 123 个")
    page.press("[data-map-search]", "Enter")
    expect(page.locator("[data-graph-panel] h2")).to_have_text("大课程的第 123 个知识点")
    assert "point=" in page.url
    page.focus(CANVAS)
    page.keyboard.press("f")
    expect(page.locator("[data-map-focus]")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("ArrowRight")  # what builds on it stands to the right
    page.keyboard.press("Enter")
    expect(page.locator("[data-graph-panel] h2")).to_have_text("大课程的第 124 个知识点")
    expect(page.locator("[data-graph-panel] h2")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(CANVAS)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("[data-map-focus]")).to_have_attribute("aria-pressed", "false")
    page.set_viewport_size({"width": 390, "height": 844})
    assert sticks_out(page) == []
    expect(page.locator(".lv")).to_be_visible()  # a phone begins with the list


def test_a_librarian_ties_two_points_on_the_map_and_a_circle_is_refused(
    open_as: Opener, world: World, large_course: str
) -> None:
    page = open_as("librarian")
    ready(page, f"/admin/libraries/{world.library}/graph?course=BIG")
    assert grave_findings(page) == []
    assert sticks_out(page) == []
    note = page.locator("[data-graph-note]")
    for keys in (["Enter", "ArrowRight", "Enter"], ["Enter", "ArrowLeft", "Enter"]):
        page.click("[data-map-tie]")
        expect(page.locator(CANVAS)).to_be_focused()
        for key in keys:
            page.keyboard.press(key)
        expect(note).to_have_class("kgw-note fail")  # the server has answered
    # The first two stand one after the other already; the way back would close a circle.
    expect(note).to_contain_text("→")
    expect(note).to_have_class("kgw-note fail")
