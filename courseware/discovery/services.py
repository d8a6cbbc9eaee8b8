"""Searching as the site does it: the index finds, the database tells what it is and whether the person may see it."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from courseware.accounts.models import User
from courseware.assessment.policy import can_read_bank
from courseware.core.database import session
from courseware.discovery.engine import engine
from courseware.discovery.known_cards import cards_at
from courseware.libraries.models import Course
from courseware.monitoring.queries.cache import content_stamp
from courseware.resources.models import Asset, Resource, ResourceVersion
from search.documents import PUBLIC, TEACHING, Kind, Piece, SearchHit, SearchQuery, SearchResult, Sort, Suggestion

FACETS = ("type", "course", "originality", "year", "tags", "unit", "major", "language", "length", "points")
LIMIT = 20
#: Values told of a facet, where a page does not show fewer.
FACET_VALUES = 100
_PATHS: Mapping[Kind, str] = {
    "resource": "resources", "moment": "resources", "course": "courses", "point": "points", "lesson": "learn",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """A hit with its card: of the resource for moments, too."""

    kind: Kind
    row: Any  # a Card; pages know which by the kind
    title: Sequence[Piece]
    highlight: Sequence[Piece]
    score: float
    start_s: float | None = None
    end_s: float | None = None

    @property
    def url(self) -> str:
        """Where it is; a moment begins playing at its second, a question stands with its first point."""
        if self.kind == "question":
            return f"/points/{self.row.points[0].uuid}" if self.row.points else f"/courses/{self.row.course.uuid}"
        second = f"?t={int(self.start_s)}" if self.kind == "moment" and self.start_s is not None else ""
        return f"/{_PATHS[self.kind]}/{self.row.uuid}{second}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a search page or command shows. `result` carries totals, facets, suggestions and timing."""

    result: SearchResult
    hits: Sequence[Found]
    kind_counts: Mapping[str, int] = field(default_factory=dict)


def search(
    actor: User | None,
    text: str,
    *,
    kind: Kind | None = None,
    filters: Mapping[str, Sequence[str]] | None = None,
    sort: Sort = "relevance",
    limit: int = LIMIT,
    offset: int = 0,
    facets: Sequence[str] = (),
    facet_values: int = FACET_VALUES,
    exact: bool = False,
    state: Hashable = None,
) -> Answer:
    """The best `limit` hits the actor may see. `state` as for `visible`. Raises search.engine.IndexUnavailable while the index is rebuilt."""
    asked = _query(actor, text, kind, filters, sort, limit, offset, facets, facet_values, exact)
    result = engine().search(asked)
    return Answer(result, visible(result.hits, state), dict(result.facets.get("kind", ())))


def search_groups(
    actor: User | None,
    text: str,
    limits: Mapping[Kind, int],
    *,
    filters: Mapping[str, Sequence[str]] | None = None,
    sort: Sort = "relevance",
    facets: Sequence[str] = (),
    facet_values: int = FACET_VALUES,
    exact: bool = False,
    state: Hashable = None,
) -> tuple[Answer, dict[Kind, Sequence[Found]]]:
    """Totals and facets over every kind, and the best few of each kind that has any. `state` as for `visible`.
    Raises IndexUnavailable."""
    asked = _query(actor, text, None, filters, sort, 0, 0, facets, facet_values, exact)
    result = engine().search(dataclasses.replace(asked, per_kind=limits))
    groups: dict[Kind, list[Found]] = {}
    for found in visible(result.hits, state):
        groups.setdefault(found.kind, []).append(found)
    return Answer(result, (), dict(result.facets.get("kind", ()))), dict(groups)


def scopes_of(actor: User | None) -> tuple[str, ...]:
    """What kinds of documents the person may find at all: the engine counts, suggests and corrects by these only (SEC8)."""
    return (PUBLIC, TEACHING) if can_read_bank(actor) else (PUBLIC,)


def _query(
    actor: User | None, text: str, kind: Kind | None, filters: Mapping[str, Sequence[str]] | None, sort: Sort, limit: int, offset: int,
    facets: Sequence[str], facet_values: int, exact: bool,
) -> SearchQuery:  # fmt: skip
    return SearchQuery(
        text=text, kind=kind, filters={name: tuple(values) for name, values in (filters or {}).items() if values},
        sort=sort, limit=limit, offset=offset, facets=tuple({*facets, "kind"}),
        facet_values=facet_values, exact=exact, scopes=scopes_of(actor),
    )  # fmt: skip


