"""The world of the page tests and the small hands that use it."""

from __future__ import annotations

import itertools
import math
import os
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import need
from tests.pages.world import PASSWORD, World, arrange
from tests.servers import shared
from tests.servers.browser import LastingBrowser

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.servers.site import LiveSite

_numbers = itertools.count(1)
GOOD_FOR_S = 8 * 60  # the site signs an administrator out who did nothing for a quarter of an hour

# Pictures are made when somebody asks for them (`make screenshots`); in a test run they would be tests that test nothing.
collect_ignore = [] if os.environ.get("KEKU_SCREENSHOTS") else ["test_screenshots.py"]


@pytest.fixture(scope="package")
def live_site(worker_name: str) -> Iterator[LiveSite]:
    """The production web server and worker on an empty database, for all page tests; they end with the last of them."""
    from tests.servers.site import LiveSite

    site = LiveSite(shared.run_folder() / f"site-{worker_name}")
    try:
        need(site.__enter__)
        yield site
    finally:
        site.stop()


@pytest.fixture(scope="package")
def world(live_site: LiveSite, tmp_path_factory: pytest.TempPathFactory) -> World:
    """The fictional library, arranged once on the live site."""
    return arrange(live_site, tmp_path_factory.mktemp("files"))


@pytest.fixture(scope="package")
def _chromium() -> Iterator[LastingBrowser]:
    lasting = LastingBrowser()
    yield lasting
    lasting.close()


@pytest.fixture(scope="module")
def browser(_chromium: LastingBrowser) -> Browser:
    """One Chromium for all pages of this worker, another one when it died; each test has profiles of its own in it."""
    return need(_chromium.alive)


@pytest.fixture(scope="package")
def _sessions() -> dict[str, tuple[float, Any]]:
    """The cookies of people who signed in, and when."""
    return {}


@pytest.fixture
def open_as(
    open_page: Callable[..., Page], world: World, _sessions: dict[str, tuple[float, Any]]
) -> Callable[..., Page]:
    """`open_as("teacher", width=390)`: a page of that person, signed in by the form the first time; None is a guest."""

    def open_one(who: str | None, **options: Any) -> Page:
        if who is None:
            return open_page(**options)
        at, kept = _sessions.get(who, (-math.inf, None))
        if time.monotonic() - at < GOOD_FOR_S:
            return open_page(storage_state=kept, **options)
        page = open_page(**options)
        sign_in(page, world.emails[who])
        state = page.context.storage_state()
        cookies = [cookie for cookie in state.get("cookies", []) if cookie.get("name") == "session"]
        _sessions[who] = time.monotonic(), {**state, "cookies": cookies}
        return page

    return open_one


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    """Fills in the form that stands on the sign-in page, as a person does."""
    if "/sign-in" not in page.url:
        page.goto("/sign-in")
    page.fill("#email", email)
    page.fill("#password", password)
    page.click("form.kk-sheet button")
    page.wait_for_url(lambda address: "/sign-in" not in address)


@pytest.fixture
def new_email() -> str:
    """An address that nobody has used."""
    return f"learner{time.time_ns()}{next(_numbers)}@example.org"
