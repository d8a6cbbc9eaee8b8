"""What a file would change: added, changed, removed, and what the rules refuse. Compares, writes nothing (R14).

What the file lacks is listed as missing and stays, unless removing was asked for: nothing goes silently.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from flask_babel import gettext as _
from sqlalchemy import select

from courseware.core.database import session
from courseware.knowledge.graph import first_cycle
from courseware.knowledge.graphfile.model import Graph
from courseware.knowledge.graphfile.reading import Reading
from courseware.knowledge.graphfile.stored import stored_graph
from courseware.knowledge.models import Point, Post
from courseware.knowledge.names import distinct_aliases
from courseware.libraries.models import Course, Library

TIES = ("aliases", "prerequisites", "related", "needs", "takes")


@dataclass(slots=True)
class Changes:
    """Two graphs and what differs. `added` and `missing` hold facts by their table; `changed` names points and posts."""

    stored: Graph
    wanted: Graph
    is_removing: bool
    added: dict[str, list[tuple[str, ...]]] = field(default_factory=dict)
    missing: dict[str, list[tuple[str, ...]]] = field(default_factory=dict)
    changed: dict[str, list[str]] = field(default_factory=dict)
    problems: list[tuple[str, str]] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many facts would be written; what is missing counts only when it would be removed."""
        written = sum(map(len, self.added.values())) + sum(map(len, self.changed.values()))
        return written + (sum(map(len, self.missing.values())) if self.is_removing else 0)


def changes_of(library: Library, reading: Reading, *, remove: bool = False) -> Changes:
    """Compares what was read with what the library has, and checks every rule of the graph as it would be."""
    changes = Changes(stored_graph(library), reading.graph, remove, problems=list(reading.problems))
    _drop_own_names(changes.wanted)
    _compare(changes)
    _check_names(library, changes)
    _check_circles(changes)
    return changes


def _compare(changes: Changes) -> None:
    stored, wanted = changes.stored, changes.wanted
    for table in ("points", "posts", "abilities"):
        ours, theirs = getattr(stored, table), getattr(wanted, table)
        _note(changes.added, table, [_as_fact(key) for key in theirs if key not in ours])
        _note(changes.missing, table, [_as_fact(key) for key in ours if key not in theirs])
        differing = [key for key in theirs if key in ours and theirs[key] != ours[key]]
        if differing:
            changes.changed[table] = [" · ".join(_as_fact(key)) for key in differing]
    changes.missing.pop("posts", None)  # posts belong to no library: one that the file does not name is not missing
    for table in TIES:
        ours, theirs = getattr(stored, table), getattr(wanted, table)
        _note(changes.added, table, sorted(theirs - ours))
        _note(changes.missing, table, sorted(ours - theirs))


def _note(group: dict[str, list[tuple[str, ...]]], table: str, facts: list[tuple[str, ...]]) -> None:
    if facts:
        group[table] = facts


def _as_fact(key: str | tuple[str, ...]) -> tuple[str, ...]:
    return (key,) if isinstance(key, str) else key


def _drop_own_names(graph: Graph) -> None:
    """An alias that is the name itself, or another spelling of one, is none; as everywhere."""
    by_key: dict[str, list[str]] = {}
    for key, alias in sorted(graph.aliases):
        by_key.setdefault(key, []).append(alias)
    graph.aliases = {
        (key, alias)
        for key, names in by_key.items()
        for alias in (distinct_aliases(names, graph.points[key].name) if key in graph.points else names)
    }


def _check_names(library: Library, changes: Changes) -> None:
    """Everything that a tie names has to be there: in the file, or already in the library."""
    known = {*changes.wanted.points, *changes.stored.points}
    codes = set(session().scalars(select(Course.code).where(Course.library_id == library.id)))
    for key, facts in changes.wanted.points.items():
        if facts.course and facts.course not in codes:
            changes.problems.append((key, _("There is no course “%(course)s” in this library.", course=facts.course)))
    for key in sorted(_named(changes.wanted) - known):
        changes.problems.append((key or "–", _("There is no point with the key “%(key)s”.", key=key[:40])))
    retired = select(Point.key).where(Point.library_id == library.id, Point.retired_at.is_not(None))
    for key in sorted(set(session().scalars(retired)) & set(changes.wanted.points)):
        changes.problems.append((key, _("“%(key)s” is retired here. Take it back first, or leave it out.", key=key)))


def _named(graph: Graph) -> set[str]:
    """Every key that a tie speaks of."""
    return {
        *(key for key, _alias in graph.aliases),
        *(key for pair in (*graph.prerequisites, *graph.related) for key in pair),
        *(key for _post, key in graph.needs),
    }


def _check_circles(changes: Changes) -> None:
    edges: dict[str, list[str]] = {}
    stays = set() if changes.is_removing else changes.stored.prerequisites
    for first, then in sorted(changes.wanted.prerequisites | stays):
        edges.setdefault(then, []).append(first)
    names = {key: facts.name for key, facts in {**changes.stored.points, **changes.wanted.points}.items()}
    while cycle := first_cycle(edges):
        path = " → ".join(names.get(key, key) for key in cycle)
        sentence = _("These prerequisites would form a circle: %(path)s. Leave out one of its steps.", path=path)
        changes.problems.append((cycle[0], sentence))
        edges[cycle[0]].remove(cycle[1])


def posts_named(names: Iterable[str]) -> dict[str, Post]:
    """The posts among `names` that exist; they belong to no library."""
    return {post.name: post for post in session().scalars(select(Post).where(Post.name.in_(list(names))))}
