"""Packages and imports in the worker."""

from __future__ import annotations

import datetime as dt
import shutil
import uuid as uuidlib
from collections.abc import Iterator, Set
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask_babel import force_locale
from sqlalchemy import select

from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import DomainError
from courseware.core.unit_of_work import unit_of_work
from courseware.exchange import imports, services
from courseware.exchange.incoming import undoing
from courseware.exchange.incoming.archive import PackageFiles, open_package
from courseware.exchange.incoming.reading import outline_of
from courseware.exchange.incoming.writing import Writing, counts_of
from courseware.exchange.models import CourseImport, CoursePackage
from courseware.exchange.packing import pack
from courseware.exchange.plan import plan_of
from courseware.exchange.planned import CoursePlan
from courseware.exchange.zipping import check_room
from courseware.jobs.models import Job
from courseware.jobs.registry import JobCancelled, JobRun, every, handler
from courseware.resources.orphans import keeps
from courseware.resources.storage import passing_folder, store, work_folder
from media.stores import pull_object
from media.stores.transfer import push_file

AT_MOST = 96  # per cent, before the package lies in the store


@keeps(services.FOLDER.rstrip("/"))
def _named_packages(keys: Set[str]) -> set[str]:
    return set(session().scalars(select(CoursePackage.store_key).where(CoursePackage.store_key.in_(keys))))


@keeps(imports.FOLDER.rstrip("/"))
def _named_imports(keys: Set[str]) -> set[str]:
    return imports.named_of(keys)


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
        package.ready_at = clock.now()
        package.expires_at = package.ready_at + services.KEPT


def _package(payload: dict[str, Any]) -> CoursePackage | None:
    return session().scalar(select(CoursePackage).where(CoursePackage.uuid == uuidlib.UUID(payload["package"])))


# --- imports -----------------------------------------------------------------------------------------------------------


@handler(imports.CHECK)
def check_import(run: JobRun) -> dict[str, Any]:
    """The dry run: what would be made and what not, and why."""
    with force_locale(run.payload["locale"]), _opened(run) as files:
        try:
            outline = outline_of(files.package, files.name)
        except DomainError as refused:
            _fail(run, refused)
            raise
    with unit_of_work():
        imports.finish(_import(run), "prepared", **outline.report())
    return {"lessons": outline.counts()["lessons"]}


@handler(imports.WRITE)
def write_import(run: JobRun) -> dict[str, Any]:
    """Makes the drafts, a lesson and a commit at a time; what was made before a stop is passed over."""
    with force_locale(run.payload["locale"]), _opened(run) as files:
        outline = outline_of(files.package, files.name)
        writing = Writing(files.import_id, files.package, outline, files.folder)
        lessons = list(outline.lessons())
        for number, module in enumerate(outline.modules, start=1):
            if not module.lessons:
                writing.write_empty(str(number), module)
        for done, (path, module, lesson) in enumerate(lessons):
            if run.cancelled():
                raise JobCancelled()
            run.progress(100 * done / len(lessons), lesson.title)
            writing.bring(lesson)
            writing.write(path, module, lesson)
    with unit_of_work():
        incoming = _import(run)
        made = {kind: sum(by.values()) for kind, by in undoing.outcomes(incoming).items()}
        imports.finish(incoming, "done", **counts_of(made, writing.remarks))
    return made


@handler(imports.UNDO)
def undo_import(run: JobRun) -> dict[str, Any]:
    """Takes an import back, some parts and a commit at a time."""
    with force_locale(run.payload["locale"]):
        looked_at = 1
        while looked_at:
            if run.cancelled():
                raise JobCancelled()
            with unit_of_work():
                incoming = _import(run)
                looked_at = undoing.undo_some(incoming, incoming.actor)
        with unit_of_work():
            incoming = _import(run)
            outcomes = undoing.outcomes(incoming)
            imports.finish(incoming, "undone", undone=outcomes)
    return outcomes


@dataclass(frozen=True, slots=True)
class _Open:
    import_id: int
    name: str
    folder: Path
    package: PackageFiles


@contextmanager
def _opened(run: JobRun) -> Iterator[_Open]:
    """The package of an import, fetched and open; an unreadable one ends the import with its sentence."""
    with unit_of_work():
        incoming = _import(run)
        import_id, key, name = incoming.id, incoming.store_key, incoming.filename
    with passing_folder() as folder:
        path = pull_object(store(), key, folder / "sent")
        (folder / "parts").mkdir()
        with ExitStack() as stack:
            try:
                package = stack.enter_context(open_package(path, name, folder / "parts"))
            except DomainError as refused:
                _fail(run, refused)
                raise
            yield _Open(import_id, name, folder, package)


def _fail(run: JobRun, refused: DomainError) -> None:
    with unit_of_work():
        incoming = _import(run)
        incoming.reason = refused.sentence()
        imports.finish(incoming, "failed")


def _import(run: JobRun) -> CourseImport:
    wanted = uuidlib.UUID(run.payload["import"])
    return session().scalars(select(CourseImport).where(CourseImport.uuid == wanted)).one()


@every(dt.timedelta(hours=1))
def sweep() -> None:
    """Lets go of packages whose time is over. Rows go first; a file that is left is found by the next round."""
    with unit_of_work():
        keys = services.let_go()
        imports.let_go()
    with unit_of_work():
        keys += services.unnamed_files() + imports.unnamed_files()
    for key in keys:
        store().delete(key)
