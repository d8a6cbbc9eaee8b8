"""The durable engine behind jobs: DBOS workflows on SQLite or PostgreSQL.

Only this module knows DBOS. A turn of a job is one workflow; each step's result is stored, so that a worker killed in the
middle goes on at the first unfinished step when it comes back under the same name. What another worker has to know to
take a job over stands in our own table (`steps.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from dbos import DBOS, DBOSConfig, SetWorkflowID
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from courseware.core.database import db, session
from courseware.core.settings import Settings
from courseware.jobs.models import Job
from courseware.jobs.queries import is_due
from courseware.jobs.registry import JobYielded
from courseware.jobs.runner import Run, perform

T = TypeVar("T")

# One name for all releases: a job begun by yesterday's code is finished by today's.
APPLICATION_VERSION = "keku-jobs-1"


class DurableRun(Run):
    """A JobRun whose turns survive their worker."""

    def step(self, name: str, work: Callable[[], T], span: tuple[float, float] | None = None) -> T:
        """Runs `work` as a durable step; a finished one returns its stored result."""
        return DBOS.run_step({"name": name}, partial(super().step, name, work, span))

    def give_way(self, priority: int | None = None) -> None:
        """Raises JobYielded while a job with more urgency waits."""
        if priority is not None:
            self._write(priority=priority)
        with Session(db.engine) as own:
            more_urgent = Job.priority < select(Job.priority).where(Job.id == self.id).scalar_subquery()
            if own.scalar(select(Job.id).where(is_due(), more_urgent).limit(1)) is not None:
                raise JobYielded()


class Engine:
    """Starts jobs as durable workflows in this process."""

    def __init__(self, app: Flask, settings: Settings, worker: str) -> None:
        config: DBOSConfig = {
            "name": "keku",
            "system_database_url": settings.jobs_url,
            "executor_id": worker,
            "application_version": APPLICATION_VERSION,
            "log_level": "WARNING",
            "enable_otlp": False,
        }
        self._dbos = DBOS(config=config)

        @DBOS.workflow(name="run_job")
        def run_job(job_id: int, attempt: int | None = None) -> None:
            with app.app_context():
                job = session().get(Job, job_id)
                if (
                    job is not None
                    and job.state == "running"
                    and job.worker == worker
                    and attempt in (None, job.attempt)
                ):
                    run = DurableRun(job)
                    session().commit()
                    perform(run)

        self._run_job = run_job

    def launch(self) -> None:
        """Opens the engine; unfinished workflows of this worker's name go on at once."""
        DBOS.launch()

    def start(self, job_id: int, attempt: int) -> Any:
        """Starts the workflow of a claimed job; returns a handle whose get_result() waits."""
        with SetWorkflowID(f"job-{job_id}-{attempt}"):
            return DBOS.start_workflow(self._run_job, job_id, attempt)
