"""Reading resources: the page of one, the table of an author, versions with their evidence, what was live when.

The number of queries never grows with the rows. Who uses a resource is known higher up: those subjects register a
provider with `tell_uses`.
"""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from courseware.accounts.models import User
from courseware.core.database import session
from courseware.core.errors import NotFound
from courseware.core.paging import Page
from courseware.core.roles import Actor
from courseware.knowledge.models import Point
from courseware.libraries.models import Course, Library
from courseware.resources import change, metadata, policy
from courseware.resources.models import (
    Asset,
    LastEdit,
    LiveSpan,
    PointRange,
    Rendition,
    Resource,
    ResourceNote,
    ResourcePoint,
    ResourceVersion,
)

PAGE = 30
STATES = ("draft", "in_review", "returned", "published", "withdrawn")


@dataclass(frozen=True, slots=True)
class Use:
    """One place where a resource is used: a lesson, say. `version_num` is set where it pins a version; `copied_from` names the lesson it is a copy of."""

    title: str
    path: str
    where: str = ""
    unit: str = ""
    version_num: int | None = None
    opened_by: int | None = None
    copied_from: str = ""


Provider = Callable[[Sequence[int]], Mapping[int, Sequence[Use]]]
Counter = Callable[[Sequence[int]], Mapping[int, int]]
_providers: list[Provider] = []
_counters: list[Counter] = []


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A version with what changed, in words. `counts` tells whether it is an update by M4."""

    version: ResourceVersion
    evidence: Sequence[str]
    is_current: bool

    @property
    def counts(self) -> bool:
        """Whether this version counts as an update."""
        return self.version.decided_class == change.SUBSTANTIVE


@dataclass(frozen=True, slots=True)
class ResourcePage:
    """All that the page of a resource shows. `version` is the one shown: published, else the draft for those who may."""

    resource: Resource
    version: ResourceVersion
    versions: Sequence[VersionLine]
    uses: Sequence[Use]
    related: Sequence[Resource]
    thumbnails: Mapping[int, str]
    missing: Sequence[metadata.Problem] = ()
    can: Mapping[str, bool] = field(default_factory=dict)

    @property
    def asset(self) -> Asset | None:
        """The file shown."""
        return self.version.asset

    def rendition(self, kind: str) -> Rendition | None:
        """The newest rendition of `kind` of the file shown."""
        return self.asset.rendition(kind) if self.asset is not None else None


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


def tell_uses(provider: Provider, counter: Counter | None = None) -> None:
    """Registers who knows where resources are used: ids in, uses by resource id out; and how many, cheaper."""
    _providers.append(provider)
    if counter is not None:
        _counters.append(counter)


def where_used(resources: Sequence[Resource]) -> dict[int, list[Use]]:
    """The uses of each resource, by its id."""
    found: dict[int, list[Use]] = defaultdict(list)
    for provider in _providers:
        for resource_id, uses in provider([r.id for r in resources]).items():
            found[resource_id] += uses
    return found


def count_uses(ids: Sequence[int]) -> dict[int, int]:
    """How often each resource is used, by its id; 0 is left out."""
    counts: dict[int, int] = defaultdict(int)
    for counter in _counters if ids else ():
        for resource_id, count in counter(ids).items():
            counts[resource_id] += count
    return counts


def resource_by_uuid(resource_uuid: uuidlib.UUID, actor: Actor | None = None) -> Resource:
    """The resource with library, course, author and points loaded, for people who may see it. Raises NotFound."""
    resource = session().scalar(_with_page_parts(select(Resource).where(Resource.uuid == resource_uuid)))
    if resource is None or not policy.can_view(actor, resource):
        raise NotFound()
    return resource


def resources_by_uuid(uuids: Iterable[uuidlib.UUID]) -> dict[uuidlib.UUID, Resource]:
    """Resources by uuid, live or not, with what list rows show; unknown ones are left out."""
    rows = session().scalars(_with_row_parts(select(Resource).where(Resource.uuid.in_(list(uuids)))))
    return {resource.uuid: resource for resource in rows}


def resource_by_external_id(library: Library, external_id: str) -> Resource | None:
    """The resource that an import named so, or None."""
    query = select(Resource).where(Resource.library_id == library.id, Resource.external_id == external_id)
    return session().scalar(query)


def resource_page(resource_uuid: uuidlib.UUID, actor: Actor | None) -> ResourcePage:
    """Everything the page of a resource shows to `actor`. Raises NotFound."""
    resource = resource_by_uuid(resource_uuid, actor)
    version = resource.published_version or resource.draft_version
    if version is None:
        raise NotFound()
    may_edit = policy.can_edit(actor, resource)
    related = related_to(resource)
    return ResourcePage(
        resource=resource, version=version, versions=versions_of(resource, actor), uses=where_used([resource])[resource.id],
        related=related, thumbnails=thumbnails_of([resource, *related]),
        missing=metadata.list_problems(resource) if may_edit and resource.draft_version is not None else (),
        can=_rights(actor, resource, may_edit),
    )  # fmt: skip


def versions_of(resource: Resource, actor: Actor | None) -> list[VersionLine]:
    """Versions, newest first, each with its evidence in words; drafts only for authors and staff."""
    query = select(ResourceVersion).where(ResourceVersion.resource_id == resource.id)
    if not (actor is not None and (actor.has_role(*policy.STAFF) or policy.is_author(actor, resource))):
        query = query.where(ResourceVersion.published_at.is_not(None))
    parts = (_named(ResourceVersion.author), joinedload(ResourceVersion.asset))
    rows = session().scalars(query.options(*parts).order_by(ResourceVersion.num.desc()))
    return [VersionLine(v, change.evidence_sentences(v.measured), v.id == resource.published_version_id) for v in rows]


def last_edit_of(resource: Resource) -> LastEdit | None:
    """Who saved it last, and when; None where nobody did since it was made."""
    query = select(LastEdit).where(LastEdit.resource_id == resource.id).options(joinedload(LastEdit.user))
    return session().scalar(query)


def version_before(version: ResourceVersion) -> ResourceVersion | None:
    """The version that was published before this one, or None."""
    query = select(ResourceVersion).where(
        ResourceVersion.resource_id == version.resource_id,
        ResourceVersion.num < version.num,
        ResourceVersion.published_at.is_not(None),
    )
    return session().scalar(query.order_by(ResourceVersion.num.desc()).limit(1))


def notes_of(resource: Resource, limit: int = 50) -> Sequence[ResourceNote]:
    """The ledger of the resource, newest first."""
    query = select(ResourceNote).where(ResourceNote.resource_id == resource.id)
    return session().scalars(query.order_by(ResourceNote.at.desc(), ResourceNote.id.desc()).limit(limit)).all()


def related_to(resource: Resource, limit: int = 6) -> Sequence[Resource]:
    """Live resources that teach one of the same points, those with most of them first."""
    ids = [point.id for point in resource.points]
    if not ids:
        return []
    shared = (
        select(ResourcePoint.resource_id, func.count().label("points"))
        .join(Resource, Resource.id == ResourcePoint.resource_id)
        .where(ResourcePoint.point_id.in_(ids), ResourcePoint.resource_id != resource.id, Resource.is_live.is_(True))
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
    return session().scalars(_with_row_parts(query)).all()


def resources_of_point(point: Point, limit: int = 50) -> Sequence[Resource]:
    """Live resources that teach the point, newest first."""
    query = select(Resource).join(ResourcePoint).where(ResourcePoint.point_id == point.id, Resource.is_live.is_(True))
    return session().scalars(_with_row_parts(query.order_by(Resource.id.desc()).limit(limit))).all()


def recently_updated(
    limit: int = 6, library: Library | None = None, course: Course | None = None
) -> Sequence[Resource]:
    """Live resources, those published or revised last first."""
    query = select(Resource).where(Resource.is_live.is_(True), Resource.updated_at.is_not(None))
    query = query.where(Resource.library_id == library.id) if library is not None else query
    query = query.where(Resource.course_id == course.id) if course is not None else query
    return (
        session()
        .scalars(_with_row_parts(query.order_by(Resource.updated_at.desc(), Resource.id.desc()).limit(limit)))
        .all()
    )


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
        .scalars(_with_row_parts(query).options(selectinload(Resource.points), joinedload(Resource.library)))
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


def thumbnails_of(resources: Sequence[Resource]) -> dict[int, str]:
    """Address of a small picture by resource id, where there is one. One query for all."""
    ids = [r.id for r in resources]
    shown = func.coalesce(Resource.published_version_id, Resource.draft_version_id)
    query = (
        select(Resource.id, Rendition.uuid, Rendition.facts)
        .join(ResourceVersion, ResourceVersion.id == shown)
        .join(Rendition, Rendition.asset_id == ResourceVersion.asset_id)
        .where(Resource.id.in_(ids), Rendition.kind == "thumbnail")
        .order_by(Rendition.id)
    )
    rows = session().execute(query) if ids else ()
    return {resource_id: media_path(uuid, facts) for resource_id, uuid, facts in rows}


def media_path(rendition_uuid: uuidlib.UUID, facts: Mapping[str, Any]) -> str:
    """The address of the main file of a rendition."""
    return f"/media/{rendition_uuid}/{facts.get('file', '')}"


def _rights(actor: Actor | None, resource: Resource, may_edit: bool) -> dict[str, bool]:
    return {
        "edit": may_edit, "submit": may_edit and resource.draft_version is not None,
        "revise": resource.is_live and resource.draft_version_id is None and policy.can_revise(actor, resource),
        "withdraw": resource.is_live and policy.can_withdraw(actor, resource),
        "restore": _is_withdrawn(resource) and policy.can_withdraw(actor, resource),
        "download": policy.can_download(actor, resource),
    }  # fmt: skip


def _is_withdrawn(resource: Resource) -> bool:
    return resource.published_version_id is not None and not resource.is_live


def _with_row_parts(query: Select[Resource]) -> Select[Resource]:
    shown = joinedload(Resource.published_version).joinedload(ResourceVersion.asset)
    return query.options(_named(Resource.author), joinedload(Resource.course), joinedload(Resource.unit), shown)


def _with_page_parts(query: Select[Resource]) -> Select[Resource]:
    taught = selectinload(Resource.points)
    options: list[Any] = [
        taught.selectinload(Point.posts), taught.lazyload(Point.aliases), joinedload(Resource.library), joinedload(Resource.major),
    ]  # fmt: skip
    for version in (joinedload(Resource.published_version), selectinload(Resource.draft_version)):
        options += [
            version.joinedload(ResourceVersion.asset).selectinload(Asset.renditions),
            version.selectinload(ResourceVersion.captions),
            version.selectinload(ResourceVersion.ranges).joinedload(PointRange.point).lazyload(Point.aliases),
            version.joinedload(ResourceVersion.author).lazyload(User.grants),
        ]
    return query.options(_named(Resource.author), joinedload(Resource.course), joinedload(Resource.unit), *options)


def _named(person: Any) -> Any:
    """A person for their name alone: what they may do is asked for only where it matters."""
    return joinedload(person).lazyload(User.grants)


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
    return "withdrawn" if _is_withdrawn(resource) else "rejected"


def _drafts_of(resources: Sequence[Resource]) -> dict[int, ResourceVersion]:
    ids = [r.draft_version_id for r in resources if r.draft_version_id is not None]
    rows = session().scalars(
        select(ResourceVersion).where(ResourceVersion.id.in_(ids)).options(joinedload(ResourceVersion.asset))
    )
    return {version.resource_id: version for version in rows} if ids else {}
