"""`python -m courseware.monitoring.verify FILE [--key FINGERPRINT] [--json]`: checks a snapshot without any database.

Exit 0: the seal is whole, the key is the one named, and every figure follows from the facts. 1: it is not so. 2: the file
cannot be read. 3: every figure follows, but nobody said whose the key is; anybody can sign figures with a key of their own.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from courseware.monitoring.snapshots.checking import Report, check

PROVED, WRONG, UNREADABLE, UNKNOWN_SIGNER = range(4)


def main(arguments: list[str] | None = None) -> int:
    """Says what was found; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m courseware.monitoring.verify", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--key", default="", help="The fingerprint that the library publishes beside its figures.")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    try:
        with options.file.open("rb") as source:
            report = check(source, [options.key] if options.key else ())
    except OSError as problem:
        print(f"{options.file} cannot be read: {problem.strerror}.", file=sys.stderr)
        return UNREADABLE
    print(json.dumps(report.as_dict(), ensure_ascii=False, indent=2) if options.json else in_words(report))
    return exit_code(report)


def exit_code(report: Report) -> int:
    """0 proved, 1 not proved, 2 not readable as a snapshot, 3 proved for a key that nobody named."""
    if report.ok:
        return PROVED if report.is_signer_known else UNKNOWN_SIGNER
    return WRONG if report.library else UNREADABLE


def in_words(report: Report) -> str:
    """For people at a terminal."""
    return "\n".join([*_about(report), *_differences(report), verdict(report)])


def verdict(report: Report) -> str:
    """The sentence at the end."""
    if not report.ok:
        return report.problem
    follows = f"All {report.figures} figures follow from the facts, and the seal is whole."
    if report.is_signer_known:
        return follows
    return (
        f"{follows}\nNOT KNOWN WHOSE: the file was signed by {report.signed_by}; whether that is the key of the library is for "
        "you to compare. The library shows its key beside its public figures; give it with --key."
    )


def _about(report: Report) -> list[str]:
    if not report.library:
        return []
    return [
        f"{report.library} {report.period}, as of {report.as_of}",
        f"SHA-256 {report.sha256}",
        f"signed by {report.signed_by}",
    ]


def _differences(report: Report) -> list[str]:
    return [f"  {d.id} {d.part}: the file says {d.stored}, its facts give {d.counted}" for d in report.differences]


if __name__ == "__main__":
    sys.exit(main())
