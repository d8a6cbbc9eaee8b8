"""Resources, their versions and what was done to them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from courseware.monitoring.spans import Span


@dataclass(frozen=True, slots=True)
class VersionFact:
    """A published version of a resource."""

    id: int
    published_at: dt.datetime
    decided_class: str = "new"
    content_hash: str = ""
    originality: str = "original"
    is_evidence_accepted: bool = True
    duration_s: float | None = None
    author_id: int = 0
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ResourceFact:
    """A resource that was published at least once."""

    id: int
    type: str = "video"
    spans: tuple[Span, ...] = ()
    versions: tuple[VersionFact, ...] = ()
    first_published_at: dt.datetime | None = None
    course_id: int | None = None
    unit_id: int | None = None
    derived_from_id: int | None = None
    point_ids: tuple[int, ...] = ()
    is_unanswered_copy: bool = False

    def version_at(self, moment: dt.datetime) -> VersionFact | None:
        """The version readers saw just before `moment`."""
        found = None
        for version in self.versions:  # in the order of their publication
            if version.published_at >= moment:
                break
            found = version
        return found


@dataclass(frozen=True, slots=True)
class NoteFact:
    """Something done to a resource that is no version, or a refused upload of it."""

    id: int
    kind: str
    at: dt.datetime
    resource_id: int | None = None


@dataclass(frozen=True, slots=True)
class DescriptionFact:
    """Whether the mandatory fields of a resource are there, and its name follows the library's template."""

    resource_id: int
    is_complete: bool
    is_named: bool
