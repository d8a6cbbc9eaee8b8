"""Large bulk work in the worker: a few items, a commit, the percentage; after a stop it goes on where it was.

The items themselves remember what is done, so a step that ends too early is simply looked at again.
"""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections.abc import Callable
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import func, select

from courseware.bulk import services, sweeping
from courseware.bulk.models import BulkAction, BulkItem
from courseware.bulk.sheets import check_sheet, import_rows, tell_unreadable
from courseware.core.database import session
from courseware.core.errors import DomainError
from courseware.core.unit_of_work import unit_of_work
from courseware.jobs.registry import JobCancelled, JobRun, every, handler
from courseware.resources.storage import store

Some = Callable[[BulkAction], int]


@handler("bulk.run")
def run_action(run: JobRun) -> dict[str, Any]:
    """Does what is open of an action."""
    with force_locale(run.payload["locale"]):
        if _act_of(run) == "import":
            return import_rows(run)
        return _in_steps(run, ("open",), services.run_some)


@handler("bulk.undo")
def undo_action(run: JobRun) -> dict[str, Any]:
    """Takes back what is done of an action."""
    with force_locale(run.payload["locale"]):
        return _in_steps(run, services.CHANGED, services.undo_some)


@handler("bulk.check")
def check_import(run: JobRun) -> dict[str, Any]:
    """The dry run of an import: what it would do, and what is wrong with which line."""
    with force_locale(run.payload["locale"]):
        try:
            return check_sheet(run)
        except DomainError as refused:
            tell_unreadable(run, refused)
            raise


def action_of_run(run: JobRun) -> BulkAction:
    """The action of a job, in the session of the moment."""
    wanted = uuidlib.UUID(run.payload["action"])
    return session().scalars(select(BulkAction).where(BulkAction.uuid == wanted)).one()


def _act_of(run: JobRun) -> str:
    with unit_of_work():
        return action_of_run(run).act


def _in_steps(run: JobRun, outcomes: tuple[str, ...], some: Some) -> dict[str, Any]:
    total = left = _count(run, outcomes)
    while left:
        if run.cancelled():
            raise JobCancelled()
        with unit_of_work():
            looked_at = some(action_of_run(run))
        left = left - looked_at if looked_at else 0
        run.progress(100 * (total - left) / total, _("%(done)s of %(total)s", done=total - left, total=total))
    with unit_of_work():
        services.finish(action_of_run(run))
    return {"items": total}


def _count(run: JobRun, outcomes: tuple[str, ...]) -> int:
    with unit_of_work():
        of_action = (BulkItem.action_id == action_of_run(run).id, BulkItem.outcome.in_(outcomes))
        return session().scalar(select(func.count()).where(*of_action)) or 0


@every(dt.timedelta(hours=1))
def sweep() -> None:
    """Drops what nobody came back for; a few at a time, so that no round holds up those who write."""
    for some in (sweeping.sweep_actions, sweeping.let_files_go):
        while _done(some):
            pass
    with unit_of_work():
        keys = sweeping.unnamed_files()
    for key in keys:
        store().delete(key)


def _done(some: Callable[[], int]) -> int:
    with unit_of_work():
        return some()
