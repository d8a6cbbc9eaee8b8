"""What nobody needs any more leaves the store: uploads that were never finished, results that no row names."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select

from courseware.core import clock
from courseware.core.database import session
from courseware.core.unit_of_work import unit_of_work
from courseware.jobs import registry
from courseware.jobs.models import Job
from courseware.resources import uploads
from courseware.resources.jobs.work import FOLDERS, prefix_of, run_name
from courseware.resources.models import Asset, Leftover, Rendition
from courseware.resources.storage import store

KEEP = dt.timedelta(hours=24)  # whoever watches an older run now has finished by then
AT_ONCE = 50


@registry.every(dt.timedelta(hours=1))
def sweep_uploads() -> None:
    """Drops uploads that nobody finished within a day, with their parts."""
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


def remove_leftovers(now: dt.datetime | None = None) -> int:
    """Removes from the store what is due at `now`; returns how many prefixes. One that is named again by then stays."""
    due = select(Leftover).where(Leftover.remove_after <= (now or clock.now())).order_by(Leftover.id).limit(AT_ONCE)
    found = [(row.id, row.prefix) for row in session().scalars(due)]
    session().rollback()
    for row_id, prefix in found:
        if not _is_named(prefix):
            _remove(prefix)
        with unit_of_work() as own:
            own.delete(own.get_one(Leftover, row_id))
    return len(found)


def _is_named(prefix: str) -> bool:
    """Whether a result names the prefix, or a job that waits or runs is going to."""
    named = session().scalar(select(Rendition.id).where(Rendition.store_key == prefix).limit(1)) is not None
    job = None if named else _job_of(prefix)
    used = named or (job is not None and job.state in ("queued", "running"))
    session().rollback()
    return used


def _remove(prefix: str) -> None:
    """A job that counted on what is removed begins from nothing when it is asked for again."""
    with unit_of_work():
        job = _job_of(prefix)
        if job is not None and job.steps:
            job.steps.clear()
            job.life += 1
    for info in list(store().list(f"{prefix}/")):
        store().delete(info.key)


def _job_of(prefix: str) -> Job | None:
    asset_uuid, name = prefix.split("/")[1:3]
    jobs = session().scalars(select(Job).where(Job.payload["asset"].as_string() == asset_uuid))
    return next((job for job in jobs if run_name(str(job.uuid), job.life) == name), None)
