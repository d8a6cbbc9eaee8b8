"""Posters, timeline thumbnails and small images."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image

from media.captions import parse_captions
from media.errors import UnsafeFile
from media.gate import inspect_media
from media.pictures import make_pdf_thumbnail, make_poster, make_sprite, make_thumbnail
from tests.media import samples


def size(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        return image.size


def test_a_poster_is_a_frame_of_the_video(tmp_path: Path) -> None:
    source = samples.sample_mp4(tmp_path / "a.mp4", seconds=3)
    poster = make_poster(source, inspect_media(source), tmp_path / "poster.jpg")
    assert size(poster) == (320, 180)


def test_a_poster_of_a_phone_video_stands_upright(tmp_path: Path) -> None:
    source = samples.rotated_mp4(tmp_path / "phone.mp4", seconds=2)
    assert size(make_poster(source, inspect_media(source), tmp_path / "poster.jpg")) == (180, 320)


@pytest.mark.parametrize("seconds", [1, 12])
def test_timeline_thumbnails_and_their_index_agree(tmp_path: Path, seconds: int) -> None:
    source = samples.sample_mp4(tmp_path / "a.mp4", seconds)
    image, index = make_sprite(source, inspect_media(source), tmp_path / "thumbs")
    cues = parse_captions(index.read_bytes())
    assert cues[-1].end_s == pytest.approx(seconds, abs=0.1)
    width, height = size(image)
    for cue in cues:
        match = re.fullmatch(r"thumbs\.jpg#xywh=(\d+),(\d+),(\d+),(\d+)", cue.text)
        assert match
        left, top, wide, high = map(int, match.groups())
        assert (left + wide <= width, top + high <= height) == (True, True)


def test_no_thumbnail_of_a_long_group_of_pictures_is_black(tmp_path: Path) -> None:
    """Past one minute only key frames are decoded; the last one stands in for the rest."""
    source = samples.sample_mp4(tmp_path / "a.mp4", 66, 160, 90, fps=5, more=("-g", "200"))
    image, index = make_sprite(source, inspect_media(source), tmp_path / "thumbs")
    last = [int(value) for value in index.read_text().split("xywh=")[-1].split(",")]
    with Image.open(image) as sheet:
        tile = sheet.crop((last[0], last[1], last[0] + last[2], last[1] + last[3]))
    assert max(high for _, high in tile.getextrema()) > 100


@pytest.mark.parametrize("ending", ["webp", "jpg"])
def test_a_photo_becomes_small_upright_and_anonymous(tmp_path: Path, ending: str) -> None:
    source = samples.sample_jpeg(tmp_path / "photo.jpg", 1600, 1200, orientation=6)
    target = tmp_path / f"small.{ending}"
    assert make_thumbnail(source, target) == size(target) == (480, 640)
    with Image.open(target) as image:
        assert not image.getexif()
    assert b"private person" not in target.read_bytes()


def test_a_small_picture_is_not_enlarged(tmp_path: Path) -> None:
    assert make_thumbnail(samples.sample_png(tmp_path / "a.png", 64, 48), tmp_path / "t.webp") == (64, 48)


def test_a_picture_bomb_is_refused_by_its_header(tmp_path: Path) -> None:
    with pytest.raises(UnsafeFile) as caught:
        make_thumbnail(samples.sample_png(tmp_path / "bomb.png", 16000, 8000), tmp_path / "t.webp")
    assert (caught.value.code, caught.value.params) == ("too_many_pixels", {"width": 16000, "height": 8000})


def test_a_damaged_picture_is_refused(tmp_path: Path) -> None:
    source = samples.sample_jpeg(tmp_path / "a.jpg")
    source.write_bytes(source.read_bytes()[:2000])
    with pytest.raises(UnsafeFile) as caught:
        make_thumbnail(source, tmp_path / "t.webp")
    assert caught.value.code == "damaged_image"
    assert not (tmp_path / "t.webp").exists()


def test_a_pdf_has_a_first_page_where_a_renderer_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, target = samples.sample_pdf(tmp_path / "a.pdf"), tmp_path / "page.webp"
    found = make_pdf_thumbnail(source, target)
    assert (found is not None) == target.exists()
    monkeypatch.setenv("PATH", "")
    assert make_pdf_thumbnail(source, tmp_path / "none.webp") is None
