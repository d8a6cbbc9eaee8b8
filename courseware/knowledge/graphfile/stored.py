"""The graph of a library as it is stored."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from courseware.core.database import session
from courseware.knowledge.graphfile.model import Graph, PointFacts, PostFacts
from courseware.knowledge.models import Ability, Point, Post
from courseware.knowledge.queries import edge_pairs, related_pairs
from courseware.libraries.models import Library


def stored_graph(library: Library) -> Graph:
    """Points that are not retired, with everything tied to them; the number of queries does not grow with them."""
    points = session().scalars(
        select(Point).where(Point.library_id == library.id, Point.retired_at.is_(None)).order_by(Point.id)
        .options(joinedload(Point.course), selectinload(Point.posts))
    ).all()  # fmt: skip
    keys = {point.id: point.key for point in points}
    graph = Graph(points={point.key: facts_of(point) for point in points})
    graph.aliases = {(point.key, alias.name) for point in points for alias in point.aliases}
    graph.prerequisites = {(keys[a], keys[b]) for a, b in edge_pairs(library) if a in keys and b in keys}
    graph.related = {ordered(keys[a], keys[b]) for a, b in related_pairs(library) if a in keys and b in keys}
    graph.needs = {(post.name, point.key) for point in points for post in point.posts}
    _take_posts(graph, {post.id for point in points for post in point.posts}, keys)
    return graph


def facts_of(point: Point) -> PointFacts:
    """The plain facts of one point."""
    code = point.course.code if point.course else ""
    return PointFacts(point.name, point.name_en, point.kind, code, point.is_mandatory, point.description)


def ordered(one: str, other: str) -> tuple[str, str]:
    """A relation without an order, always written the same way."""
    return (one, other) if one < other else (other, one)


def _take_posts(graph: Graph, ids: set[int], keys: dict[int, str]) -> None:
    query = select(Post).where(Post.id.in_(ids)).options(selectinload(Post.abilities).selectinload(Ability.points))
    for post in session().scalars(query.order_by(Post.name)):
        graph.posts[post.name] = PostFacts(post.name_en, post.code)
        for ability in post.abilities:
            graph.abilities[post.name, ability.name] = ability.name_en
            graph.takes |= {(post.name, ability.name, keys[p.id]) for p in ability.points if p.id in keys}
