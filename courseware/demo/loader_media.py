"""Processing of the demonstration's files in this process, so that the first visitor can watch at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from flask import Flask
from sqlalchemy import select

from courseware.core.database import session
from courseware.jobs.models import Job
from courseware.jobs.runner import run_here

KIND = "media.process"


def process_files(app: Flask, workers: int, tell: Callable[[int, int], None]) -> int:
    """Does every queued job for a file, several at a time; returns how many ended badly (each file says why)."""
    waiting = session().scalars(select(Job.id).where(Job.kind == KIND, Job.state == "queued").order_by(Job.id)).all()
    session().rollback()
    failed = 0
    with ThreadPoolExecutor(workers) as pool:
        for number, state in enumerate(pool.map(lambda job_id: _process(app, job_id), waiting), start=1):
            failed += state != "done"
            tell(number, len(waiting))
    return failed


def _process(app: Flask, job_id: int) -> str:
    with app.app_context():
        job = session().get_one(Job, job_id)
        return run_here(job).state
