"""The administrator's journey: from a card to the rows behind it, and out as a file that says the same."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.pages.steps import follow
from tests.pages.world import World

ROWS = """() => [...document.querySelectorAll('table.ledger tbody tr')].map((row) =>
  [row.querySelector('.what').firstChild, row.querySelector('.kk-v')].map((part) => part.textContent.trim()))"""


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
@pytest.mark.parametrize("indicator", ["M4.A", "M1.A", "M5.A", "M12.A"])
def test_the_rows_behind_a_figure_are_those_of_its_file(
    open_as: Callable[..., Page], world: World, indicator: str, locale: str
) -> None:
    page = open_as("administrator", locale=locale)
    page.goto(f"/monitor?library={world.library}&period={world.period}")
    expect(page.locator("article.kk-ind").first).to_be_visible()
    page.goto(f"/monitor/indicators/{indicator}?library={world.library}&period={world.period}")
    shown = rows_of_all_pages(page)
    filed = rows_of_file(page)
    assert shown
    assert [[row[2], row[0]] for row in filed] == shown


def test_the_file_of_all_figures_has_a_line_for_each(open_as: Callable[..., Page], world: World) -> None:
    page = open_as("administrator")
    page.goto(f"/monitor?library={world.library}&period={world.period}")
    with page.expect_download() as waiting:
        page.click("a[href*='/monitor/export.csv']")
    lines = read_csv(Path(waiting.value.path()))
    assert {"M1.A", "M2.A", "M3.A", "M4.A", "M9.A", "M12.A"} <= {line[0] for line in lines[1:]}


def test_a_librarian_of_another_library_and_a_teacher_see_no_figures(open_as: Callable[..., Page]) -> None:
    page = open_as("teacher")
    answer = page.goto("/monitor")
    assert answer is not None
    assert answer.status == 403
    expect(page.locator("main h1")).to_be_visible()


def rows_of_all_pages(page: Page) -> list[list[str]]:
    """Title and result of every row, page after page."""
    rows: list[list[str]] = page.evaluate(ROWS)
    while page.locator("#ledger a[rel=next]").count():
        follow(page, "#ledger a[rel=next]")
        rows += page.evaluate(ROWS)
    return rows


def rows_of_file(page: Page) -> list[list[str]]:
    """The same list as the file says it."""
    with page.expect_download() as waiting:
        page.click(".heading a[href*='.csv']")
    return read_csv(Path(waiting.value.path()))[1:]


def read_csv(path: Path) -> list[list[str]]:
    """The lines of a file as a spreadsheet reads them."""
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
