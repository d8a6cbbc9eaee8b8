"""An installation that is broken on purpose: web server, worker and object store as processes, each killed with -9."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.site import Site
from tests.servers.s3 import ACCESS_KEY, REGION, SECRET_KEY
from tests.servers.shared import CannotRun, free_ports

if TYPE_CHECKING:
    from flask import Flask

ROOT = Path(__file__).resolve().parents[2]
TEACHER, PASSWORD = "t@example.org", "Chaos-Of-Files-2026"
WEB, WORKER, STORE = "web", "worker", "store"
# Pauses of production are minutes, so that a store may be restarted; here everything dies and lives within seconds.
HASTY = """
import datetime as dt, sys
from app import create_app
from courseware.jobs import runner, worker
from courseware.resources.jobs import recordings

recordings.LONG_S, recordings.PIECE_S = 4.0, 1.5
runner.RETRY_AFTER, runner.RETRY_GROWS, runner.MAX_PASSING = dt.timedelta(seconds=1), 1, 60
worker.STALE_AFTER, worker.MAX_LOSSES = dt.timedelta(seconds=5), 60
app = create_app()
with app.app_context():
    worker.Worker(app, app.config["KEKU"], "chaos-1").run()
worker.end_now()
"""


class Installation:
    """The three processes on one folder. `kill` ends one as a power cut would end a process, `start` brings it back."""

    def __init__(self, folder: Path) -> None:
        weed = shutil.which("weed", path=str(Path(sys.executable).parent)) or shutil.which("weed")
        if not weed:
            raise CannotRun("S3: no `weed` is installed")
        self.folder, self.running = folder, {}  # type: Path, dict[str, subprocess.Popen[bytes]]
        ports = free_ports(10)
        self.site = Site(ports[0], 0)
        names = "s3.port s3.port.grpc master.port master.port.grpc volume.port volume.port.grpc filer.port filer.port.grpc admin.port"
        named = dict(zip(names.split(), ports[1:], strict=True))
        self._commands = {
            WEB: _flask("serve", "--port", str(ports[0]), "--workers", "1"),
            WORKER: [sys.executable, "-c", HASTY],
            STORE: [
                weed, "-logtostderr=true", "mini", f"-dir={folder / 'objects'}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
                *(f"-{name}={port}" for name, port in named.items()),
                "-s3.port.iceberg=0", "-s3.port.lance=0", "-admin.ui=false", "-webdav=false", "-master.telemetry=false",
            ],
        }  # fmt: skip
        self.env = {
            "KEKU_DATA_DIR": str(folder / "data"), "KEKU_SECRET_KEY": "secret-of-the-chaos-0001", "KEKU_RATE_LIMITS": "off",
            "KEKU_LOG_LEVEL": "warning", "KEKU_PUBLIC_URL": f"http://127.0.0.1:{ports[0]}", "KEKU_STORE": "s3",
            "S3_ENDPOINT": f"127.0.0.1:{named['s3.port']}", "S3_ACCESS_KEY": ACCESS_KEY, "S3_SECRET_KEY": SECRET_KEY,
            "S3_REGION": REGION, "S3_BUCKET": "chaos", "S3_SECURE": "off",
            "AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        }  # fmt: skip
        for name in ("data", "objects"):
            (folder / name).mkdir(parents=True)

    def begin(self) -> None:
        """Database, bucket, and all three processes."""
        self.start(STORE)
        self._make_bucket()
        if "KEKU_DATABASE_URL" not in self.env:  # a database that is named has its tables
            subprocess.run(_flask("db", "upgrade"), cwd=ROOT, env=self._environment(), check=True, capture_output=True)
        self.start(WEB)
        self.start(WORKER)
        until(self._answers, 90)

    def start(self, name: str) -> None:
        """Begins a process that is not running."""
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                self._commands[name], cwd=ROOT if name != STORE else self.folder, env=self._environment(), stdout=log,
                stderr=log, stdin=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip

    def kill(self, name: str) -> None:
        """Kill -9 of the process and all below it."""
        process = self.running.pop(name)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def end(self) -> None:
        """Nothing stays behind."""
        for name in list(self.running):
            self.kill(name)

    def application(self) -> Flask:
        """The product on the same data in this process, to arrange and to look."""
        from app import create_app
        from courseware.core.settings import Settings

        return create_app(Settings.from_env(self.env))

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.site.port}/readyz", timeout=5):
                return True
        except OSError:
            return False

    def _make_bucket(self) -> None:
        from minio import Minio

        client = Minio(self.env["S3_ENDPOINT"], ACCESS_KEY, SECRET_KEY, secure=False, region=REGION)

        def made() -> bool:
            try:
                if not client.bucket_exists("chaos"):
                    client.make_bucket("chaos")
                return True
            except Exception:  # whatever it raises while it comes up
                return False

        until(made, 60)

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("KEKU_", "S3_"))}
        return {**kept, **self.env}


def arrange_people() -> None:
    """A library, and a teacher who may send files to it."""
    from courseware.accounts import services as accounts
    from courseware.core.roles import Role
    from courseware.core.unit_of_work import unit_of_work
    from courseware.libraries import services as libraries

    with unit_of_work():
        school = accounts.create_unit("school", "海川职业技术学院", "school")
        major = libraries.create_major("460305", "工业机器人技术")
        libraries.create_library("CHAOS", "工业机器人资源库", major, hosts=[school])
        teacher = accounts.create_user(TEACHER, "师", unit=school, roles=[Role.TEACHER])
        accounts.set_password(teacher, PASSWORD)


class Breaker(threading.Thread):
    """Kills one of the three after another at random moments, and brings each back after a moment."""

    def __init__(self, installation: Installation, seed: int, kills: int, pause_s: tuple[float, float]) -> None:
        super().__init__(daemon=True)
        self.done: list[str] = []
        self._installation, self._kills, self._pause = installation, kills, pause_s
        self._chance = random.Random(seed)

    def run(self) -> None:
        victims = [(WORKER, WEB, STORE)[turn % 3] for turn in range(self._kills)]
        self._chance.shuffle(victims)
        for victim in victims:
            time.sleep(self._chance.uniform(*self._pause))
            self._installation.kill(victim)
            time.sleep(self._chance.uniform(0.1, 1.0))
            self._installation.start(victim)
            self.done.append(victim)


class Sender(threading.Thread):
    """Sends files as the browser does: begin, parts straight to the store, complete; whatever fails is tried again."""

    def __init__(self, site: Site, headers: dict[str, str], files: list[Path], library: str, patience_s: float) -> None:
        super().__init__(daemon=True)
        self._address, self._headers, self._files, self._library = (
            f"http://127.0.0.1:{site.port}",
            headers,
            files,
            library,
        )
        self._until = time.monotonic() + patience_s
        self.ended: dict[str, str] = {}
        self.heard: dict[str, Counter[str]] = {}  # what went wrong on the way, by file

    def run(self) -> None:
        """Tries until its patience ends. Counting tries would give up within a minute of a site that cannot be reached,
        and a busy machine needs longer than that to bring one back that is killed again and again."""
        for path in self._files:
            while path.name not in self.ended and time.monotonic() < self._until:
                try:
                    self.ended[path.name] = self._send(path)
                except (OSError, ValueError, http.client.HTTPException) as problem:
                    self.heard.setdefault(path.name, Counter())[_words(problem)] += 1
                    time.sleep(0.3)

    def _send(self, path: Path) -> str:
        data = path.read_bytes()
        sha256 = hashlib.sha256(data).hexdigest()
        ask = {"filename": path.name, "size": len(data), "sha256": sha256, "library": self._library}
        begun = self._post("/teach/uploads", ask)
        if begun.get("upload") is None:
            return "known"
        upload = f"/teach/uploads/{begun['upload']}"
        for part in begun["parts"]:
            chunk = data[(part["num"] - 1) * begun["part_size"] : part["num"] * begun["part_size"]]
            if not part["done"]:
                self._put(part["url"] or f"{self._address}{upload}/parts/{part['num']}", chunk, own=not part["url"])
        return self._complete(upload)

    def _complete(self, upload: str) -> str:
        for _try in range(60):
            try:
                return str(self._post(f"{upload}/complete", {})["state"])
            except urllib.error.HTTPError as refused:
                if refused.code == 422:
                    return f"refused: {json.loads(refused.read()).get('code')}"
                if refused.code < 500:
                    raise
            except OSError:
                pass
            time.sleep(0.5)
        raise ValueError("it was never completed")

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        headers = {**self._headers, "Content-Type": "application/json", "Accept": "application/json"}
        asked = urllib.request.Request(f"{self._address}{path}", json.dumps(body).encode(), headers)
        with urllib.request.urlopen(asked, timeout=30) as answer:
            found: dict[str, Any] = json.load(answer)
        return found

    def _put(self, url: str, data: bytes, *, own: bool) -> None:
        headers = self._headers if own else {}
        with urllib.request.urlopen(urllib.request.Request(url, data, headers, method="PUT"), timeout=30):
            pass


def _words(problem: Exception) -> str:
    if isinstance(problem, urllib.error.HTTPError):
        return f"{problem.code} {problem.url.split('?')[0].rpartition('/')[2][:12]} {problem.read()[:160]!r}"
    return repr(problem)[:120]


def until(condition: Any, within_s: float) -> None:
    """Waits for it, or fails."""
    give_up = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < give_up, "it did not come to rest in time"
        time.sleep(0.3)


def _flask(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "flask", "--app", "app", *arguments]
