"""From upload to ladder, with real ffmpeg: playable first, right side up, never larger, never shorter."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import av
import pytest

from media.errors import Cancelled, DamagedMedia, ProcessingFailed
from media.gate import MediaInfo, inspect_media
from media.hls import Rendition, make_playable, make_rungs, write_master
from media.ladder import can_copy_audio, can_remux_video, first_rung, rungs
from tests.media import samples


def first(source: Path, out: Path) -> tuple[MediaInfo, list[Rendition]]:
    info = inspect_media(source)
    return info, make_playable(source, info, out)


def named(renditions: list[Rendition]) -> dict[str, Rendition]:
    return {rendition.name: rendition for rendition in renditions}


def seen(out: Path, rendition: Rendition) -> tuple[int, int]:
    """Size of the first decoded picture."""
    with av.open(str(out / rendition.playlist)) as container:
        frame = next(container.decode(video=0))
        return frame.width, frame.height


def average_colour(out: Path, rendition: Rendition) -> list[float]:
    with av.open(str(out / rendition.playlist)) as container:
        pixels = next(container.decode(video=0)).to_ndarray(format="rgb24")
    return [float(value) for value in pixels[: pixels.shape[0] // 4].mean(axis=(0, 1))]


def starts_at(out: Path, rendition: Rendition) -> float:
    with av.open(str(out / rendition.playlist)) as container:
        packets = [packet for packet in container.demux() if packet.pts is not None]
        return min(float(packet.pts * packet.time_base) for packet in packets[:20])


def test_what_browsers_play_is_only_repacked(tmp_path: Path) -> None:
    source = samples.sample_mp4(tmp_path / "a.mp4", seconds=9, width=640, height=360, fps=10)
    percent: list[float] = []
    info = inspect_media(source)
    made = named(make_playable(source, info, tmp_path / "out", percent.append))
    assert set(made) == {"v360", "audio"}
    video = made["v360"]
    assert (video.kind, video.width, video.height) == ("video", 640, 360)
    assert video.codecs.startswith("avc1.")
    assert video.duration_s == pytest.approx(9, abs=0.1)
    assert made["audio"].duration_s == pytest.approx(9, abs=0.2)
    assert video.files[:2] == ("v360/index.m3u8", "v360/init.mp4")
    assert len(video.files) == 5  # 4 + 4 + 1 seconds
    assert video.size == sum((tmp_path / "out" / file).stat().st_size for file in video.files)
    assert video.size < source.stat().st_size * 1.2
    assert percent[-1] == 100


def test_picture_and_sound_start_together(tmp_path: Path) -> None:
    out = tmp_path / "out"
    for name in ("a.mp4", "a.ts", "a.avi"):
        encoder = ("-c:v", "mpeg4") if name == "a.avi" else (*samples.X264, "-bf", "0")
        _, made = first(samples.sample_mp4(tmp_path / name, fps=10, encoder=encoder), out)
        assert [starts_at(out, rendition) for rendition in made] == pytest.approx([0, 0], abs=0.022)


def test_lower_rungs_follow_in_one_run_and_never_exceed_the_source(tmp_path: Path) -> None:
    source = samples.sample_mp4(tmp_path / "a.mp4", seconds=5, width=960, height=540, fps=10)
    info, made = first(source, tmp_path / "out")
    more = make_rungs(source, info, tmp_path / "out", made)
    assert [(rung.name, rung.width, rung.height) for rung in more] == [("v240", 426, 240)]
    assert seen(tmp_path / "out", more[0]) == (426, 240)
    assert more[0].duration_s == pytest.approx(5, abs=0.1)
    assert make_rungs(source, info, tmp_path / "out", [*made, *more]) == []


def test_what_browsers_do_not_play_gets_one_encoded_rung_first(tmp_path: Path) -> None:
    encoder = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv444p")
    source = samples.sample_mp4(tmp_path / "a.mkv", seconds=5, width=864, height=720, fps=10, encoder=encoder)
    info, made = first(source, tmp_path / "out")
    assert set(named(made)) == {"v480", "audio"}
    more = make_rungs(source, info, tmp_path / "out", made)
    assert set(named(more)) == {"v720", "v240"}
    durations = [line for name in ("v480", "v720", "v240") for line in segments(tmp_path / "out" / name)[:1]]
    assert durations == [4.0, 4.0, 4.0]


def segments(folder: Path) -> list[float]:
    return [float(found) for found in re.findall(r"#EXTINF:([\d.]+)", (folder / "index.m3u8").read_text())]


def test_an_odd_size_becomes_even(tmp_path: Path) -> None:
    encoder = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv444p")
    source = samples.sample_mp4(tmp_path / "a.mp4", 2, 321, 181, encoder=encoder)
    _, made = first(source, tmp_path / "out")
    assert seen(tmp_path / "out", made[0]) == (320, 180)


def test_a_phone_video_stands_upright(tmp_path: Path) -> None:
    source = samples.rotated_mp4(tmp_path / "phone.mp4", 640, 360, seconds=2)
    info, made = first(source, tmp_path / "out")
    assert not can_remux_video(info)
    assert seen(tmp_path / "out", made[0]) == (360, 640)
    assert (made[0].width, made[0].height) == (360, 640)


def test_wide_pixels_become_square(tmp_path: Path) -> None:
    source = samples.sample_mp4(tmp_path / "dv.mp4", 2, 360, 288, more=("-vf", "setsar=64/45"))
    _, made = first(source, tmp_path / "out")
    assert seen(tmp_path / "out", made[0]) == (512, 288)


def test_a_silent_video_has_no_sound_group(tmp_path: Path) -> None:
    _, made = first(samples.sample_mp4(tmp_path / "a.mp4", 2, audio=False), tmp_path / "out")
    write_master(tmp_path / "out", made)
    assert "AUDIO" not in (tmp_path / "out" / "master.m3u8").read_text()


@pytest.mark.parametrize("name", ["talk.mp3", "talk.m4a", "talk.wav", "cover.mp3"])
def test_sound_alone_becomes_aac(tmp_path: Path, name: str) -> None:
    make = samples.cover_art_mp3 if name == "cover.mp3" else samples.sample_audio
    info, made = first(make(tmp_path / name, 5), tmp_path / "out")
    assert [(rendition.kind, rendition.codecs) for rendition in made] == [("audio", "mp4a.40.2")]
    assert made[0].duration_s == pytest.approx(5, abs=0.2)
    assert make_rungs(tmp_path / name, info, tmp_path / "out", made) == []
    write_master(tmp_path / "out", made)
    with av.open(str(tmp_path / "out" / "master.m3u8")) as container:
        assert container.streams.audio[0].codec_context.name == "aac"


def test_a_recorder_with_pauses_keeps_its_frames_and_length(tmp_path: Path) -> None:
    pauses = ("-vf", "select='not(between(mod(n,50),10,40))'", "-fps_mode", "vfr")
    source = samples.sample_mp4(tmp_path / "vfr.mkv", 8, more=pauses, encoder=("-c:v", "mpeg4"))
    _, made = first(source, tmp_path / "out")
    assert named(made)["v180"].duration_s == pytest.approx(8, abs=0.1)
    assert sum(segments(tmp_path / "out" / "v180")) == pytest.approx(8, abs=0.1)


def test_a_source_whose_end_is_missing_is_damaged_even_if_the_gate_was_passed(tmp_path: Path) -> None:
    source = samples.truncated_mp4(tmp_path / "cut.mp4", 0.6, seconds=8)
    whole = inspect_media(samples.sample_mp4(tmp_path / "whole.mp4", seconds=8))
    with pytest.raises(DamagedMedia) as caught:
        make_playable(source, whole, tmp_path / "out")
    assert caught.value.params["declared_s"] == pytest.approx(8, abs=0.1)
    assert not (tmp_path / "out" / "master.m3u8").exists()


def test_work_can_be_cancelled_and_begun_again(tmp_path: Path) -> None:
    source = samples.sample_mp4(tmp_path / "a.mp4", seconds=4)
    info = inspect_media(source)
    with pytest.raises(Cancelled):
        make_playable(source, info, tmp_path / "out", cancelled=lambda: True)
    assert len(make_playable(source, info, tmp_path / "out")) == 2


def test_a_full_disk_is_noticed_before_the_work(tmp_path: Path) -> None:
    source = samples.sample_mp4(tmp_path / "a.mp4", seconds=1)
    with pytest.raises(ProcessingFailed) as caught:
        make_playable(source, replace(inspect_media(source), size=1 << 60), tmp_path / "out")
    assert caught.value.code == "disk_full"


def test_the_master_names_everything_it_needs_and_plays(tmp_path: Path) -> None:
    out = tmp_path / "out"
    source = samples.sample_mp4(tmp_path / "a.mp4", seconds=3, width=1280, height=720, fps=10)
    info, made = first(source, out)
    made += make_rungs(source, info, out, made)
    assert write_master(out, made) == "master.m3u8"
    text = (out / "master.m3u8").read_text()
    assert re.findall(r"RESOLUTION=(\S+?),", text) == ["854x480", "1280x720", "426x240"]
    assert text.count('CODECS="avc1.') == text.count('mp4a.40.2"') == 3
    assert all((out / uri).exists() for uri in re.findall(r'^(?!#)\S+|(?<=URI=")[^"]+', text, re.M))
    with av.open(str(out / "master.m3u8")) as container:
        assert {stream.type for stream in container.streams} >= {"video", "audio"}


class TestDecisions:
    """The plan, without ffmpeg."""

    FULL = MediaInfo(
        kind="video", demuxer="mov", size=1, sha256="", duration_s=60, duration_is_exact=True,
        width=1920, height=1080, fps=30, pix_fmt="yuv420p", video_codec="h264", video_index=0, gop_s=8,
        audio_codec="aac", audio_profile="LC", audio_channels=2, audio_rate=48000, audio_index=1,
    )  # fmt: skip

    @pytest.mark.parametrize(
        ("change", "playable"),
        [
            ({}, True),
            ({"width": 1080, "height": 1920}, True),
            ({"video_codec": "hevc"}, False),
            ({"pix_fmt": "yuv420p10le"}, False),
            ({"rotation": 90}, False),
            ({"sar": 1.42}, False),
            ({"gop_s": 12.0}, False),
            ({"width": 3840, "height": 2160}, False),
            ({"interlaced": True}, False),
            ({"demuxer": "avi"}, False),
        ],
    )
    def test_only_what_every_browser_plays_is_repacked(self, change: dict[str, object], playable: bool) -> None:
        assert can_remux_video(replace(self.FULL, **change)) is playable  # type: ignore[arg-type]

    def test_only_plain_aac_is_copied(self) -> None:
        assert can_copy_audio(self.FULL)
        assert not can_copy_audio(replace(self.FULL, audio_profile="HE-AAC"))
        assert not can_copy_audio(replace(self.FULL, audio_channels=6))

    @pytest.mark.parametrize(
        ("size", "sides", "start"),
        [
            ((1920, 1080), [1080, 720, 480, 240], 480),
            ((3840, 2160), [1080, 720, 480, 240], 480),
            ((1080, 1920), [1080, 720, 480, 240], 480),
            ((1024, 576), [576, 240], 576),
            ((640, 360), [360, 240], 360),
            ((160, 120), [120], 120),
        ],
    )
    def test_the_ladder_fits_the_source(self, size: tuple[int, int], sides: list[int], start: int) -> None:
        planned = rungs(replace(self.FULL, width=size[0], height=size[1]))
        assert [rung.side for rung in planned] == sides
        assert first_rung(planned).side == start
        assert all(rung.width <= max(size) and rung.width % 2 == rung.height % 2 == 0 for rung in planned)
