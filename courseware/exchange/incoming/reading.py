"""A file becomes an outline, whichever kind of course it is."""

from __future__ import annotations

from pathlib import Path

from courseware.exchange.errors import Unreadable
from courseware.exchange.incoming import cartridge, manifest, olx
from courseware.exchange.incoming.archive import PackageFiles, open_package
from courseware.exchange.incoming.outline import Outline, tidy
from courseware.exchange.words import WHY
from courseware.resources.storage import passing_folder


def outline_of(files: PackageFiles, name: str) -> Outline:
    """The outline of an open package. Raises Unreadable with what to do."""
    found = manifest.find_manifest(files)
    if found:
        return tidy(cartridge.read_cartridge(files, found, name))
    root = olx.root_of(files)
    if not root:
        raise Unreadable(name=name, reason=WHY["no_course"])
    return tidy(olx.read_olx(files, root, name))


def look_into(path: Path, name: str) -> Outline:
    """The outline of the file at `path`, opened for this alone. Raises Unreadable."""
    with passing_folder() as folder, open_package(path, name, folder) as files:
        return outline_of(files, name)
