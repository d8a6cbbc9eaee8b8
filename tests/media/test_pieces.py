"""Long recordings in pieces: joined, they are what one encoding would have been."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.gate import inspect_media, key_times
from media.hls import make_rungs, make_sound
from media.ladder import rungs
from media.pieces import Piece, cut_at, encode_piece, join, plan_pieces
from media.playlists import Rendition
from tests.media import samples
from tests.media.test_hls import segments


def in_pieces(source: Path, out: Path, piece_s: float = 3) -> tuple[tuple[Piece, ...], list[Rendition]]:
    info = inspect_media(source)
    plan = plan_pieces(source, info, long_s=5, piece_s=piece_s)
    wanted = rungs(info)
    paths = [encode_piece(source, info, piece, wanted, out / "pieces") for piece in plan]
    files = {rung.name: [made[at] for made in paths] for at, rung in enumerate(wanted)}
    return plan, join(files, plan, info, out / "hls")


def frame_times(playlist: Path) -> list[float]:
    with av.open(str(playlist)) as container:
        return [float(frame.pts * frame.time_base) for frame in container.decode(video=0)]


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts"])
def test_no_frame_is_lost_or_doubled_where_pieces_meet(tmp_path: Path, name: str) -> None:
    encoder = (*samples.X264, "-bf", "2")
    source = samples.sample_mp4(tmp_path / name, seconds=11, width=480, height=360, fps=25, encoder=encoder)
    plan, made = in_pieces(source, tmp_path / "out")
    assert [piece.num for piece in plan] == [0, 1, 2]  # key frames every two seconds: 0-4, 4-8, 8-11
    times = frame_times(tmp_path / "out" / "hls" / "v360" / "index.m3u8")
    assert len(times) == 275
    gaps = {round(later - earlier, 3) for earlier, later in pairwise(times)}
    assert max(gaps) < 0.044
    assert min(gaps) > 0.036
    assert [rendition.name for rendition in made] == ["v360", "v240"]
    for name_of_rung in ("v360", "v240"):
        lengths = segments(tmp_path / "out" / "hls" / name_of_rung)
        assert lengths[:2] == pytest.approx([4.0, 4.0], abs=0.05)
        assert sum(lengths) == pytest.approx(11, abs=0.1)


def test_segments_stand_where_one_encoding_has_them(tmp_path: Path) -> None:
    source = samples.sample_mp4(tmp_path / "a.mp4", seconds=14, width=480, height=360, fps=10, more=("-g", "33"))
    info = inspect_media(source)
    plan, _ = in_pieces(source, tmp_path / "out")
    assert len(plan) > 2
    make_rungs(source, info, tmp_path / "whole", make_sound(source, info, tmp_path / "whole"))
    for name in ("v360", "v240"):
        assert segments(tmp_path / "out/hls" / name) == pytest.approx(segments(tmp_path / "whole" / name), abs=0.06)


def test_pauses_of_a_screen_recorder_do_not_add_up_to_a_drift(tmp_path: Path) -> None:
    pauses = ("-vf", "select='not(between(mod(n,50),10,40))'", "-fps_mode", "vfr")
    source = samples.sample_mp4(tmp_path / "vfr.mp4", 24, fps=25, more=(*pauses, "-g", "19"))
    plan, _ = in_pieces(source, tmp_path / "out", piece_s=2)
    assert len(plan) > 6
    with av.open(str(source)) as container:
        wanted = [float(frame.pts * frame.time_base) for frame in container.decode(video=0)]
    assert frame_times(tmp_path / "out/hls/v180/index.m3u8") == pytest.approx(wanted, abs=0.011)


def test_a_recording_of_a_few_minutes_is_one_piece_of_work(tmp_path: Path) -> None:
    source = samples.sample_mp4(tmp_path / "a.mp4", seconds=4)
    assert plan_pieces(source, inspect_media(source)) == ()


def test_key_frames_are_found_without_an_index(tmp_path: Path) -> None:
    source = samples.sample_mp4(tmp_path / "a.ts", seconds=6)
    keys, first_s = key_times(source, inspect_media(source))
    assert keys == pytest.approx([first_s, first_s + 2, first_s + 4], abs=0.01)


@given(
    gaps=st.lists(st.floats(0.05, 40), max_size=60),
    tail=st.floats(0, 40),
    piece=st.floats(1, 90),
    first=st.floats(0, 2),
)
def test_pieces_cover_the_recording_without_gap_or_overlap(
    gaps: list[float], tail: float, piece: float, first: float
) -> None:
    keys = [sum(gaps[:at]) for at in range(len(gaps) + 1)]
    duration = keys[-1] + tail
    plan = cut_at(keys, duration, piece, first)
    assert plan[0].start_s == 0
    assert plan[-1].length_s is None
    for one, following in pairwise(plan):
        assert one.length_s == pytest.approx(following.start_s - one.start_s)
        assert following.start_s + 0.002 in [pytest.approx(key) for key in keys]
        assert one.length_s >= piece - 0.003
    assert duration - plan[-1].start_s >= piece / 2 or len(plan) == 1
    assert plan[0].lead_s == first
