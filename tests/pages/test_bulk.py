"""The librarian imports a sheet with faults, changes what came in, and takes everything back; on a phone, and without a script."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.bulk.sheets import line, xlsx_of
from tests.pages.axe import grave_findings
from tests.pages.steps import follow
from tests.pages.world import World


@pytest.mark.parametrize("width", [1440, 390])
def test_a_sheet_with_faults_goes_in_is_changed_and_taken_back(
    open_as: Callable[..., Page], world: World, tmp_path: Path, width: int
) -> None:
    mark = f"批量{width}"
    good = [
        line(n, 资源编号=f"{mark}-{n}", 标题=f"{mark}第{n}份", 课程="", 知识点="", 正文=f"{mark}正文{n}")
        for n in (1, 2)
    ]
    sheet = tmp_path / f"{mark}.xlsx"
    sheet.write_bytes(xlsx_of(*good, line(3, 标题=f"{mark}坏", 类型="小说", 课程="", 知识点="")))
    page = open_as("librarian", width=width)

    page.goto(f"/teach/import?library={world.library}")
    page.set_input_files("#file", str(sheet))
    follow(page, "form.narrow .btn-primary")
    expect(page.locator("table.faults")).to_contain_text("小说")
    assert grave_findings(page) == []
    is_done_after(page, ".go .btn-primary")
    imported = page.url

    page.goto(f"/teach/library/{world.library}/resources?q={mark}")
    expect(page.locator("input[data-row]")).to_have_count(2)
    assert grave_findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator("input[data-row]").first.check()
    expect(page.locator("[data-bulk-count]")).to_have_text("1")
    page.check("input[name=all]")
    follow(page, "button[value=edit]")
    page.select_option("#f-difficulty", "4")
    follow(page, "form.narrow .btn-primary")
    expect(page.locator(".figs b").first).to_have_text("2")
    assert grave_findings(page) == []
    is_done_after(page, ".go .btn-primary")
    expect(page.locator(".figs b").first).to_have_text("2")
    page.on("dialog", lambda dialog: dialog.accept())
    is_done_after(page, ".go form button")
    expect(page.locator(".go form")).to_have_count(0)  # what is undone is not undone again

    page.goto(imported)
    is_done_after(page, ".go form button")
    # Both were changed since, and stay: the page says so.
    expect(page.locator("table.faults")).to_contain_text(f"{mark}第1份")


def is_done_after(page: Page, button: str) -> None:
    """Asks for it, and waits until the worker has done it: then the page leads back to the resources."""
    follow(page, button)
    expect(page.locator(".go a[href$='/resources']")).to_be_visible()


def test_bulk_work_needs_no_script(open_as: Callable[..., Page], world: World) -> None:
    page = open_as("librarian", java_script_enabled=False)
    page.goto(f"/teach/library/{world.library}/resources?state=published&sort=title")
    page.locator("input[data-row]").first.check()
    follow(page, "button[value=withdraw]")
    page.fill("#f-reason", "内容重复")
    follow(page, "form.narrow .btn-primary")
    expect(page.locator("table.eff")).to_contain_text("M2.A")
    page.click(".go form >> nth=1 >> button")
    expect(page).to_have_url(f"/teach/library/{world.library}/resources")
