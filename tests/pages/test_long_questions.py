"""Questions nobody types but somebody pastes, asked of the production web server."""

from __future__ import annotations

import urllib.request
from pathlib import Path
from urllib.parse import quote

from tests.pages.world import World
from tests.servers.site import LiveSite

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"


def read(site: LiveSite, address: str) -> str:
    with urllib.request.urlopen(f"{site.address}{address}") as answer:
        assert answer.status == 200
        return str(answer.read().decode())


def test_the_longest_address_a_web_server_reads_is_answered_with_a_page_that_says_what_was_searched(
    live_site: LiveSite, world: World
) -> None:
    page = read(live_site, f"/search?q={quote('工具坐标系' * 1_400)}")  # 63 kB of address
    assert "只搜索了前 200 个字" in page
    assert len(page) < 200_000
    assert "“工具坐标系”" in read(live_site, f"/search?q={quote('工具' + chr(0) + '坐标系')}")
    assert read(live_site, f"/search/suggest?q={quote('工具' * 3_000)}") is not None


def test_every_field_of_search_says_how_much_it_takes() -> None:
    fields = [
        part.partition(">")[0]
        for path in TEMPLATES.rglob("*.html")
        for part in path.read_text().split("<input")
        if 'type="search"' in part.partition(">")[0]
    ]
    assert len(fields) > 10
    assert [field for field in fields if "maxlength" not in field] == []
