"""A graph as plain facts, each of them one row of a sheet: two graphs differ by what one set has and the other lacks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

FORMAT, VERSION = "keku-graph", 1
Pair = tuple[str, str]
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class PointFacts:
    """What a point is, by its key."""

    name: str
    name_en: str = ""
    kind: str = "knowledge"
    course: str = ""  # code
    is_mandatory: bool = True
    description: str = ""


@dataclass(frozen=True, slots=True)
class PostFacts:
    """What a post is, by its name."""

    name_en: str = ""
    code: str = ""


@dataclass(slots=True)
class Graph:
    """Points by key, posts by name, abilities by post and name (value: English name), and what ties them."""

    points: dict[str, PointFacts] = field(default_factory=dict)
    posts: dict[str, PostFacts] = field(default_factory=dict)
    abilities: dict[Pair, str] = field(default_factory=dict)
    aliases: set[Pair] = field(default_factory=set)  # point key, alias
    prerequisites: set[Pair] = field(default_factory=set)  # first, then
    related: set[Pair] = field(default_factory=set)  # the smaller key first
    needs: set[Pair] = field(default_factory=set)  # post, point key
    takes: set[tuple[str, str, str]] = field(default_factory=set)  # post, ability, point key

    def digest(self) -> str:
        """Short words that change whenever the graph does."""
        text = json.dumps(as_document(self), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:20]


def as_document(graph: Graph) -> dict[str, Any]:
    """The graph as it stands in a JSON file; lists are sorted, so that files can be compared line by line."""
    aliases, related = _lists(graph.aliases), _lists(graph.related)
    needed_by, first_of = (
        _lists((key, post) for post, key in graph.needs),
        _lists((b, a) for a, b in graph.prerequisites),
    )
    points = [
        {
            "key": key, "name": facts.name, "name_en": facts.name_en, "kind": facts.kind, "course": facts.course,
            "mandatory": facts.is_mandatory, "description": facts.description, "aliases": aliases.get(key, []),
            "prerequisites": first_of.get(key, []), "related": related.get(key, []), "posts": needed_by.get(key, []),
        }
        for key, facts in sorted(graph.points.items())
    ]  # fmt: skip
    abilities = _abilities(graph)
    posts = [
        {"name": name, "name_en": facts.name_en, "code": facts.code, "abilities": abilities.get(name, [])}
        for name, facts in sorted(graph.posts.items())
    ]
    return {"format": FORMAT, "version": VERSION, "points": points, "posts": posts}


def _abilities(graph: Graph) -> dict[str, list[dict[str, Any]]]:
    takes = _lists(((post, ability), key) for post, ability, key in graph.takes)
    found: dict[str, list[dict[str, Any]]] = {}
    for (post, name), english in graph.abilities.items():
        points = takes.get((post, name), [])
        found.setdefault(post, []).append({"name": name, "name_en": english, "points": points})
    return found


def _lists(pairs: Iterable[tuple[K, str]]) -> dict[K, list[str]]:
    """Pairs as sorted lists by their first part."""
    found: dict[K, list[str]] = {}
    for first, second in pairs:
        found.setdefault(first, []).append(second)
    return {first: sorted(seconds) for first, seconds in found.items()}
