"""Marking what is not named by the template of its library, after the template changed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from courseware.core.database import session
from courseware.core.unit_of_work import unit_of_work
from courseware.jobs import registry
from courseware.jobs.registry import JobCancelled, JobRun
from courseware.resources import naming
from courseware.resources.models import Resource


@registry.handler("resources.names")
def mark_names(run: JobRun) -> dict[str, Any]:
    """Marks what is not named by the template of a library, a few at a time; after a stop it begins again."""
    library_id, last, seen = int(run.payload["library"]), 0, 0
    while True:
        if run.cancelled():
            raise JobCancelled()
        with unit_of_work():
            following = naming.mark_next(library_id, last)
            total = session().scalar(select(func.count()).where(Resource.library_id == library_id)) or 1
        if following is None:
            return {"resources": seen}
        last, seen = following, min(seen + naming.AT_ONCE, total)
        run.progress(100 * seen / total, f"{seen} / {total}")
