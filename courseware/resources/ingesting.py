"""A local file goes the way of an upload, and says how long each step took and what came of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import select

from courseware.core.database import session
from courseware.core.unit_of_work import unit_of_work
from courseware.jobs.models import Job
from courseware.jobs.runner import run_here
from courseware.resources import assets
from courseware.resources.models import Asset, Rendition
from courseware.resources.storage import store

T = TypeVar("T")

FACTS = (
    "sha256", "size", "media_type", "kind", "duration_s", "width", "height", "pages", "gain_db", "state", "reason_code",
    "reason",
)  # fmt: skip


@dataclass(slots=True)
class Ingested:
    """The file as it is kept, and the steps before its job: name and seconds."""

    asset: Asset
    before: list[tuple[str, float]] = field(default_factory=list)


def ingest(file: Path, *, wait: bool) -> Ingested:
    """Gate, store, job; with `wait` the job is done in this process. Raises FileRefused; nothing is kept then."""
    known = assets.find_asset(assets.hash_file(file))
    before: list[tuple[str, float]] = []
    if known is None:
        checked = _timed(before, "gate", lambda: assets.pass_gate(file, file.name))
        _timed(before, "store", lambda: assets.keep(checked, file))
    with unit_of_work():
        if known is None:
            known = assets.register(None, checked, file.name, assets.key_of(checked.sha256), process=False)
        job = assets.process_asset(known, priority=assets.SOON) if known.state != "ready" else None
    if wait and job is not None:
        run_here(job)
    session().refresh(known)
    return Ingested(known, before)


def _timed(noted: list[tuple[str, float]], name: str, work: Callable[[], T]) -> T:
    began = time.monotonic()
    made = work()
    noted.append((name, round(time.monotonic() - began, 3)))
    return made


def report(taken: Ingested) -> dict[str, Any]:
    """Facts of the file, `steps` with seconds, `renditions` with sizes in bytes."""
    asset = taken.asset
    job = session().scalar(select(Job).where(Job.key == assets.job_key(asset)))
    steps = [{"name": name, "state": "done", "seconds": seconds} for name, seconds in taken.before]
    steps += [{"name": s.name, "state": s.state, "seconds": s.seconds} for s in (job.steps if job else [])]
    renditions = [line for rendition in asset.renditions for line in _rendition(rendition)]
    facts = {name: getattr(asset, name) for name in FACTS}
    return {
        "asset": str(asset.uuid),
        **facts,
        "job": job.state if job else None,
        "steps": steps,
        "renditions": renditions,
    }


def _rendition(rendition: Rendition) -> list[dict[str, Any]]:
    if rendition.kind == "hls":
        return [
            {**playlist, "kind": "hls", "track": playlist["kind"]} for playlist in rendition.facts.get("playlists", [])
        ]
    name = rendition.facts.get("file", "")
    size = store().stat(f"{rendition.store_key}/{name}").size if rendition.kind != "simulation" else None
    return [{"kind": rendition.kind, **rendition.facts, "size": size or rendition.facts.get("size")}]


def lines(answer: dict[str, Any]) -> list[str]:
    """The report for people."""
    found = [f"{name}: {value}" for name, value in answer.items() if name not in ("steps", "renditions")]
    found += [f"step {s['name']}: {s['state']}, {s['seconds']} s" for s in answer["steps"]]
    for made in answer["renditions"]:
        size = f" {made['width']}×{made['height']}" if made.get("width") else ""
        found.append(f"{made['kind']} {made.get('name') or made.get('file', '')}{size}, {made['size']} bytes")
    return found
