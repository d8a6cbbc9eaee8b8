"""What the servers have in common: one start a run, shared by all its workers, stopped when the run ends.

The first worker that needs a server starts it under a file lock and writes its facts beside the lock; the others read
them. The run's first process stops all at its end, from those same files.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from filelock import FileLock

RUN_DIR = "KEKU_TEST_RUN"
RUN_PID = "KEKU_TEST_RUN_PID"
KEEPER = Path(__file__).with_name("keeper.py")

Facts = dict[str, Any]

# Kept, because Python warns of a process that still runs when nobody remembers it.
_kept: list[subprocess.Popen[bytes]] = []


class CannotRun(Exception):
    """A real part that this machine does not have; the text says which and how to get it."""


def begin_run() -> Path:
    """Makes the folder that all workers of this run share. Workers inherit its name through the environment."""
    folder = Path(tempfile.mkdtemp(prefix="keku-tests-"))
    # PostgreSQL refuses to run as root, so its account has to be able to pass through.
    folder.chmod(0o755)
    os.environ[RUN_DIR], os.environ[RUN_PID] = str(folder), str(os.getpid())
    return folder


def end_run() -> None:
    """Stops every server of the run and removes its folder. Only the process that began the run calls this."""
    folder = run_folder()
    keepers = [json.loads(path.read_text()).get("keeper") for path in folder.glob("*.json")]
    for pid in filter(None, keepers):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    give_up = time.monotonic() + 10
    while time.monotonic() < give_up and any(_is_alive(pid) for pid in filter(None, keepers)):
        time.sleep(0.05)
    shutil.rmtree(folder, ignore_errors=True)


def run_folder() -> Path:
    """The shared folder of this run."""
    return Path(os.environ[RUN_DIR])


def started_once(name: str, start: Callable[[Path], Facts]) -> Facts:
    """The facts of the run's server `name`, started by `start(folder)` when nobody has yet.

    A failure is remembered as well: the second worker is told at once instead of trying, and waiting, again.
    """
    facts_file = run_folder() / f"{name}.json"
    with FileLock(f"{facts_file}.lock", timeout=300):
        if not facts_file.exists():
            folder = run_folder() / name
            folder.mkdir(exist_ok=True)
            try:
                facts = start(folder)
            except CannotRun as reason:
                facts = {"cannot_run": str(reason)}
            facts_file.write_text(json.dumps(facts))
    facts = json.loads(facts_file.read_text())
    if "cannot_run" in facts:
        raise CannotRun(facts["cannot_run"])
    return facts


@contextmanager
def locked(name: str) -> Iterator[None]:
    """Only one worker of the run at a time."""
    with FileLock(str(run_folder() / f"{name}.lock"), timeout=300):
        yield


def start_kept(
    command: list[str],
    log: Path,
    *,
    user: str | None = None,
    env: dict[str, str] | None = None,
    cwd: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Starts a server under its keeper, output into `log`."""
    as_user = ["--user", user] if user else []
    argv = [sys.executable, str(KEEPER), os.environ[RUN_PID], *as_user, "--", *command]
    with log.open("ab") as out:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env={**os.environ, **(env or {})},
            cwd=cwd,
            start_new_session=True,
        )
    _kept.append(process)
    return process


def wait_for(
    what: str, ready: Callable[[], object], process: subprocess.Popen[bytes], log: Path, *, within_s: float = 60
) -> None:
    """Returns when `ready` stops raising; a dead server or lost patience raises CannotRun with the end of the log."""
    give_up = time.monotonic() + within_s
    last: Exception | None = None
    while time.monotonic() < give_up:
        if process.poll() is not None:
            raise CannotRun(f"{what} ended with exit {process.returncode}: {tail(log)}")
        try:
            ready()
        except CannotRun:
            raise
        except Exception as error:  # whatever the client library raises while a server comes up
            last = error
            time.sleep(0.05)
        else:
            return
    process.terminate()
    raise CannotRun(f"{what} was not ready in {within_s:.0f} s ({last!r}): {tail(log)}")


def tail(log: Path, characters: int = 1500) -> str:
    """The end of a server's log."""
    return log.read_text(errors="replace")[-characters:] if log.exists() else "(no log)"


def free_ports(count: int) -> list[int]:
    """Ports that are free now, all different: every socket stays open until the last one is bound."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    # A keeper whose parent has not asked for its exit code yet is gone all the same.
    stat = Path(f"/proc/{pid}/stat")
    return not (stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z")
