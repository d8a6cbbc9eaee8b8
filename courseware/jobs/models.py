"""Work after commit: the outbox of changed things, and durable jobs with a state people can read."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from courseware.core.database import Identified, Model, Numbered, Stamped
from courseware.core.types import Json

JOB_STATES = ("queued", "running", "done", "failed", "cancelled")
STEP_STATES = ("running", "done", "failed", "cancelled")


class OutboxEntry(Numbered, Stamped, Model):
    """Something changed; whoever follows (the indexer) reads it after commit. Reading twice does no harm."""

    __tablename__ = "outbox_entry"
    __table_args__ = (Index("ix_outbox_entry_open", "topic", "done_at", "id"),)

    topic: Mapped[str]
    kind: Mapped[str]
    key: Mapped[str]
    done_at: Mapped[dt.datetime | None]


class Job(Identified, Stamped, Model):
    """Long work with a percentage, a heartbeat and, when it failed, a reason in words.

    `key` is the idempotency key: the same work asked for twice is one job. `attempt` goes up whenever the job changes
    hands, so that whoever holds an older number has lost it; `life` when it begins from nothing.
    """

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint(f"state IN {JOB_STATES}", "state"),
        Index("ix_job_state_priority", "state", "priority", "id"),
    )

    kind: Mapped[str]
    key: Mapped[str] = mapped_column(unique=True)
    payload: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(default="queued")
    priority: Mapped[int] = mapped_column(default=5)
    percent: Mapped[int] = mapped_column(default=0)
    step: Mapped[str] = mapped_column(default="")
    attempt: Mapped[int] = mapped_column(default=0)
    life: Mapped[int] = mapped_column(default=0, server_default="0")
    losses: Mapped[int] = mapped_column(default=0, server_default="0")
    errors: Mapped[int] = mapped_column(default=0, server_default="0")
    worker: Mapped[str] = mapped_column(default="")
    run_after: Mapped[dt.datetime | None]
    heartbeat_at: Mapped[dt.datetime | None]
    started_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]
    reason_code: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    reason_params: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    result: Mapped[dict[str, Any] | None]

    steps: Mapped[list[JobStep]] = relationship(
        order_by="JobStep.id", cascade="all, delete-orphan", passive_deletes=True
    )


class JobStep(Numbered, Model):
    """A part of a job that is done once: its result is remembered, whoever goes on with the job. `seconds` it took."""

    __tablename__ = "job_step"
    __table_args__ = (CheckConstraint(f"state IN {STEP_STATES}", "state"), UniqueConstraint("job_id", "name"))

    job_id: Mapped[int] = mapped_column(ForeignKey("job.id", ondelete="CASCADE"))
    attempt: Mapped[int]
    name: Mapped[str]
    state: Mapped[str] = mapped_column(default="running")
    percent: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[dt.datetime]
    seconds: Mapped[float | None]
    result: Mapped[Any] = mapped_column(Json, nullable=True)


class WorkerBeat(Numbered, Model):
    """A worker that lives says so every few seconds; /readyz reads it."""

    __tablename__ = "worker_beat"

    name: Mapped[str] = mapped_column(unique=True)
    at: Mapped[dt.datetime]
