"""One run over one file: where its source, results and keys are, and the rows that say what was made."""

from __future__ import annotations

import shutil
import uuid as uuidlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from courseware.core.database import session
from courseware.jobs.models import Job
from courseware.jobs.registry import JobRun
from courseware.resources.models import Asset, Rendition
from courseware.resources.storage import store, work_folder
from media.sniff import FileKind, sniff
from media.stores import pull_object, push_folder

RUNG_RESERVE = 2  # free space beside the fetched file, in sizes of it
THUMBNAIL = "thumbnail.webp"
DOCUMENTS = ("pdf", "presentation", "document", "sheet", "text", "captions")
FOLDERS = ("hls", "pictures", "sound", "pages", "simulation", "pieces")


@dataclass(slots=True)
class Work:
    """One run over one file."""

    run: JobRun
    asset_uuid: uuidlib.UUID
    store_key: str
    filename: str
    size: int
    folder: Path

    @property
    def name(self) -> str:
        """The name of this run in keys and rows."""
        return run_name(self.run.job_uuid, self.run.life)

    def source(self) -> Path:
        """The file on this machine, fetched when it is not here (another host may have begun the work)."""
        target = self.folder / "source"
        if target.exists() and target.stat().st_size == self.size:
            return target
        return pull_object(store(), self.store_key, target, reserve=RUNG_RESERVE * self.size)

    def kind(self) -> FileKind:
        """What the file truly is."""
        return sniff(self.source(), self.filename)

    def output(self, name: str) -> Path:
        """A folder for results."""
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def prefix(self, folder: str) -> str:
        """Where results go in the store: one of FOLDERS."""
        return prefix_of(folder, self.asset_uuid, self.name)

    def push(self, folder: str, out: Path) -> None:
        """Puts the files of `out` into the store, unless another worker has this job by now."""
        self.run.confirm()
        push_folder(store(), out, self.prefix(folder))


def run_name(job_uuid: str, life: int) -> str:
    """What a life of a job is called in keys: a new life replaces nothing that people look at."""
    name = job_uuid.replace("-", "")[:16]
    return f"{name}-{life}" if life else name


def prefix_of(folder: str, asset_uuid: uuidlib.UUID, name: str) -> str:
    """The prefix of all keys of one kind of result of one run."""
    return f"{folder}/{asset_uuid}/{name}"


@contextmanager
def working(run: JobRun, asset_uuid: uuidlib.UUID) -> Iterator[Work]:
    """The work, with a folder that goes away with the block."""
    folder = work_folder(run.job_uuid)
    asset = asset_of(asset_uuid)
    work = Work(run, asset_uuid, asset.store_key, asset.filename, asset.size, folder)
    session().rollback()
    try:
        yield work
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def asset_of(asset_uuid: uuidlib.UUID) -> Asset:
    """The row of the file."""
    return session().scalars(select(Asset).where(Asset.uuid == asset_uuid)).one()


def asset_of_job(job: Job) -> Asset:
    """The row of the file a job works on."""
    return asset_of(uuidlib.UUID(job.payload["asset"]))


def put_rendition(asset: Asset, work: Work, kind: str, folder: str, facts: dict[str, Any]) -> None:
    """The row of a result; a step done twice leaves one."""
    known = next((r for r in asset.renditions if r.kind == kind and r.run == work.name), None)
    if known is None:
        asset.renditions.append(Rendition(kind=kind, run=work.name, store_key=work.prefix(folder), facts=facts))
    else:
        known.facts = facts


def sized(size: tuple[int, int]) -> dict[str, Any]:
    """Facts of a thumbnail."""
    return {"file": THUMBNAIL, "width": size[0], "height": size[1]}
