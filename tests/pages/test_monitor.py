"""One way through the Monitor: from the overview to a figure, its evidence, its file, and the courses side by side."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.pages.steps import follow
from tests.pages.world import World

TITLES = (
    "() => [...document.querySelectorAll('table.ledger tbody .what')].map((cell) => cell.firstChild.textContent.trim())"
)
NAMES = "() => [...document.querySelectorAll('table.compare .what')].map((cell) => cell.firstChild.textContent.trim())"


def test_an_administrator_goes_from_the_overview_to_the_evidence_and_compares(
    open_as: Callable[..., Page], world: World
) -> None:
    page = open_as("administrator")
    page.goto(f"/monitor?library={world.library}&period={world.period}")
    expect(page.locator("section.dim h2")).to_have_text(
        ["资源建设", "平台功能", "应用推广", "特色创新", "安全保障（制度保障）"]
    )

    follow(page, "#construction article.kk-ind h3 a[href*='M4.A']")
    counted, of = (int(number) for number in re.findall(r"\d+", page.locator(".frac").inner_text())[:2])
    assert of >= 8, "the resources that stood there when the year began"
    follow(page, "#ledger .kk-seg a[href*='group=counted']")
    titles = page.evaluate(TITLES)
    assert len(titles) == counted >= 2
    assert [row[2] for row in file_of(page, ".heading a[href*='.csv']")] == titles

    evidence = page.locator("table.ledger tbody tr").first
    follow(page, evidence.get_by_role("link", name="证据"))
    expect(page.locator("h1")).to_have_text(titles[0])
    page.go_back()
    page.wait_for_url("**group=counted**")

    field = page.get_by_role("searchbox", name="在台账中搜索")
    field.fill(titles[-1])
    field.press("Enter")
    page.wait_for_url(re.compile(r"[?&]q=.*group=counted"))
    expect(page.locator("#ledger .narrowed")).to_contain_text("符合条件")
    found = page.evaluate(TITLES)
    assert titles[-1] in found
    assert [row[2] for row in file_of(page, ".heading a[href*='.csv']")] == found

    follow(page, page.locator(".heading a[href*='/monitor/compare']"))
    expect(page.locator("table.compare tfoot")).to_contain_text(f"{counted} / {of}")
    filed = file_of(page, ".kk-exports a[href*='.csv']")
    assert [row[0] for row in filed] == page.evaluate(NAMES)
    assert sum(int(row[2]) for row in filed[:-1]) == int(filed[-1][2]) == counted
    follow(page, page.get_by_role("link", name="年度", exact=True))
    expect(page.locator("table.compare tbody .what").first).to_contain_text(world.period)


def file_of(page: Page, link: str) -> list[list[str]]:
    """The rows of the file behind a link, without its heads."""
    with page.expect_download() as waiting:
        page.click(link)
    text = Path(waiting.value.path()).read_text(encoding="utf-8-sig")
    return list(csv.reader(io.StringIO(text)))[1:]


def test_on_a_phone_the_line_of_places_shows_where_one_is(open_as: Callable[..., Page], world: World) -> None:
    page = open_as("administrator", width=390)
    page.goto(f"/monitor/snapshots?library={world.library}&period={world.period}")
    expect(page.locator(".kk-side [aria-current]")).to_be_in_viewport(ratio=1)
    page.goto(f"/monitor?library={world.library}&period={world.period}")
    expect(page.locator(".kk-side [aria-current]")).to_be_in_viewport(ratio=1)
    assert page.evaluate("scrollY") == 0
