"""`python -m courseware.monitoring.verify FILE [--key FINGERPRINT] [--json]`: checks a snapshot without any database.

Exit 0: the seal is whole and every figure follows from the facts. 1: it is not so. 2: the file cannot be read.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from courseware.monitoring.snapshots.checking import Report, check


def main(arguments: list[str] | None = None) -> int:
    """Says what was found; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m courseware.monitoring.verify", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--key", default="", help="The fingerprint that the keeper of the library published.")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    try:
        with options.file.open("rb") as source:
            report = check(source, options.key)
    except OSError as problem:
        print(f"{options.file} cannot be read: {problem.strerror}.", file=sys.stderr)
        return 2
    print(json.dumps(report.as_dict(), ensure_ascii=False, indent=2) if options.json else in_words(report))
    return exit_code(report)


def exit_code(report: Report) -> int:
    """0 proved, 1 not proved, 2 not readable as a snapshot."""
    if report.ok:
        return 0
    return 1 if report.library else 2


def in_words(report: Report) -> str:
    """For people at a terminal."""
    lines = [
        f"{report.library} {report.period}, as of {report.as_of}",
        f"SHA-256 {report.sha256}",
        f"signed by {report.signed_by}",
    ]
    lines = lines if report.library else []
    lines += [f"  {d.id} {d.part}: the file says {d.stored}, its facts give {d.counted}" for d in report.differences]
    verdict = (
        f"All {report.figures} figures follow from the facts, and the seal is whole." if report.ok else report.problem
    )
    return "\n".join([*lines, verdict])


if __name__ == "__main__":
    sys.exit(main())
