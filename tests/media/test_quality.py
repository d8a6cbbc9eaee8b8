"""What a recording is told to lack: sound, movement."""

from __future__ import annotations

from pathlib import Path

from media.gate import inspect_media
from media.quality import measure
from tests.media.samples import made_by_ffmpeg, picture, sample_audio, sample_mp4


def facts(path: Path) -> dict[str, object]:
    out = path.parent / "out"
    out.mkdir()
    return measure(path, inspect_media(path), out)


def test_a_moving_picture_with_a_tone_lacks_nothing(tmp_path: Path) -> None:
    found = facts(sample_mp4(tmp_path / "a.mp4"))
    assert found["has_sound"] is True
    assert -30 < float(str(found["peak_db"])) <= 0
    assert int(str(found["still_percent"])) < 50


def test_a_still_picture_without_sound_is_seen_as_both(tmp_path: Path) -> None:
    path = tmp_path / "still.mp4"
    path.write_bytes(
        made_by_ffmpeg("mp4", "-f", "lavfi", "-i", "color=c=teal:s=320x180:r=5:d=12", "-pix_fmt", "yuv420p")
    )
    assert facts(path) == {"has_sound": False, "still_percent": 100}


def test_a_silent_track_is_no_sound_a_tone_is(tmp_path: Path) -> None:
    path = tmp_path / "silent.mp4"
    silent = ("-f", "lavfi", "-i", "anullsrc=r=44100:cl=mono", "-t", "4", "-pix_fmt", "yuv420p", "-c:a", "aac")
    path.write_bytes(made_by_ffmpeg("mp4", *picture(320, 180, 10, 4), *silent))
    found = facts(path)
    assert (found["has_sound"], found["peak_db"]) == (True, -96.0)
    (tmp_path / "b").mkdir()
    assert float(str(facts(sample_audio(tmp_path / "b" / "tone.mp3"))["peak_db"])) > -30
