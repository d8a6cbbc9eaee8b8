"""Simulation packages: foreign zips, unpacked under limits."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from media.errors import UnsafeFile
from media.packages import PackageLimits, stored_name, unpack_package
from tests.media.samples import sample_zip


def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir(exist_ok=True)
    return folder


def test_a_single_folder_around_everything_is_taken_off(tmp_path: Path) -> None:
    source = sample_zip(
        tmp_path / "a.zip",
        {"sim/index.html": "<h1>a</h1>", "sim/js/app.js": "1", "__MACOSX/sim/._index.html": "x", "readme.txt": "noise"},
    )
    package = unpack_package(source, out(tmp_path))
    assert (package.entry, package.files) == ("index.html", 2)
    assert {p.name for p in out(tmp_path).iterdir()} == {stored_name("index.html"), stored_name("js/app.js")}


def test_names_of_an_old_chinese_windows_are_read_as_gbk(tmp_path: Path) -> None:
    path = tmp_path / "gbk.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("index.html", "x")
        archive.writestr("XXXX.png", "y")
    path.write_bytes(path.read_bytes().replace(b"XXXX.png", "焊枪".encode("gbk") + b".png"))
    unpack_package(path, out(tmp_path))
    assert (out(tmp_path) / stored_name("焊枪.png")).read_bytes() == b"y"


def test_what_starts_nowhere_is_refused(tmp_path: Path) -> None:
    source = sample_zip(tmp_path / "a.zip", {"deep/er/index.html": "x", "notes.txt": "y"})
    with pytest.raises(UnsafeFile) as refused:
        unpack_package(source, out(tmp_path))
    assert refused.value.code == "no_start_page"


def test_sizes_are_counted_as_bytes_arrive(tmp_path: Path) -> None:
    source = sample_zip(tmp_path / "a.zip", {"index.html": "x", "big.bin": b"0" * 5000})
    for limits in (PackageLimits(file_bytes=4000), PackageLimits(bytes=4000), PackageLimits(files=1)):
        with pytest.raises(UnsafeFile) as refused:
            unpack_package(source, out(tmp_path), limits)
        assert refused.value.code == "package_too_large"


def test_links_and_locked_members_are_refused(tmp_path: Path) -> None:
    linked = tmp_path / "link.zip"
    with zipfile.ZipFile(linked, "w") as archive:
        archive.writestr("index.html", "x")
        link = zipfile.ZipInfo("secret")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    locked = tmp_path / "locked.zip"
    data = bytearray(sample_zip(locked, {"index.html": "x"}).read_bytes())
    for mark, at in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        data[data.index(mark) + at] |= 1
    locked.write_bytes(data)
    for path, code in ((linked, "archive_unsafe"), (locked, "document_encrypted")):
        with pytest.raises(UnsafeFile) as refused:
            unpack_package(path, out(tmp_path))
        assert refused.value.code == code
