"""Whether resources are described completely and named by the template (M16)."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from sqlalchemy import select

from courseware.core.database import session
from courseware.knowledge.models import Point
from courseware.libraries.models import Course, Library, Major
from courseware.monitoring.facts import DescriptionFact
from courseware.resources.models import Resource, ResourcePoint, ResourceVersion
from courseware.resources.naming import follows_template


def read_descriptions(library_id: int) -> list[DescriptionFact]:
    """One fact for each resource of the library that was published, by what is described now."""
    query = (
        select(
            Resource.id, Resource.title, Resource.name, Resource.type, Resource.language, Resource.unit_id,
            Major.code.label("major"), Course.code.label("course"), ResourceVersion.originality, ResourceVersion.licence,
            ResourceVersion.content_hash, Library.naming_template,
        )
        .join(ResourceVersion, ResourceVersion.id == Resource.published_version_id)
        .join(Library, Library.id == Resource.library_id)
        .join(Major, Major.id == Resource.major_id, isouter=True)
        .join(Course, Course.id == Resource.course_id, isouter=True)
        .where(Resource.library_id == library_id)
    )  # fmt: skip
    points = _first_points(library_id)
    rows = session().execute(query)
    return [
        DescriptionFact(row.id, _is_complete(row, row.id in points), _is_named(row, points.get(row.id))) for row in rows
    ]


def _first_points(library_id: int) -> dict[int, str]:
    """The key of the first point of each resource."""
    query = select(ResourcePoint.resource_id, Point.key).join(Point, Point.id == ResourcePoint.point_id)
    query = query.where(Point.library_id == library_id).order_by(ResourcePoint.seq.desc())
    return dict(session().execute(query).tuples().all())


def _is_complete(row: Any, has_point: bool) -> bool:
    """Every mandatory field of R18 that the database does not demand by itself."""
    texts = (row.title, row.language, row.licence, row.content_hash)
    links = (row.major, row.course, row.unit_id)
    return all(text.strip() for text in texts) and has_point and None not in links and row.originality != "unknown"


def _is_named(row: Any, point: str | None) -> bool:
    # The naming rule asks for a resource; these are its fields, read by columns.
    stand_in: Any = SimpleNamespace(
        name=row.name, title=row.title, type=row.type,
        major=SimpleNamespace(code=row.major) if row.major else None,
        course=SimpleNamespace(code=row.course) if row.course else None,
        points=[SimpleNamespace(key=point)] if point else [],
        library=SimpleNamespace(naming_template=row.naming_template),
    )  # fmt: skip
    return follows_template(stand_in)
