"""The real site for page tests: the production web server and the worker, as processes, on a data folder of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.error
import urllib.request
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from tests.servers.shared import CannotRun, free_ports, start_kept, tail, wait_for

if TYPE_CHECKING:
    from flask import Flask

ROOT = Path(__file__).resolve().parent.parent.parent
SECRET = "secret-of-the-test-run-0001"


class LiveSite:
    """A running site. `address` is where it is, `flask(…)` runs a command on it, `app` works on the same data in-process."""

    def __init__(self, folder: Path, *, database_url: str = "", **settings: str) -> None:
        self.folder = folder
        (self.port,) = free_ports(1)
        self.address = f"http://127.0.0.1:{self.port}"
        self.log = folder / "site.log"
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self.env = {
            "KEKU_DATA_DIR": str(folder / "data"),
            "KEKU_SECRET_KEY": SECRET,
            "KEKU_RATE_LIMITS": "off",
            "KEKU_LOG_LEVEL": "warning",
            "KEKU_PUBLIC_URL": self.address,
            **({"KEKU_DATABASE_URL": database_url} if database_url else {}),
            **settings,
        }

    def __enter__(self) -> LiveSite:
        (self.folder / "data").mkdir(parents=True, exist_ok=True)
        self.flask("db", "upgrade")
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Starts web server and worker; returns when /readyz says that database, store, index and worker are there."""
        self._start_one("web", "serve", "--port", str(self.port), "--workers", "1")
        self._start_one("worker", "worker")
        wait_for("the site", self._is_ready, self._processes["web"], self.log, within_s=90)

    def stop(self) -> None:
        """Stops both; `start` may follow on the same data."""
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            process.wait(20)
        self._processes.clear()

    def flask(self, *arguments: str) -> str:
        """Runs `flask …` on this site's data; returns what it printed. A refusal raises with both outputs."""
        done = subprocess.run(
            _flask(*arguments),
            cwd=ROOT,
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        if done.returncode:
            raise AssertionError(
                f"flask {' '.join(arguments)} left with {done.returncode}\n{done.stdout}\n{done.stderr}"
            )
        return done.stdout

    @cached_property
    def app(self) -> Flask:
        """The application on the same data, to arrange and to look: `with site.app.app_context(): …`, then commit."""
        from app import create_app
        from courseware.core.settings import Settings

        return create_app(Settings.from_env(self.env))

    def _start_one(self, name: str, *arguments: str) -> None:
        self._processes[name] = start_kept(_flask(*arguments), self.log, env=self.env, cwd=ROOT)

    def _is_ready(self) -> None:
        worker = self._processes["worker"]
        if worker.poll() is not None:
            raise CannotRun(f"the worker ended with exit {worker.returncode}: {tail(self.log)}")
        try:
            with urllib.request.urlopen(f"{self.address}/readyz", timeout=5):
                return
        except urllib.error.HTTPError as error:
            raise RuntimeError(error.read(1000).decode("utf-8", "replace")) from error

    def _environment(self) -> dict[str, str]:
        return {**os.environ, **self.env}


def _flask(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "flask", "--app", "app", *arguments]
