"""A course on a stick: made on the site, unpacked, opened from the disk."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.pages.steps import follow
from tests.pages.world import World

PLAYED = "async v => { v.muted = true; await v.play(); while (v.currentTime < 0.5) await new Promise(r => setTimeout(r, 50)); return [v.videoWidth, v.textTracks[0].cues.length] }"


def test_a_student_takes_the_course_home_and_learns_without_a_server(
    open_as: Callable[..., Page], browser: Browser, world: World, tmp_path: Path
) -> None:
    folder = _unpacked(_fetched(open_as("student"), world, tmp_path), tmp_path)
    page = browser.new_page(viewport={"width": 390, "height": 800})  # a browser that knows nothing of the site
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((folder / "index.html").as_uri())
    page.fill("#q", "工具")
    expect(page.locator(".found a").first).to_be_visible()
    follow(page, ".lessons a")
    width, cues = page.locator("video").first.evaluate(PLAYED)
    assert width > 0, "the recording plays from the disk"
    assert cues > 0, "with its captions"
    follow(page, ".turn .after")
    expect(page.locator("h1")).to_be_visible()
    follow(page, page.get_by_role("link", name="English"))
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == [], "no request leaves"


def _fetched(page: Page, world: World, tmp_path: Path) -> Path:
    """Has the folder made by the worker, and saves it."""
    page.goto(world.path("courses", "robot", "/packages"))
    way = page.locator(".way").nth(1)
    follow(page, way.get_by_role("button"))
    link = page.locator(".way").nth(1).locator('a[href$="/download"]')
    expect(link).to_be_visible(timeout=60_000)
    with page.expect_download() as saved:
        link.click()
    target = tmp_path / "course.zip"
    saved.value.save_as(target)
    return target


def _unpacked(path: Path, tmp_path: Path) -> Path:
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path / "stick")
    return next((tmp_path / "stick").iterdir())
