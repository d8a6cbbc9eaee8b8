"""Processing of a stored file in steps that are done once each; the asset tells the truth at any moment.

Everything made goes under a prefix of this run (`hls/<asset>/<run>/`, …), so that doing a step again replaces its own
files and nobody else's. An asset is processing, ready, or failed with a reason; a recording is ready as soon as it plays.
"""

from __future__ import annotations

import uuid as uuidlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from courseware.core.database import session
from courseware.core.unit_of_work import unit_of_work
from courseware.jobs import registry
from courseware.jobs.models import Job
from courseware.jobs.registry import JobCancelled, JobRun
from courseware.resources.jobs.documents import process_document, process_image, process_package
from courseware.resources.jobs.publishing import finish
from courseware.resources.jobs.recordings import process_recording
from courseware.resources.jobs.sweeping import leave_unnamed
from courseware.resources.jobs.work import DOCUMENTS, Work, asset_of, asset_of_job, working
from media.errors import Cancelled


def note_end(job: Job) -> None:
    """However a job ends, its file says so: with the reason, unless it plays already and goes on playing."""
    asset = asset_of_job(job)
    asset.state = "ready" if asset.rendition("hls") is not None else "failed"
    asset.reason_code = "cancelled" if job.state == "cancelled" else job.reason_code
    asset.reason, asset.reason_params = job.reason, job.reason_params
    leave_unnamed(asset, job)


@registry.handler("media.process", keeps_steps=True, alone=True, ended=note_end)
def process_media(run: JobRun) -> dict[str, Any]:
    """Makes what pages need of the file named in the payload; the asset ends ready or failed with its reason."""
    with _stoppable(), working(run, uuidlib.UUID(run.payload["asset"])) as work:
        kind = _begin(work)
        if kind in ("video", "audio"):
            return process_recording(work)
        if kind == "image":
            return process_image(work)
        if kind == "archive":
            return process_package(work)
        return process_document(work) if kind in DOCUMENTS else finish(work, {})


@contextmanager
def _stoppable() -> Iterator[None]:
    try:
        yield
    except Cancelled as problem:
        raise JobCancelled() from problem


def _begin(work: Work) -> str:
    """Says that work goes on, and what kind of file it is."""
    with unit_of_work():
        asset = asset_of(work.asset_uuid)
        if asset.rendition("hls") is None:
            asset.state = "processing"
        asset.reason_code, asset.reason, asset.reason_params = "", "", {}
        kind = asset.kind
    session().rollback()
    return kind
