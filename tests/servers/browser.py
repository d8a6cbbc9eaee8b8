"""A real Chromium for page tests: the system's, else the one that an npm package carries. Driven by Playwright.

The package has a headless shell, a third of the processor for the same page; but it kept no page without network and lost the list of
uploads in two whole runs, where a whole Chromium did not, and people have whole ones.

It talks to this machine and nobody else: whatever it would do in the background is off, and every foreign name fails
to resolve, so that a page that leans on a CDN breaks here and not at a school without internet.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request, sync_playwright

from tests.servers.shared import CannotRun, Facts, started_once

ROOT = Path(__file__).resolve().parent.parent.parent
SYSTEM_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",  # containers have 64 MB there, and pages with video need more
    "--font-render-hinting=none",  # the same letters on every machine, for screenshots
    "--autoplay-policy=no-user-gesture-required",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]
BROWSERS_OWN = ("chrome://", "chrome-extension://")  # its viewer for PDF
# Unpacks the binary that the npm package carries compressed; the variable makes it add the libraries a bare system lacks.
UNPACK = 'const { default: c } = await import("@sparticuz/chromium"); console.log(await c.executablePath())'
UNPACK_ENV = {"AWS_EXECUTION_ENV": "AWS_Lambda_nodejs20.x"}


def chromium() -> Facts:
    """Where the Chromium is (`path`), and what has to stand in its environment (`env`)."""
    return started_once("browser", _find)


@contextmanager
def running_browser() -> Iterator[Browser]:
    """A headless Chromium for the duration of the block."""
    facts = chromium()
    with sync_playwright() as playwright:
        flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS
        try:
            browser = playwright.chromium.launch(
                executable_path=facts["path"], args=flags, env={**os.environ, **facts["env"]}, headless=True
            )
        except Error as error:
            raise CannotRun(f"Chromium at {facts['path']} does not start: {error.message[:600]}") from error
        try:
            yield browser
        finally:
            browser.close()


class LastingBrowser:
    """A headless Chromium for many test files; starting one costs as much as five page tests."""

    def __init__(self) -> None:
        self._held = ExitStack()
        self._browser: Browser | None = None

    def alive(self) -> Browser:
        """The browser, started when there is none that answers."""
        if self._browser is None or not _answers(self._browser):
            self.close()
            self._browser = self._held.enter_context(running_browser())
        return self._browser

    def close(self) -> None:
        """Ends it; one that died has nothing to say about it."""
        with suppress(Error):
            self._held.close()
        self._browser = None


def _answers(browser: Browser) -> bool:
    try:
        browser.new_context().close()
    except Error:
        return False
    return True


class Watch:
    """Writes down what should never happen on a page: script errors, refused policies, foreign addresses."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def attach(self, page: Page) -> None:
        """Listens to `page` from now on."""
        page.on("pageerror", lambda error: self.problems.append(f"script error on {page.url}: {error}"))
        page.on("console", lambda message: self._on_console(page, message))
        page.on("request", self._on_request)

    def _on_console(self, page: Page, message: ConsoleMessage) -> None:
        # A refused or missing answer is also written to the console; tests judge answers by themselves.
        # htmx reports what a page asked for when it is left; nobody waits for that answer any more.
        is_left = message.text.startswith(("htmx:sendAbort", "htmx:afterRequest"))
        if message.type == "error" and not is_left and not message.text.startswith("Failed to load resource"):
            self.problems.append(f"console error on {page.url}: {message.text}")

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith(
            ("http://127.0.0.1:", "http://localhost:", "data:", "blob:", "about:", *BROWSERS_OWN)
        ):
            self.problems.append(f"a page asked for a foreign address: {request.url}")


def _find(folder: Path) -> Facts:
    if named := os.environ.get("KEKU_TEST_CHROMIUM"):
        return _of_the_system([named])
    try:
        return _of_the_system(SYSTEM_NAMES)
    except CannotRun as reason:
        try:
            return _unpack(folder)
        except CannotRun as another:
            raise CannotRun(f"{reason}; {another}") from another


def _of_the_system(names: Sequence[str]) -> Facts:
    reasons = []
    for name in names:
        path = shutil.which(name)
        if path and _runs(path, {}):
            return {"path": path, "env": {}}
        reasons.append(f"{name}: {'does not run' if path else 'not on PATH'}")
    raise CannotRun(f"Chromium: {'; '.join(reasons)}")


def _unpack(folder: Path) -> Facts:
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        from browser_side import NodeMissing, find_node, node_environment  # type: ignore[import-not-found]
    finally:
        sys.path.remove(str(ROOT / "tools"))
    if not (ROOT / "node_modules" / "@sparticuz" / "chromium").exists():
        raise CannotRun("Chromium: no @sparticuz/chromium in node_modules; run `make setup`")
    try:
        node = find_node(Path(sys.executable).parent)
    except NodeMissing as missing:
        raise CannotRun(f"Chromium: {missing}") from missing
    env = {**node_environment(node), **UNPACK_ENV, "TMPDIR": str(folder)}
    done = subprocess.run(
        [node.node, "--input-type=module", "-e", UNPACK], capture_output=True, text=True, cwd=ROOT, env=env, check=False
    )
    if done.returncode:
        raise CannotRun(f"Chromium could not be unpacked: {done.stderr[-600:]}")
    path = done.stdout.strip()
    for extra in ({}, {"LD_LIBRARY_PATH": str(folder / "al2023" / "lib")}):
        if _runs(path, extra):
            return {"path": path, "env": extra}
    raise CannotRun("Chromium: the one from npm does not run here; install your system's chromium")


def _runs(path: str, extra: dict[str, str]) -> bool:
    try:
        answer = subprocess.run(
            [path, "--version"], capture_output=True, text=True, env={**os.environ, **extra}, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0
