"""What nobody needs any more leaves the store: uploads that were never finished, results and files that no row names."""

from __future__ import annotations

import datetime as dt
import shutil
import uuid as uuidlib
from collections.abc import Set
from pathlib import Path
from typing import Any

from sqlalchemy import select

from courseware.core import clock
from courseware.core.database import session
from courseware.core.unit_of_work import unit_of_work
from courseware.jobs import registry
from courseware.jobs import services as jobs
from courseware.jobs.models import Job
from courseware.jobs.registry import JobRun
from courseware.resources import orphans, uploads
from courseware.resources.jobs.work import FOLDERS, prefix_of, run_name
from courseware.resources.models import Asset, Leftover, Rendition, RightsEvidence, Upload
from courseware.resources.orphans import Count, keeps
from courseware.resources.storage import place, store, work_folder
from media.stores.interface import ObjectInfo

KEEP = orphans.NOTICE  # whoever watches an older run now has finished by then
SWEEP, DAY = "store.sweep", dt.timedelta(days=1)
LIVE = ("queued", "running")
AT_ONCE = 200


# --- who names what


@keeps("assets")
def _named_files(keys: Set[str]) -> set[str]:
    """Files of the library, in whatever version and however withdrawn, and those of uploads under way."""
    arriving = select(Upload.store_key).where(Upload.store_key.in_(keys), Upload.state.in_(uploads.OPEN))
    return {*session().scalars(select(Asset.store_key).where(Asset.store_key.in_(keys))), *session().scalars(arriving)}


@keeps("evidence")
def _named_evidence(keys: Set[str]) -> set[str]:
    return set(session().scalars(select(RightsEvidence.store_key).where(RightsEvidence.store_key.in_(keys))))


def _named_runs(prefixes: Set[str]) -> set[str]:
    """Runs that a result names, and every run of a file that is being worked on or waits for it."""
    named = set(session().scalars(select(Rendition.store_key).where(Rendition.store_key.in_(prefixes))))
    asset_of_job = Job.payload["asset"].as_string()
    working = select(asset_of_job).where(asset_of_job.in_({_asset_in(p) for p in prefixes}), Job.state.in_(LIVE))
    busy = set(session().scalars(working))
    return named | {prefix for prefix in prefixes if _asset_in(prefix) in busy}


for _folder in FOLDERS:
    keeps(_folder, depth=3)(_named_runs)


def _asset_in(prefix: str) -> str:
    return prefix.split("/")[1]


# --- what leaves


@registry.every(dt.timedelta(hours=1))
def sweep_uploads() -> None:
    """Drops uploads that nobody finished within three days, with their parts."""
    with unit_of_work():
        uploads.sweep()


def leave(prefix: str, keep: dt.timedelta = KEEP) -> None:
    """Everything below `prefix` is to leave the store after a while; written with the change that makes it useless."""
    known = session().scalar(select(Leftover).where(Leftover.prefix == prefix))
    if known is None:
        session().add(Leftover(prefix=prefix, remove_after=clock.now() + keep))


def leave_unnamed(asset: Asset, job: Job) -> None:
    """What a job made that ended badly; a retry begins with its finished steps, and so calls it back."""
    for folder in FOLDERS:
        leave(prefix_of(folder, asset.uuid, run_name(str(job.uuid), job.life)))


@registry.every(dt.timedelta(hours=1))
def sweep_leftovers() -> None:
    """Removes what is due from the store."""
    remove_leftovers()


def remove_leftovers(now: dt.datetime | None = None) -> Count:
    """Removes what is due at `now` from the store; returns what left. What is named again by then stays.

    While the library moves to another store nothing is removed.
    """
    removed = Count()
    while not place().other and (due := _due(now or clock.now())):
        for row_id, unit in due:
            if not _is_named(unit):
                _remove(unit, (now or orphans.real_now()) - orphans.GRACE, removed)
            with unit_of_work() as own:
                own.delete(own.get_one(Leftover, row_id))
    return removed


def _due(now: dt.datetime) -> list[tuple[int, str]]:
    query = select(Leftover).where(Leftover.remove_after <= now).order_by(Leftover.id).limit(AT_ONCE)
    found = [(row.id, row.prefix) for row in session().scalars(query)]
    session().rollback()
    return found


def _is_named(unit: str) -> bool:
    named = orphans.is_named(unit)
    session().rollback()
    return named


def _remove(unit: str, before: dt.datetime, removed: Count) -> None:
    if unit.partition("/")[0] in FOLDERS:
        _forget_steps(unit)
        gone = list(store().list(f"{unit}/"))
    else:  # the same bytes may have come again since it was noted, and their row may be on the way
        gone = [info for info in _file(unit) if info.modified_at < before]
    for info in gone:
        store().delete(info.key)
        removed.add(info)


def _file(key: str) -> list[ObjectInfo]:
    return [info for info in store().list(key) if info.key == key]


def _forget_steps(prefix: str) -> None:
    """A job that counted on what is removed begins from nothing when it is asked for again."""
    with unit_of_work():
        job = _job_of(prefix)
        if job is not None and job.steps:
            job.steps.clear()
            job.life += 1


def _job_of(prefix: str) -> Job | None:
    asset_uuid, name = prefix.split("/")[1:3]
    found = session().scalars(select(Job).where(Job.payload["asset"].as_string() == asset_uuid))
    return next((job for job in found if run_name(str(job.uuid), job.life) == name), None)


# --- once a day: everything is looked at


@registry.every(dt.timedelta(hours=1))
def ask_for_sweep() -> None:
    """One look a day, however often workers start and however many there are."""
    with unit_of_work():
        job = jobs.enqueue(SWEEP, SWEEP, {}, priority=9)
        if job.state == "done" and job.ended_at is not None and job.ended_at < clock.now() - DAY:
            jobs.requeue(job)


@registry.handler(SWEEP)
def sweep_store(run: JobRun) -> dict[str, Any]:
    """Notes what nothing names, to be removed a day later, and clears what killed processes wrote halfway."""
    if place().other:
        return {"skipped": orphans.LibraryMoves.code}
    found = run.step("look", lambda: orphans.note().plain())
    return {**found, "halves": run.step("halves", clear_halves)}


def clear_halves(now: dt.datetime | None = None) -> int:
    """Removes half-written files of killed processes from the store and the work folder, a day old; returns bytes."""
    before = (now or orphans.real_now()) - DAY
    return store().clear_halves(before) + sum(_clear(folder) for folder in _old_work(before))


def _old_work(before: dt.datetime) -> list[Path]:
    """Work folders nobody wrote into for a day, and whose job is not at work."""
    passing = work_folder("passing")
    folders = [path for path in (*passing.parent.iterdir(), *passing.iterdir()) if path.is_dir() and path != passing]
    busy = {str(uuid) for uuid in session().scalars(select(Job.uuid).where(Job.state.in_(LIVE)))}
    session().rollback()
    return [path for path in folders if path.name not in busy and _is_ours(path) and _written(path) < before]


def _is_ours(path: Path) -> bool:
    if path.name.startswith("check-"):
        return True
    try:
        return str(uuidlib.UUID(path.name)) == path.name
    except ValueError:
        return False


def _written(folder: Path) -> dt.datetime:
    newest = max(path.stat().st_mtime for path in (folder, *folder.rglob("*")) if path.exists())
    return dt.datetime.fromtimestamp(newest, dt.UTC)


def _clear(folder: Path) -> int:
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    shutil.rmtree(folder, ignore_errors=True)
    return size
