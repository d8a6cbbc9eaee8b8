"""Marks by which a copy is found among many, and the search for copies that begins with them."""

from __future__ import annotations

from sqlalchemy import select

from courseware.core.database import session
from courseware.core.unit_of_work import unit_of_work
from courseware.resources import likeness, versions
from courseware.resources.jobs.work import Work, asset_of
from courseware.resources.models import ResourceVersion
from media.comparing import fingerprints
from media.comparing.fingerprints import Fingerprint
from media.gate import MediaInfo

SEARCHED = (*versions.EDITABLE, "in_review", "published")


def mark_recording(work: Work, info: MediaInfo) -> int:
    """Marks of picture and sound."""
    return _keep(work, fingerprints.fingerprint_recording(work.source(), info))


def mark_picture(work: Work) -> int:
    """Marks of a picture."""
    return _keep(work, [fingerprints.fingerprint_picture(work.source())])


def mark_document(work: Work) -> int:
    """Marks of the words of a document."""
    text = fingerprints.fingerprint_text(asset_of(work.asset_uuid).extracted_text)
    session().rollback()
    return _keep(work, [text] if text is not None else [])


def _keep(work: Work, made: list[Fingerprint]) -> int:
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
