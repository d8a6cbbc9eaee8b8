"""Disks that are nearly full: a small file system of their own, or a quota where this account may mount none."""

from __future__ import annotations

import resource
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch


@contextmanager
def mounted(folder: Path, size: str) -> Iterator[bool]:
    """A file system of `size` (1m, 4m) at `folder` for the block; False where this account may not mount one."""
    mount = shutil.which("mount")
    command = [str(mount), "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    done = bool(mount) and subprocess.run(command, capture_output=True, check=False).returncode == 0
    try:
        yield done
    finally:
        if done:
            subprocess.run(["umount", "-l", str(folder)], check=True)


@contextmanager
def quota(file_bytes: int) -> Iterator[None]:
    """No file of this process and its children grows over so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


class Disk:
    """A disk at `folder` that can be filled."""

    def __init__(self, folder: Path, is_mounted: bool) -> None:
        self.folder, self.is_mounted = folder, is_mounted

    @contextmanager
    def filled(self, leaving: int) -> Iterator[None]:
        """Somebody else's files take the room but `leaving` bytes. Without a disk of its own a quota refuses what is larger,
        and whoever asks how much is free hears the same."""
        if not self.is_mounted:
            told = shutil.disk_usage(self.folder)._replace(free=leaving)
            with quota(leaving), patch.object(shutil, "disk_usage", lambda _path: told):
                yield
            return
        ballast = self.folder / "ballast"
        ballast.write_bytes(b"0" * (shutil.disk_usage(self.folder).free - leaving))
        yield
        ballast.unlink()
