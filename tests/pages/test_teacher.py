"""The teacher's journey: files in, described, reviewed, put into a lesson, the course opened."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.media.samples import sample_pdf
from tests.pages.steps import board_is_ready, find_unit, follow, whole_library
from tests.pages.world import World, speaking_mp4, wait_for_index
from tests.servers.site import LiveSite

DIMENSIONS = ("political", "scientific", "applicability", "norms")
_tries = itertools.count(1)  # a second try brings files of its own: the first may have left its film published


@pytest.mark.timeout(240)
def test_a_teacher_turns_files_into_reviewed_resources_and_builds_a_course_of_them(
    open_as: Callable[..., Page], live_site: LiveSite, world: World, tmp_path: Path
) -> None:
    nth = next(_tries)
    film, sheet = f"工具坐标系误差复核{nth}", f"复核记录样表{nth}"
    files = [
        speaking_mp4(tmp_path / f"{film}.mp4", 5 + nth),
        sample_pdf(tmp_path / f"{sheet}_final2.pdf", f"复核记录{nth}", 3),
    ]
    page = open_as("teacher")
    video, paper = upload(page, files)

    page.goto(paper)
    expect(page.locator("#title")).to_have_value(sheet)
    describe(page, title=sheet, point="四点法标定")
    page.goto(video)
    wait_until_processed(page)
    proposals_are_marked(page, film)
    everything_missing_is_said_at_once(page)
    describe(page, title=film)
    hand_in(page)

    approve(open_as("reviewer"), film)
    page.reload()
    expect(page.locator(".page-editor .row-b").first).not_to_contain_text("in_review")
    with live_site.app.app_context():
        wait_for_index()

    board = a_new_lesson(page, world)
    by_button_and_by_keys(page, film)
    publish_lesson_and_course(page, world, board)
    guest = open_as(None)
    guest.goto(world.path("courses", "unbuilt"))
    expect(guest.locator(f"a[href='{board.replace('/teach/lessons', '/learn')}']").first).to_be_visible()


def upload(page: Page, files: list[Path]) -> list[str]:
    """Sends the files, and gives the addresses of their editors."""
    page.goto("/teach/resources")
    page.set_input_files("[data-uploader] input[type=file]", [str(file) for file in files])
    expect(page.locator(".kk-uploads .p.ok")).to_have_count(len(files), timeout=60_000)
    links = [page.locator(".kk-uploads li", has_text=file.name).locator("a") for file in files]
    return [link.get_attribute("href") or "" for link in links]


def wait_until_processed(page: Page) -> None:
    """Looks at the page now and then, as a person would, until the worker has made something to play."""
    for _ in range(60):
        if page.locator("#content [data-player]").count():
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(page.locator("#content [data-player] video")).to_be_visible()


def proposals_are_marked(page: Page, title: str) -> None:
    """Title, course and point stand there already, and say that a machine wrote them."""
    expect(page.locator("#title")).to_have_value(title)
    assert page.locator(".machine").count() >= 3
    expect(page.locator("#points label", has=page.locator("input:checked"))).to_contain_text(["工具坐标系"])
    assert page.locator("#course").input_value()


def everything_missing_is_said_at_once(page: Page) -> None:
    """Handing in too early lists origin, licence and the commitment; what was typed is kept."""
    page.fill("#description", "复核两次，误差不超过半毫米。")
    follow(page, "button[value=submit]")
    assert page.locator(".kk-err li").count() >= 3
    expect(page.locator("#description")).to_have_value("复核两次，误差不超过半毫米。")


def describe(page: Page, *, title: str, point: str = "") -> None:
    """Fills in what a machine cannot know."""
    page.fill("#title", title)
    if point:
        page.locator("#points label", has_text=point).locator("input").check()
        page.locator("#course").select_option(index=1)
    page.locator("input[name=originality][value=original]").check()
    page.locator("#licence").select_option("CC-BY-4.0")
    follow(page, "button[value=save]")
    expect(page.locator(".kk-flashes .ok").first).to_be_visible()


def hand_in(page: Page) -> None:
    """Confirms and hands in: from now on nobody changes it until review has answered."""
    for box in page.locator("input[name=check]").all():
        box.check()
    page.locator("input[name=commitment]").check()
    follow(page, "button[value=submit]")
    expect(page.locator("form[action$='/take-back']")).to_be_visible()
    expect(page.locator("#draft")).to_have_count(0)


def approve(page: Page, title: str) -> None:
    """The reviewer finds it in the queue, plays it, and passes it in all four dimensions."""
    page.goto("/review")
    follow(page, f"a.n:has-text('{title}')")
    expect(page.locator("[data-player] video").first).to_be_visible()
    for dimension in DIMENSIONS:
        page.locator(f"#verdict-{dimension} label.p").click()
    follow(page, "button[value=approve]")
    expect(page.locator(".kk-flashes .ok")).to_contain_text(title)


def a_new_lesson(page: Page, world: World) -> str:
    """From my courses to an empty board; its address."""
    page.goto("/teach/courses")
    follow(page, f"a[href='{world.path('teach/courses', 'unbuilt')}']")
    page.locator(".addl summary").first.click()
    page.locator(".addl input[name=title]").first.fill("复核一次标定")
    follow(page, ".addl button")
    board_is_ready(page)
    return page.url.removeprefix(page.evaluate("location.origin")).partition("?")[0]


def by_button_and_by_keys(page: Page, film: str) -> None:
    """The new unit by its plus sign, another by Enter, then moved with Alt and an arrow; saved without asking."""
    whole_library(page)
    unit = find_unit(page, film)
    page.locator("[data-segment=pre_study] .h").click()
    unit.locator("[data-add]").click()
    expect(page.locator("[data-segment=pre_study] [data-item]")).to_contain_text([film])

    other = find_unit(page, "标定误差怎么检查")
    page.locator("[data-segment=focused_lecture]").focus()
    other.focus()
    page.keyboard.press("Enter")
    placed = page.locator("[data-segment=focused_lecture] [data-item]", has_text="标定误差怎么检查")
    expect(placed).to_have_count(1)
    placed.focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator("[data-segment=discussion] [data-item]")).to_have_count(1)

    expect(page.locator("[data-save-state]").first).to_have_attribute("data-tone", "ok")
    page.reload()
    board_is_ready(page)
    expect(page.locator("[data-segment=pre_study] [data-item]")).to_contain_text([film])
    expect(page.locator("[data-segment=discussion] [data-item]")).to_have_count(1)


def publish_lesson_and_course(page: Page, world: World, board: str) -> None:
    """Learners see the lesson, then the course."""
    page.click("[data-publish]")
    expect(page.locator(".kk-flashes .ok")).to_be_visible()
    page.goto(world.path("teach/courses", "unbuilt"))
    follow(page, f"form[action='{world.path('teach/courses', 'unbuilt', '/publish')}'] button")
    expect(page.locator(".kk-flashes .ok")).to_be_visible()
    assert board
