"""Reading the file of a snapshot, and changing it as somebody would who wants other figures."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from courseware.monitoring.indicators import registry
from courseware.monitoring.snapshots import document, signing
from courseware.monitoring.snapshots.checking import Report, check

Lines = list[dict[str, Any]]


def checked(file: bytes, key: str = "") -> Report:
    return check(io.BytesIO(file), [key] if key else ())


def changed(file: bytes, change: Callable[[Lines], object]) -> bytes:
    """The file with its lines changed and nothing else mended."""
    lines = [json.loads(line) for line in gzip.decompress(file).splitlines()]
    change(lines)
    return gzip.compress(b"".join(document._json(line) for line in lines))


def group(lines: Lines, name: str) -> list[Any]:
    found: list[Any] = next(line["items"] for line in lines if line.get("group") == name)
    return found


def forged(frozen: bytes, folder: Path) -> bytes:
    """One use less, counted anew, and signed by a key of the forger's own: all in it agrees."""
    found, out = document.read(io.BytesIO(frozen)), io.BytesIO()
    facts = replace(found.facts, uses=found.facts.uses[1:])
    about = {"library": found.head["library"], "previous": found.head["previous"]}
    document.write(out, facts, registry.count_all(facts), about, signing.signing_key(folder))
    return out.getvalue()
