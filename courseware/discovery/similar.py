"""Resources like a given one, and why they are thought alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, select

from courseware.core.database import session
from courseware.discovery.cards import PointLink
from courseware.discovery.engine import engine
from courseware.discovery.services import Found, visible
from courseware.knowledge.models import Point
from courseware.resources.models import Resource, ResourcePoint
from search.documents import SearchHit, SearchQuery
from search.engine import IndexUnavailable
from search.meaning.hybrid import HybridEngine

SHOWN = 4


@dataclass(frozen=True, slots=True)
class Similar:
    """A live resource; `shared` are the points both teach. Without any they are alike by meaning."""

    found: Found
    shared: tuple[PointLink, ...] = ()


def similar_to(resource: Resource, count: int = SHOWN) -> Sequence[Similar]:
    """Up to `count` live resources that teach the same points, titles alike first; where meaning search is on, those nearest in
    meaning come before them. Everybody may see them. None while the index is rebuilt: a page needs no neighbours."""
    try:
        hits = _by_meaning(resource, count) + _by_points(resource, count)
    except IndexUnavailable:
        return ()
    own = f"resource:{resource.uuid}"
    distinct = list({hit.id: hit for hit in hits if hit.id != own}.values())[:count]
    found = visible(distinct)
    shared = _shared([each.row.id for each in found], resource)
    return [Similar(each, tuple(shared.get(each.row.id, ()))) for each in found]


def _by_meaning(resource: Resource, count: int) -> list[SearchHit]:
    used = engine()
    if not isinstance(used, HybridEngine):
        return []
    return list(used.near(f"resource:{resource.uuid}", count, SearchQuery(kind="resource")))


def _by_points(resource: Resource, count: int) -> list[SearchHit]:
    points = tuple(str(point.uuid) for point in resource.points)
    if not points:
        return []
    asked = SearchQuery(resource.title, kind="resource", filters={"points": points}, limit=count + 1, exact=True)
    alike = engine().search(asked)
    if alike.total > count:
        return list(alike.hits)
    used_most = SearchQuery(kind="resource", filters={"points": points}, limit=count + 1)
    return [*alike.hits, *engine().search(used_most).hits]


def _shared(ids: Sequence[int], resource: Resource) -> Mapping[int, list[PointLink]]:
    """Points that each of them has in common with the resource; one query."""
    own = [point.id for point in resource.points]
    shared: dict[int, list[PointLink]] = defaultdict(list)
    if ids and own:
        for resource_id, *point in session().execute(_shared_statement(), {"ids": list(ids), "own": own}):
            shared[resource_id].append(PointLink(*point))
    return shared


@lru_cache(maxsize=1)
def _shared_statement() -> Any:
    return (
        select(ResourcePoint.resource_id, Point.uuid, Point.name, Point.name_en)
        .join(Point, Point.id == ResourcePoint.point_id)
        .where(
            ResourcePoint.resource_id.in_(bindparam("ids", expanding=True)),
            ResourcePoint.point_id.in_(bindparam("own", expanding=True)),
        )
        .order_by(ResourcePoint.resource_id, Point.id)
    )
