"""Learning in a real browser: a note at a second, a question, the teacher's answer, no network, another device; pages kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.pages.axe import grave_findings, sticks_out
from tests.pages.steps import follow, until
from tests.pages.world import World
from tests.servers.relay import Relay
from tests.servers.site import LiveSite

Opener = Callable[..., Page]
TIME = "() => document.querySelector('[data-player] video').currentTime"
EVENTS = "**/api/v1/events"
KEPT = "(url) => caches.match(url, { cacheName: 'kk-pages' }).then((kept) => kept !== undefined)"


@pytest.mark.timeout(240)
def test_a_learner_notes_asks_is_answered_loses_the_network_and_goes_on_elsewhere(
    open_page: Opener, open_as: Opener, world: World, new_email: str
) -> None:
    page = open_page()
    joins(page, world, new_email)
    page.wait_for_function(f"() => ({TIME})() !== undefined")
    notes_at_a_second(page)
    asks(page, "枪角太小会怎样？")
    the_teacher_answers(open_as("teacher"), "枪角太小会怎样？", "熔池前淌，焊缝凸起。")
    reads_the_answer(page, "熔池前淌，焊缝凸起。")
    assert (grave_findings(page), sticks_out(page)) == ([], [])
    stopped = learns_without_network(page)
    goes_on_elsewhere(open_page(width=390, storage_state=cookies_of(page)), world, stopped)


@pytest.mark.timeout(180)
@pytest.mark.console_errors_expected
def test_kept_pages_are_read_without_network_by_their_own_person_only(
    open_page: Opener, live_site: LiveSite, world: World, new_email: str
) -> None:
    line = Relay(live_site.address.removeprefix("http://"))
    page = open_page(base_url=f"http://127.0.0.1:{line.port}")
    joins(page, world, new_email)
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    lesson, title = page.url, page.locator("h1").inner_text()
    until(page, KEPT, lesson)  # the first visit already
    loses_the_network(page, line)
    page.goto(lesson)
    expect(page.locator("h1")).to_have_text(title)
    expect(page.locator("[data-unsent]")).to_be_visible()  # says of when the page is
    page.goto("/teach/resources")
    expect(page.locator("[data-kept-pages] a")).to_have_count(1)
    finds_it_again(page, line)
    page.goto("/courses")
    page.click("details.account summary")
    follow(page, "button[formaction='/sign-out']")
    loses_the_network(page, line)
    page.goto(lesson)
    expect(page.locator("[data-kept-none]")).to_be_visible()
    expect(page.locator("[data-player]")).to_have_count(0)


def loses_the_network(page: Page, line: Relay) -> None:
    """The page is told, and the line is cut: of the requests of a service worker not every Chromium knows that it is offline."""
    line.cut()
    page.context.set_offline(True)


def finds_it_again(page: Page, line: Relay) -> None:
    line.open()
    page.context.set_offline(False)


@pytest.mark.timeout(120)
def test_a_clock_of_next_year_learns_today(open_page: Opener, world: World, new_email: str) -> None:
    page = open_page()
    page.add_init_script("{ const real = Date.now.bind(Date); Date.now = () => real() + 366 * 86400000; }")
    joins(page, world, new_email)
    page.goto("/courses")
    with page.expect_response(EVENTS) as told:
        page.goto(world.path("learn", "lesson"))
    assert told.value.request.headers["accept-language"] == "zh-Hans", "sentences come in the language of the page"
    results = told.value.json()["results"]
    assert [one["status"] for one in results] == ["accepted"] * len(results)
    expect(page.locator("[data-unsent]")).to_be_visible()


def joins(page: Page, world: World, email: str) -> None:
    """A new account, and into the course from its lesson."""
    page.goto("/sign-up")
    page.fill("#name", "小周")
    page.fill("#email", email)
    page.fill("#password", "Torch-angle-45")
    page.check("#agreed")
    page.click("form.kk-sheet button")
    page.wait_for_url(lambda address: "/sign-up" not in address)
    page.goto(world.path("learn", "lesson"))
    follow(page, f"form[action='{world.path('courses', 'robot', '/enrol')}'] button")
    expect(page.locator("[data-why-list] li")).to_have_count(1)


def notes_at_a_second(page: Page) -> None:
    """It keeps itself while it is written, at the second where the recording stands, and is there after a reload."""
    # Before the recording is known a seek is forgotten when it comes.
    page.wait_for_function("() => document.querySelector('[data-player] video').readyState > 0")
    page.evaluate("() => { document.querySelector('[data-player] video').currentTime = 4 }")
    page.wait_for_function(f"() => ({TIME})() === 4")
    page.click(".ft [data-open=notes]")
    with page.expect_response(lambda answer: "/notes/" in answer.url and answer.request.method != "GET") as kept:
        page.fill("#note-new", "行走角 70–80°")
    assert kept.value.status == 200
    page.reload()
    page.click("[data-tab=notes]")
    expect(page.locator("[data-pane=notes] .card textarea")).to_have_value("行走角 70–80°")
    expect(page.locator("[data-pane=notes] .card .tc")).to_have_text("0:04")


def asks(page: Page, words: str) -> None:
    page.click("[data-tab=questions]")
    page.fill("#say-new", words)
    page.click("[data-pane=questions] form .btn-primary")
    expect(page.locator(".kk-thread .bd")).to_have_text([words])


def the_teacher_answers(page: Page, question: str, answer: str) -> None:
    page.goto("/teach/questions")
    thread = page.locator(".kk-thread", has_text=question)
    thread.locator(".re summary").click()
    thread.locator(".re textarea").fill(answer)
    thread.locator(".re button").click()
    expect(page.locator(".kk-thread", has_text=question).locator(".as .te .bd")).to_have_text(answer)


def reads_the_answer(page: Page, answer: str) -> None:
    page.reload()
    expect(page.locator("[data-figure=news]")).to_be_visible()
    page.click("[data-tab=questions]")
    expect(page.locator(".kk-post.te .bd")).to_have_text(answer)


def learns_without_network(page: Page) -> float:
    """What is watched and written without network is kept here, said to be so, and sent once when the network is back."""
    page.locator("[data-player] .big").click()
    page.wait_for_function(f"() => ({TIME})() > 1 && document.querySelector('video').buffered.end(0) > 6")
    page.context.set_offline(True)
    page.wait_for_function(f"() => ({TIME})() > 3")
    page.locator(".kk-player .sc").click()
    expect(page.locator("[data-unsent]")).to_be_visible()
    stopped: float = page.evaluate(TIME)
    with page.expect_response(EVENTS) as sent:
        page.context.set_offline(False)
    assert {one["status"] for one in sent.value.json()["results"]} == {"accepted"}
    expect(page.locator("[data-unsent]")).to_be_hidden()
    return stopped


def goes_on_elsewhere(page: Page, world: World, stopped: float) -> None:
    """The other device knows the second from the server."""
    page.goto(world.path("learn", "lesson"))
    page.wait_for_function(f"() => Math.abs(({TIME})() - {stopped}) < 1.5")
    page.click(".quick [data-open=notes]")
    expect(page.locator("[data-pane=notes] .card textarea")).to_have_value("行走角 70–80°")
    assert sticks_out(page) == []


def cookies_of(page: Page) -> dict[str, Any]:
    """The person, and nothing of what the first browser remembers."""
    kept = page.context.storage_state()
    return {"cookies": kept.get("cookies", []), "origins": []}
