"""The worker: starts queued jobs, carries outbox entries to their followers, and says that it lives."""

from __future__ import annotations

import datetime as dt
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Collection, Sequence
from typing import NoReturn

import structlog
from flask import Flask
from sqlalchemy import ColumnElement, func, select, update

from courseware.core import clock
from courseware.core.database import db, session
from courseware.core.settings import Settings
from courseware.core.unit_of_work import unit_of_work
from courseware.jobs.engine import Engine
from courseware.jobs.models import Job, OutboxEntry, WorkerBeat
from courseware.jobs.queries import is_due
from courseware.jobs.registry import followers, quick_kinds, rounds, starters, traits_of
from courseware.jobs.runner import claim, tell_end

log = structlog.get_logger()

POLL_S = 0.5
QUICK_SLOTS = 2
OUTBOX_BATCH = 500
STALE_AFTER = dt.timedelta(seconds=60)  # a worker that lives says so every three
MAX_LOSSES = 4  # attempts a job may take a worker down with it
WORKER_LOST = "The worker ended several times while it did this. Look at its log, then try again."


class Worker:
    """Loops in one process: jobs, outbox, heartbeat, and the rounds that subjects registered."""

    def __init__(self, app: Flask, settings: Settings, name: str = "worker-1", slots: int = 2) -> None:
        self.app, self.name, self.slots = app, name, slots
        self.engine = Engine(app, settings, name)
        self.stopping = threading.Event()
        self._has_unbegun = False

    def run(self) -> None:
        """Works until SIGTERM or SIGINT. Jobs in the middle are left as they are: the process has to end after this
        without waiting for their threads (`end_now`), and they go on at the next start under the same name."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stopping.set())
        with self.app.app_context():
            self._beat()  # what this worker left unfinished is not stale: the engine goes on with it now
        self.engine.launch()
        self._begin_claimed()
        loops = [threading.Thread(target=self._loop, args=(work, pause), daemon=True) for work, pause in self._loops()]
        for loop in loops:
            loop.start()
        self._prepare()
        log.info("worker_ready", worker=self.name)
        self.stopping.wait()
        for loop in loops:
            loop.join(timeout=5)
        log.info("worker_stopped", worker=self.name)

    def _begin_claimed(self) -> None:
        """Begins what this worker had claimed when it ended before the engine knew of it; the engine begins nothing twice."""
        with self.app.app_context():
            mine = select(Job.id, Job.attempt).where(Job.worker == self.name, Job.state == "running")
            for job_id, attempt in session().execute(mine).all():
                self.engine.start(job_id, attempt)

    def _prepare(self) -> None:
        for start in starters:
            with self.app.app_context():
                start()

    def _loops(self) -> Sequence[tuple[Callable[[], int], float]]:
        return [(self._start_jobs, POLL_S), (carry_outbox, POLL_S), (self._beat, 3.0), (Rounds().go, 5.0)]

    def _loop(self, work: Callable[[], int], pause: float) -> None:
        while not self.stopping.is_set():
            busy = 0
            try:
                with self.app.app_context():
                    busy = work()
            except Exception:  # a database that is away for a moment must not end the worker
                log.exception("worker_loop", loop=work.__name__)
                time.sleep(1)
            if not busy:
                self.stopping.wait(pause)

    def _start_jobs(self) -> int:
        release_stale_jobs()
        if self._has_unbegun:
            self._begin_claimed()
            self._has_unbegun = False
        return self._start_lane(QUICK_SLOTS, is_quick=True) + self._start_lane(self.slots, is_quick=False)

    def _start_lane(self, slots: int, *, is_quick: bool) -> int:
        started = 0
        while len(busy := running_kinds(self.name, is_quick=is_quick)) < slots:
            found = waiting_job({kind for kind in busy if traits_of(kind).alone}, is_quick=is_quick)
            if found is None:
                break
            if claim(found[0], self.name):
                self._has_unbegun = True  # until the engine knows of it: a full disk may stop it here
                self.engine.start(*found)
                self._has_unbegun = False
                started += 1
            session().rollback()
        return started

    def _beat(self) -> int:
        with unit_of_work() as own:
            beat = own.scalar(select(WorkerBeat).where(WorkerBeat.name == self.name)) or WorkerBeat(name=self.name)
            beat.at = clock.now()
            own.add(beat)
            own.execute(
                update(Job).where(Job.worker == self.name, Job.state == "running").values(heartbeat_at=clock.now())
            )
        return 0


def end_now() -> NoReturn:
    """Ends the process as a kill would. An engine that is closed in an orderly way makes the steps that run fail, and a
    restart would cost each job one of its attempts; steps that are cut off are simply done again."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


