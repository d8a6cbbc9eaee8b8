"""The table of an author's own resources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from courseware.core.database import session
from courseware.core.paging import Page
from courseware.core.roles import Actor
from courseware.knowledge.models import Point
from courseware.resources import metadata, policy
from courseware.resources.models import Resource, ResourcePoint, ResourceVersion
from courseware.resources.queries.lists import is_withdrawn
from courseware.resources.queries.loaded import with_row_parts
from courseware.resources.queries.pictures import thumbnails_of
from courseware.resources.queries.uses import count_uses

PAGE = 30


STATES = ("draft", "in_review", "returned", "published", "withdrawn")


@dataclass(frozen=True, slots=True)
class MyRow:
    """A line of "my resources". `state` is what the author has to know: the draft's where there is one."""

    resource: Resource
    state: str
    draft: ResourceVersion | None
    published: ResourceVersion | None
    missing: Sequence[metadata.Problem]
    points: int
    uses: int
    thumbnail: str = ""


@dataclass(frozen=True, slots=True)
class MyFilters:
    """Filters of "my resources"; empty means all. `everyone` shows the whole library to stewards."""

    text: str = ""
    state: str = ""
    type: str = ""
    course_id: int | None = None
    library_id: int | None = None
    everyone: bool = False


def my_resources(
    author: Actor, filters: MyFilters | None = None, after: str | None = None, limit: int = PAGE
) -> Page[MyRow]:
    """The author's own resources, newest first, a page at a time."""
    chosen = filters or MyFilters()
    query = _filtered(_mine(author, chosen), chosen)
    if after and after.isdigit():
        query = query.where(Resource.id < int(after))
    query = query.order_by(Resource.id.desc()).limit(limit + 1)
    rows = (
        session()
        .scalars(with_row_parts(query).options(selectinload(Resource.points), joinedload(Resource.library)))
        .all()
    )
    shown = rows[:limit]
    return Page(_my_rows(shown), str(shown[-1].id) if len(rows) > limit else None)


def count_mine(author: Actor) -> dict[str, int]:
    """How many of the author's resources are in each state."""
    counts = {}
    for state in STATES:
        query = _filtered(_mine(author, MyFilters()), MyFilters(state=state))
        counts[state] = session().scalar(select(func.count()).select_from(query.subquery())) or 0
    return counts


def _mine(author: Actor, filters: MyFilters) -> Select[Resource]:
    query = select(Resource)
    if filters.everyone and author.has_role(*policy.STEWARDS):
        return query
    wrote = select(ResourceVersion.resource_id).where(ResourceVersion.author_id == author.id)
    return query.where(or_(Resource.author_id == author.id, Resource.id.in_(wrote)))


def _filtered(query: Select[Resource], filters: MyFilters) -> Select[Resource]:
    exact = (
        (Resource.type, filters.type),
        (Resource.course_id, filters.course_id),
        (Resource.library_id, filters.library_id),
    )
    for column, value in exact:
        query = query.where(column == value) if value else query
    if filters.text.strip():
        query = query.where(_says(filters.text.strip()))
    return query.where(_in_state(filters.state)) if filters.state in STATES else query


def _says(text: str) -> ColumnElement[bool]:
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    like = f"%{escaped}%"
    tagged = (
        select(ResourcePoint.resource_id)
        .join(Point, Point.id == ResourcePoint.point_id)
        .where(Point.name.ilike(like, escape="\\"))
    )
    return or_(
        Resource.title.ilike(like, escape="\\"),
        Resource.name.ilike(like, escape="\\"),
        Resource.external_id == text,
        Resource.id.in_(tagged),
    )


def _in_state(state: str) -> ColumnElement[bool]:
    if state == "withdrawn":
        return Resource.published_version_id.is_not(None) & Resource.is_live.is_(False)
    if state == "published":
        return Resource.is_live.is_(True)
    drafts = select(ResourceVersion.id).where(ResourceVersion.state == state)
    return Resource.draft_version_id.in_(drafts)


def _my_rows(resources: Sequence[Resource]) -> list[MyRow]:
    drafts = _drafts_of(resources)
    uses, pictures = count_uses([r.id for r in resources]), thumbnails_of(resources)
    return [_my_row(r, drafts.get(r.id), uses.get(r.id, 0), pictures.get(r.id, "")) for r in resources]


def _my_row(resource: Resource, draft: ResourceVersion | None, uses: int, thumbnail: str) -> MyRow:
    missing = metadata.list_problems(resource) if draft is not None and draft.state in ("draft", "returned") else []
    return MyRow(
        resource,
        _state(resource, draft),
        draft,
        resource.published_version,
        missing,
        len(resource.points),
        uses,
        thumbnail,
    )


def _state(resource: Resource, draft: ResourceVersion | None) -> str:
    if draft is not None:
        return draft.state
    if resource.is_live:
        return "published"
    return "withdrawn" if is_withdrawn(resource) else "rejected"


def _drafts_of(resources: Sequence[Resource]) -> dict[int, ResourceVersion]:
    ids = [r.draft_version_id for r in resources if r.draft_version_id is not None]
    rows = session().scalars(
        select(ResourceVersion).where(ResourceVersion.id.in_(ids)).options(joinedload(ResourceVersion.asset))
    )
    return {version.resource_id: version for version in rows} if ids else {}
