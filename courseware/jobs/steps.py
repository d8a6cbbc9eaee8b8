"""Steps of a job that are remembered: in our own table, so that any worker can go on where another ended."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from courseware.core import clock
from courseware.core.database import db
from courseware.jobs.models import JobStep
from courseware.jobs.registry import JobCancelled, JobLost, JobYielded

T = TypeVar("T")


class StepMemory:
    """What one job has done so far. With `keeps`, steps of earlier attempts count; else those of this attempt only.

    It writes in transactions of its own: what a step did is committed before the step counts as done.
    """

    def __init__(self, job_id: int, attempt: int, *, keeps: bool) -> None:
        self._job_id, self._attempt, self._keeps = job_id, attempt, keeps
        self._name = ""

    def remember(self, name: str, work: Callable[[], T]) -> T:
        """The result of `work`, which runs only when the step was never done."""
        self._name = name
        is_done, result = self._known(name)
        if is_done:
            return result
        began = time.monotonic()
        self._put(name, state="running", percent=0, attempt=self._attempt, started_at=clock.now(), result=None)
        try:
            made = work()
        except (JobLost, JobYielded):
            raise
        except Exception as problem:
            stopped = isinstance(problem, JobCancelled) or getattr(problem, "code", "") == "cancelled"
            self._put(name, state="cancelled" if stopped else "failed", seconds=_since(began))
            raise
        self._put(name, state="done", percent=100, seconds=_since(began), result=made)
        return made

    def tell(self, percent: int) -> None:
        """How far the step is that runs now."""
        self._put(self._name, percent=percent)

    def _known(self, name: str) -> tuple[bool, Any]:
        query = select(JobStep.state, JobStep.attempt, JobStep.result)
        with Session(db.engine) as own:
            row = own.execute(query.where(JobStep.job_id == self._job_id, JobStep.name == name)).one_or_none()
        if row is None or row.state != "done" or not (self._keeps or row.attempt == self._attempt):
            return False, None
        return True, row.result

    def _put(self, name: str, **values: Any) -> None:
        where = (JobStep.job_id == self._job_id, JobStep.name == name)
        with Session(db.engine) as own:
            own.connection(execution_options={"writes": True})
            told = own.execute(update(JobStep).where(*where).values(**values))
            if not told.rowcount and "started_at" in values:  # type: ignore[attr-defined]
                own.add(JobStep(job_id=self._job_id, name=name, **values))
            own.commit()


def _since(began: float) -> float:
    return round(time.monotonic() - began, 3)
