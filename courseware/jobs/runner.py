"""Doing one job: claim it, run its handler, say truthfully how it ended.

Used by the worker (durable, through the engine) and by commands that wait (`run_here`). Whoever works on a job holds its
number `attempt`; what is written about a job is written by the holder of the newest one and by nobody else.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from threading import Event, Thread
from time import sleep
from typing import Any, TypeVar

import structlog
from flask_babel import force_locale
from sqlalchemy import CursorResult, select, update
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from courseware.core import clock
from courseware.core.database import db
from courseware.core.errors import NoRoom, is_disk_full
from courseware.core.unit_of_work import unit_of_work
from courseware.jobs.models import Job
from courseware.jobs.registry import JobCancelled, JobLost, JobYielded, handlers, traits_of
from courseware.jobs.steps import StepMemory

T = TypeVar("T")
log = structlog.get_logger()

BEAT_S = 10.0
MAX_ATTEMPTS = 3  # of an error nobody foresaw
MAX_PASSING = 6  # of something that may pass by itself: a store that does not answer
RETRY_AFTER = dt.timedelta(seconds=10)
RETRY_GROWS = 3
END_PAUSE_S, END_TRIES = 5.0, 720  # an hour
REASON_LOCALE = "en"  # kept once in English with its code and values; pages translate by code
UNEXPECTED = "An unexpected error; the log has the details."
HIDDEN_PARAMS = ("detail",)


class Run:
    """A JobRun in this process. Finished steps are remembered in the database (`StepMemory`)."""

    def __init__(self, job: Job) -> None:
        self.payload: dict[str, Any] = dict(job.payload)
        self.job_uuid = str(job.uuid)
        self.id, self.kind, self.key, self.attempt, self.life = job.id, job.kind, job.key, job.attempt, job.life
        self._memory = StepMemory(job.id, job.attempt, keeps=traits_of(job.kind).keeps_steps)
        self._span: tuple[float, float] | None = None

    def step(self, name: str, work: Callable[[], T], span: tuple[float, float] | None = None) -> T:
        """Runs `work`, or gives what it gave when it was done before."""
        self._span = span
        self._write(step=name, **({"percent": int(span[0])} if span else {}))
        return self._memory.remember(name, work)

    def progress(self, percent: float, text: str) -> None:
        """Writes percentage, text and heartbeat in a transaction of its own. Raises JobLost."""
        self._write(percent=_whole(percent), step=text)

    def step_progress(self, percent: float) -> None:
        """Writes how far the step is, and the job by it. Raises JobLost."""
        start, end = self._span or (0.0, 100.0)
        self._write(percent=_whole(start + (end - start) * percent / 100))
        self._memory.tell(_whole(percent))

    def cancelled(self) -> bool:
        """Reads the flag afresh. Raises JobLost."""
        with Session(db.engine) as own:
            row = own.execute(self._mine(select(Job.cancel_requested))).one_or_none()
        if row is None:
            raise JobLost()
        return bool(row[0])

    def confirm(self) -> None:
        """Raises JobLost when another worker has the job."""
        self.cancelled()

    def give_way(self, priority: int | None = None) -> None:
        """Nobody waits for a job that is done here and now."""

    def _mine(self, query: Any) -> Any:
        return query.where(Job.id == self.id, Job.attempt == self.attempt, Job.state == "running")

    def _write(self, **values: Any) -> None:
        with Session(db.engine) as own:
            own.connection(execution_options={"writes": True})
            told: CursorResult[Any] = own.execute(  # type: ignore[assignment]
                self._mine(update(Job)).values(heartbeat_at=clock.now(), **values)
            )
            own.commit()
        if not told.rowcount:
            raise JobLost()


def _whole(percent: float) -> int:
    return max(0, min(100, int(percent)))


def claim(job_id: int, worker: str) -> bool:
    """Takes a queued job for this worker; False when another was faster."""
    now = clock.now()
    with Session(db.engine) as own:
        own.connection(execution_options={"writes": True})
        taken: CursorResult[Any] = own.execute(  # type: ignore[assignment]
            update(Job)
            .where(Job.id == job_id, Job.state == "queued")
            .values(state="running", worker=worker, started_at=now, heartbeat_at=now, reason_code="", reason="")
        )
        own.commit()
        return bool(taken.rowcount)


def perform(run: Run) -> None:
    """Runs the handler and writes how it ended; never raises for a failed job.

    The caller holds no transaction: a handler lasts long, and would read yesterday's state.
    """
    try:
        result = handlers[run.kind](run)
    except JobLost:
        db.session.rollback()
        log.warning("job_lost", kind=run.kind, key=run.key, attempt=run.attempt)
    except JobYielded:
        _end(run, state="queued", attempt=run.attempt + 1, ended_at=None)
    except JobCancelled:
        _end(run, state="cancelled", step="")
    except Exception as problem:  # the worker goes on whatever a handler does
        _failed(run, problem)
    else:
        _end(run, state="done", percent=100, step="", result=result)


def run_here(job: Job) -> Job:
    """Does a queued job in this process and waits for it; returns the job as it ended."""
    run = Run(job)
    db.session.commit()
    if claim(run.id, "here"):
        with _heard_of(run):
            perform(run)
    db.session.refresh(job)
    return job


@contextmanager
def _heard_of(run: Run) -> Iterator[None]:
    """Says that the job is alive while it is done outside of a worker, or a worker would take it over."""
    engine, over = db.engine, Event()

    def beat() -> None:
        while not over.wait(BEAT_S):
            with suppress(SQLAlchemyError), Session(engine) as own:  # the next beat may come through
                own.connection(execution_options={"writes": True})
                own.execute(run._mine(update(Job)).values(heartbeat_at=clock.now()))
                own.commit()

    heart = Thread(target=beat, daemon=True)
    heart.start()
    try:
        yield
    finally:
        over.set()
        heart.join()


def _failed(run: Run, problem: Exception) -> None:
    """A refusal ends the job; what may pass by itself is tried again after a pause that grows."""
    if is_disk_full(problem):
        problem = NoRoom()
    code = getattr(problem, "code", "")
    detail = str(getattr(problem, "params", {}).get("detail", ""))[-500:]
    log.warning(
        "job_failed", kind=run.kind, key=run.key, code=code, problem=repr(problem), detail=detail, exc_info=not code
    )
    told = {"reason_code": code or "unexpected", "reason": _reason(problem, code), "reason_params": _params(problem)}
    passing = bool(getattr(problem, "is_passing", False))
    most = MAX_PASSING if passing else 1 if code else MAX_ATTEMPTS
    errors = _errors_so_far(run) + 1
    if errors < most:
        pause = RETRY_AFTER * (RETRY_GROWS ** (errors - 1) if passing else 1)
        due = {"run_after": clock.now() + pause, "ended_at": None, "attempt": run.attempt + 1}
        _end(run, state="queued", errors=errors, **due, **told)
        return
    _end(run, state="failed", errors=errors, **told)


def _errors_so_far(run: Run) -> int:
    with Session(db.engine) as own:
        return own.scalar(select(Job.errors).where(Job.id == run.id)) or 0


def _reason(problem: Exception, code: str) -> str:
    with force_locale(REASON_LOCALE):
        return (str(problem) if code else UNEXPECTED)[:500]


def _params(problem: Exception) -> dict[str, Any]:
    given = getattr(problem, "params", {})
    if not isinstance(given, Mapping):
        return {}
    kept = {name: value for name, value in given.items() if name not in HIDDEN_PARAMS}
    return {str(name): value if isinstance(value, int | float) else str(value)[:200] for name, value in kept.items()}


def _end(run: Run, **values: Any) -> None:
    """Writes how the turn ended. A database that is away or has no room is waited for: a job must not seem to run for ever
    because nobody could write down that it is over."""
    for _try in range(END_TRIES):
        try:
            _write_end(run, **values)
        except OperationalError as problem:
            log.error("job_end_not_written", kind=run.kind, key=run.key, problem=str(problem.orig))
            sleep(END_PAUSE_S)
        else:
            return
    _write_end(run, **values)


def _write_end(run: Run, **values: Any) -> None:
    """Writes it, unless another worker has the job by now; tells the subject in the same transaction."""
    db.session.rollback()
    with unit_of_work() as own:
        job = own.scalar(run._mine(select(Job)).with_for_update().execution_options(populate_existing=True))
        if job is None:
            log.warning("job_lost", kind=run.kind, key=run.key, attempt=run.attempt)
            return
        for name, value in {"ended_at": clock.now(), "heartbeat_at": clock.now(), **values}.items():
            setattr(job, name, value)
        tell_end(job)


def tell_end(job: Job) -> None:
    """Lets the subject of a job that failed or was cancelled for good hear of it, within this transaction."""
    ended = traits_of(job.kind).ended
    if ended is not None and job.state in ("failed", "cancelled"):
        ended(job)
