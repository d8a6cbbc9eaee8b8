"""The figures of a sound track: loudness, gain without clipping, and a waveform that shows where it is loud."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.gate import inspect_media
from media.loudness import PEAKS, POINTS, Loudness, gain_of, measure_sound
from tests.media.samples import made_by_ffmpeg, picture, sample_audio


def measured(path: Path) -> tuple[Loudness, dict[str, object]]:
    found = measure_sound(path, inspect_media(path), path.parent / "out")
    return found, json.loads((path.parent / "out" / PEAKS).read_text())


def test_a_quiet_tone_gets_the_gain_that_lifts_it(tmp_path: Path) -> None:
    found, peaks = measured(sample_audio(tmp_path / "tone.wav", 4))
    assert found.lufs == pytest.approx(-21.8, abs=0.5)  # a sine at 1/8 of full scale, by definition near -21
    assert found.gain_db == pytest.approx(-16 - found.lufs, abs=0.11)
    assert found.peak_db == pytest.approx(-18, abs=3)
    assert (peaks["channels"], peaks["bits"], peaks["sample_rate"]) == (1, 8, 8000)
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [PEAKS]


def test_the_waveform_shows_where_the_sound_is(tmp_path: Path) -> None:
    path = tmp_path / "half.wav"
    path.write_bytes(
        made_by_ffmpeg("wav", "-f", "lavfi", "-i", "aevalsrc='if(gte(t,2),0.8*sin(2764*t),0)':d=4:s=48000")
    )
    _, peaks = measured(path)
    data, length = list(peaks["data"]), int(str(peaks["length"]))
    assert len(data) == 2 * length <= 2 * POINTS
    assert length * int(str(peaks["samples_per_pixel"])) == pytest.approx(4 * 8000, rel=0.01)
    first, second = data[: length - 40], data[length + 40 :]
    assert (min(first), max(first)) == (0, 0)
    assert max(second) == pytest.approx(102, abs=6)
    assert min(second) == pytest.approx(-102, abs=6)


def test_silence_has_no_loudness_and_no_gain(tmp_path: Path) -> None:
    path = tmp_path / "silent.mp4"
    silent = ("-f", "lavfi", "-i", "anullsrc=r=44100:cl=mono", "-t", "3", "-pix_fmt", "yuv420p", "-c:a", "aac")
    path.write_bytes(made_by_ffmpeg("mp4", *picture(320, 180, 10, 3), *silent))
    found, peaks = measured(path)
    assert (found.lufs, found.peak_db, found.gain_db) == (None, -96.0, None)
    assert set(peaks["data"]) == {0}


@given(lufs=st.floats(-69, 0), peak=st.floats(-96, 0))
def test_a_gain_never_makes_it_clip_and_never_leaves_its_bounds(lufs: float, peak: float) -> None:
    gain = gain_of(lufs, peak)
    assert -12 <= gain <= 12
    assert gain <= 0 or peak + gain <= -1 + 0.06
    assert abs(lufs + gain + 16) <= abs(lufs + 16) + 0.06
