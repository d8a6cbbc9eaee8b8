"""The gate: facts about honest recordings, a named refusal for the others, and not one request to anywhere."""

from __future__ import annotations

import hashlib
import http.server
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from media.errors import DamagedMedia, UnsafeFile
from media.gate import GateLimits, inspect_media
from tests.media import samples


def refusal(path: Path, limits: GateLimits | None = None) -> str:
    with pytest.raises(UnsafeFile) as caught:
        inspect_media(path, limits)
    return caught.value.code


def test_the_facts_of_a_plain_lecture(tmp_path: Path) -> None:
    path = samples.sample_mp4(tmp_path / "a.mp4", seconds=4)
    info = inspect_media(path)
    assert (info.kind, info.demuxer, info.video_codec, info.audio_codec) == ("video", "mov", "h264", "aac")
    assert (info.width, info.height, info.pix_fmt, info.fps, info.rotation) == (320, 180, "yuv420p", 25, 0)
    assert info.duration_s == pytest.approx(4, abs=0.1)
    assert info.gop_s == pytest.approx(2, abs=0.1)
    assert info.has_audio
    assert info.duration_is_exact
    assert info.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_second_sound_track_that_is_longer_does_not_lengthen_the_film(tmp_path: Path) -> None:
    tracks = (
        *samples.picture(320, 180, 25, 2),
        *samples.tone(2),
        *samples.tone(30),
        "-map",
        "0",
        "-map",
        "1",
        "-map",
        "2",
    )
    path = tmp_path / "two_tongues.mkv"
    path.write_bytes(samples.made_by_ffmpeg("mkv", *tracks, *samples.X264, "-c:a", "aac"))
    assert inspect_media(path).duration_s == pytest.approx(2, abs=0.2)


@pytest.mark.parametrize("name", ["a.mkv", "a.ts", "a.avi", "a.flv"])
def test_other_containers_open_too(tmp_path: Path, name: str) -> None:
    info = inspect_media(samples.sample_mp4(tmp_path / name, seconds=4))
    assert info.kind == "video"
    assert info.duration_s == pytest.approx(4, abs=0.3)
    assert info.gop_s == pytest.approx(2, abs=0.1)


def test_a_phone_video_is_seen_upright(tmp_path: Path) -> None:
    info = inspect_media(samples.rotated_mp4(tmp_path / "phone.mp4"))
    assert info.rotation in {90, 270}
    assert ((info.width, info.height), info.display_size) == ((320, 180), (180, 320))


def test_wide_pixels_are_seen_wide(tmp_path: Path) -> None:
    dv = samples.sample_mp4(tmp_path / "dv.mp4", 1, 360, 288, more=("-vf", "setsar=64/45"))
    assert inspect_media(dv).display_size == (512, 288)


def test_cover_art_does_not_make_a_video(tmp_path: Path) -> None:
    info = inspect_media(samples.cover_art_mp3(tmp_path / "song.mp3"))
    assert (info.kind, info.video_index, info.has_audio) == ("audio", -1, True)


def test_an_upload_cut_off_is_damaged_with_both_times(tmp_path: Path) -> None:
    with pytest.raises(DamagedMedia) as caught:
        inspect_media(samples.truncated_mp4(tmp_path / "cut.mp4", 0.6, seconds=8))
    assert caught.value.params["declared_s"] == pytest.approx(8, abs=0.1)
    assert 3 < caught.value.params["actual_s"] < 6


def test_a_recording_without_its_index_cannot_be_opened(tmp_path: Path) -> None:
    path = samples.sample_mp4(tmp_path / "late.mp4", 4, more=("-movflags", "-faststart"))
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    assert refusal(path) == "cannot_open"


def test_an_empty_file_is_called_empty(tmp_path: Path) -> None:
    (tmp_path / "zero.mp4").touch()
    assert refusal(tmp_path / "zero.mp4") == "empty_file"


def test_a_picture_bomb_never_reaches_a_decoder(tmp_path: Path) -> None:
    assert refusal(samples.png_named_mp4(tmp_path / "bomb.mp4")) == "not_a_media_file"


def test_limits_are_named(tmp_path: Path) -> None:
    path = samples.sample_mp4(tmp_path / "a.mp4", seconds=4)
    assert refusal(path, GateLimits(pixels=320 * 100)) == "too_many_pixels"
    assert refusal(path, GateLimits(duration_s=3)) == "too_long"
    assert refusal(path, GateLimits(tracks=1)) == "too_many_tracks"


def test_looking_takes_no_longer_than_allowed(tmp_path: Path) -> None:
    path = samples.sample_mp4(tmp_path / "a.mp4", seconds=4)
    begun = time.monotonic()
    assert refusal(path, GateLimits(timeout_s=0.01)) == "probe_timeout"
    assert time.monotonic() - begun < 3


def test_a_probe_out_of_memory_is_a_refusal_and_no_crash(tmp_path: Path) -> None:
    path = samples.sample_mp4(tmp_path / "a.mp4", seconds=4)
    assert refusal(path, GateLimits(memory_bytes=30 << 20)) == "cannot_open"


@pytest.fixture
def visited() -> Iterator[tuple[int, list[str]]]:
    """A listener that notes who calls."""
    calls: list[str] = []

    class Note(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            calls.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Note) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1], calls
        server.shutdown()


def test_texts_that_point_elsewhere_are_refused_and_nobody_is_called(
    tmp_path: Path, visited: tuple[int, list[str]]
) -> None:
    port, calls = visited
    samples.sample_mp4(tmp_path / "neighbour.mp4", 1)
    for which in samples.HOSTILE_TEXTS:
        assert refusal(samples.hostile_text(tmp_path / "lecture.mp4", which, port)) == "not_a_media_file"
    assert calls == []


def test_a_playlist_behind_a_video_header_opens_nothing(tmp_path: Path, visited: tuple[int, list[str]]) -> None:
    port, calls = visited
    playlist = samples.hostile_text(tmp_path / "x", "hls playlist", port).read_bytes()
    for start in (b"\x00\x00\x00\x18ftypmp42", b"\x1a\x45\xdf\xa3", b"G" + b"\xff" * 187 + b"G", b"ID3"):
        path = tmp_path / "disguised.mp4"
        path.write_bytes(start + playlist)
        assert refusal(path) == "cannot_open"
    assert calls == []
