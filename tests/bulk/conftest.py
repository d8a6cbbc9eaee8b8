"""The library of the resource tests, kept by a librarian of its host; and the worker's jobs done here."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from courseware.core.database import session
from courseware.jobs.models import Job
from courseware.jobs.runner import run_here
from tests.resources.conftest import World, world

__all__ = ["World", "do_jobs", "world"]


def do_jobs(kind: str = "bulk.") -> list[Any]:
    """Does every queued job of `kind`; returns how each ended."""
    session().commit()
    waiting = session().scalars(select(Job).where(Job.state == "queued", Job.kind.startswith(kind))).all()
    return [run_here(job).state for job in waiting]
