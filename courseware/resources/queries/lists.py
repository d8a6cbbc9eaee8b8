"""Rows of resources: found by name, related, of a point, the newest; what was live when."""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections.abc import Iterable, Sequence

from sqlalchemy import Select, func, or_, select

from courseware.core.database import session
from courseware.core.errors import NotFound
from courseware.core.roles import Actor
from courseware.knowledge.models import Point
from courseware.libraries.models import Course, Library
from courseware.resources import policy
from courseware.resources.models import LiveSpan, Resource, ResourcePoint
from courseware.resources.queries.loaded import with_page_parts, with_row_parts


def resource_by_uuid(resource_uuid: uuidlib.UUID, actor: Actor | None = None) -> Resource:
    """The resource with library, course, author and points loaded, for people who may see it. Raises NotFound."""
    resource = session().scalar(with_page_parts(select(Resource).where(Resource.uuid == resource_uuid)))
    if resource is None or not policy.can_view(actor, resource):
        raise NotFound()
    return resource


def resources_by_uuid(uuids: Iterable[uuidlib.UUID]) -> dict[uuidlib.UUID, Resource]:
    """Resources by uuid, live or not, with what list rows show; unknown ones are left out."""
    rows = session().scalars(with_row_parts(select(Resource).where(Resource.uuid.in_(list(uuids)))))
    return {resource.uuid: resource for resource in rows}


def resource_by_external_id(library: Library, external_id: str) -> Resource | None:
    """The resource that an import named so, or None."""
    query = select(Resource).where(Resource.library_id == library.id, Resource.external_id == external_id)
    return session().scalar(query)


def related_to(resource: Resource, limit: int = 6) -> Sequence[Resource]:
    """Live resources that teach one of the same points, those with most of them first."""
    ids = [point.id for point in resource.points]
    if not ids:
        return []
    shared = (
        select(ResourcePoint.resource_id, func.count().label("points"))
        .join(Resource, Resource.id == ResourcePoint.resource_id)
        .where(ResourcePoint.point_id.in_(ids), ResourcePoint.resource_id != resource.id, Resource.is_live)
        .group_by(ResourcePoint.resource_id)
        .order_by(func.count().desc(), ResourcePoint.resource_id.desc())
        .limit(limit)
        .subquery()
    )
    query = (
        select(Resource)
        .join(shared, shared.c.resource_id == Resource.id)
        .order_by(shared.c.points.desc(), Resource.id.desc())
    )
    return session().scalars(with_row_parts(query)).all()


def resources_of_point(point: Point, limit: int = 50) -> Sequence[Resource]:
    """Live resources that teach the point, newest first."""
    query = select(Resource).join(ResourcePoint).where(ResourcePoint.point_id == point.id, Resource.is_live)
    return session().scalars(with_row_parts(query.order_by(Resource.id.desc()).limit(limit))).all()


def recently_updated(
    limit: int = 6, library: Library | None = None, course: Course | None = None, title: str = ""
) -> Sequence[Resource]:
    """Live resources, those published or revised last first; of all libraries only what everybody may see.

    `title`: those whose titles hold it.
    """
    query = select(Resource).where(Resource.is_live, Resource.updated_at.is_not(None))
    query = query.where(Resource.library_id == library.id if library is not None else Resource.is_public)
    query = query.where(Resource.course_id == course.id) if course is not None else query
    query = query.where(Resource.title.icontains(title, autoescape=True)) if title else query
    return (
        session()
        .scalars(with_row_parts(query.order_by(Resource.updated_at.desc(), Resource.id.desc()).limit(limit)))
        .all()
    )


def live_at(library: Library, moment: dt.datetime) -> Select[int]:
    """The ids of what is published "at" a moment: the state before any event of that very moment (metrics.md)."""
    return (
        select(LiveSpan.resource_id)
        .join(Resource, Resource.id == LiveSpan.resource_id)
        .where(Resource.library_id == library.id, LiveSpan.started_at < moment)
        .where(or_(LiveSpan.ended_at.is_(None), LiveSpan.ended_at >= moment))
        .distinct()
    )


def count_live(library: Library, moment: dt.datetime) -> int:
    """How many resources are published at `moment`."""
    return session().scalar(select(func.count()).select_from(live_at(library, moment).subquery())) or 0


def is_withdrawn(resource: Resource) -> bool:
    """Published once, and no more."""
    return resource.published_version_id is not None and not resource.is_live
