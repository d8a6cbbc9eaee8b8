"""Live resources a page at a time, for the API. The number of queries never grows with rows."""

from __future__ import annotations

import uuid as uuidlib

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from courseware.core.database import session
from courseware.core.paging import Page
from courseware.core.roles import Actor
from courseware.knowledge.models import Point
from courseware.libraries.models import Course, Library
from courseware.libraries.policy import visible_to
from courseware.resources.models import Resource, ResourcePoint, ResourceVersion


def list_resources(
    actor: Actor | None,
    *,
    library: str = "",
    type: str = "",  # noqa: A002  -- the column's own name, and the parameter's in the API
    course: uuidlib.UUID | None = None,
    point: uuidlib.UUID | None = None,
    after: uuidlib.UUID | None = None,
    limit: int = 20,
) -> Page[Resource]:
    """Live resources of the libraries the actor may see, the newest first, with everything a row shows loaded."""
    seen = select(Library.id).where(visible_to(actor))
    query = select(Resource).where(Resource.is_live, Resource.library_id.in_(seen))
    query = _narrowed(query, library, type, course, point)
    if after is not None:
        query = query.where(Resource.id < select(Resource.id).where(Resource.uuid == after).scalar_subquery())
    rows = session().scalars(_with_parts(query).order_by(Resource.id.desc()).limit(limit + 1)).all()
    return Page(rows[:limit], str(rows[limit - 1].uuid) if len(rows) > limit else None)


def _narrowed(
    query: Select[Resource], library: str, kind: str, course: uuidlib.UUID | None, point: uuidlib.UUID | None
) -> Select[Resource]:
    if library:
        query = query.where(Resource.library_id.in_(select(Library.id).where(Library.code == library)))
    if kind:
        query = query.where(Resource.type == kind)
    if course is not None:
        query = query.where(Resource.course_id.in_(select(Course.id).where(Course.uuid == course)))
    if point is not None:
        teaching = select(ResourcePoint.resource_id).join(Point, Point.id == ResourcePoint.point_id)
        query = query.where(Resource.id.in_(teaching.where(Point.uuid == point)))
    return query


def _with_parts(query: Select[Resource]) -> Select[Resource]:
    return query.options(
        joinedload(Resource.library), joinedload(Resource.course), joinedload(Resource.author),
        joinedload(Resource.unit), selectinload(Resource.points),
        joinedload(Resource.published_version).joinedload(ResourceVersion.asset),
    )  # fmt: skip
