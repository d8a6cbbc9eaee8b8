"""The runner: it drains, reports, stops when told, and leaves nobody running."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import ffmpeg
import pytest

from media import threads
from media.errors import Cancelled, ProcessingFailed
from media.ffmpeg import RESIDENT_MB, Job, ffmpeg_binary, run, safe_input, watched
from media.gate import MediaInfo, inspect_media
from media.hls import make_rungs
from media.pictures import make_poster
from tests.media import samples


@pytest.fixture
def endless(tmp_path: Path) -> object:
    """An encoding that would take hours."""
    picture = ffmpeg.input("testsrc=s=640x360:r=30", f="lavfi")
    return ffmpeg.output(picture, str(tmp_path / "endless.mkv"), t=36000)


def test_progress_rises_to_one_hundred(tmp_path: Path) -> None:
    source = samples.sample_mp4(tmp_path / "a.mp4", seconds=4)
    seen: list[float] = []
    outputs = ffmpeg.output(safe_input(source, "mov"), str(tmp_path / "b.mkv"), vcodec="libx264")
    result = run(outputs, Job(duration_s=4, progress=seen.append))
    assert seen == sorted(seen)
    assert seen[-1] == 100
    assert result.out_s == pytest.approx(4, abs=0.2)


def test_a_failure_carries_the_end_of_what_ffmpeg_said(tmp_path: Path) -> None:
    (tmp_path / "noise.mp4").write_bytes(os.urandom(5000))
    with pytest.raises(ProcessingFailed) as caught:
        run(ffmpeg.output(safe_input(tmp_path / "noise.mp4", "mov"), str(tmp_path / "b.mkv")))
    assert "noise.mp4" in caught.value.params["detail"]
    assert "noise.mp4" not in str(caught.value)


def test_a_flood_of_complaints_does_not_block(tmp_path: Path) -> None:
    broken = bytearray(samples.sample_mp4(tmp_path / "a.mp4", seconds=8, width=640, height=360).read_bytes())
    for at in range(len(broken) // 3, len(broken), 101):
        broken[at] ^= 0x5A
    (tmp_path / "broken.mp4").write_bytes(broken)
    try:
        complaints = run(ffmpeg.output(safe_input(tmp_path / "broken.mp4", "mov"), "-", f="null")).complaints
    except ProcessingFailed as error:  # versions differ in how many broken frames they bear
        complaints = error.params["detail"]
    assert 1000 < len(complaints) <= 4000


def test_cancelling_stops_within_two_seconds(endless: object) -> None:
    begun = time.monotonic()
    with pytest.raises(Cancelled):
        run(endless, Job(cancelled=lambda: time.monotonic() - begun > 1))
    assert time.monotonic() - begun < 4


def test_a_run_that_takes_too_long_is_stopped(endless: object) -> None:
    with pytest.raises(ProcessingFailed) as caught:
        run(endless, Job(timeout_s=1))
    assert caught.value.code == "processing_timeout"


def test_the_tool_dies_with_a_killed_worker(tmp_path: Path) -> None:
    program = (
        "import sys, ffmpeg; from media.ffmpeg import run\n"
        f"run(ffmpeg.output(ffmpeg.input('testsrc', f='lavfi'), {str(tmp_path / 'orphan.mkv')!r}, t=36000))"
    )
    worker = subprocess.Popen([sys.executable, "-c", program], cwd=Path(__file__).parents[2])
    wait_until(lambda: (tmp_path / "orphan.mkv").exists())
    worker.kill()
    worker.wait()
    wait_until(lambda: not any_process_mentions("orphan.mkv"))


def any_process_mentions(word: str) -> bool:
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if word.encode() in entry.read_bytes():
                return True
        except OSError:
            continue
    return False


def wait_until(condition: object, timeout_s: float = 15) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_binary_can_be_named_by_a_setting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    real = ffmpeg_binary()
    (tmp_path / "my-ffmpeg").symlink_to(real)
    monkeypatch.setenv("FFMPEG_BINARY", str(tmp_path / "my-ffmpeg"))
    ffmpeg_binary.cache_clear()
    assert ffmpeg_binary() == str(tmp_path / "my-ffmpeg")
    monkeypatch.setenv("FFMPEG_BINARY", "")
    monkeypatch.setenv("PATH", "")
    ffmpeg_binary.cache_clear()
    assert "imageio_ffmpeg" in ffmpeg_binary()
    ffmpeg_binary.cache_clear()


def test_a_run_that_takes_too_much_memory_is_stopped_and_says_so(endless: object) -> None:
    with pytest.raises(ProcessingFailed) as caught:
        run(endless, Job(resident_mb=20))
    assert (caught.value.code, caught.value.params["limit_mb"]) == ("processing_memory", 20)


def test_a_ladder_of_the_largest_recording_stays_within_six_hundred_megabytes(tmp_path: Path) -> None:
    """Four sizes in one run of a picture of 4096 by 2304, 10 bits and much colour: what takes most of all that is accepted."""
    encoder = ("-c:v", "libx264", "-preset", "ultrafast", "-bf", "3", "-refs", "5", "-pix_fmt", "yuv422p10le")
    source = samples.sample_mp4(tmp_path / "a.mp4", 1, 4096, 2304, fps=15, encoder=encoder)
    with watched() as runs:
        make_rungs(source, inspect_media(source), tmp_path / "out", [])
        make_poster(source, inspect_media(source), tmp_path / "poster.jpg")
    assert [100 < one.result.peak_mb <= RESIDENT_MB for one in runs] == [True, True]


def test_a_machine_of_many_processors_gives_a_coder_no_more_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    phone = MediaInfo("video", "mov", 1, "", 1.0, True, width=3840, height=2160)
    lecture = replace(phone, width=1920, height=1088)
    given = {}
    for processors in (1, 2, 64):
        monkeypatch.setattr("os.cpu_count", lambda processors=processors: processors)
        given[processors] = [(threads.decoding(i), threads.encoding(i)["threads"]) for i in (lecture, phone)]
    assert given == {1: [(2, 1), (1, 2)], 2: [(3, 3), (1, 2)], 64: [(4, 4), (1, 2)]}
