"""Processes of the product that begin with everything loaded.

A process that loads the product spends three seconds of processor on it, before the first line of what a test wants of it.
So one process of this worker loads it once and begins nothing, and each of these is forked from it: a process like any
other, with a number, signals and an end of its own.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import signal
import sys
from multiprocessing.forkserver import set_forkserver_preload
from pathlib import Path

LOADED = "tests.servers.loaded"


class Forked:
    """The Python file `script` with `arguments` and `environment`, from now on; the handles of `subprocess.Popen`."""

    def __init__(self, script: Path, *arguments: str, environment: dict[str, str], folder: Path) -> None:
        set_forkserver_preload([LOADED])
        begin = multiprocessing.get_context("forkserver").Process
        self._process = begin(target=_run, args=(str(script), arguments, environment, str(folder)), daemon=True)
        self._process.start()

    def send_signal(self, number: signal.Signals) -> None:
        """Sends it; a process that has ended hears nothing."""
        if self._process.is_alive() and self._process.pid is not None:
            os.kill(self._process.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def wait(self, timeout_s: float | None = None) -> int | None:
        """What it ended with; None when it still runs after `timeout_s`."""
        self._process.join(timeout_s)
        return self._process.exitcode


def _run(script: str, arguments: tuple[str, ...], environment: dict[str, str], folder: str) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = [script, *arguments]
    runpy.run_path(script, run_name="__main__")
