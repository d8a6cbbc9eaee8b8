"""Asking for work after commit: outbox entries and durable jobs."""

from __future__ import annotations

import uuid as uuidlib
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from courseware.auditlog import services as auditlog
from courseware.core import clock
from courseware.core.database import db, session
from courseware.core.errors import Conflict, NotFound
from courseware.core.roles import Actor
from courseware.jobs.models import Job, OutboxEntry
from courseware.jobs.runner import tell_end

SOON = 1  # the priority of what a person waits for


def tell(topic: str, kind: str, key: object) -> None:
    """Writes an outbox entry in the transaction of the change itself."""
    session().add(OutboxEntry(topic=topic, kind=kind, key=str(key)))


def enqueue(kind: str, key: str, payload: dict[str, Any], *, priority: int = 5) -> Job:
    """Asks for a job, to be seen by the worker after commit; the same `key` twice is the same job.

    A job that failed or was cancelled is queued anew. Lower `priority` goes first: 1 a person waits, 9 whenever.
    """
    job = session().scalar(select(Job).where(Job.key == key))
    if job is None:
        return _insert(Job(uuid=uuidlib.uuid4(), kind=kind, key=key, payload=payload, priority=priority))
    if job.state in ("failed", "cancelled"):
        requeue(job)
    session().flush()
    return job


def _insert(job: Job) -> Job:
    """The job, or the one that somebody asked for under the same key in this very moment."""
    try:
        with session().begin_nested():
            session().add(job)
    except IntegrityError:
        return session().scalars(select(Job).where(Job.key == job.key)).one()
    return job


def requeue(job: Job) -> None:
    """Asks anew for a job that ended, keeping its key: one that failed goes on at its first unfinished step, one that was
    done begins a new life."""
    if job.state == "done":
        job.steps.clear()
        job.life += 1
    job.state, job.percent, job.step, job.reason, job.reason_code = "queued", 0, "", "", ""
    job.attempt, job.cancel_requested, job.ended_at, job.run_after = job.attempt + 1, False, None, None
    job.losses = job.errors = 0


def retry(actor: Actor, job_uuid: uuidlib.UUID, step: str = "") -> Job:
    """A person asks once more; with `step`, that step and those after it are done again, also of a job that is done.

    Raises Conflict while the job waits or runs, NotFound for a step it does not have.
    """
    job = job_of(job_uuid)
    if job.state not in ("failed", "cancelled", *(("done",) if step else ())):
        raise Conflict()
    if step:
        _forget_from(job, step)
    requeue(job)
    job.priority = min(job.priority, SOON)
    auditlog.record("job.retry", actor, about=job, details={"step": step} if step else None)
    return job


def _forget_from(job: Job, step: str) -> None:
    names = [done.name for done in job.steps]
    if step not in names:
        raise NotFound()
    del job.steps[names.index(step) :]
    job.state = "failed" if job.state == "done" else job.state


def hurry(key: str) -> bool:
    """Somebody looks at what the job with this key will make: it goes before those nobody waits for. Whether it did.

    Pages call it while they are read, so it writes in a transaction of its own, unless this one writes already.
    """
    waiting = (Job.key == key, Job.state == "queued", Job.priority > SOON)
    if session().scalar(select(Job.id).where(*waiting)) is None:
        return False
    change = update(Job).where(*waiting).values(priority=SOON)
    if session().connection().get_execution_options().get("writes"):
        return _changed(session().execute(change))
    with Session(db.engine) as own:
        own.connection(execution_options={"writes": True})
        has_changed = _changed(own.execute(change))
        own.commit()
    return has_changed


def _changed(result: Any) -> bool:
    return bool(result.rowcount)


def cancel(actor: Actor, job_uuid: uuidlib.UUID) -> Job:
    """Asks a job to stop; one that waits is cancelled at once."""
    job = job_of(job_uuid)
    if job.state == "queued":
        job.state, job.ended_at = "cancelled", clock.now()
        tell_end(job)
    elif job.state == "running":
        job.cancel_requested = True
    auditlog.record("job.cancel", actor, about=job)
    return job


def job_of(job_uuid: uuidlib.UUID) -> Job:
    """The job with this uuid; raises NotFound."""
    job = session().scalar(select(Job).where(Job.uuid == job_uuid))
    if job is None:
        raise NotFound()
    return job
