"""Picture and sound stay together: a flash and a beep at the same moment are seen and heard within 40 ms."""

from __future__ import annotations

import struct
from pathlib import Path

import av
import numpy as np
import pytest

from media.fragments import _boxes, begins_at
from media.gate import inspect_media
from media.hls import Rendition, make_playable
from media.ladder import can_copy_audio, can_remux_video
from media.single_file import make_single_file
from tests.media.samples import made_by_ffmpeg

FLASH = "color=black:s=160x90:r=25:d=7,geq=lum='if(lt(mod(T,2),0.079),235,16)':cb=128:cr=128"
BEEP = "aevalsrc='if(lt(mod(t,2),0.08),0.8*sin(6283*t),0)':s=48000:d=7"
WITH_WAITING_FRAMES = ("-c:v", "libx264", "-preset", "veryfast", "-bf", "3", "-g", "50", "-pix_fmt", "yuv420p")
SOURCES = ("-f", "lavfi", "-i", FLASH, "-f", "lavfi", "-i", BEEP)


def film(path: Path, *more: str) -> Path:
    path.write_bytes(made_by_ffmpeg(path.suffix[1:], *SOURCES, *WITH_WAITING_FRAMES, "-c:a", "aac", "-ac", "2", *more))
    return path


def cut_at_the_start(path: Path, late: str) -> Path:
    """The same, but the first 0.9 seconds of one track were not recorded."""
    cut = ("-af", "atrim=start=0.9") if late == "sound" else ("-vf", "trim=start=0.9")
    return film(path, *cut)


def together(out: Path, rendition: Rendition, target: Path) -> Path:
    """The segments as one file, as a player by segments receives them; nothing in it may delay them."""
    data = b"".join((out / name).read_bytes() for name in rendition.files[1:])
    assert all(name != b"elst" for name, _, _ in _boxes(data, 0, len(data)))
    target.write_bytes(data)
    return target


def flashes(path: Path, *, plain: bool = False) -> list[float]:
    """Seconds at which it becomes bright; `plain` for a file that is no row of segments."""
    shown, bright = [], []
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            shown.append(float((frame.pts or 0) * frame.time_base))
            bright.append(float(frame.to_ndarray(format="gray").mean()) > 120)
    late = (
        0.0 if plain else shown[0] - begins_at(path.read_bytes())
    )  # what the reader adds; players by segment go by the boxes
    return [at - late for at, now, before in zip(shown, bright, [False, *bright], strict=False) if now and not before]


def beeps(path: Path) -> list[float]:
    """Seconds at which it becomes loud."""
    times, loud = [], []
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            samples = np.abs(frame.to_ndarray()[0])
            times.append(float(frame.pts * frame.time_base) + np.arange(samples.size) / frame.sample_rate)
            loud.append(samples > 0.25)
    at, is_loud = np.concatenate(times), np.concatenate(loud)
    starts = at[is_loud]
    return [float(start) for start, before in zip(starts, [-9.0, *starts[:-1]], strict=True) if start - before > 0.5]


def offset(out: Path, made: list[Rendition], tmp_path: Path) -> float:
    """How much later the flash comes than the beep, at the most of all, in seconds."""
    video, audio = (together(out, rendition, tmp_path / f"{rendition.kind}.mp4") for rendition in made)
    seen, heard = flashes(video), beeps(audio)
    seen, heard = ([at for at in times if at > 1] for times in (seen, heard))
    assert len(seen) == len(heard) == 3
    return max((a - b for a, b in zip(seen, heard, strict=True)), key=abs)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts", "a.mov"])
def test_what_is_only_repacked_stays_in_step(tmp_path: Path, name: str) -> None:
    info = inspect_media(source := film(tmp_path / name))
    assert can_remux_video(info)
    assert can_copy_audio(info)
    made = make_playable(source, info, tmp_path / "out")
    assert abs(offset(tmp_path / "out", made, tmp_path)) < 0.025


def test_what_is_encoded_stays_in_step(tmp_path: Path) -> None:
    more = ("-vf", "format=yuv444p", "-pix_fmt", "yuv444p", "-ar", "32000")
    info = inspect_media(source := film(tmp_path / "a.mp4", *more))
    assert not can_remux_video(info)
    assert not can_copy_audio(info)
    made = make_playable(source, info, tmp_path / "out")
    assert abs(offset(tmp_path / "out", made, tmp_path)) < 0.025


@pytest.mark.parametrize("late", ["picture", "sound"])
def test_a_track_that_begins_later_begins_later(tmp_path: Path, late: str) -> None:
    info = inspect_media(source := cut_at_the_start(tmp_path / "a.mp4", late))
    assert (info.video_lead_s if late == "picture" else info.audio_lead_s) == pytest.approx(0.9, abs=0.05)
    made = make_playable(source, info, tmp_path / "out")
    assert abs(offset(tmp_path / "out", made, tmp_path)) < 0.025


def test_a_small_delay_goes_from_the_edit_list_into_the_segments(tmp_path: Path) -> None:
    more = ("-vf", "trim=start=0.08")
    info = inspect_media(source := film(tmp_path / "a.mp4", *more))
    assert can_remux_video(info)
    made = make_playable(source, info, tmp_path / "out")
    assert abs(offset(tmp_path / "out", made, tmp_path)) < 0.025
    first = (tmp_path / "out" / made[0].files[2]).read_bytes()
    times = [
        struct.unpack_from(">Q", first, at + 4)[0] for name, at, _ in _boxes(first, 0, len(first)) if name == b"tfdt"
    ]
    assert times[0] > 0


@pytest.mark.parametrize("late", ["", "picture"])
def test_one_file_of_both_stays_in_step(tmp_path: Path, late: str) -> None:
    source = cut_at_the_start(tmp_path / "a.mp4", late) if late else film(tmp_path / "a.mp4")
    made = make_playable(source, inspect_media(source), tmp_path / "out")
    video, audio = (together(tmp_path / "out", rendition, tmp_path / f"{rendition.kind}.mp4") for rendition in made)
    whole = make_single_file(video, audio, tmp_path / "whole.mp4", 7)
    seen, heard = flashes(whole, plain=True), beeps(whole)
    assert [at for at in seen if at > 1] == pytest.approx([at for at in heard if at > 1], abs=0.025)
