"""The promises of the set-up: a stranger's clone, make and Python, nothing of anybody's own machine."""

from __future__ import annotations

import ast
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.network import ForeignAddress

ROOT = Path(__file__).resolve().parent.parent
TARGETS = {"setup", "demo", "test", "lint", "bench", "lock", "translations", "screenshots", "help"}

# Spelled in parts, so that this file does not find itself.
MACHINE = re.compile(
    "|".join(
        [
            r"(?<![\w.])/" + r"work/(main|shared|\.)",
            r"/" + r"root/(?!\w*\.service)",
            r"(?<![\w-])/home/(?!keku\b)\w+/",
            r"\.\./" + r"shared\b",
            "py" + r"env",
            r"registry\.npm" + "js",
            r"pypi\." + "org",
            r"files\.python" + "hosted",
        ]
    )
)
# Locks are made by tools; data shipped for the demonstration is prose about computers, and may say what it likes.
NOT_PROSE = ("package-lock.json", "requirements.txt", "requirements-dev.txt")


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git clone: nothing tells tracked files from others")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def run_tool(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


def test_make_offers_the_promised_targets() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert set(re.findall(r"^([a-z-]+):", text, re.MULTILINE)) >= TARGETS


def test_make_help_names_every_target_with_what_it_does() -> None:
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert set(re.findall(r"make ([a-z-]+)", listed)) >= TARGETS


def test_ci_runs_lint_and_tests() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    text = script.read_text(encoding="utf-8")
    assert "make lint" in text
    assert "make test" in text
    assert "CI=true" in text
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0


def test_no_tracked_file_knows_the_machine_it_was_written_on() -> None:
    found = []
    for path in tracked_files():
        if path.name in NOT_PROSE:
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        name = path.relative_to(ROOT)
        found += [f"{name}: {match.group()}" for match in MACHINE.finditer(text)]
    assert not found


def test_locks_name_no_place_to_fetch_from() -> None:
    """A lock says what, by hash; from where is the business of who installs."""
    for name in NOT_PROSE:
        text = (ROOT / name).read_text(encoding="utf-8")
        assert not re.search(r"--(extra-)?index-url|\"resolved\": \"http|@ https?:", text), name


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_every_required_package_is_locked_with_hashes(name: str) -> None:
    wanted = re.findall(r"^([A-Za-z0-9_.-]+)", (ROOT / f"{name}.in").read_text(encoding="utf-8"), re.MULTILINE)
    lock = (ROOT / f"{name}.txt").read_text(encoding="utf-8")
    both = lock + (ROOT / "requirements.txt").read_text(encoding="utf-8")
    missing = [each for each in wanted if not each.startswith("-") and not _is_locked(each, both)]
    assert not missing, "run `make lock`"
    pins = re.findall(r"^[a-z0-9_.-]+==.*$", lock, re.MULTILINE)
    assert pins
    assert all(pin.endswith("\\") for pin in pins)


def _is_locked(name: str, lock: str) -> bool:
    plain = re.sub(r"[-_.]+", "-", name).lower()
    return re.search(rf"^{re.escape(plain)}(\[[^\]]*\])?==", lock, re.MULTILINE) is not None


def test_one_package_can_be_picked_from_the_lock() -> None:
    picked = run_tool("tools/pick_requirement.py", "requirements-dev.txt", "uv").stdout
    assert picked.startswith("uv==")
    assert "--hash=sha256:" in picked
    assert len(re.findall(r"^\S", picked, re.MULTILINE)) == 1


def test_a_package_that_is_not_locked_is_named() -> None:
    refused = run_tool("tools/pick_requirement.py", "requirements-dev.txt", "no-such-package")
    assert refused.returncode == 1
    assert "no-such-package is not locked" in refused.stderr


def test_without_python_set_up_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "python3").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "python3").chmod(0o755)
    sh = subprocess.run(
        ["/bin/sh", "tools/find_python.sh"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": str(tmp_path)},
    )
    assert sh.returncode == 1
    assert "Python 3.11 or newer" in sh.stderr
    assert "python3-venv" in sh.stderr


def test_a_finished_set_up_has_nothing_left_to_do() -> None:
    """This run stands on a finished set-up, so asking for it again must be silent, and quick enough to ask always."""
    again = run_tool("tools/bootstrap.py", "python")
    assert again.returncode == 0
    assert again.stderr == ""


def test_demo_says_which_port_is_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = run_tool("tools/demo.py", "--port", str(port))
    assert refused.returncode == 1
    assert f"Port {port} is taken" in refused.stderr


def test_tools_that_run_before_the_environment_need_the_standard_library_only() -> None:
    own = {path.stem for path in (ROOT / "tools").glob("*.py")}
    for name in ("bootstrap", "browser_side", "pick_requirement", "demo", "lint"):
        foreign = _imports(ROOT / "tools" / f"{name}.py") - set(sys.stdlib_module_names) - own
        assert not foreign, name


def test_migrations_import_nothing_of_the_product() -> None:
    """An old migration must still mean what it meant when it was written, whatever the models are today."""
    for path in sorted((ROOT / "migrations" / "versions").glob("*.py")):
        assert not _imports(path) & {"app", "courseware", "search", "media"}, path.name


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def test_a_test_cannot_reach_another_machine() -> None:
    with socket.socket() as attempt, pytest.raises(ForeignAddress):
        attempt.connect(("192.0.2.1", 80))  # TEST-NET-1: no machine has this address
