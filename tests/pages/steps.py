"""Small steps that journeys share, each of which ends when the page has done what it was asked."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from playwright.sync_api import Locator, Page, expect

PATIENCE_S = 30


def follow(page: Page, what: str | Locator) -> None:
    """Clicks `what` (the first of them), a link or a button that sends a form, and is on the page it leads to."""
    with page.expect_navigation():
        (page.locator(what).first if isinstance(what, str) else what).click()


def until(page: Page, promise: str, arg: Any = None) -> None:
    """Waits until what the function `promise` of the page promises is true.

    Page.wait_for_function does not: it takes the promise itself, which is always something, and returns at once.
    """
    for _ in range(PATIENCE_S * 10):
        if page.evaluate(promise, arg):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"waited {PATIENCE_S} s in vain for {promise}")


def board_is_ready(page: Page) -> None:
    """The lesson board's script listens: before, its buttons send forms."""
    expect(page.locator("[data-tray][data-ready]")).to_be_visible()


def swapped(page: Page) -> None:
    """What was asked for stands in the page: no part of it waits, is exchanged, or settles."""
    page.wait_for_function("() => !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')")


def whole_library(page: Page) -> None:
    """The tray of the lesson board lists units of the whole library, not of the course alone."""
    with page.expect_response("**/tray?**all=1**"):
        page.locator("#tray input[name=all]").check()
    swapped(page)


def find_unit(page: Page, title: str) -> Locator:
    """Types `title` into the tray of the lesson board; the unit in the list that answers just this."""
    with page.expect_response(lambda answer: "/tray?" in answer.url and f"q={quote(title)}" in answer.url):
        page.fill("#tray input[type=search]", title)
    swapped(page)
    unit = page.locator("[data-tray] [data-unit]", has_text=title)
    expect(unit).to_have_count(1)
    return unit
