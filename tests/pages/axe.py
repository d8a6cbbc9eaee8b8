"""What axe-core and a ruler find wrong with a page."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

SCRIPT = Path(__file__).resolve().parent.parent.parent / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = ("serious", "critical")
# Without preload: it waits for films and style sheets, and only rules want it that are moderate or experimental.
RUN = "() => axe.run(document, {resultTypes: ['violations'], iframes: false, preload: false})"

# What sticks out to the right, without what scrolls in a box of its own.
WIDE = """() => {
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= wide) return [];
  const inBox = (e) => { for (let p = e.parentElement; p && p !== document.body; p = p.parentElement) if (getComputedStyle(p).overflowX !== 'visible') return true; return false; };
  return [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > wide + 1 && !inBox(e))
    .slice(0, 5).map((e) => `${e.tagName.toLowerCase()}.${e.className} sticks out to ${Math.round(e.getBoundingClientRect().right)} of ${wide}`);
}"""


@cache
def _source() -> str:
    return SCRIPT.read_text(encoding="utf-8")


def grave_findings(page: Page) -> list[str]:
    """Serious and critical findings of axe-core: rule, the first places, what to do about it."""
    page.evaluate(_source())  # by the debugger's way, which the content policy does not concern
    found: dict[str, Any] = page.evaluate(RUN)
    return [_told(finding) for finding in found["violations"] if finding["impact"] in GRAVE]


def sticks_out(page: Page) -> list[str]:
    """Why the page scrolls sideways; empty when it does not."""
    found: list[str] = page.evaluate(WIDE)
    return found


def _told(finding: dict[str, Any]) -> str:
    nodes = [f"{node['target'][0]} {_facts(node)}" for node in finding["nodes"][:3]]
    return f"{finding['id']} ({finding['impact']}, {len(finding['nodes'])} places): {'; '.join(nodes)}"


def _facts(node: dict[str, Any]) -> str:
    """For contrast: the colours and the ratio."""
    data = next((check["data"] for check in node["any"] if isinstance(check.get("data"), dict)), None) or {}
    return f"[{data['fgColor']} on {data['bgColor']}: {data['contrastRatio']}]" if "fgColor" in data else ""