def search_resources(
    actor: User | None,
    text: str,
    *,
    course: Course | None = None,
    types: Sequence[str] = (),
    limit: int = LIMIT,
    **filters: Sequence[str],
) -> Sequence[Resource]:
    """Live resources for the tray of the lesson board, best first; no text lists the most used."""
    wanted: dict[str, Sequence[str]] = {**filters, "type": types}
    if course is not None:
        wanted["course"] = (str(course.uuid),)
    sort: Sort = "relevance" if text.strip() else "popular"
    answer = search(actor, text, kind="resource", filters=wanted, sort=sort, limit=limit)
    uuids = [found.row.uuid for found in answer.hits]
    query = select(Resource).where(Resource.uuid.in_(uuids)).options(*_for_the_tray())
    rows = {resource.uuid: resource for resource in session().scalars(query).unique()}
    return [rows[uuid] for uuid in uuids if uuid in rows]


def _for_the_tray() -> tuple[Any, ...]:
    asset = joinedload(Resource.published_version).joinedload(ResourceVersion.asset)
    return (
        joinedload(Resource.author), joinedload(Resource.unit), joinedload(Resource.course), asset.selectinload(Asset.renditions),
    )  # fmt: skip


def suggest(text: str, limit: int = 8) -> Sequence[Suggestion]:
    """Names that continue what is being typed."""
    return engine().suggest(text, limit)


def near_points(text: str, limit: int = 4) -> Sequence[Found]:
    """Points that share words, sound or spelling with a text, best first. Raises IndexUnavailable."""
    result = engine().search(SearchQuery(text, kind="point", limit=limit))
    found = list(visible(result.hits))
    if found or not result.suggestions:
        return found
    return visible(engine().search(SearchQuery(result.suggestions[0], kind="point", limit=limit)).hits)


def visible(hits: Sequence[SearchHit], state: Hashable = None) -> list[Found]:
    """The rows behind the hits, in their order, without what is gone or no longer public (SEC8).

    `state` is the content stamp where the caller has asked for it already; the database is asked otherwise."""
    places = [(_table_of(hit), hit.id.split(":")[1]) for hit in hits]
    wanted: dict[str, dict[str, None]] = defaultdict(dict)
    for table, uuid in places:
        wanted[table][uuid] = None
    state = state or (content_stamp() if hits else None)
    rows = {table: cards_at(state, table, uuids) for table, uuids in wanted.items()}
    pairs = ((hit, rows[table].get(uuid)) for hit, (table, uuid) in zip(hits, places, strict=True))
    return [
        Found(hit.kind, row, hit.title, hit.highlight, hit.score, hit.start_s, hit.end_s)
        for hit, row in pairs
        if row is not None
    ]


def without_kind(filters: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    """Filters that hold for every kind of hit."""
    return {name: values for name, values in filters.items() if name != "kind"}


def as_dict(found: Found) -> dict[str, Any]:
    """A hit as interfaces.md names it; seconds only where there are any."""
    answer = {
        "kind": found.kind,
        "id": str(found.row.uuid),
        "external_id": getattr(found.row, "external_id", None),
        "title": "".join(piece.text for piece in found.title),
        "score": round(found.score, 4),
        "highlight": "".join(piece.text for piece in found.highlight),
        "url": found.url,
    }
    if found.start_s is not None:
        answer |= {"start_s": found.start_s, "end_s": found.end_s}
    return answer


def answer_as_dict(answer: Answer) -> dict[str, Any]:
    """A whole answer as interfaces.md names it."""
    result = answer.result
    return {
        "query": result.query,
        "normalized": result.normalized,
        "total": result.total,
        "took_ms": round(result.took_ms, 2),
        "corrected_to": result.corrected_to,
        "hits": [as_dict(found) for found in answer.hits],
        "facets": {name: [list(pair) for pair in pairs] for name, pairs in result.facets.items()},
        "suggestions": list(result.suggestions),
    }


def _table_of(hit: SearchHit) -> str:
    return "resource" if hit.kind == "moment" else hit.kind
