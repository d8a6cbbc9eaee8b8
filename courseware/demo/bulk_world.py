"""What is being made in bulk: the world so far, the files it borrows, courses as learners meet them."""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from courseware.core import clock
from courseware.demo.bulk_rows import Rows
from courseware.resources.models import Asset, Resource, ResourceVersion

BEGAN = dt.datetime(2024, 9, 5, 9, tzinfo=clock.REPORTING_ZONE)
BASELINE = dt.datetime(2024, 11, 1, tzinfo=clock.REPORTING_ZONE)
SECOND_YEAR = dt.datetime(2025, 11, 1, tzinfo=clock.REPORTING_ZONE)
POINTS, RESOURCES, LESSONS, MODULES = 12, 30, 9, 3
TAUGHT = LESSONS * 3
TYPES = (
    "video", "text", "presentation", "video", "image", "video", "animation", "text", "video", "presentation",
    "simulation", "video", "audio", "video", "text", "image", "video", "animation", "presentation", "video",
    "text", "video", "other", "image", "video", "animation", "simulation", "video", "video", "presentation",
)  # fmt: skip
KINDS = ("core", "core", "core", "foundation", "extension", "practice", "training")
TIMED = ("video", "animation", "audio")
ACTIVITY_MINUTES = 5


@dataclass(frozen=True, slots=True)
class Template:
    """A file of the library that is here, which made-up resources show as theirs."""

    asset: dict[str, Any]
    renditions: tuple[dict[str, Any], ...]
    captions: tuple[tuple[str, str], ...]
    duration_s: float | None


@dataclass(frozen=True, slots=True)
class TaughtResource:
    """A resource as learners meet it: its versions with the moment each was published."""

    id: int
    type: str
    duration_s: float | None
    versions: tuple[tuple[dt.datetime, int], ...]

    def version_at(self, moment: dt.datetime) -> int:
        """The version published just then."""
        return next(number for since, number in reversed(self.versions) if since <= moment)


@dataclass(frozen=True, slots=True)
class TaughtLesson:
    """A lesson as learners meet it."""

    id: int
    resources: tuple[TaughtResource, ...]
    activity_keys: tuple[uuidlib.UUID, ...]


@dataclass(frozen=True, slots=True)
class TaughtCourse:
    """A course as learners meet it."""

    id: int
    run_id: int
    lessons: tuple[TaughtLesson, ...]


@dataclass(slots=True)
class World:
    """What is being made, and whom it belongs to."""

    rows: Rows
    until: dt.datetime
    templates: dict[str, list[Template]]
    captioned: dict[str, list[Template]]
    learners: list[int] = field(default_factory=list)
    teachers: list[tuple[int, int]] = field(default_factory=list)
    reviewers: list[int] = field(default_factory=list)
    courses: list[TaughtCourse] = field(default_factory=list)
    number: int = 0

    def moment(self, start: dt.datetime, end: dt.datetime) -> dt.datetime:
        """Any whole second between two moments."""
        return start + dt.timedelta(seconds=self.rows.random.randrange(max(1, int((end - start).total_seconds()))))


def read_templates(world: World) -> None:
    """The files of the live resources that are here, by type."""
    query = (
        select(Resource)
        .where(Resource.is_live)
        .options(
            joinedload(Resource.published_version).joinedload(ResourceVersion.asset).selectinload(Asset.renditions)
        )
        .options(joinedload(Resource.published_version).selectinload(ResourceVersion.captions))
        .order_by(Resource.id)
    )
    for resource in world.rows.db.scalars(query).unique():
        version = resource.published_version
        if version is not None and version.asset is not None:
            made = _template(version.asset, version)
            world.templates.setdefault(resource.type, []).append(made)
            if made.captions:
                world.captioned.setdefault(resource.type, []).append(made)


def _template(asset: Asset, version: ResourceVersion) -> Template:
    names = (
        "size",
        "media_type",
        "kind",
        "filename",
        "store_key",
        "duration_s",
        "width",
        "height",
        "pages",
        "facts",
        "state",
    )
    return Template(
        {name: getattr(asset, name) for name in names},
        tuple({"kind": r.kind, "run": r.run, "store_key": r.store_key, "facts": r.facts} for r in asset.renditions),
        tuple((track.language, track.webvtt) for track in version.captions),
        version.duration_s,
    )
