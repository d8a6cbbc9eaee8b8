"""What an import is sent as: a sheet with files beside it, or both in a zip."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask_babel import lazy_gettext as _l

from courseware.core.tables import Sheet, TableUnreadable, read_sheet
from courseware.resources import importing
from courseware.resources.assets import refusal
from courseware.resources.storage import passing_folder
from media.archives import open_archive, unpack
from media.errors import UnsafeFile

MAX_ROWS = 50_000
SHEETS = (".xlsx", ".csv", ".tsv", ".jsonl", ".json", ".txt")


@dataclass(frozen=True, slots=True)
class Bundle:
    """A sheet that was read, and the folder its files are looked for in (None: it may name no file)."""

    sheet: Sheet
    beside: Path | None


@contextmanager
def opened(path: Path, *, is_alone: bool = False) -> Iterator[Bundle]:
    """The bundle at `path`, unpacked for the time of the block. A sheet that came `is_alone` has no files beside it.

    Raises TableUnreadable, and FileRefused for a zip that is damaged, locked, or would do harm.
    """
    with passing_folder() as folder:
        if not _is_bundle(path):
            yield Bundle(_read(path), None if is_alone else path.parent)
            return
        sheet = _only_sheet(_unpack(path, folder), folder, path.name)
        yield Bundle(_read(sheet), sheet.parent)


def _read(path: Path) -> Sheet:
    return read_sheet(path, importing.COLUMNS, MAX_ROWS)


def _is_bundle(path: Path) -> bool:
    """A zip that is no xlsx sheet. Both are looked into before anything is unpacked."""
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        if stream.read(4)[:2] != b"PK":
            return False
    try:
        with open_archive(path) as archive:
            # A zip that was cut off may end with the table of contents of a sheet packed inside it.
            if min((entry.header_offset for entry in archive.infolist()), default=0) > 0:
                raise UnsafeFile("damaged_archive")
            return "xl/workbook.xml" not in archive.namelist()
    except UnsafeFile as problem:
        raise refusal(problem) from problem


def _unpack(path: Path, folder: Path) -> list[Path]:
    try:
        with open_archive(path) as archive:
            return unpack(archive, folder)
    except (UnsafeFile, zipfile.BadZipFile) as problem:
        known = problem if isinstance(problem, UnsafeFile) else UnsafeFile("damaged_archive")
        raise refusal(known) from problem


def _only_sheet(files: Sequence[Path], folder: Path, name: str) -> Path:
    """The sheet that lies nearest to the top; what lies deeper are files of resources."""
    sheets = [path for path in files if path.suffix.lower() in SHEETS and not path.name.startswith(("~$", "."))]
    depth = min((len(path.relative_to(folder.resolve()).parts) for path in sheets), default=0)
    nearest = [path for path in sheets if len(path.relative_to(folder.resolve()).parts) == depth]
    nearest = [path for path in nearest if path.suffix.lower() == ".xlsx"] or nearest
    if not nearest:
        raise TableUnreadable(name=name, reason=_l("there is no xlsx, csv or jsonl sheet in it."))
    if len(nearest) > 1:
        names = ", ".join(path.name for path in nearest[:5])
        raise TableUnreadable(name=name, reason=_l("it holds several sheets: %(names)s. Leave one.", names=names))
    return nearest[0]
