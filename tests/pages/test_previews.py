"""Previews in a real browser: a paper page by page, a simulation that tries to break out, a picture at full size."""

from __future__ import annotations

import uuid as uuidlib
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from courseware.accounts.models import User
from courseware.core.database import session
from courseware.core.unit_of_work import unit_of_work
from courseware.libraries.models import Course, Library
from courseware.resources import assets, services
from tests.media.samples import sample_jpeg, sample_pdf
from tests.pages.axe import sticks_out
from tests.pages.world import World, wait_for_files
from tests.servers.site import LiveSite

HOSTILE = """<!doctype html><html lang="en"><title>x</title><p id="own">began</p>
<script src="tools.js"></script>
<script>
const tries = {
  cookies: () => document.cookie,
  parent: () => parent.document.title,
  frame: () => parent.location.href,
  storage: () => localStorage.length,
  top: () => { if (top !== self) top.location = "/about/privacy"; return "moved"; },
};
const found = {};
for (const [name, act] of Object.entries(tries)) {
  try { found[name] = "reached " + act(); } catch (error) { found[name] = "refused"; }
}
fetch("data.json").then((a) => a.json()).then((own) => { found.own = own.word + helper(); })
  .then(() => fetch("/api/v1/resources", {credentials: "include"}))
  .then((a) => { found.site = "reached " + a.status; }, () => { found.site = "refused"; })
  .then(() => { document.getElementById("own").textContent = JSON.stringify(found); });
</script></html>"""


@pytest.fixture(scope="module")
def shown(live_site: LiveSite, world: World, tmp_path_factory: pytest.TempPathFactory) -> dict[str, uuidlib.UUID]:
    """A hostile simulation and a picture, published; and a simulation that is still a draft."""
    folder = tmp_path_factory.mktemp("previews")
    with live_site.app.app_context():
        with unit_of_work():
            files = {
                "hostile": assets.store_file(package(folder / "hostile.zip", HOSTILE), "hostile.zip", None),
                "draft": assets.store_file(package(folder / "draft.zip", HOSTILE + "<!-- 2 -->"), "draft.zip", None),
                "picture": assets.store_file(sample_jpeg(folder / "焊缝.jpg", 2400, 1600), "焊缝.jpg", None),
                "slides": assets.store_file(sample_pdf(folder / "幻灯.pdf", "Slides of welding", 3), "幻灯.pdf", None),
            }
        wait_for_files(list(files.values()))
        with unit_of_work():
            teacher = session().scalars(select(User).where(User.email == world.emails["teacher"])).one()
            library = session().scalars(select(Library).where(Library.code == world.library)).one()
            course = session().scalars(select(Course).where(Course.uuid == world.uuids["robot"])).one()
            kinds = {"hostile": "simulation", "draft": "simulation", "picture": "image", "slides": "presentation"}
            made = {
                name: services.create_resource(
                    teacher, library, type=kind, title=f"预览 {name}", course=course, asset=files[name],
                    originality="original", licence="CC-BY-4.0",
                )
                for name, kind in kinds.items()
            }  # fmt: skip
            for name in ("hostile", "picture", "slides"):
                draft = made[name].draft_version
                assert draft is not None
                services.publish_version(draft)
            return {name: resource.uuid for name, resource in made.items()}


