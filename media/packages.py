"""Simulation packages: a zip that starts with index.html, unpacked under limits for a browser to run.

Names inside are foreign: spaces, GBK, dots, two spellings of one name. So each file is written under a name made of
the hash of its path (`stored_name`), and whoever serves it asks for the path and computes the same.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
import stat
import unicodedata
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from media.archives import open_archive
from media.errors import UnsafeFile

ENTRIES = ("index.html", "index.htm")
LEFT_OUT = ("__MACOSX/", ".DS_Store", "Thumbs.db", ".git/")
CHUNK = 256 * 1024
LONGEST_PATH = 160  # Windows ends at 260 with the folders of the person around it
_UNUSABLE = re.compile(r'[<>:"|?*\\\x00-\x1f\x7f]')
_DEVICES = {"CON", "PRN", "AUX", "NUL", *(f"{kind}{n}" for kind in ("COM", "LPT") for n in range(1, 10))}


@dataclass(frozen=True, slots=True)
class PackageLimits:
    """What is unpacked at most: files, bytes of one, bytes of all."""

    files: int = 4000
    file_bytes: int = 256 << 20
    bytes: int = 1 << 30


@dataclass(frozen=True, slots=True)
class Package:
    """An unpacked package: `entry` is the path to start with, relative to the package's own top, as are all `names`."""

    entry: str
    files: int
    size: int
    names: tuple[str, ...] = ()


def unpack_package(path: Path, folder: Path, limits: PackageLimits | None = None) -> Package:
    """Writes the files of the package at `path` into `folder`, a single folder around everything taken off.

    Sizes are counted as bytes arrive, whatever the archive's headers claim. Raises UnsafeFile: package_too_large,
    no_start_page, archive_unsafe (links), and what `open_archive` raises.
    """
    bounds = limits or PackageLimits()
    with open_archive(path) as archive:
        members = {name: entry for entry in archive.infolist() if (name := _name_of(entry))}
        entry = _entry_of(members)
        top = posixpath.dirname(entry)
        inside = {n.removeprefix(f"{top}/"): e for n, e in members.items() if not top or n.startswith(f"{top}/")}
        if len(inside) > bounds.files:
            raise UnsafeFile("package_too_large", limit=bounds.files)
        size = 0
        for name, member in inside.items():
            left = min(bounds.file_bytes, bounds.bytes - size)
            size += _write(archive, member, folder / stored_name(name), left)
    return Package(posixpath.basename(entry), len(inside), size, tuple(inside))


def stored_name(name: str) -> str:
    """Under which name the file at `name` in a package is kept."""
    return hashlib.sha256(unicodedata.normalize("NFC", name).encode("utf-8", "replace")).hexdigest()[:40]


def fits_any_disk(names: Iterable[str]) -> bool:
    """Whether files of these paths can lie in a folder of any system as they are called: the pages among them name each other.

    Windows holds no `<>:"|?*`, no names of devices, no point or blank at an end, no two names that differ in capitals alone.
    """
    known = list(names)
    folded = {unicodedata.normalize("NFC", name).casefold() for name in known}
    return len(folded) == len(known) and all(_fits(name) for name in known)


def _fits(name: str) -> bool:
    parts = name.split("/")
    return len(name) <= LONGEST_PATH and not any(
        _UNUSABLE.search(part) or part.endswith((".", " ")) or part.split(".")[0].upper() in _DEVICES or not part
        for part in parts
    )


def _name_of(entry: zipfile.ZipInfo) -> str:
    """The path of a member; empty for folders and what systems leave behind. Names without a mark of UTF-8 may be GBK."""
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise UnsafeFile("archive_unsafe")
    name = entry.filename
    if not entry.flag_bits & 0x800:
        name = _decoded(name)
    name = name.replace("\\", "/")
    if name.endswith("/") or any(part in f"{name}/" for part in LEFT_OUT):
        return ""
    clean = posixpath.normpath(unicodedata.normalize("NFC", name))
    if clean.startswith(("/", "..")):
        raise UnsafeFile("archive_unsafe")
    return clean


def _decoded(name: str) -> str:
    raw = name.encode("cp437", "replace")
    for encoding in ("utf-8", "gbk"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name


def _entry_of(names: dict[str, zipfile.ZipInfo]) -> str:
    """The start page nearest to the top, at most one folder down."""
    found = [n for n in names if posixpath.basename(n).lower() in ENTRIES and n.count("/") <= 1]
    if not found:
        raise UnsafeFile("no_start_page")
    return min(found, key=lambda name: (name.count("/"), name))


def _write(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, limit: int) -> int:
    written = 0
    try:
        with archive.open(member) as source, target.open("wb") as out:
            while chunk := source.read(CHUNK):
                written += len(chunk)
                if written > limit:
                    raise UnsafeFile("package_too_large", limit=limit)
                out.write(chunk)
    except UnsafeFile:
        raise
    except RuntimeError as error:  # locked by a password
        raise UnsafeFile("document_encrypted") from error
    except Exception as error:  # zlib.error and kin share no base
        raise UnsafeFile("damaged_archive") from error
    return written
