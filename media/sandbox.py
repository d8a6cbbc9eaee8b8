"""Starting tools on hostile input: limits before the first instruction, and no tool outlives us."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_LAUNCHER = Path(__file__).with_name("launcher.py")
_KEPT_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "TMPDIR", "LD_LIBRARY_PATH")


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one process; None is no bound. `nice` is added to our own priority."""

    memory_bytes: int | None = 2 << 30
    cpu_s: int | None = None
    file_bytes: int | None = None
    nice: int = 0


def start_limited(args: Sequence[str], cwd: Path, limits: Limits) -> subprocess.Popen[bytes]:
    """Start `args` in its own process group and folder, without our environment, stdout and stderr piped.

    A launcher sets the limits and becomes the tool: `preexec_fn` is not safe in a process with threads.
    """
    bounds = [_word(limits.memory_bytes), _word(limits.cpu_s), _word(limits.file_bytes), str(limits.nice)]
    command = [sys.executable, "-I", "-S", str(_LAUNCHER), str(os.getpid()), *bounds, *args]
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=cwd,
        env=_environment(),
        start_new_session=True,
    )


def _word(limit: int | None) -> str:
    return "-" if limit is None else str(limit)


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
    # Each thread's malloc arena reserves 64 MB of addresses, which the memory limit counts.
    return kept | {"MALLOC_ARENA_MAX": "2"}


def stop(process: subprocess.Popen[bytes], patience_s: float = 3) -> None:
    """End the whole group: politely, then not."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is not None:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, sign)
        with suppress(subprocess.TimeoutExpired):
            process.wait(patience_s)
