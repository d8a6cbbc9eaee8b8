"""Packages and imports in the worker."""

from __future__ import annotations

import datetime as dt
import shutil
import uuid as uuidlib
from typing import Any

from flask_babel import force_locale
from sqlalchemy import select

from courseware.core import clock
from courseware.core.database import session
from courseware.core.unit_of_work import unit_of_work
from courseware.exchange import services
from courseware.exchange.models import CoursePackage
from courseware.exchange.packing import pack
from courseware.exchange.plan import CoursePlan, plan_of
from courseware.exchange.zipping import check_room
from courseware.jobs.models import Job
from courseware.jobs.registry import JobRun, every, handler
from courseware.resources.storage import store, work_folder
from media.stores.transfer import push_file

AT_MOST = 96  # per cent, before the package lies in the store


def _ended(job: Job) -> None:
    """A package that failed or was stopped says so, and may be asked for again."""
    package = _package(job.payload)
    if package is not None and package.state == "making":
        package.state = "cancelled" if job.state == "cancelled" else "failed"


@handler(services.PACK, alone=True, ended=_ended)
def make_package(run: JobRun) -> dict[str, Any]:
    """Makes the package. One that loses its worker begins anew: nothing is encoded, so it is soon where it was."""
    plan, form = _read_plan(run)
    folder = work_folder(run.job_uuid)
    try:
        check_room(folder, plan.size)
        target = folder / "package.zip"
        with force_locale("zh_Hans"):
            report = pack(
                plan, form, target, lambda percent, text: run.progress(min(percent, AT_MOST), text), run.cancelled
            )
        session().rollback()
        run.confirm()
        key = f"{services.FOLDER}{run.payload['package']}-{run.life}.{'imscc' if form == 'cc' else 'zip'}"
        push_file(store(), target, key)
        _finish(run, key, target.stat().st_size, report)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return {"left_out": len(report["left_out"])}


def _read_plan(run: JobRun) -> tuple[CoursePlan, str]:
    """The plan of the state there is now, under whose name the package is kept."""
    with unit_of_work():
        package = _package(run.payload)
        assert package is not None, "a package is not deleted while it is made"
        audience, form = package.audience, package.format
        plan = plan_of(package.course, audience)
    return plan, form


def _finish(run: JobRun, key: str, size: int, report: dict[str, Any]) -> None:
    with unit_of_work():
        package = _package(run.payload)
        assert package is not None
        package.state, package.store_key, package.size, package.report = "ready", key, size, report
        package.ready_at, package.expires_at = clock.now(), clock.now() + services.KEPT


def _package(payload: dict[str, Any]) -> CoursePackage | None:
    return session().scalar(select(CoursePackage).where(CoursePackage.uuid == uuidlib.UUID(payload["package"])))


@every(dt.timedelta(hours=1))
def sweep() -> None:
    """Lets go of packages whose time is over. Rows go first; a file that is left is found by the next round."""
    with unit_of_work():
        keys = services.let_go()
    with unit_of_work():
        keys += services.unnamed_files()
    for key in keys:
        store().delete(key)
