"""Looking into files: what a draft changes, and whether its content stands in the library already."""

from __future__ import annotations

import shutil
import uuid as uuidlib
from pathlib import Path
from typing import Any

from sqlalchemy import select

from courseware.core.database import session
from courseware.core.unit_of_work import unit_of_work
from courseware.jobs import registry
from courseware.jobs.registry import JobRun
from courseware.resources import change, comparing, likeness, versions
from courseware.resources.jobs.marks import SEARCHED
from courseware.resources.jobs.publishing import FILES
from courseware.resources.models import ResourceVersion
from courseware.resources.storage import store, work_folder
from media.comparing.documents import Transcripts
from media.stores import pull_object


@registry.handler("resources.compare")
def compare_versions(run: JobRun) -> dict[str, Any]:
    """Looks into the files of a draft and of the version it is to replace; the evidence stands with the draft."""
    folder = work_folder(run.job_uuid)
    try:
        measured = run.step("compare", lambda: _compare(run, folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    run.step("keep", lambda: _keep_measured(run.payload, measured))
    return {"class": measured["class"], "share": measured["share"]}


@registry.handler("resources.alike")
def look_for_copies(run: JobRun) -> dict[str, Any]:
    """Looks whether the content of a draft stands in the library already."""
    return {"found": run.step("alike", lambda: _look_for_copies(run.payload["version"]))}


def _compare(run: JobRun, folder: Path) -> dict[str, Any]:
    run.progress(5, "fetching both files")
    base, version = (_version(run.payload[name]) for name in ("base", "version"))
    assert base.asset is not None
    assert version.asset is not None
    spoken = Transcripts(versions.spoken_in(base), versions.spoken_in(version))
    kind, files = version.resource.type, [(a.store_key, a.filename) for a in (base.asset, version.asset)]
    session().rollback()
    old, new = (
        (pull_object(store(), key, folder / str(number)), filename) for number, (key, filename) in enumerate(files)
    )
    run.progress(20, "comparing")
    return comparing.compare_stored(old, new, kind, spoken, run.cancelled)


def _keep_measured(payload: dict[str, Any], measured: dict[str, Any]) -> None:
    """The author's own choice of the class stays; a draft that got other content meanwhile has its own job."""
    with unit_of_work():
        version = _version(payload["version"])
        if version.content_hash != payload["content"] or version.state not in (*versions.EDITABLE, "in_review"):
            return
        if version.state in versions.EDITABLE and version.proposed_class == change.propose_class(version.measured):
            version.proposed_class = change.propose_class(measured)
        version.measured = {**measured, "by": FILES}


def _look_for_copies(version_uuid: str) -> int:
    with unit_of_work():
        version = _version(version_uuid)
        return len(likeness.find_resemblances(version)) if version.state in SEARCHED else 0


def _version(version_uuid: str) -> ResourceVersion:
    return session().scalars(select(ResourceVersion).where(ResourceVersion.uuid == uuidlib.UUID(version_uuid))).one()