def package(path: Path, page: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("sim/index.html", page)
        archive.writestr("sim/tools.js", "function helper() { return '!'; }")
        archive.writestr("sim/data.json", '{"word": "own files work"}')
    return path


def test_a_paper_is_read_page_by_page(open_page: Callable[..., Page], world: World) -> None:
    page = open_page()
    page.goto(world.path("resources", "paper"))
    viewer = page.locator("[data-pdf].on")
    expect(viewer.locator("[data-page='1'] canvas")).to_be_visible()
    expect(viewer.locator("[data-page='1'] .kk-pdf-text")).to_contain_text("标定记录单")
    assert page.locator("[data-pdf] iframe").count() == 0
    viewer.get_by_role("button", name="下一页").click()
    expect(viewer.get_by_role("spinbutton")).to_have_value("2")
    expect(viewer.locator("[data-page='2'] .kk-pdf-text")).not_to_be_empty()
    viewer.locator(".kk-pdf-pages").focus()
    page.keyboard.press("Home")
    expect(viewer.get_by_role("spinbutton")).to_have_value("1")
    before = viewer.locator("[data-page='1']").bounding_box()
    page.keyboard.press("+")
    expect(viewer.locator("output")).to_have_text("125 %")
    assert before
    page.wait_for_function(
        "(width) => document.querySelector(\"[data-page='1']\").getBoundingClientRect().width > width",
        arg=1.2 * before["width"],
    )


@pytest.mark.parametrize("width", [390, 1440])
def test_slides_are_turned_one_by_one(
    open_page: Callable[..., Page], shown: dict[str, uuidlib.UUID], width: int
) -> None:
    page = open_page(width=width)
    page.goto(f"/resources/{shown['slides']}")
    viewer = page.locator("[data-pdf].on.slides")
    expect(viewer.locator("[data-page='1'] canvas")).to_be_visible()
    expect(viewer.locator("[data-page='2']")).to_be_hidden()
    viewer.locator(".kk-pdf-pages").focus()
    page.keyboard.press("ArrowRight")
    expect(viewer.locator("[data-page='2'] canvas")).to_be_visible()
    expect(viewer.locator("[data-page='1']")).to_be_hidden()
    assert sticks_out(page) == []


def test_without_a_script_the_browser_shows_the_paper_and_the_download_stays(
    open_page: Callable[..., Page], world: World
) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(world.path("resources", "paper"))
    assert page.locator("noscript iframe, [data-pdf] iframe").count() == 1
    expect(page.locator(f"a[href='{world.path('resources', 'paper', '/download')}']").first).to_be_visible()


@pytest.mark.console_errors_expected
def test_a_hostile_simulation_reaches_neither_cookies_nor_the_page_around_it(
    open_as: Callable[..., Page], shown: dict[str, uuidlib.UUID]
) -> None:
    for who, name in (("student", "hostile"), ("teacher", "draft")):
        page = open_as(who)
        page.goto(f"/resources/{shown[name]}")
        page.locator("[data-sim-start]").click()
        own = page.frame_locator("[data-simulation] iframe").locator("#own")
        expect(own).to_contain_text("own files work!")
        told = own.inner_text()
        assert '"site":"refused"' in told
        assert "reached" not in told.replace('"top":"reached moved"', ""), told
        assert page.url.endswith(f"/resources/{shown[name]}"), "it could not lead the page away"


@pytest.mark.console_errors_expected
def test_even_opened_by_itself_it_has_no_cookies_and_strangers_open_no_draft(
    open_as: Callable[..., Page], shown: dict[str, uuidlib.UUID]
) -> None:
    page = open_as("student")
    page.goto(f"/resources/{shown['hostile']}/run")
    expect(page.locator("#own")).to_contain_text("own files work!")
    assert '"cookies":"refused"' in page.locator("#own").inner_text()
    for who in ("student", None):
        answer = open_as(who).goto(f"/resources/{shown['draft']}/run")
        assert answer
        assert answer.status == 404


def test_a_picture_opens_at_full_size_and_closes_by_key(
    open_page: Callable[..., Page], shown: dict[str, uuidlib.UUID]
) -> None:
    page = open_page()
    page.goto(f"/resources/{shown['picture']}")
    page.locator("a[data-zoom]").click()
    expect(page.locator("dialog.kk-zoom img")).to_be_visible()
    page.get_by_role("button", name="原始大小").click()
    page.wait_for_function("() => document.querySelector('dialog.kk-zoom img').clientWidth === 2400")
    page.keyboard.press("Escape")
    expect(page.locator("dialog.kk-zoom")).to_have_count(0)
