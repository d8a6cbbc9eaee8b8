"""The files that lie beside a sheet."""

from __future__ import annotations

import unicodedata
from functools import cached_property
from pathlib import Path


class FilesBeside:
    """The files that lie beside a sheet, found as people write them: with / or \\, in folders, or by name alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()

    def find(self, given: str) -> Path | None:
        """The file meant, below the folder and nowhere else; None where there is none, or several of one name."""
        written = unicodedata.normalize("NFC", given.replace("\\", "/")).lstrip("./")
        path = (self.folder / written).resolve()
        if path.is_relative_to(self.folder) and path.is_file():
            return path
        same = self._by_name.get(written.rsplit("/", 1)[-1].casefold(), [])
        return same[0] if len(same) == 1 and "/" not in written else None

    @cached_property
    def _by_name(self) -> dict[str, list[Path]]:
        found: dict[str, list[Path]] = {}
        for path in sorted(self.folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                found.setdefault(unicodedata.normalize("NFC", path.name).casefold(), []).append(path)
        return found
