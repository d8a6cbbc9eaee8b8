"""Looking into zip files without being drowned by them."""

from __future__ import annotations

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
