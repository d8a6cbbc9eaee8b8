"""What a recording is told to lack: movement."""

from __future__ import annotations

from pathlib import Path

from media.gate import inspect_media
from media.quality import measure
from tests.media.samples import made_by_ffmpeg, sample_audio, sample_mp4


def facts(path: Path) -> dict[str, object]:
    out = path.parent / "out"
    out.mkdir()
    return measure(path, inspect_media(path), out)


def test_a_moving_picture_is_seen_to_move(tmp_path: Path) -> None:
    assert int(str(facts(sample_mp4(tmp_path / "a.mp4"))["still_percent"])) < 50


def test_a_still_picture_is_seen_as_one(tmp_path: Path) -> None:
    path = tmp_path / "still.mp4"
    path.write_bytes(
        made_by_ffmpeg("mp4", "-f", "lavfi", "-i", "color=c=teal:s=320x180:r=5:d=12", "-pix_fmt", "yuv420p")
    )
    assert facts(path) == {"still_percent": 100}


def test_sound_alone_is_not_judged_by_its_picture(tmp_path: Path) -> None:
    assert facts(sample_audio(tmp_path / "tone.mp3")) == {}
