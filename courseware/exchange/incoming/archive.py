"""Files of a package by their names: zip (also .imscc) and tar.gz, opened without being drowned.

Nothing is unpacked as a whole: a file is read or copied when something asks for it, under a name of ours, so that no name
in a package (300 characters, GBK, NUL, ../) reaches the disk.
"""

from __future__ import annotations

import posixpath
import re
import shutil
import tarfile
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from courseware.exchange.errors import Unreadable
from courseware.resources.reasons import sentence_of
from media.archives import BOMB_FLOOR, MAX_ENTRIES, MAX_RATIO, MAX_UNPACKED, name_of, open_archive, read_member
from media.errors import UnsafeFile

PAGE_BYTES = 8 << 20
LEFT_OUT = re.compile(r"(^|/)(__MACOSX/|\._|\.DS_Store$|Thumbs\.db$)")

Copy = Callable[[Path], None]
Read = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Member:
    """A file of a package."""

    name: str
    size: int
    read: Read
    copy: Copy


@dataclass(slots=True)
class PackageFiles:
    """The files of an open package. Names are relative, with /, in NFC; lookups forgive case and percent signs."""

    members: dict[str, Member] = field(default_factory=dict)
    _folded: dict[str, str] = field(default_factory=dict)

    def add(self, member: Member) -> None:
        """Takes a file in; of two of one name the first counts."""
        name = posixpath.normpath(unicodedata.normalize("NFC", member.name.replace("\\", "/")))
        if name not in self.members and not name.startswith(("/", "..")):
            self.members[name] = member
            self._folded.setdefault(name.casefold(), name)

    def find(self, href: str, base: str = "") -> str:
        """The name of the file that `href` means, seen from the folder `base`; empty where there is none."""
        plain = href.split("#", 1)[0].split("?", 1)[0].replace("\\", "/")
        for written in dict.fromkeys((plain, unquote(plain))):
            name = posixpath.normpath(unicodedata.normalize("NFC", posixpath.join(base, written)))
            found = name if name in self.members else self._folded.get(name.casefold(), "")
            if found and written:
                return found
        return ""

    def read(self, name: str, limit: int = PAGE_BYTES) -> bytes:
        """The bytes of a file. Raises UnsafeFile when it is damaged or larger than `limit`."""
        data = self.members[name].read(limit + 1)
        if len(data) > limit:
            raise UnsafeFile("package_too_large", limit=limit)
        return data

    def copy(self, name: str, target: Path) -> None:
        """Writes a file to `target`. Raises UnsafeFile."""
        self.members[name].copy(target)


@contextmanager
def open_package(path: Path, name: str, folder: Path) -> Iterator[PackageFiles]:
    """The files of the package at `path`; `folder` is for what has to be unpacked. Raises Unreadable with the reason."""
    try:
        if zipfile.is_zipfile(path):
            with open_archive(path) as archive:
                yield _of_zip(archive)
        elif tarfile.is_tarfile(path):
            yield _of_tar(path, folder)
        else:
            raise UnsafeFile("damaged_archive")
    except UnsafeFile as problem:
        raise Unreadable(name=name, reason=sentence_of(problem)) from problem


def _of_zip(archive: zipfile.ZipFile) -> PackageFiles:
    files = PackageFiles()
    for entry in archive.infolist():
        name = name_of(entry)
        if entry.is_dir() or LEFT_OUT.search(name):
            continue
        if entry.flag_bits & 1:
            raise UnsafeFile("archive_locked")
        files.add(Member(name, entry.file_size, _zip_reader(archive, entry), _zip_copier(archive, entry)))
    return files


def _zip_reader(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Read:
    return lambda limit: read_member(archive, entry.filename, limit)


def _zip_copier(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Copy:
    def copy(target: Path) -> None:
        left = entry.file_size
        try:
            with archive.open(entry) as source, target.open("wb") as out:
                while chunk := source.read(1 << 20):
                    left -= len(chunk)
                    if left < 0:
                        raise UnsafeFile("archive_bomb")
                    out.write(chunk)
        except UnsafeFile:
            raise
        except Exception as error:  # zlib.error and kin share no base
            raise UnsafeFile("damaged_archive") from error

    return copy


def _of_tar(path: Path, folder: Path) -> PackageFiles:
    """A tar can only be read in order, so its files are written once, under numbers."""
    files, left = PackageFiles(), _room(path)
    try:
        with tarfile.open(path) as archive:
            for number, entry in enumerate(archive):
                if number > MAX_ENTRIES:
                    raise UnsafeFile("archive_bomb")
                if not entry.isfile() or LEFT_OUT.search(entry.name):
                    continue
                left -= entry.size
                if left < 0:
                    raise UnsafeFile("archive_bomb")
                files.add(_written(archive, entry, folder / f"{number}"))
    except UnsafeFile:
        raise
    except Exception as error:  # tarfile, gzip, zlib, lzma: errors of four families
        raise UnsafeFile("damaged_archive") from error
    return files


def _room(path: Path) -> int:
    return min(MAX_UNPACKED, max(BOMB_FLOOR, MAX_RATIO * path.stat().st_size))


def _written(archive: tarfile.TarFile, entry: tarfile.TarInfo, target: Path) -> Member:
    source = archive.extractfile(entry)
    if source is None:
        raise UnsafeFile("damaged_archive")
    with source, target.open("wb") as out:
        shutil.copyfileobj(source, out)
    return Member(entry.name, entry.size, lambda limit: _start(target, limit), lambda place: _copied(target, place))


def _start(path: Path, limit: int) -> bytes:
    with path.open("rb") as stream:
        return stream.read(limit)


def _copied(path: Path, place: Path) -> None:
    shutil.copyfile(path, place)
