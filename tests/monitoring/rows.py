"""Hand-made facts: short names for the tables of metrics.md."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

from courseware.core.clock import REPORTING_ZONE
from courseware.monitoring.facts import (
    GivenFacts,
    LessonFact,
    NoteFact,
    OpenFact,
    PersonFact,
    ResourceFact,
    SessionFact,
    UseFact,
    VersionFact,
)  # fmt: skip
from courseware.monitoring.indicators import registry
from courseware.monitoring.periods import Period, performance_year
from courseware.monitoring.results import IndicatorResult

YEAR = performance_year(2026)
_ids = itertools.count(1)


def on(day: str, time: str = "09:00") -> dt.datetime:
    """A moment in Shanghai: on("2026-03-01", "10:30")."""
    return dt.datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=REPORTING_ZONE)


LONG_BEFORE = on("2025-01-10")
AFTER = on("2027-06-01")


def resource(
    *, published: dt.datetime = LONG_BEFORE, withdrawn: dt.datetime | None = None, again: dt.datetime | None = None,
    revisions: list[tuple[dt.datetime, str]] | None = None, content: str = "", duration_s: float | None = 300,
    originality: str = "original", evidence: bool = True, **fields: Any,
) -> ResourceFact:  # fmt: skip
    """A resource with one publication, revisions (when, class) and perhaps a withdrawal and a return."""
    key = next(_ids)
    shared = {"originality": originality, "is_evidence_accepted": evidence, "duration_s": duration_s}
    versions = [VersionFact(key * 100, published, content_hash=content or f"h{key}", **shared)]
    for n, (at, kind) in enumerate(revisions or [], 1):
        versions.append(VersionFact(key * 100 + n, at, kind, f"h{key}-{n}", **shared))
    spans = ((published, withdrawn),) + (((again, None),) if again else ())
    return ResourceFact(key, spans=spans, versions=tuple(versions), first_published_at=published, **fields)


def resources(n: int, **fields: Any) -> list[ResourceFact]:
    """`n` of a kind."""
    return [resource(**fields) for _ in range(n)]


def note(kind: str, about: ResourceFact | None = None, at: dt.datetime | None = None) -> NoteFact:
    """Something done to a resource that is no version."""
    return NoteFact(next(_ids), kind, at or on("2026-04-01"), about.id if about else None)


def lesson(owner: int, items: list[ResourceFact], at: dt.datetime = LONG_BEFORE, **fields: Any) -> LessonFact:
    """A published lesson."""
    key = next(_ids)
    fields = {"owner_unit_id": 1, "course_id": 1} | fields
    return LessonFact(key, key, owner, published_at=at, resource_ids=tuple(r.id for r in items), **fields)


def opened(by: int, what: LessonFact, at: dt.datetime | None = None) -> OpenFact:
    """A person opens a lesson."""
    return OpenFact(what.lesson_id, by, at or on("2026-03-03"))


def used(by: int, what: ResourceFact, at: dt.datetime | None = None) -> UseFact:
    """A person uses a resource in a way that counts."""
    return UseFact(what.id, by, at or on("2026-03-03"))


def busy(user: int, days: int = 3, minutes: int = 20) -> list[SessionFact]:
    """So many days of so many minutes each."""
    return [SessionFact(user, on(f"2026-03-{day:02}"), minutes * 60) for day in range(2, 2 + days)]


def people(*ids: int, **fields: Any) -> dict[int, PersonFact]:
    """Verified accounts."""
    return {key: PersonFact(key, **({"verified_at": LONG_BEFORE} | fields)) for key in ids}


def figure(indicator: str, period: Period = YEAR, now: dt.datetime = AFTER, **facts: Any) -> IndicatorResult:
    """One figure from hand-made facts."""
    return registry.count(indicator, GivenFacts(period, now, **facts))


def shown(result: IndicatorResult) -> tuple[int | None, int | None, str, str | None]:
    """What a table of metrics.md states: numerator, denominator, display, verdict."""
    return result.numerator, result.denominator, result.display, result.verdict
