"""Marks by which a copy is found among many, and the search for copies that begins with them."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select

from courseware.core.database import session
from courseware.core.unit_of_work import unit_of_work
from courseware.jobs import registry
from courseware.jobs.registry import JobRun
from courseware.resources import likeness, versions
from courseware.resources.jobs.work import DOCUMENTS, Work, asset_of
from courseware.resources.models import ResourceVersion
from courseware.resources.storage import store, work_folder
from media.comparing import fingerprints
from media.comparing.fingerprints import Fingerprint
from media.errors import MediaError, StoreUnavailable
from media.gate import MediaInfo, inspect_media
from media.stores import pull_object

MARKED_A_ROUND = 20
SEARCHED = (*versions.EDITABLE, "in_review", "published")


def mark_recording(work: Work, info: MediaInfo) -> int:
    """Marks of picture and sound."""
    return _keep(work, fingerprints.fingerprint_recording(work.source(), info))


def mark_picture(work: Work) -> int:
    """Marks of a picture."""
    return _keep(work, [fingerprints.fingerprint_picture(work.source())])


def mark_document(work: Work) -> int:
    """Marks of the words of a document."""
    made = likeness.marks_of_text(asset_of(work.asset_uuid).extracted_text)
    session().rollback()
    return _keep(work, made)


@registry.handler(likeness.MARK)
def mark_content(run: JobRun) -> dict[str, Any]:
    """Makes the marks by which copies of an older content are found."""
    return {"tracks": run.step("marks", lambda: _mark_content(run))}


@registry.every(dt.timedelta(minutes=5))
def mark_older_contents() -> None:
    """Contents that came before there were marks, or when they were made in another way: some in each round."""
    with unit_of_work():
        likeness.ask_for_marks(MARKED_A_ROUND)


def _mark_content(run: JobRun) -> int:
    content, folder = run.payload["content"], work_folder(run.job_uuid)
    try:
        made = _marks_of(content, folder)
    except StoreUnavailable:
        raise
    except MediaError:  # what cannot be read leaves no marks, and is not tried again
        made = []
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    with unit_of_work():
        likeness.keep_fingerprints(content, made)
    return len(made)


def _marks_of(content: str, folder: Path) -> Sequence[Fingerprint]:
    version = session().scalars(select(ResourceVersion).where(ResourceVersion.content_hash == content).limit(1)).one()
    asset = version.asset
    if asset is None or asset.kind in DOCUMENTS:
        return likeness.marks_of_text(asset.extracted_text if asset is not None else version.body)
    kind, key = asset.kind, asset.store_key
    session().rollback()
    if kind not in ("video", "audio", "image"):
        return []
    source = pull_object(store(), key, folder / "source")
    if kind == "image":
        return [fingerprints.fingerprint_picture(source)]
    return fingerprints.fingerprint_recording(source, inspect_media(source))


def _keep(work: Work, made: Sequence[Fingerprint]) -> int:
    """Keeps the marks, and looks for copies of everything that has this file and is not decided yet."""
    with unit_of_work():
        asset = asset_of(work.asset_uuid)
        likeness.keep_fingerprints(asset.sha256, made)
        waiting = select(ResourceVersion).where(
            ResourceVersion.asset_id == asset.id, ResourceVersion.state.in_(SEARCHED)
        )
        for version in session().scalars(waiting):
            likeness.find_resemblances(version)
    return len(made)
