"""`python -m benchmarks upload --gb 2`: one large file through a real Chromium, into a folder and into an S3 store.

The browser reads the file, hashes it and sends it in parts: through the web server where files lie in a folder, straight
to a real SeaweedFS where they lie there. What counts is how much the web processes grow meanwhile (their memory is read
four times a second) and how long each part takes. Then the page of the film is opened by a browser that was never here:
how soon the picture moves.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect

from benchmarks import machine
from media.ffmpeg import ffmpeg_binary
from tests.chaos.breaking import PASSWORD, TEACHER, WEB, Installation, arrange_people
from tests.servers.browser import running_browser
from tests.servers.shared import RUN_DIR, RUN_PID

GROWTH_MB, STARTS_S = 50, 2.0
PATIENCE_MS = 1_800_000
LEFT_STAGE = "([line, stage]) => line.dataset.stage !== stage"
MOVES = "() => document.querySelector('[data-player] video').currentTime > 0 && performance.now()"


@dataclass(slots=True)
class Told:
    """What one store gave: seconds of each stage of the upload, megabytes of the web processes, seconds until the film moves."""

    seconds: dict[str, float] = field(default_factory=dict)
    before_mb: float = 0.0
    most_mb: float = 0.0
    starts_s: float = 0.0


def main(arguments: list[str]) -> None:
    """Measures and prints; writes nothing."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks upload", description=__doc__)
    parser.add_argument("--gb", type=float, default=2.0)
    parser.add_argument("--store", choices=("folder", "s3"), action="append", help="Both, unless one is named.")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="keku-bench-") as name:
        folder = Path(name)
        os.environ[RUN_DIR], os.environ[RUN_PID] = name, str(os.getpid())  # where the browser is noted down
        film = _film(folder / "讲座.mp4", round(options.gb * 1024**3))
        print(f"load before {machine.load_average()}; {film.stat().st_size / 1024**3:.2f} GB", flush=True)
        for store in options.store or ("folder", "s3"):
            with running_browser() as browser:
                _tell(store, film.stat().st_size, _measure(folder / store, store, film, browser))
            shutil.rmtree(folder / store)
    print(f"load after {machine.load_average()}")


def _film(path: Path, size: int) -> Path:
    """A film of a minute, and behind it space that players skip: as large as asked for, and made at once."""
    made = [ffmpeg_binary(), "-nostdin", "-loglevel", "error", "-y"]
    made += ["-f", "lavfi", "-i", "testsrc2=s=1280x720:r=25:d=60", "-f", "lavfi", "-i", "sine=300:r=48000:d=60"]
    codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "100", "-pix_fmt", "yuv420p", "-c:a", "aac", "-ac", "2"]
    subprocess.run([*made, *codecs, "-movflags", "+faststart", str(path)], check=True)
    rest = size - path.stat().st_size
    with path.open("ab") as file:
        file.write((1).to_bytes(4, "big") + b"free" + rest.to_bytes(8, "big"))
        file.truncate(size)
    return path


def _measure(folder: Path, store: str, film: Path, browser: Browser) -> Told:
    installation, told = Installation(folder), Told()
    installation.env["KEKU_STORE"] = store
    try:
        installation.begin()
        with installation.application().app_context():
            arrange_people()
        page = _signed_in(browser, installation)
        pid = installation.running[WEB].pid
        told.before_mb = machine.memory_mb(machine.tree(pid))
        with _Watch(pid) as watch:
            address = _send(page, film, told)
        told.most_mb = watch.most_mb
        told.starts_s = _seconds_to_start(_signed_in(browser, installation), address)
    finally:
        installation.end()
    return told


def _signed_in(browser: Browser, installation: Installation) -> Page:
    address = installation.env["KEKU_PUBLIC_URL"]
    page = browser.new_context(base_url=address, viewport={"width": 1440, "height": 900}).new_page()
    page.goto("/sign-in")
    page.fill("#email", TEACHER)
    page.fill("#password", PASSWORD)
    page.click("form.kk-sheet button")
    page.wait_for_url(lambda url: "/sign-in" not in url)
    page.goto("/teach/resources")
    return page


def _send(page: Page, film: Path, told: Told) -> str:
    """Chooses the file and waits to the end; the address of the draft that it made."""
    began = time.monotonic()
    page.set_input_files("[data-uploader] input[type=file]", str(film))
    line = page.locator(".kk-uploads li", has_text=film.name)
    for stage in _stages(page, line):
        told.seconds[stage] = round(time.monotonic() - began, 1)
        began = time.monotonic()
    expect(line.locator(".p.ok")).to_be_visible()
    return str(line.locator("a").get_attribute("href"))


def _stages(page: Page, line: Locator) -> Iterator[str]:
    """The stages of the upload, each at its end."""
    stage = "waiting"
    while stage != "done":
        watched = [line.element_handle(timeout=PATIENCE_MS), stage]
        page.wait_for_function(LEFT_STAGE, arg=watched, timeout=PATIENCE_MS)
        yield stage
        stage = str(line.get_attribute("data-stage"))
        if stage == "failed":
            raise SystemExit(line.inner_text())


def _seconds_to_start(page: Page, address: str) -> float:
    """From the navigation to a moving picture, by the page's own clock; somebody clicks as soon as there is a button."""
    give_up = time.monotonic() + 300
    while not page.goto(address) or not page.locator("[data-player]").count():
        if time.monotonic() > give_up:
            raise SystemExit(page.locator("main").inner_text())
        time.sleep(2)
    fresh = page.context.new_page()
    page.close()
    fresh.goto(address)
    fresh.locator("[data-player] .big").click()
    return float(fresh.wait_for_function(MOVES).json_value()) / 1000


class _Watch:
    """The memory of a process and all below it, read four times a second until the block ends."""

    def __init__(self, pid: int) -> None:
        self.most_mb = 0.0
        self._pid, self._over = pid, threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def _look(self) -> None:
        while not self._over.wait(0.25):
            self.most_mb = max(self.most_mb, machine.memory_mb(machine.tree(self._pid)))

    def __enter__(self) -> _Watch:
        self._thread.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self._over.set()
        self._thread.join()


def _tell(store: str, size: int, told: Told) -> None:
    stages = ", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in told.seconds.items())
    speed = size / 1e6 / told.seconds["sending"]
    growth = told.most_mb - told.before_mb
    print(f"{store:7} {stages}; {speed:.0f} MB/s", flush=True)
    print(
        f"        web {told.before_mb:.0f} MB, +{growth:.1f} at the most; bar {GROWTH_MB}: {_verdict(growth, GROWTH_MB)}"
    )
    print(
        f"        the film moves after {told.starts_s:.2f} s; bar {STARTS_S:g}: {_verdict(told.starts_s, STARTS_S)}",
        flush=True,
    )


def _verdict(measured: float, most: float) -> str:
    return "met" if measured <= most else "MISSED"