class Rounds:
    """What subjects do again and again; each is due when the worker starts and after each pause of its own."""

    def __init__(self) -> None:
        self._due: dict[int, float] = {}

    def go(self) -> int:
        """Does one round that is due; returns how many were done. One that fails is due again after its pause."""
        for number, (work, pause) in enumerate(rounds):
            if time.monotonic() >= self._due.get(number, 0.0):
                self._due[number] = time.monotonic() + pause.total_seconds()
                work()
                return 1
        return 0


def waiting_job(without: Collection[str] = (), *, is_quick: bool = False) -> tuple[int, int] | None:
    """(id, attempt) of the next job of a lane to start, those a person waits for first; none of the kinds `without`."""
    query = select(Job.id, Job.attempt).where(is_due(), Job.kind.not_in(without), _in_lane(is_quick))
    row = session().execute(query.order_by(Job.priority, Job.id).limit(1)).one_or_none()
    return None if row is None else (row.id, row.attempt)


def running_kinds(worker: str, *, is_quick: bool = False) -> list[str]:
    """The kinds of the jobs of a lane this worker is doing, one entry a job."""
    mine = select(Job.kind).where(Job.state == "running", Job.worker == worker, _in_lane(is_quick))
    return list(session().scalars(mine))


def _in_lane(is_quick: bool) -> ColumnElement[bool]:
    return Job.kind.in_(quick_kinds()) if is_quick else Job.kind.not_in(quick_kinds())


def release_stale_jobs() -> None:
    """Gives back jobs whose worker has been silent too long: another worker goes on with them, steps being idempotent.

    A job that lost its worker again and again is likely what ended it, and fails.
    """
    stale = (Job.state == "running") & (Job.heartbeat_at < clock.now() - STALE_AFTER)
    if not session().scalar(select(func.count()).where(stale)):
        return
    with unit_of_work() as own:
        for job in own.scalars(select(Job).where(stale).with_for_update(skip_locked=True)):
            _give_back(job)


def _give_back(job: Job) -> None:
    if job.losses >= MAX_LOSSES:
        job.state, job.ended_at, job.reason_code, job.reason = "failed", clock.now(), "worker_lost", WORKER_LOST
        tell_end(job)
        return
    job.state, job.attempt, job.losses = "queued", job.attempt + 1, job.losses + 1


def carry_outbox() -> int:
    """Hands one batch of each topic to its follower and marks it done; returns how many entries were carried."""
    return sum(_carry(topic) for topic in followers)


def _carry(topic: str) -> int:
    query = (
        select(OutboxEntry)
        .where(OutboxEntry.topic == topic, OutboxEntry.done_at.is_(None))
        .order_by(OutboxEntry.id)
        .limit(OUTBOX_BATCH)
    )
    entries = session().scalars(query).all()
    if not entries:
        return 0
    ids = [entry.id for entry in entries]
    followers[topic](entries)
    db.session.rollback()
    with unit_of_work() as own:
        own.execute(update(OutboxEntry).where(OutboxEntry.id.in_(ids)).values(done_at=clock.now()))
    return len(ids)
