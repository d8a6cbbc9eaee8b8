"""A browser and pages in it, as fixtures: tests/conftest.py offers them to every test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.servers.parts import need

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

FAILURES = Path(__file__).parent.parent / "pages" / "failures"
# A step that is going to succeed costs no time by it, and one that waits for a busy machine succeeds.
PATIENCE_MS = 30_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium. For one module and not the run: Playwright keeps an event loop alive in this thread, and
    other tests may want to start their own."""
    from tests.servers.browser import running_browser

    running = running_browser()
    yield need(running.__enter__)
    running.__exit__(None, None, None)


@pytest.fixture
def open_page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Callable[..., Page]]:
    """`open_page(width=390, locale="en", dark=True)`: a page in a browser profile of its own (one for each person).

    Relative addresses lead to the live site when the test uses it. A script error, a refused policy or a foreign
    address fails the test; a failed test leaves pictures in tests/pages/failures.
    """
    from playwright.sync_api import expect

    from tests.servers.browser import Watch

    expect.set_options(timeout=PATIENCE_MS)
    watch = Watch()
    contexts: list[BrowserContext] = []

    def open_one(
        *, width: int = 1440, height: int = 900, locale: str = "zh-CN", dark: bool = False, **more: Any
    ) -> Page:
        if "live_site" in request.fixturenames:
            more.setdefault("base_url", request.getfixturevalue("live_site").address)
        context = browser.new_context(
            viewport={"width": width, "height": height},
            locale=locale,
            timezone_id="Asia/Shanghai",
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            **more,
        )
        if locale.startswith("en") and "base_url" in more:
            context.add_cookies([{"name": "kk_lang", "value": "en", "url": more["base_url"]}])  # as the button EN does
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        context.on("page", watch.attach)
        return context.new_page()

    yield open_one
    failed = getattr(request.node, "report_call", None) is not None and request.node.report_call.failed
    if failed:
        _take_pictures(contexts, request.node.name)
    for context in contexts:
        context.close()
    if watch.problems and not failed and not request.node.get_closest_marker("console_errors_expected"):
        pytest.fail("The browser complained:\n" + "\n".join(watch.problems), pytrace=False)


@pytest.fixture
def browser_page(open_page: Callable[..., Page]) -> Page:
    """One page at 1440 px in Chinese."""
    return open_page()


@pytest.fixture
def screenshot(request: pytest.FixtureRequest) -> Callable[..., None]:
    """`screenshot(page, "course")` keeps a picture when `make screenshots` asks for them, and does nothing else."""
    folder = os.environ.get("KEKU_SCREENSHOTS")

    def take(page: Page, name: str, *, full_page: bool = True) -> None:
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            path = Path(folder) / f"{name}.png"
            page.screenshot(path=str(path), full_page=full_page, animations="disabled")
            _shrink(path)

    return take


def _shrink(path: Path) -> None:
    """The picture in 256 colours: a third of the bytes, and nobody sees it on a page of text."""
    from PIL import Image

    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    small.save(path, optimize=True)


def _take_pictures(contexts: list[BrowserContext], test: str) -> None:
    from playwright.sync_api import Error

    FAILURES.mkdir(parents=True, exist_ok=True)
    name = "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in test)
    for number, page in enumerate(page for context in contexts for page in context.pages):
        with suppress(Error):  # a page that crashed has no picture, and the test has its reason already
            page.screenshot(path=str(FAILURES / f"{name}-{number}.png"), full_page=True)
