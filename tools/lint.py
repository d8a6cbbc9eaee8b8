"""Runs every check and says at the end which failed: one run shows all there is to mend."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
BIN = Path(PYTHON).parent

CHECKS: list[tuple[str, list[str]]] = [
    ("ruff", [PYTHON, "-m", "ruff", "check", "."]),
    ("ruff format", [PYTHON, "-m", "ruff", "format", "--check", "."]),
    ("mypy", [PYTHON, "-m", "mypy"]),
    ("templates (djlint)", [PYTHON, "-m", "djlint", "--lint", "--quiet", "templates"]),
    ("import contracts", [str(BIN / "lint-imports")]),
    ("browser side", [PYTHON, "tools/browser_side.py", "run", "check"]),
    ("translations", [PYTHON, "tools/check_translations.py"]),
]


def main() -> int:
    """The number of checks that failed."""
    failed = []
    for name, command in CHECKS:
        started = time.monotonic()
        print(f"── {name}", flush=True)
        result = subprocess.run(command, cwd=ROOT, check=False, stdin=subprocess.DEVNULL)
        if result.returncode:
            failed.append(name)
        print(f"   {'FAILED' if result.returncode else 'ok'} ({time.monotonic() - started:.1f} s)", flush=True)
    print(f"lint: failed: {', '.join(failed)}" if failed else "lint: everything is in order")
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
