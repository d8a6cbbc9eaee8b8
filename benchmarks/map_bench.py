"""`python -m benchmarks map`: how long until the map of 600 points can be used, in a real Chromium on the large installation.

From the navigation to the moment at which the script has drawn the map and listens (`data-ready`, milliseconds of the
page's own clock), once with an empty cache and then as on a second visit.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile

from playwright.sync_api import Browser

from benchmarks import machine, site
from tests.servers.browser import running_browser
from tests.servers.shared import RUN_DIR

BAR_MS = 1_500
PATH = "/map?library=GYJQR&show=points"
WINDOWS = {"desktop": (1440, 900), "phone": (390, 844)}


def main(arguments: list[str]) -> None:
    """Measures and prints; writes nothing."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks map", description=__doc__)
    parser.add_argument("--size", default="large", choices=("medium", "large"))
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args(arguments)
    os.environ.setdefault(RUN_DIR, tempfile.mkdtemp(prefix="keku-bench-"))  # where the browser is noted down
    with site.served(site.prepare(options.size)) as running, running_browser() as browser:
        for name, (width, height) in WINDOWS.items():
            rounds = [_visit_twice(browser, running.port, width, height) for _ in range(options.rounds)]
            _tell(f"{name}, first visit", [first for first, _second in rounds])
            _tell(f"{name}, second visit", [second for _first, second in rounds])


def _visit_twice(browser: Browser, port: int, width: int, height: int) -> tuple[int, int]:
    """Milliseconds of the first and of the second visit of somebody who was never here."""
    context = browser.new_context(viewport={"width": width, "height": height})
    try:
        page = context.new_page()
        taken = []
        for _visit in range(2):
            page.goto(f"http://127.0.0.1:{port}{PATH}")
            page.wait_for_selector("[data-graph][data-ready]", state="attached", timeout=60_000)
            taken.append(int(page.locator("[data-graph]").get_attribute("data-ready") or 0))
        return taken[0], taken[1]
    finally:
        context.close()


def _tell(name: str, taken: list[int]) -> None:
    verdict = "met" if statistics.median(taken) <= BAR_MS else "missed"
    print(
        f"{name:24} median {statistics.median(taken):5.0f} ms  worst {max(taken):5d} ms  bar {BAR_MS}: {verdict}  "
        f"load {machine.load_average()[0]:.1f}",
        flush=True,
    )  # fmt: skip
