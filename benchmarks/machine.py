"""What the machine is, how busy it is, and what processes have used: read from /proc, without further packages."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Machine:
    """Where figures come from."""

    cores: int
    memory_gb: float
    processor: str
    system: str
    python: str


def describe() -> Machine:
    """This machine."""
    total = os.sysconf("SC_PHYS_PAGES") * PAGE_BYTES / 1024**3
    return Machine(os.cpu_count() or 1, round(total, 1), _processor(), platform.platform(), platform.python_version())


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def load_average() -> list[float]:
    """Of the last 1, 5 and 15 minutes."""
    return [round(value, 2) for value in os.getloadavg()]


def tree(root: int) -> set[int]:
    """A process and all below it."""
    parents: dict[int, list[int]] = {}
    for pid in _processes():
        parents.setdefault(_parent(pid), []).append(pid)
    found, waiting = set(), [root]
    while waiting:
        pid = waiting.pop()
        found.add(pid)
        waiting.extend(parents.get(pid, []))
    return found


def named(word: str) -> set[int]:
    """Processes whose command begins with `word`: those of a database server."""
    return {pid for pid in _processes() if _command(pid).startswith(word)}


def cpu_s(pids: Iterable[int]) -> float:
    """Seconds of processor time that these processes have used so far, in user and system mode."""
    return sum(_ticks(pid) for pid in pids) / TICKS


def memory_mb(pids: Iterable[int]) -> float:
    """Memory of these processes, shared pages divided among their users (PSS)."""
    return round(sum(_pss_kb(pid) for pid in pids) / 1024, 1)


def _processes() -> list[int]:
    return [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return []


def _parent(pid: int) -> int:
    stat = _stat(pid)
    return int(stat[1]) if stat else 0


def _ticks(pid: int) -> int:
    stat = _stat(pid)
    return int(stat[11]) + int(stat[12]) if stat else 0


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def _pss_kb(pid: int) -> int:
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8")
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")), 0)
