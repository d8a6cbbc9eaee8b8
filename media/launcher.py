"""Run as a script: launcher.py PARENT MEMORY CPU FILE NICE TOOL ARGS… sets the limits, then becomes TOOL.

Standard library only, and importable without site-packages: it starts in some 20 ms.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def _limit(name: str, value: str) -> None:
    import resource

    if value != "-" and hasattr(resource, name):
        with contextlib.suppress(ValueError, OSError):  # macOS refuses some of them
            resource.setrlimit(getattr(resource, name), (int(value), int(value)))


def _die_with(parent: int) -> None:
    """A killed worker must not leave an encoder behind that fights its successor for the processor."""
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(1)


def main(arguments: list[str]) -> None:
    """Never returns."""
    parent, memory, cpu, file_size, nice, *tool = arguments
    _die_with(int(parent))
    os.nice(int(nice))
    for name, value in (
        ("RLIMIT_CPU", cpu),
        ("RLIMIT_FSIZE", file_size),
        ("RLIMIT_CORE", "0"),
        ("RLIMIT_AS", memory),
    ):
        _limit(name, value)
    os.execvp(tool[0], tool)  # noqa: S606  # no shell is wanted


if __name__ == "__main__":
    main(sys.argv[1:])
