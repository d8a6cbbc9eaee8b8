"""The site to be measured: a large demonstration in a folder of its own, served as in production."""

from __future__ import annotations

import hashlib
import http.cookiejar
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import machine

if TYPE_CHECKING:
    from flask import Flask

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "var" / "bench"
READY_WITHIN_S = 180
PEOPLE = 8
TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')


def folder_of(size: str) -> Path:
    """Where the demonstration of this size is kept; another recipe or another schema is another folder."""
    digest = hashlib.sha256()
    for path in sorted([*ROOT.glob("courseware/demo/bulk*.py"), *ROOT.glob("migrations/versions/*.py")]):
        digest.update(path.read_bytes())
    base = Path(os.environ.get("KEKU_BENCH_DIR", FOLDER))
    return base / f"{size}-{digest.hexdigest()[:10]}"


def application(folder: Path, database: str = "") -> Flask:
    """The application on this folder, in this process; on the folder's own SQLite unless a database is named."""
    from app import create_app
    from courseware.core.settings import Settings

    more = {"database_url": database} if database else {}
    return create_app(Settings.from_env({}, data_dir=str(folder), rate_limits="off", log_level="warning", **more))


def prepare(size: str) -> Path:
    """The folder with the demonstration, loaded when it is not there. Its files are tiny: pages do not read them."""
    folder = folder_of(size)
    if (folder / "ready").exists():
        return folder
    shutil.rmtree(
        folder, ignore_errors=True
    )  # an interrupted load: clearing two million rows takes longer than making them
    folder.mkdir(parents=True)
    print(f"Loading the {size} demonstration into {folder} …", file=sys.stderr, flush=True)
    subprocess.run(_flask("db", "upgrade"), cwd=ROOT, env=_environment(folder), check=True, stdout=subprocess.DEVNULL)
    _load(folder, size)
    (folder / "ready").touch()
    return folder


def _load(folder: Path, size: str) -> None:
    from courseware.demo import loader

    with application(folder).app_context():
        loaded = loader.load(size, quick=True, say=lambda text: print(text, file=sys.stderr, flush=True))
        print(f"Loaded: {loaded.seconds}", file=sys.stderr, flush=True)


def _flask(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "flask", "--app", "app", *arguments]


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KEKU_")}
    return {**kept, "KEKU_DATA_DIR": str(folder), "KEKU_RATE_LIMITS": "off"}


@dataclass(frozen=True, slots=True)
class Site:
    """A running site."""

    port: int
    pid: int

    def cpu_s(self) -> float:
        """Processor time used by the web processes so far. SQLite runs inside them."""
        return machine.cpu_s(machine.tree(self.pid))

    def memory_mb(self) -> float:
        """Memory of the web processes."""
        return machine.memory_mb(machine.tree(self.pid))

    def sign_in(self, email: str, password: str) -> dict[str, str]:
        """The headers of somebody who is signed in: cookie and form token."""
        jar = http.cookiejar.CookieJar()
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        address = f"http://127.0.0.1:{self.port}"
        form = {"csrf_token": _token(opener, address), "email": email, "password": password, "next": ""}
        opener.open(f"{address}/sign-in", urllib.parse.urlencode(form).encode(), timeout=180).read()
        token = _token(opener, address)
        return {"Cookie": "; ".join(f"{one.name}={one.value}" for one in jar), "X-CSRFToken": token}


def _token(opener: urllib.request.OpenerDirector, address: str) -> str:
    found = TOKEN.search(opener.open(f"{address}/sign-in", timeout=30).read().decode())
    if found is None:
        found = TOKEN.search(opener.open(f"{address}/", timeout=30).read().decode())
    if found is None:
        raise RuntimeError("No page names a form token.")
    return found.group(1)


@contextmanager
def served(folder: Path, workers: int = 2) -> Iterator[Site]:
    """The site on this folder, by the production server with its defaults; only rate limits are off."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = _flask("serve", "--port", str(port), "--workers", str(workers))
    with (folder / "web.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=_environment(folder), stdout=log, stderr=log, start_new_session=True
        )
    try:
        _wait(port, process)
        yield Site(port, process.pid)
    finally:
        _end(process, 20)


@contextmanager
def working(folder: Path) -> Iterator[int]:
    """The worker of the site on this folder: its process."""
    with (folder / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            _flask("worker"), cwd=ROOT, env=_environment(folder), stdout=log, stderr=log, start_new_session=True
        )
    try:
        yield process.pid
    finally:
        _end(process, 30)


def _end(process: subprocess.Popen[bytes], patience_s: float) -> None:
    """Politely, then not: an error of the measurement must not be hidden by one of its end."""
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(patience_s)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    give_up = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < give_up and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2).read()
            return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("The site did not start; web.log in its folder says why.")
