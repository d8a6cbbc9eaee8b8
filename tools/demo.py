"""`make demo` after set-up: migrates, loads the demonstration library once, serves site and worker until interrupted."""

from __future__ import annotations

import argparse
import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
READY_WITHIN_S = 90
STOP_WITHIN_S = 15


class Stopped(Exception):
    """Ctrl-C or a polite kill."""


def flask(*arguments: str) -> list[str]:
    """A `flask …` command line in the environment that runs this script."""
    return [sys.executable, "-m", "flask", "--app", "app", *arguments]


def free_or_exit(port: int) -> None:
    """Says at once, and in words, when the port is taken: later it would look like a site that never gets ready."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            sys.exit(f"Port {port} is taken. Choose another: make demo PORT={port + 1}")


def load_once(data_dir: Path, size: str) -> str:
    """Loads the demonstration library unless this database has it; returns what the command said (it lists the accounts)."""
    database = os.environ.get("KEKU_DATABASE_URL", "")
    marker = data_dir / f"demo-{hashlib.sha256(database.encode()).hexdigest()[:12]}.txt"
    if marker.exists():
        return marker.read_text(encoding="utf-8")
    print("Loading the demonstration library, once …", flush=True)
    started = time.monotonic()
    done = subprocess.run(flask("demo", "--size", size), cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        print(done.stdout)
        sys.exit(f"`flask demo` failed (exit {done.returncode}).")
    print(f"Loaded in {time.monotonic() - started:.0f} s.", flush=True)
    marker.write_text(done.stdout, encoding="utf-8")
    return done.stdout


def wait_until_ready(address: str, children: dict[str, subprocess.Popen[bytes]]) -> None:
    """Returns when /readyz says yes; leaves with a sentence when a process ends or time runs out."""
    last = "no answer yet"
    give_up = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < give_up:
        for name, child in children.items():
            if child.poll() is not None:
                raise SystemExit(
                    f"The {name} process ended at once (exit {child.returncode}); its message stands above."
                )
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=5):  # noqa: S310  our own loopback address
                return
        except urllib.error.HTTPError as error:
            last = error.read(2000).decode("utf-8", "replace")
        except OSError as error:
            last = str(error)
        time.sleep(0.2)
    raise SystemExit(f"The site was not ready after {READY_WITHIN_S} s: {last}")


def stop(children: dict[str, subprocess.Popen[bytes]]) -> None:
    """Ends both with their whole process groups: politely, and after a while not."""
    for child in children.values():
        _signal_group(child, signal.SIGTERM)
    give_up = time.monotonic() + STOP_WITHIN_S
    for child in children.values():
        try:
            child.wait(max(0.1, give_up - time.monotonic()))
        except subprocess.TimeoutExpired:
            _signal_group(child, signal.SIGKILL)
            child.wait()


def _signal_group(child: subprocess.Popen[bytes], which: signal.Signals) -> None:
    if child.poll() is None:
        os.killpg(child.pid, which)


def _interrupted(_signal: int, _frame: FrameType | None) -> None:
    raise Stopped


def main() -> None:
    """Starts all, prints where it is, waits."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--size", default="small", choices=("small", "medium", "large"))
    options = parser.parse_args()
    free_or_exit(options.port)
    data_dir = Path(os.environ.get("KEKU_DATA_DIR", "./var"))
    data_dir = data_dir if data_dir.is_absolute() else ROOT / data_dir
    data_dir.mkdir(parents=True, exist_ok=True)

    for which in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(which, _interrupted)
    children: dict[str, subprocess.Popen[bytes]] = {}
    try:
        if subprocess.run(flask("db", "upgrade"), cwd=ROOT, check=False).returncode:
            raise SystemExit("The database could not be brought up to date; the reason stands above.")
        said = load_once(data_dir, options.size)
        for name, arguments in {"web": ["serve", "--port", str(options.port)], "worker": ["worker"]}.items():
            # Own groups: Ctrl-C reaches this script alone, which then stops both in order.
            children[name] = subprocess.Popen(flask(*arguments), cwd=ROOT, start_new_session=True)
        address = f"http://{HOST}:{options.port}"
        wait_until_ready(address, children)
        print(f"\n{said.strip()}\n\nKeku is ready: {address}   (Ctrl-C stops it)\n", flush=True)
        while all(child.poll() is None for child in children.values()):
            time.sleep(0.5)
        ended = next(name for name, child in children.items() if child.poll() is not None)
        raise SystemExit(f"The {ended} process ended (exit {children[ended].returncode}).")
    except Stopped:
        print("\nStopping …", flush=True)
    finally:
        stop(children)


if __name__ == "__main__":
    main()
