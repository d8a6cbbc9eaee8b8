"""Office files as PDF, by LibreOffice where this machine has it.

It opens foreign files, so it runs alone: own profile, empty folder, limits of memory, time and output; no macros run
without a profile that allows them, and none does.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from media import sandbox

CONVERTED = frozenset("doc docx odt ppt pptx odp xls xlsx ods".split())
NAMES = ("soffice", "libreoffice")
OFF = "off"
_LIMITS = sandbox.Limits(memory_bytes=6 << 30, cpu_s=240, file_bytes=1 << 30, nice=5)


def find_office(named: str = "") -> str | None:
    """The program: the one `named`, else the one on PATH; None without one, or where it is switched off."""
    if named == OFF:
        return None
    return next((found for name in ([named] if named else NAMES) if (found := shutil.which(name))), None)


def convert_to_pdf(source: Path, extension: str, target: Path, program: str, timeout_s: float = 180) -> bool:
    """Writes `target`; whether it worked. A file that LibreOffice cannot read, or not in time, is no error here."""
    with tempfile.TemporaryDirectory(prefix="office-") as name:
        folder = Path(name)
        (folder / "out").mkdir()
        given = folder / f"source.{extension}"
        shutil.copyfile(source, given)
        command = [
            program, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--norestore", "--nologo",
            "--nolockcheck", "--nodefault", "--convert-to", "pdf", "--outdir", str(folder / "out"), str(given),
        ]  # fmt: skip
        if not _finished(command, folder, timeout_s):
            return False
        made = folder / "out" / "source.pdf"
        if not _is_pdf(made):
            return False
        shutil.move(made, target)
        return True


def _finished(command: list[str], folder: Path, timeout_s: float) -> bool:
    process = sandbox.start_limited(command, folder, _LIMITS)
    try:
        process.communicate(timeout=timeout_s)
    except subprocess.TimeoutExpired:
        return False
    finally:
        sandbox.stop(process, patience_s=0.5)
        process.communicate()
    return True


def _is_pdf(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return stream.read(5) == b"%PDF-"
