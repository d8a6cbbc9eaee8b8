"""What people do wrong: a clear sentence in their language, nothing lost, nothing half done."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.media.samples import sample_png, truncated_mp4
from tests.pages.conftest import sign_in
from tests.pages.steps import board_is_ready, follow
from tests.pages.world import SECONDS, World, speaking_mp4

LOCALES = ["zh-CN", "en"]
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def is_sentence_of(text: str, locale: str) -> bool:
    """Whether the text is one that its reader understands: Chinese for one, none of it for the other."""
    return len(text) > 3 and bool(CHINESE.search(text)) == (locale == "zh-CN")


@pytest.mark.parametrize("locale", LOCALES)
def test_files_that_cannot_be_taken_are_refused_with_a_reason(
    open_as: Callable[..., Page], world: World, tmp_path: Path, locale: str
) -> None:
    page = open_as("teacher", locale=locale)
    wrong, empty = sample_png(tmp_path / "lesson.mp4", 30, 20), tmp_path / "empty.mp4"
    empty.write_bytes(b"")
    before = shelf_size(page)
    for path in (wrong, empty, truncated_mp4(tmp_path / "cut-off.mp4")):
        page.set_input_files("[data-uploader] input[type=file]", str(path))
        row = page.locator(".kk-uploads li", has_text=path.name)
        expect(row.locator(".p.bad")).to_be_visible(timeout=30_000)
        assert is_sentence_of(row.locator("small").inner_text(), locale), row.inner_text()
    assert shelf_size(page) == before


@pytest.mark.parametrize("locale", LOCALES)
def test_a_file_that_is_here_already_names_the_resource_that_holds_it(
    open_as: Callable[..., Page], world: World, tmp_path: Path, locale: str
) -> None:
    page = open_as("teacher", locale=locale)
    page.goto("/teach/resources")
    page.set_input_files("[data-uploader] input[type=file]", str(speaking_mp4(tmp_path / "again.mp4", SECONDS)))
    row = page.locator(".kk-uploads li", has_text="again.mp4")
    expect(row.locator(".p.dup")).to_be_visible()
    expect(row.locator(f"a[href$='{world.path('resources', 'video')}']")).to_be_visible()
    assert is_sentence_of(row.locator("a").inner_text(), locale)


@pytest.mark.parametrize("locale", LOCALES)
def test_an_old_board_overwrites_nothing(open_as: Callable[..., Page], world: World, locale: str) -> None:
    first, second = open_as("teacher", locale=locale), open_as("teacher", locale=locale)
    for page in (first, second):
        page.goto(world.path("teach/lessons", "board"))
        board_is_ready(page)
        expect(page.locator("[data-tray] [data-unit]").first).to_be_visible()
    held = first.locator("[data-item]").count()
    add_first_unit(first)
    expect(first.locator("[data-save-state]").first).to_have_attribute("data-tone", "ok")
    for _ in range(2):
        add_first_unit(second)
    expect(second.locator("[data-save-state]").first).to_have_attribute("data-tone", "ok")
    expect(second.locator("[data-item]")).to_have_count(held + 3)
    second.reload()
    expect(second.locator("[data-item]")).to_have_count(held + 3)


@pytest.mark.parametrize("locale", LOCALES)
def test_nobody_reviews_their_own_work(open_as: Callable[..., Page], world: World, locale: str) -> None:
    page = open_as("both", locale=locale)
    page.goto("/review?show=all")
    row = page.locator("table.qt tr", has_text="罗老师自己的讲义")
    assert is_sentence_of(row.locator(".why").inner_text(), locale)
    follow(page, row.locator("a.n"))
    expect(page.locator("form.decide")).to_have_count(0)
    assert is_sentence_of(page.locator("aside.form p").first.inner_text(), locale)
    status = page.evaluate(
        """() => fetch(location.href, {method: 'POST', body: new URLSearchParams({csrf_token: document.querySelector('meta[name=csrf-token]').content,
            decision: 'approve', level: '1', ...Object.fromEntries(['political', 'scientific', 'applicability', 'norms'].map((d) => [`verdict-${d}`, 'pass']))})}).then((a) => a.status)"""
    )
    assert status in (403, 409)
    page.reload()
    expect(page.locator("aside.form .kk-v, aside.form .done")).to_have_count(0)


@pytest.mark.parametrize("locale", LOCALES)
def test_signing_in_and_up_say_what_is_wrong_and_keep_what_was_typed(
    open_page: Callable[..., Page], world: World, new_email: str, locale: str
) -> None:
    page = open_page(locale=locale)
    page.goto("/sign-in")
    page.fill("#email", new_email)
    page.fill("#password", "not the one")
    follow(page, "form.kk-sheet button")
    assert is_sentence_of(page.locator(".kk-ferr").inner_text(), locale)
    expect(page.locator("#email")).to_have_value(new_email)
    page.goto("/sign-up")
    page.fill("#name", "小周")
    page.fill("#email", new_email)
    page.fill("#password", "12345678")
    page.check("#agreed")
    follow(page, "form.kk-sheet button")
    assert is_sentence_of(page.locator(".kk-ferr").inner_text(), locale)
    expect(page.locator("#name")).to_have_value("小周")


@pytest.mark.parametrize("locale", LOCALES)
def test_pages_that_are_not_there_or_not_for_you_say_where_to_go(
    open_as: Callable[..., Page], world: World, locale: str
) -> None:
    guest, student = open_as(None, locale=locale), open_as("student", locale=locale)
    for page, path, status in (
        (guest, "/courses/00000000-0000-0000-0000-000000000000", 404), (guest, "/no-such-page", 404),
        (student, "/admin/users", 403),
        (student, world.path("teach/lessons", "board"), 403), (student, "/review", 403),
    ):  # fmt: skip
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == status, path
        assert is_sentence_of(page.locator("main").inner_text(), locale)
        assert page.locator("main a").count() > 0


@pytest.mark.parametrize(("locale", "said"), [("zh-CN", "下架"), ("en", "was withdrawn")])
def test_a_withdrawn_resource_says_so_and_leads_on(
    open_as: Callable[..., Page], world: World, locale: str, said: str
) -> None:
    page = open_as(None, locale=locale)
    answer = page.goto(world.path("resources", "gone"))
    assert answer is not None
    assert answer.status == 410
    expect(page.locator("main h1")).to_contain_text(said)
    assert page.locator("main a").count() > 0


def test_a_guest_comes_back_to_the_page_that_needed_an_account(open_page: Callable[..., Page], world: World) -> None:
    page = open_page()
    page.goto("/my-learning")
    assert "/sign-in" in page.url
    sign_in(page, world.emails["student"])
    assert page.url.endswith("/my-learning")


def add_first_unit(page: Page) -> None:
    """One more unit on the board, by its plus sign."""
    page.locator("[data-tray] [data-unit] [data-add]").first.click()


def shelf_size(page: Page) -> int:
    """How many lines my shelf has."""
    page.goto("/teach/resources")
    return page.locator("table.tb tbody tr").count()
