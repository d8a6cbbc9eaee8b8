"""Print the locked block of one package, hashes included: some packages are needed before, or without, the rest."""

from __future__ import annotations

import re
import sys
from pathlib import Path


def pick_requirement(lock: str, name: str) -> str:
    """The lines of `name` in a lock file's text: its pin and the indented hashes below it."""
    match = re.search(rf"^{re.escape(name)}==.*(?:\n[ \t]+\S.*)*", lock, re.MULTILINE)
    if match is None:
        raise LookupError(f"{name} is not locked")
    return match.group() + "\n"


if __name__ == "__main__":
    lock_file, wanted = sys.argv[1:]
    try:
        sys.stdout.write(pick_requirement(Path(lock_file).read_text(encoding="utf-8"), wanted))
    except LookupError as error:
        sys.exit(f"{lock_file}: {error}. Run `make lock`.")
