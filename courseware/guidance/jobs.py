"""What the worker does for guidance. Importing this registers it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Set

from sqlalchemy import select

from courseware.core.database import session
from courseware.core.unit_of_work import unit_of_work
from courseware.guidance import counting, export
from courseware.guidance.models import DataExport
from courseware.jobs import registry
from courseware.jobs.registry import JobRun
from courseware.resources.orphans import keeps


@registry.every(dt.timedelta(hours=1))
def count_uses() -> None:
    """What suggestions rest on, once a day."""
    counting.recount_when_old()


@registry.every(dt.timedelta(hours=1))
def forget_old_exports() -> None:
    """Copies of own data that nobody fetched in time."""
    with unit_of_work():
        export.forget_expired()


@keeps("exports")
def named_exports(keys: Set[str]) -> set[str]:
    """Copies that somebody may still fetch."""
    return set(session().scalars(select(DataExport.store_key).where(DataExport.store_key.in_(keys))))


@registry.handler(export.JOB)
def make_export(run: JobRun) -> None:
    """Packs a large copy of somebody's own data and keeps it for them."""
    run.step("pack", lambda: export.make_kept(run.payload["export"], run.job_uuid))
