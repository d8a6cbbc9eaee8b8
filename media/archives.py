"""Looking into zip files without being drowned by them."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

from media.errors import UnsafeFile

MAX_ENTRIES = 20_000
MAX_UNPACKED = 4 << 30
MAX_RATIO = 200  # honest office files stay below 50; a bomb reaches 1000
BOMB_FLOOR = 64 << 20  # below this size any ratio is harmless


def open_archive(path: Path) -> zipfile.ZipFile:
    """The archive, its table of contents checked.

    Raises UnsafeFile: damaged_archive, archive_bomb, archive_unsafe.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise UnsafeFile("damaged_archive") from None
    try:
        _check_sizes(archive)
        _check_names(archive)
    except UnsafeFile:
        archive.close()
        raise
    return archive


def _check_sizes(archive: zipfile.ZipFile) -> None:
    entries = archive.infolist()
    packed = sum(entry.compress_size for entry in entries)
    unpacked = sum(entry.file_size for entry in entries)
    swollen = unpacked > BOMB_FLOOR and unpacked > MAX_RATIO * max(packed, 1)
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED or swollen:
        raise UnsafeFile("archive_bomb")


def _check_names(archive: zipfile.ZipFile) -> None:
    for entry in archive.infolist():
        name = entry.filename.replace("\\", "/")
        if name.startswith("/") or name[1:2] == ":" or ".." in name.split("/"):
            raise UnsafeFile("archive_unsafe")


def read_member(archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    """At most `limit` bytes of a member, whatever its header claims. Raises UnsafeFile("damaged_archive")."""
    try:
        with archive.open(name) as member:
            return member.read(limit)
    except (zipfile.BadZipFile, KeyError, RuntimeError, NotImplementedError, EOFError, OSError):
        raise UnsafeFile("damaged_archive") from None
    except Exception as error:  # zlib.error and kin share no base with the above
        raise UnsafeFile("damaged_archive") from error


def unpack(archive: zipfile.ZipFile, folder: Path) -> list[Path]:
    """Every file of a checked archive below `folder`, named as the person who packed it wrote it.

    Old Chinese programs write names in GBK and do not say so. Links, and what a Mac adds, are left out.
    Raises UnsafeFile: archive_locked, archive_bomb (more than the table of contents says), damaged_archive.
    """
    root = folder.resolve()
    found = []
    for entry in archive.infolist():
        name = name_of(entry)
        if entry.is_dir() or _is_left_out(entry, name):
            continue
        if entry.flag_bits & 1:
            raise UnsafeFile("archive_locked")
        path = (root / name).resolve()
        if not path.is_relative_to(root) or path == root:
            raise UnsafeFile("archive_unsafe")
        _write_member(archive, entry, path)
        found.append(path)
    return found


def name_of(entry: zipfile.ZipInfo) -> str:
    """The name of an entry: as marked, or else UTF-8 or GBK where it reads as that."""
    name = entry.filename
    if not entry.flag_bits & 0x800:
        for encoding in ("utf-8", "gb18030"):
            try:
                name = entry.filename.encode("cp437").decode(encoding)
                break
            except (UnicodeEncodeError, UnicodeDecodeError):
                continue
    return name.replace("\\", "/")


def _is_left_out(entry: zipfile.ZipInfo, name: str) -> bool:
    is_link = stat.S_ISLNK(entry.external_attr >> 16)
    parts = name.split("/")
    return is_link or "__MACOSX" in parts or parts[-1] in (".DS_Store", "Thumbs.db") or parts[-1].startswith("._")


def _write_member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(entry) as member, path.open("wb") as file:
            left = entry.file_size
            while chunk := member.read(1 << 20):
                left -= len(chunk)
                if left < 0:
                    raise UnsafeFile("archive_bomb")
                file.write(chunk)
    except (zipfile.BadZipFile, KeyError, RuntimeError, NotImplementedError, EOFError, OSError, ValueError):
        raise UnsafeFile("damaged_archive") from None
    except UnsafeFile:
        raise
    except Exception as error:  # zlib.error and kin share no base with the above
        raise UnsafeFile("damaged_archive") from error
