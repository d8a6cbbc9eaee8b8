"""A real store that is killed while a browser sends to it: the page says so, and nothing that arrived is sent twice."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, Response, expect
from sqlalchemy import select

from tests.chaos.breaking import PASSWORD, STORE, TEACHER, Installation, arrange_people
from tests.conftest import need
from tests.pages.axe import sticks_out
from tests.servers import databases
from tests.servers.relay import Relay

if TYPE_CHECKING:
    from flask import Flask

MB = 1024 * 1024
PARTS = 5


class Site:
    """Web, worker and store as processes, between browser and store a line of `bytes_s` a connection; and what it carried."""

    def __init__(self, folder: Path, bytes_s: float) -> None:
        self.processes = need(Installation, folder)
        self.processes.env["KEKU_DATABASE_URL"] = need(databases.migrated_database, "sqlite", "keku_killed_store")
        self.line = Relay(self.processes.env["S3_ENDPOINT"], bytes_s)
        self.processes.env["S3_PUBLIC_ENDPOINT"] = f"127.0.0.1:{self.line.port}"
        self.processes.begin()
        self.app: Flask = self.processes.application()
        self.address = self.processes.env["KEKU_PUBLIC_URL"]
        self.arrived: list[int] = []  # numbers of parts that the store took from the browser

    def note(self, answer: Response) -> None:
        part = re.search(r"partNumber=(\d+)", answer.url)
        if part and answer.request.method == "PUT" and answer.ok:
            self.arrived.append(int(part[1]))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path / "site", bytes_s=1_000_000)  # the last parts are on their way for two seconds
    with site.app.app_context():
        arrange_people()
    yield site
    site.line.cut()
    site.processes.end()


def stored_hashes(site: Site) -> list[str]:
    """The hashes of what lies in the store as files of the library."""
    from courseware.core.database import session
    from courseware.resources.models import Asset
    from courseware.resources.storage import store

    with site.app.app_context():
        keys = session().scalars(select(Asset.store_key)).all()
        return [hashlib.sha256(b"".join(store().get_range(key))).hexdigest() for key in keys]


@pytest.mark.console_errors_expected
@pytest.mark.timeout(240)
def test_a_store_killed_during_an_upload_is_named_and_trying_again_brings_the_file_whole(
    open_page: Callable[..., Page], site: Site, tmp_path: Path
) -> None:
    path = tmp_path / "焊接工艺.pdf"
    path.write_bytes(b"%PDF-1.4\n%" + b"weld" * (PARTS * 2 * MB - 5))
    page = open_page(base_url=site.address, locale="en", width=390)
    page.context.add_init_script("delete window.SharedWorker")
    page.context.on("response", site.note)
    page.goto("/sign-in?next=/teach/resources")
    page.fill("#email", TEACHER)
    page.fill("#password", PASSWORD)
    page.click("form.kk-sheet button")
    page.wait_for_url("**/teach/resources")
    page.set_input_files("[data-uploader] input[type=file]", str(path))
    line = page.locator(".kk-uploads li", has_text=path.name)
    expect(line).to_have_attribute("data-stage", "sending")
    while len(site.arrived) < 2:
        page.wait_for_timeout(100)
    site.processes.kill(STORE)
    before = list(site.arrived)
    assert len(before) < PARTS, "it was killed in the middle"
    expect(line.locator("small.warn")).to_contain_text("The file store does not answer")
    with page.expect_response(lambda answer: "/teach/uploads/" in answer.url and answer.status == 503):
        line.get_by_role("button", name=f"Try {path.name} again").click()
    assert sticks_out(page) == []
    site.processes.start(STORE)
    expect(line.locator(".p.ok")).to_be_visible(timeout=60_000)
    assert sorted(site.arrived) == list(range(1, PARTS + 1)), "each part came once, straight to the store"
    assert stored_hashes(site) == [hashlib.sha256(path.read_bytes()).hexdigest()]
