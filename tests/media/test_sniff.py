"""What a file is, whatever it is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from media.errors import UnsafeFile
from media.sniff import sniff
from tests.media import samples


def refused(path: Path, name: str | None = None) -> UnsafeFile:
    with pytest.raises(UnsafeFile) as caught:
        sniff(path, name or path.name)
    return caught.value


def write(path: Path, content: bytes | str) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    ("name", "kind", "mime"),
    [
        ("a.mp4", "video", "video/mp4"),
        ("a.mov", "video", "video/quicktime"),
        ("a.mkv", "video", "video/x-matroska"),
        ("a.avi", "video", "video/x-msvideo"),
        ("a.flv", "video", "video/x-flv"),
        ("a.ts", "video", "video/mp2t"),
    ],
)
def test_videos_are_known_by_their_bytes(tmp_path: Path, name: str, kind: str, mime: str) -> None:
    path = samples.sample_mp4(tmp_path / name, seconds=1)
    found = sniff(path, "without-an-ending")
    assert (found.kind, found.mime, found.resource_type) == (kind, mime, "video")


@pytest.mark.parametrize("extension", ["mp3", "wav", "ogg", "m4a", "flac"])
def test_sounds_are_known_by_their_bytes(tmp_path: Path, extension: str) -> None:
    found = sniff(samples.sample_audio(tmp_path / f"a.{extension}", 1), f"voice.{extension}")
    assert (found.kind, found.extension, found.resource_type) == ("audio", extension, "audio")


def test_documents_are_told_apart_inside_the_zip(tmp_path: Path) -> None:
    office = {
        "docx": samples.sample_docx(tmp_path / "a.docx"),
        "pptx": samples.sample_pptx(tmp_path / "a.pptx"),
        "xlsx": samples.sample_xlsx(tmp_path / "a.xlsx"),
        "pdf": samples.sample_pdf(tmp_path / "a.pdf"),
    }
    assert {name: sniff(path, path.name).extension for name, path in office.items()} == {name: name for name in office}
    assert sniff(office["pptx"], "a.pptx").resource_type == "presentation"


def test_a_zip_that_starts_in_a_browser_is_proposed_as_simulation(tmp_path: Path) -> None:
    page = samples.sample_zip(tmp_path / "sim.zip", {"lathe/index.html": "<html>", "lathe/a.js": "1"})
    plain = samples.sample_zip(tmp_path / "notes.zip", {"notes.txt": "x"})
    assert [sniff(path, path.name).resource_type for path in (page, plain)] == ["simulation", "other"]


def test_a_moving_gif_is_proposed_as_animation(tmp_path: Path) -> None:
    gif = write(tmp_path / "a.gif", samples.made_by_ffmpeg("gif", *samples.picture(32, 32, 5, 1)))
    assert sniff(gif, "a.gif").resource_type == "animation"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_text_is_known_in_the_encodings_of_teachers_machines(tmp_path: Path, encoding: str) -> None:
    path = write(tmp_path / "a.txt", "第一课：车床的操作\n安全第一, 2026\n".encode(encoding))
    found = sniff(path, "a.txt")
    assert (found.kind, found.mime, found.encoding) == ("text", "text/plain", encoding)


def test_a_character_cut_by_the_look_at_the_beginning_does_not_matter(tmp_path: Path) -> None:
    for start in ("", "a"):
        path = write(tmp_path / "long.md", start + "课" * 40_000)
        assert sniff(path, "long.md").encoding == "utf-8"


@pytest.mark.parametrize(
    ("content", "name", "extension"),
    [
        ("WEBVTT\n\n00:01.000 --> 00:02.000\nhi\n", "wrong.txt", "vtt"),
        ("1\n00:00:01,000 --> 00:00:02,000\nhi\n", "wrong.vtt", "srt"),
        ("<!doctype html><p>hi", "page.html", "html"),
        ("# Title\n", "lesson.md", "md"),
        ("a,b\n1,2\n", "table.csv", "csv"),
    ],
)
def test_kinds_of_text(tmp_path: Path, content: str, name: str, extension: str) -> None:
    assert sniff(write(tmp_path / name, content), name).extension == extension


class TestRefusals:
    def test_an_empty_file(self, tmp_path: Path) -> None:
        assert refused(write(tmp_path / "zero.mp4", b"")).code == "empty_file"

    @pytest.mark.parametrize("start", [b"MZ\x90\x00\x03\x00", b"\x7fELF\x02\x01", b"#!/bin/sh\nrm -rf x\n"])
    def test_a_program_behind_a_good_name(self, tmp_path: Path, start: bytes) -> None:
        assert refused(write(tmp_path / "handout.pdf", start + b"\x00" * 50)).code == "executable"

    def test_a_program_by_its_name(self, tmp_path: Path) -> None:
        assert refused(write(tmp_path / "setup.EXE", "harmless text")).code == "executable"

    def test_an_office_file_with_macros(self, tmp_path: Path) -> None:
        members = {"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>", "word/vbaProject.bin": b"x"}
        assert refused(samples.sample_zip(tmp_path / "a.docx", members)).code == "executable"

    @pytest.mark.parametrize("which", samples.HOSTILE_TEXTS)
    def test_a_list_pointing_elsewhere(self, tmp_path: Path, which: str) -> None:
        assert refused(samples.hostile_text(tmp_path / "lecture.mp4", which)).code == "playlist_refused"

    def test_a_picture_named_as_video_is_told_what_it_is(self, tmp_path: Path) -> None:
        error = refused(samples.sample_png(tmp_path / "bomb.mp4"))
        assert (error.code, error.params) == ("type_mismatch", {"extension": "mp4", "actual": "png"})

    def test_a_page_named_as_video(self, tmp_path: Path) -> None:
        error = refused(write(tmp_path / "a.mp4", "<html><script>alert(1)</script></html>"))
        assert (error.code, error.params["actual"]) == ("type_mismatch", "html")

    def test_svg(self, tmp_path: Path) -> None:
        drawing = '<?xml version="1.0"?>\n<!-- x --><svg onload="alert(1)"/>'
        assert refused(write(tmp_path / "a.svg", drawing)).code == "svg_refused"
        assert refused(write(tmp_path / "a.txt", drawing)).code == "svg_refused"

    def test_bytes_nobody_knows(self, tmp_path: Path) -> None:
        assert refused(write(tmp_path / "a.dat", bytes(range(256)) * 4)).code == "unknown_type"

    def test_a_zip_bomb_and_a_zip_that_escapes(self, tmp_path: Path) -> None:
        bomb = samples.sample_zip(tmp_path / "bomb.zip", {"a": b"\0" * (80 << 20)})
        assert refused(bomb).code == "archive_bomb"
        assert refused(samples.sample_zip(tmp_path / "slip.zip", {"../../x": "1"})).code == "archive_unsafe"
        assert refused(write(tmp_path / "cut.zip", bomb.read_bytes()[:100])).code == "damaged_archive"


def test_an_office_file_with_a_password_is_named_as_one_and_a_stump_of_a_file_is_unknown(tmp_path: Path) -> None:
    from tests.media.comparing.documents import locked_office

    assert refused(locked_office(tmp_path / "a.docx")).code == "document_encrypted"
    stump = write(tmp_path / "b.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    assert refused(stump).code == "unknown_type"
    assert sniff(stump, "b.doc").extension == "doc"
