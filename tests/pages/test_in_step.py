"""What is only repacked, in a real Chromium: seen when it is heard, and played to its end."""

from __future__ import annotations

import functools
import shutil
import threading
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Page

from media.gate import inspect_media
from media.hls import make_playable, write_master
from tests.media.test_sync import film

HLS = Path(__file__).resolve().parents[2] / "node_modules/hls.js/dist/hls.min.js"
PAGE = """<!doctype html><link rel=icon href="data:,"><video muted playsinline width=160></video><script src=hls.js></script><script>
const video = document.querySelector("video"), pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
window.flashes = []; window.problems = []; let was = false;
const hls = new Hls({ enableWorker: false });
hls.on(Hls.Events.ERROR, (_event, error) => problems.push(error.details));
hls.loadSource("out/master.m3u8"); hls.attachMedia(video);
const look = (_now, frame) => {
  pen.drawImage(video, 0, 0, 8, 8);
  const bright = pen.getImageData(4, 4, 1, 1).data[0] > 120;
  if (bright && !was) flashes.push(frame.mediaTime);
  was = bright;
  video.requestVideoFrameCallback(look);
};
video.requestVideoFrameCallback(look);
</script>"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_args: object) -> None:
        """Nothing."""


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """A page that plays a film with waiting frames: a flash and a beep every two seconds."""
    source = film(tmp_path / "a.mp4")
    write_master(tmp_path / "out", make_playable(source, inspect_media(source), tmp_path / "out"))
    shutil.copy(HLS, tmp_path / "hls.js")
    (tmp_path / "index.html").write_text(PAGE)
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/index.html"
    server.shutdown()
    server.server_close()


@pytest.mark.one_database
def test_the_picture_is_shown_in_time_and_the_end_is_reached(open_page: Callable[..., Page], address: str) -> None:
    page = open_page()
    page.goto(address)
    page.evaluate("() => video.play()")
    page.wait_for_function("() => video.ended", timeout=60_000)
    # On a busy machine a picture stands still for a moment; a hole that it stops at would also be one in what was loaded.
    slow = ("bufferStalledError", "bufferNudgeOnStall")
    assert [problem for problem in page.evaluate("() => problems") if problem not in slow] == []
    assert page.evaluate("() => [video.buffered.length, video.buffered.start(0), video.buffered.end(0)]") == [
        1, 0, pytest.approx(7, abs=0.03)
    ]  # fmt: skip
    seen = [at for at in page.evaluate("() => flashes") if at > 1]
    assert seen, "a busy machine may skip some flashes, not all"
    assert all(abs(at - 2 * round(at / 2)) < 0.041 for at in seen)
