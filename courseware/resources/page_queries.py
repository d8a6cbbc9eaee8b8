"""What pages read beside the domain's own queries: how far processing is, transcripts, tracks."""

from __future__ import annotations

import uuid as uuidlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, exists, func, or_, select
from sqlalchemy.orm import undefer

from courseware.core.database import session
from courseware.core.errors import NotFound
from courseware.core.roles import Actor
from courseware.jobs.models import Job
from courseware.libraries.models import CourseTeacher
from courseware.resources import policy
from courseware.resources.assets import PROFILE
from courseware.resources.models import Asset, CaptionTrack, Resource, ResourceVersion
from media.captions import parse_captions
from media.errors import CaptionError


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the processing of a file is: per cent and the state of its job."""

    percent: int
    state: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a transcript, `start` in seconds."""

    start: float
    text: str


def progress_of(assets: Iterable[Asset | None]) -> dict[int, Progress]:
    """Progress by asset id, of those being processed; one query, none when nothing is."""
    busy = {f"media:{a.uuid}:{PROFILE}": a.id for a in assets if a is not None and a.state == "processing"}
    if not busy:
        return {}
    rows = session().execute(select(Job.key, Job.percent, Job.state).where(Job.key.in_(busy)))
    found = {busy[key]: Progress(percent, state) for key, percent, state in rows}
    return {asset_id: found.get(asset_id, Progress(0, "queued")) for asset_id in busy.values()}


def track_by_uuid(track_uuid: uuidlib.UUID, actor: Actor | None) -> CaptionTrack:
    """A caption track with its text, for whoever may see its version. Raises NotFound."""
    track = session().scalar(
        select(CaptionTrack).where(CaptionTrack.uuid == track_uuid).options(undefer(CaptionTrack.webvtt))
    )
    version = session().get(ResourceVersion, track.version_id) if track is not None else None
    if track is None or version is None or not policy.can_read_version(actor, version):
        raise NotFound()
    return track


def transcript_of(tracks: Sequence[CaptionTrack], language: str) -> list[Line]:
    """The transcript in `language`, or in the first language there is. One query, and none without tracks."""
    chosen = pick_track(tracks, language)
    if chosen is None:
        return []
    text = session().scalar(select(CaptionTrack.webvtt).where(CaptionTrack.id == chosen.id))
    return list(lines_of(text or ""))


def pick_track(tracks: Sequence[CaptionTrack], language: str) -> CaptionTrack | None:
    """The track whose language fits best."""
    fitting = [t for t in tracks if t.language[:2].lower() == language[:2].lower()]
    return next(iter([*fitting, *tracks]), None)


@lru_cache(maxsize=128)
def lines_of(webvtt: str) -> tuple[Line, ...]:
    """The lines of captions, without what belongs to their place on the screen; none where they cannot be read."""
    try:
        return tuple(Line(cue.start_s, cue.text) for cue in parse_captions(webvtt.encode()))
    except CaptionError:
        return ()


def text_of_file(asset: Asset | None) -> str:
    """The words that processing found in a document; empty for everything else."""
    if asset is None:
        return ""
    return session().scalar(select(Asset.extracted_text).where(Asset.id == asset.id)) or ""


def count_by_state(author: Actor) -> dict[str, int]:
    """The author's resources by state, "" for all of them; one query."""
    draft = select(ResourceVersion.state).where(ResourceVersion.id == Resource.draft_version_id).scalar_subquery()
    wrote = select(ResourceVersion.resource_id).where(ResourceVersion.author_id == author.id)
    own = (Resource.author_id == author.id) | Resource.id.in_(wrote)
    withdrawn = Resource.published_version_id.is_not(None) & Resource.is_live.is_(False)
    rows = session().execute(
        select(draft, Resource.is_live, withdrawn, func.count()).where(own).group_by(draft, Resource.is_live, withdrawn)
    )
    counts: dict[str, int] = {"": 0}
    for state, is_live, is_withdrawn, count in rows:
        for name in ("", state, "published" if is_live else None, "withdrawn" if is_withdrawn else None):
            if name is not None:
                counts[name] = counts.get(name, 0) + count
    return counts


@dataclass(frozen=True, slots=True)
class Standing:
    """A resource that everybody may see, and what a visitor is to it. `state` changes with everything that is said about the resource."""

    id: int
    uuid: uuidlib.UUID
    state: int
    has_part: bool


_PERSON: Any = bindparam("person")
_wrote = exists().where(ResourceVersion.resource_id == Resource.id, ResourceVersion.author_id == _PERSON)
_teaches = exists().where(CourseTeacher.course_id == Resource.course_id, CourseTeacher.user_id == _PERSON)
_STANDING = select(
    Resource.id, Resource.lock_version, or_(Resource.author_id == _PERSON, _wrote, _teaches).label("has_part")
).where(Resource.uuid == bindparam("uuid"), Resource.is_public)  # built once: every page of a resource asks it


def standing(resource_uuid: uuidlib.UUID, actor: Actor | None) -> Standing | None:
    """How the visitor stands to a resource that everybody may see: wrote a version of it, teaches its course; else None.

    One query.
    """
    row = (
        session()
        .execute(_STANDING, {"uuid": resource_uuid, "person": actor.id if actor is not None else None})
        .one_or_none()
    )
    return Standing(row.id, resource_uuid, row.lock_version, bool(row.has_part)) if row is not None else None
