"""How work stands: for the admin page, /readyz and tests."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import selectinload

from courseware.core import clock
from courseware.core.database import session
from courseware.jobs.models import Job, OutboxEntry, WorkerBeat


@dataclass(frozen=True, slots=True)
class WorkState:
    """Seconds since a worker was heard of (None: never), seconds the oldest open outbox entry waits, jobs by state."""

    worker_silent_s: float | None
    outbox_lag_s: float
    jobs: dict[str, int]


def work_state(topic: str = "search") -> WorkState:
    """The state of worker, outbox and jobs now."""
    db, now = session(), clock.now()
    beat = db.scalar(select(func.max(WorkerBeat.at)))
    oldest = db.scalar(
        select(func.min(OutboxEntry.created_at)).where(OutboxEntry.topic == topic, OutboxEntry.done_at.is_(None))
    )
    counts = db.execute(select(Job.state, func.count()).group_by(Job.state))
    return WorkState(_age(now, beat), _age(now, oldest) or 0.0, {str(state): int(count) for state, count in counts})


def recent_jobs(limit: int = 100) -> list[Job]:
    """The newest jobs, unfinished ones first."""
    unfinished = Job.state.in_(("queued", "running")).desc()
    query = select(Job).options(selectinload(Job.steps)).order_by(unfinished, Job.id.desc())
    return list(session().scalars(query.limit(limit)))


def is_due() -> ColumnElement[bool]:
    """The condition that a job waits and may be begun now."""
    return and_(Job.state == "queued", or_(Job.run_after.is_(None), Job.run_after <= clock.now()))


def _age(now: dt.datetime, moment: dt.datetime | None) -> float | None:
    return None if moment is None else max(0.0, (now - moment).total_seconds())
