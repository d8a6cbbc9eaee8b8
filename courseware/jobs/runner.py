"""Doing one job: claim it, run its handler, say truthfully how it ended.

Used by the worker (durable, through the engine) and by commands that wait (`run_here`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, TypeVar

import structlog
from flask_babel import force_locale
from sqlalchemy import CursorResult, update
from sqlalchemy.orm import Session

from courseware.core import clock
from courseware.core.database import db
from courseware.jobs.models import Job
from courseware.jobs.registry import JobCancelled, handlers

T = TypeVar("T")
log = structlog.get_logger()

MAX_ATTEMPTS = 3
RETRY_AFTER = dt.timedelta(seconds=10)
REASON_LOCALE = "en"  # kept once in English with its code; pages translate by code


class Run:
    """A JobRun that keeps no memory of finished steps."""

    def __init__(self, job: Job) -> None:
        self.payload: dict[str, Any] = dict(job.payload)
        self.job_uuid = str(job.uuid)
        self.id, self.kind, self.key, self.attempt = job.id, job.kind, job.key, job.attempt

    def step(self, name: str, work: Callable[[], T]) -> T:
        """Runs `work`."""
        self._write(step=name)
        return work()

    def progress(self, percent: float, text: str) -> None:
        """Writes percentage, text and heartbeat in a transaction of its own."""
        self._write(percent=max(0, min(100, int(percent))), step=text)

    def cancelled(self) -> bool:
        """Reads the flag afresh."""
        with Session(db.engine) as own:
            job = own.get(Job, self.id)
            return job is not None and job.cancel_requested

    def _write(self, **values: Any) -> None:
        with Session(db.engine) as own:
            own.connection(execution_options={"writes": True})
            own.execute(update(Job).where(Job.id == self.id).values(heartbeat_at=clock.now(), **values))
            own.commit()


def claim(job_id: int, worker: str) -> bool:
    """Takes a queued job for this worker; False when another was faster."""
    with Session(db.engine) as own:
        own.connection(execution_options={"writes": True})
        taken: CursorResult[Any] = own.execute(  # type: ignore[assignment]
            update(Job)
            .where(Job.id == job_id, Job.state == "queued")
            .values(state="running", worker=worker, started_at=clock.now(), heartbeat_at=clock.now())
        )
        own.commit()
        return bool(taken.rowcount)


def perform(run: Run) -> None:
    """Runs the handler and writes how it ended; never raises for a failed job.

    The caller holds no transaction: a handler lasts long, and would read yesterday's state.
    """
    try:
        result = handlers[run.kind](run)
    except JobCancelled:
        _end(run.id, state="cancelled")
    except Exception as problem:  # the worker goes on whatever a handler does
        _failed(run, problem)
    else:
        _end(run.id, state="done", percent=100, step="", result=result)


def run_here(job: Job) -> Job:
    """Does a queued job in this process and waits for it; returns the job as it ended."""
    run = Run(job)
    db.session.commit()
    if claim(run.id, "here"):
        perform(run)
    db.session.refresh(job)
    return job


def _failed(run: Run, problem: Exception) -> None:
    code = getattr(problem, "code", "")
    log.warning("job_failed", kind=run.kind, key=run.key, code=code, problem=repr(problem), exc_info=not code)
    if not code and run.attempt + 1 < MAX_ATTEMPTS:
        _end(
            run.id,
            state="queued",
            attempt=run.attempt + 1,
            run_after=clock.now() + RETRY_AFTER,
            ended_at=None,
        )
        return
    with force_locale(REASON_LOCALE):
        reason = str(problem) if code else "An unexpected error; the log has the details."
    _end(run.id, state="failed", reason_code=code or "unexpected", reason=reason[:500])


def _end(job_id: int, **values: Any) -> None:
    db.session.rollback()
    with Session(db.engine) as own:
        own.connection(execution_options={"writes": True})
        own.execute(
            update(Job)
            .where(Job.id == job_id)
            .values(**{"ended_at": clock.now(), "heartbeat_at": clock.now(), **values})
        )
        own.commit()
