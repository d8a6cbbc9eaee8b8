"""Uploads in a real browser: they outlive the page, stop and go on at will, and say what is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.exchange.packages import cartridge
from tests.pages.steps import until
from tests.pages.world import World
from tests.servers.relay import Relay
from tests.servers.site import LiveSite

STORE = "http://127.0.0.1:9"  # nobody listens there


FILE_IS_KEPT = """() => new Promise((done) => {
  indexedDB.open("keku-uploads").onsuccess = (opened) => {
    opened.target.result.transaction("files").objectStore("files").count().onsuccess = (counted) => done(counted.target.result > 0);
  };
})"""


TEN_MINUTES_PASS = """() => new Promise((done) => {
  indexedDB.open("keku-uploads").onsuccess = (opened) => {
    const records = opened.target.result.transaction("records", "readwrite").objectStore("records");
    records.getAll().onsuccess = (found) => {
      for (const record of found.target.result) records.put({ ...record, end: { ...record.end, at: record.end.at - 601_000 } });
    };
    records.transaction.oncomplete = done;
  };
})"""


def paper(path: Path, size: int, text: str) -> Path:
    """A PDF of this many bytes, of its own."""
    path.write_bytes(b"%PDF-1.4\n%" + text.encode() + b"\n" + b"0" * size)
    return path


def line(page: Page, path: Path) -> Any:
    return page.locator(".kk-uploads li", has_text=path.name)


def choose(page: Page, *paths: Path) -> None:
    page.goto("/teach/resources")
    page.set_input_files("[data-uploader] input[type=file]", [str(path) for path in paths])


def alone(open_as: Callable[..., Page]) -> Page:
    """A browser without shared workers, as on phones: each page has a worker of its own."""
    page = open_as("teacher", locale="en")
    page.context.add_init_script("delete window.SharedWorker")
    return page


def hold_parts(page: Page) -> list[Any]:
    """Parts that are sent from now on wait until they are let go, as on a very slow line."""
    held: list[Any] = []
    page.context.route("**/teach/uploads/*/parts/*", lambda route: held.append(route))
    return held


def test_an_upload_goes_on_when_its_page_is_left_and_loaded_anew(
    open_as: Callable[..., Page], world: World, tmp_path: Path
) -> None:
    """With a shared worker, which no page takes along; its requests cannot be held here, so the file is larger."""
    page = open_as("teacher")
    path = paper(tmp_path / "离开页面.pdf", 50_000_000, "left")
    choose(page, path)
    expect(line(page, path).locator("button")).to_have_count(2)
    page.goto("/")
    expect(line(page, path)).to_be_visible()
    page.reload()
    expect(line(page, path).locator(".p.ok")).to_be_visible(timeout=60_000)
    assert "/teach/resources/" in (line(page, path).locator("a").get_attribute("href") or "")


def test_without_a_shared_worker_the_next_page_takes_the_file_from_the_browsers_storage(
    open_as: Callable[..., Page], world: World, tmp_path: Path
) -> None:
    page = alone(open_as)
    path = paper(tmp_path / "next-page.pdf", 9_000_000, "next page")
    held = hold_parts(page)
    choose(page, path)
    while len(held) < 2:
        page.wait_for_timeout(100)
    until(page, FILE_IS_KEPT)
    page.goto("/")
    expect(line(page, path)).to_be_visible()
    page.context.unroute("**/teach/uploads/*/parts/*")
    page.reload()
    expect(line(page, path).locator(".p.ok")).to_be_visible(timeout=60_000)
    page.goto("/courses")
    expect(line(page, path).locator("a")).to_have_attribute("href", re.compile("/teach/resources/"))
    page.evaluate(TEN_MINUTES_PASS)
    page.reload()
    page.wait_for_function(
        "() => localStorage.getItem('kk-uploads') === null"
    )  # the page was told that there is nothing
    expect(line(page, path)).to_have_count(0)


def test_an_upload_is_paused_goes_on_and_is_given_up(
    open_as: Callable[..., Page], world: World, tmp_path: Path
) -> None:
    page = alone(open_as)
    kept, dropped = paper(tmp_path / "kept.pdf", 50_000, "kept"), paper(tmp_path / "dropped.pdf", 60_000, "dropped")
    hold_parts(page)
    choose(page, kept, dropped)
    expect(line(page, kept).get_by_role("progressbar")).to_be_visible()
    line(page, kept).get_by_role("button", name="Pause").click()
    expect(line(page, kept)).to_contain_text("Paused")
    line(page, dropped).get_by_role("button", name="Cancel").click()
    expect(line(page, dropped)).to_have_count(0)
    page.reload()
    expect(line(page, kept)).to_contain_text("Paused")
    page.context.unroute("**/teach/uploads/*/parts/*")
    line(page, kept).get_by_role("button", name="Go on").click()
    expect(line(page, kept).locator(".p.ok")).to_be_visible(timeout=60_000)
    line(page, kept).get_by_role("button", name="Remove").click()
    expect(page.locator(".kk-uploads")).to_be_hidden()
    page.reload()
    expect(page.locator(".kk-uploads li")).to_have_count(0)
    expect(page.locator(".kk-uploads")).to_be_hidden()


def test_a_site_that_is_away_for_a_moment_costs_nothing(
    open_as: Callable[..., Page], world: World, tmp_path: Path
) -> None:
    page = alone(open_as)
    path = paper(tmp_path / "away.pdf", 40_000, "away")
    page.context.route("**/teach/uploads/*/parts/*", lambda route: route.abort())
    choose(page, path)
    expect(line(page, path).locator("small.warn")).to_contain_text("Trying again in")
    page.context.unroute("**/teach/uploads/*/parts/*")
    expect(line(page, path).locator(".p.ok")).to_be_visible(timeout=60_000)


def test_an_upload_waits_for_its_person_to_sign_in_again(
    open_as: Callable[..., Page], world: World, tmp_path: Path
) -> None:
    from tests.pages.conftest import sign_in

    page = open_as("teacher", locale="en")
    path = paper(tmp_path / "signed-out.pdf", 30_000, "signed out")
    page.goto("/teach/resources")
    cookies = page.context.cookies()
    page.context.clear_cookies(name="session")
    page.set_input_files("[data-uploader] input[type=file]", str(path))
    expect(line(page, path)).to_contain_text("sign in again")
    page.context.add_cookies([cookie for cookie in cookies if cookie["name"] != "session"])  # type: ignore[misc]
    sign_in(page, world.emails["teacher"])
    expect(line(page, path).locator(".p.ok")).to_be_visible(timeout=60_000)


def test_a_course_is_sent_in_parts_and_its_dry_run_follows(
    open_as: Callable[..., Page], world: World, tmp_path: Path
) -> None:
    page = open_as("teacher", locale="en")
    page.goto("/teach/course-import")
    expect(page.locator("[data-with-script]")).to_be_visible()
    path = cartridge(tmp_path / "外来课程.imscc")
    page.set_input_files("[data-uploader] input[type=file]", str(path))
    page.wait_for_url("**/teach/course-imports/*")
    expect(page.get_by_role("button", name="Import as drafts")).to_be_visible(timeout=60_000)
    dry_run, link = page.url, line(page, path).locator("a")
    expect(link).to_have_attribute("href", re.compile(r"/teach/course-import\?upload="))
    link.click()
    expect(page).to_have_url(dry_run)


@pytest.mark.console_errors_expected
def test_parts_go_through_the_site_where_the_browser_has_no_way_to_the_store(
    open_as: Callable[..., Page], world: World, tmp_path: Path
) -> None:
    """A store behind a firewall, or one whose rules refuse this site: the address is there, and nobody answers."""
    page = alone(open_as)
    told: list[str] = []

    def with_addresses(route: Any) -> None:
        answer = route.fetch()
        if answer.status >= 400 or "/parts/" in route.request.url:
            return route.fulfill(response=answer)
        state = answer.json()
        for part in state.get("parts", []):
            part["url"] = None if part["done"] else f"{STORE}/bucket/part-{part['num']}"
        return route.fulfill(response=answer, json=state)

    page.context.route(re.compile(r"/teach/uploads(/[0-9a-f-]{36})?$"), with_addresses)
    page.context.route(f"{STORE}/**", lambda route: (told.append(route.request.url), route.abort()))
    path = paper(tmp_path / "behind-a-firewall.pdf", 50_000, "firewall")
    choose(page, path)
    expect(line(page, path).locator("small.warn")).to_contain_text("The file store cannot be reached")
    expect(line(page, path).locator(".p.ok")).to_be_visible(timeout=60_000)
    assert len(told) <= 3, "after three tries the way is given up for this file"


@pytest.mark.console_errors_expected
def test_a_line_that_is_cut_in_the_middle_of_a_part_goes_on_when_it_is_back(
    open_as: Callable[..., Page], world: World, live_site: LiveSite, tmp_path: Path
) -> None:
    """A real cut: between browser and site stands a relay, and its connections break while bytes are on their way."""
    relay = Relay(live_site.address.removeprefix("http://"), bytes_s=1_000_000)
    try:
        page = open_as("teacher", locale="en", base_url=f"http://127.0.0.1:{relay.port}")
        page.context.add_init_script("delete window.SharedWorker")
        path = paper(tmp_path / "cut.pdf", 20_000_000, "cut")
        choose(page, path)
        expect(line(page, path).locator("small")).to_contain_text("/s, about")
        relay.cut()
        expect(line(page, path).locator("small.warn")).to_contain_text("Trying again in")
        line(page, path).get_by_role("button", name="Pause").click()
        expect(line(page, path)).to_contain_text("Paused")
        relay.open(bytes_s=0)
        line(page, path).get_by_role("button", name="Go on").click()
        expect(line(page, path).locator(".p.ok")).to_be_visible(timeout=60_000)
    finally:
        relay.cut()
