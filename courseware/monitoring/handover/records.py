"""What there is to hand over: published resources, courses and figures of a library, as flat records of our own fields."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from courseware.accounts.models import Unit, User
from courseware.core.clock import REPORTING_ZONE
from courseware.core.database import session
from courseware.libraries.models import Course, Library, Major
from courseware.monitoring import queries
from courseware.monitoring.closed import frozen_year, reported
from courseware.monitoring.periods import Period
from courseware.resources.models import Resource, ResourceVersion

Record = dict[str, Any]
AT_A_TIME = 1_000


def _resources(library: Library, _period: Period) -> Iterator[Record]:
    """What is published, in the order of its numbers."""
    major = aliased(Major)
    query = (
        select(Resource, ResourceVersion, Course.code, Course.name, major.code, User.name, Unit.name)
        .join(ResourceVersion, ResourceVersion.id == Resource.published_version_id)
        .join(User, User.id == Resource.author_id)
        .outerjoin(Course, Course.id == Resource.course_id)
        .outerjoin(major, major.id == Resource.major_id)
        .outerjoin(Unit, Unit.id == Resource.unit_id)
        .where(Resource.library_id == library.id, Resource.is_live)
        .order_by(Resource.id)
        .execution_options(yield_per=AT_A_TIME)
    )
    for one, version, course_code, course, major_code, author, unit in session().execute(query):
        yield {
            "id": str(one.uuid), "external_id": one.external_id or "", "title": one.title, "title_en": one.title_en,
            "type": one.type, "language": one.language, "description": one.description, "keywords": ";".join(one.keywords or []),
            "duration_s": version.duration_s, "originality": version.originality, "licence": version.licence,
            "course_code": course_code or "", "course": course or "", "major_code": major_code or "", "author": author,
            "unit": unit or "", "published_on": _day(one.first_published_at), "updated_on": _day(one.updated_at),
            "library": library.code,
        }  # fmt: skip


def _courses(library: Library, _period: Period) -> Iterator[Record]:
    """What is published of the register, in its order."""
    query = select(Course).where(Course.library_id == library.id, Course.published_at.is_not(None))
    for one in session().scalars(query.order_by(Course.seq, Course.id)):
        yield {
            "id": str(one.uuid), "code": one.code, "name": one.name, "name_en": one.name_en, "kind": one.kind,
            "major_code": one.major.code, "major": one.major.name, "summary": one.summary, "theory_hours": one.theory_hours,
            "practice_hours": one.practice_hours, "licence": one.licence, "published_on": _day(one.published_at),
            "library": library.code,
        }  # fmt: skip


def _figures(library: Library, period: Period) -> Iterator[Record]:
    """Every figure that the period shows, as everybody may read it."""
    year = frozen_year(library, period)
    for figure in (reported(year, one).published() for one in queries.compute(library, period)):
        result = figure.result
        yield {
            "id": result.id, "name": result.definition.name, "name_en": result.definition.name_en,
            "numerator": result.numerator, "denominator": result.denominator,
            "value": None if result.value is None else float(result.value), "verdict": result.verdict or "",
            "threshold": result.definition.threshold, "version": result.definition.version,
            "period_begins": period.first_day.isoformat(), "period_ends_before": period.end_day.isoformat(),
            "frozen_on": _day(figure.year.taken_at) if figure.year else "",
            "counted_today": figure.today.display if figure.is_changed else "", "library": library.code,
        }  # fmt: skip


def _day(moment: dt.datetime | None) -> str:
    """The day in Beijing time, 2026-03-09."""
    return moment.astimezone(REPORTING_ZONE).date().isoformat() if moment else ""


SOURCES: Mapping[str, Callable[[Library, Period], Iterator[Record]]] = {
    "resources": _resources, "courses": _courses, "figures": _figures,
}  # fmt: skip
FIELDS: Mapping[str, tuple[str, ...]] = {
    "resources": (
        "id", "external_id", "title", "title_en", "type", "language", "description", "keywords", "duration_s", "originality",
        "licence", "course_code", "course", "major_code", "author", "unit", "published_on", "updated_on", "library",
    ),
    "courses": (
        "id", "code", "name", "name_en", "kind", "major_code", "major", "summary", "theory_hours", "practice_hours", "licence",
        "published_on", "library",
    ),
    "figures": (
        "id", "name", "name_en", "numerator", "denominator", "value", "verdict", "threshold", "version", "period_begins",
        "period_ends_before", "frozen_on", "counted_today", "library",
    ),
}  # fmt: skip
