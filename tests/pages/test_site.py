"""The site of the page tests stands on its own feet."""

from __future__ import annotations

import json
from collections.abc import Callable

from playwright.sync_api import Page

from tests.servers.site import LiveSite


def test_the_live_site_answers_a_real_browser(live_site: LiveSite, open_page: Callable[..., Page]) -> None:
    page = open_page(width=390, locale="en")
    answer = page.goto("/healthz")
    assert answer is not None
    assert answer.ok
    assert json.loads(live_site.flask("libraries", "list", "--json")) is not None
