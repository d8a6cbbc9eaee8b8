"""Asking for work after commit: outbox entries and durable jobs."""

from __future__ import annotations

import uuid as uuidlib
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from courseware.auditlog import services as auditlog
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import Conflict, NotFound
from courseware.core.roles import Actor
from courseware.jobs.models import Job, OutboxEntry


def tell(topic: str, kind: str, key: object) -> None:
    """Writes an outbox entry in the transaction of the change itself."""
    session().add(OutboxEntry(topic=topic, kind=kind, key=str(key)))


def enqueue(kind: str, key: str, payload: dict[str, Any], *, priority: int = 5) -> Job:
    """Asks for a job, to be seen by the worker after commit; the same `key` twice is the same job.

    A job that failed or was cancelled is queued anew. Lower `priority` goes first: 1 a person waits, 9 whenever.
    """
    db = session()
    job = db.scalar(select(Job).where(Job.key == key))
    if job is None:
        return _insert(Job(uuid=uuidlib.uuid4(), kind=kind, key=key, payload=payload, priority=priority))
    if job.state in ("failed", "cancelled"):
        requeue(job)
    db.flush()
    return job


def _insert(job: Job) -> Job:
    """The job, or the one that somebody asked for under the same key in this very moment."""
    db = session()
    try:
        with db.begin_nested():
            db.add(job)
    except IntegrityError:
        return db.scalars(select(Job).where(Job.key == job.key)).one()
    return job


def requeue(job: Job) -> None:
    """Puts a job that ended back to the start of its life, keeping its key."""
    job.state, job.percent, job.step, job.reason, job.reason_code = "queued", 0, "", "", ""
    job.attempt, job.cancel_requested, job.ended_at, job.run_after = job.attempt + 1, False, None, None


def retry(actor: Actor, job_uuid: uuidlib.UUID) -> Job:
    """A person asks once more; refused while the job is still running."""
    job = job_of(job_uuid)
    if job.state not in ("failed", "cancelled"):
        raise Conflict()
    requeue(job)
    auditlog.record("job.retry", actor, about=job)
    return job


def cancel(actor: Actor, job_uuid: uuidlib.UUID) -> Job:
    """Asks a job to stop; one that waits is cancelled at once."""
    job = job_of(job_uuid)
    if job.state == "queued":
        job.state, job.ended_at = "cancelled", clock.now()
    else:
        job.cancel_requested = True
    auditlog.record("job.cancel", actor, about=job)
    return job


def job_of(job_uuid: uuidlib.UUID) -> Job:
    """The job with this uuid; raises NotFound."""
    job = session().scalar(select(Job).where(Job.uuid == job_uuid))
    if job is None:
        raise NotFound()
    return job
