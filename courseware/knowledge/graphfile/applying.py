"""Takes the graph of a file into a library: all of it, or nothing (R14)."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, insert, select

from courseware.auditlog import services as auditlog
from courseware.core import clock
from courseware.core.database import Model, session
from courseware.core.errors import Conflict, Invalid, NotAllowed
from courseware.core.roles import Actor
from courseware.knowledge.graphfile.changes import Changes, changes_of, posts_named
from courseware.knowledge.graphfile.model import Graph
from courseware.knowledge.graphfile.reading import Reading
from courseware.knowledge.models import (
    Ability,
    AbilityPoint,
    Point,
    PointAlias,
    PointPost,
    PointPrerequisite,
    PointRelation,
    Post,
)
from courseware.knowledge.policy import can_edit_graph
from courseware.knowledge.posts import require_post_editor
from courseware.knowledge.queries import standard_naming
from courseware.knowledge.services import lock_graph, tell
from courseware.libraries.models import Library


class GraphMoved(Conflict):
    """Somebody changed the graph between the dry run and the import."""

    code = "graph_moved"
    message = _l(
        "The graph was changed while you were looking. Nothing was written: look at the differences as they are now."
    )


class FileHasProblems(Invalid):
    """A file that is not taken in because parts of it are refused."""

    code = "file_has_problems"
    message = _l("Nothing was imported. Repair these places and send the file again.")


def take_in(
    library: Library, reading: Reading, actor: Actor | None, *, remove: bool = False, base: str | None = None
) -> Changes:
    """Writes what the file says; what it lacks stays unless `remove`: then ties go and points are retired.

    `base` is the digest of the graph that the dry run compared with. Raises NotAllowed, GraphMoved, FileHasProblems,
    PostOfOthers; returns what was changed. `actor` None is for commands, which answer for themselves.
    """
    if actor is not None and not can_edit_graph(actor, library):
        raise NotAllowed()
    lock_graph(library.id)
    changes = changes_of(library, reading, remove=remove)
    if base is not None and base != changes.stored.digest():
        raise GraphMoved()
    if changes.problems:
        raise FileHasProblems()
    _Writer(library, changes, actor).write()
    facts = {"added": _sizes(changes.added), "removed": _sizes(changes.missing) if remove else {}}
    auditlog.record("graph.import", actor, about=library, details=facts)
    return changes


def _sizes(group: dict[str, list[tuple[str, ...]]]) -> dict[str, int]:
    return {table: len(facts) for table, facts in group.items()}


class _Writer:
    def __init__(self, library: Library, changes: Changes, actor: Actor | None) -> None:
        self.library, self.changes, self.actor = library, changes, actor
        self.points = {p.key: p for p in session().scalars(select(Point).where(Point.library_id == library.id))}
        self.posts = posts_named({*changes.wanted.posts, *changes.stored.posts})
        self.touched: set[str] = set()

    def write(self) -> None:
        """Things first, then what ties them, then what goes."""
        self._write_posts()
        self._write_points()
        session().flush()
        for table, keys in _rows_of_ties(self.changes.added):
            self._add(table, keys)
        if self.changes.is_removing:
            for table, keys in _rows_of_ties(self.changes.missing):
                self._remove(table, keys)
            self._remove_abilities()
            self._retire(key for (key,) in self.changes.missing.get("points", []))
        session().flush()
        session().expire_all()
        for key in sorted(self.touched):
            tell(self.points[key])

    def _write_posts(self) -> None:
        wanted: Graph = self.changes.wanted
        for name in self.changes.changed.get("posts", []):
            if self.actor is not None:
                require_post_editor(self.posts[name], self.library, self.actor)
        for name, facts in wanted.posts.items():
            post = self.posts.get(name)
            if post is None:
                post = self.posts[name] = Post(name=name, abilities=[])
                session().add(post)
            post.name_en, post.code = facts.name_en or post.name_en or "", facts.code or post.code or ""
        session().flush()
        for (name, ability), english in wanted.abilities.items():
            self._write_ability(self.posts[name], ability, english)
        session().flush()

    def _write_ability(self, post: Post, name: str, english: str) -> None:
        known = next((ability for ability in post.abilities if ability.name == name), None)
        if known is None:
            post.abilities.append(Ability(seq=len(post.abilities) + 1, name=name, name_en=english))
        else:
            known.name_en = english or known.name_en

    def _write_points(self) -> None:
        courses = {course.code: course for course in self.library.courses}
        changed = {*self.changes.changed.get("points", []), *(key for (key,) in self.changes.added.get("points", []))}
        for key in sorted(changed):
            facts = self.changes.wanted.points[key]
            point = self.points.get(key)
            if point is None:
                point = self.points[key] = Point(library_id=self.library.id, key=key)
                session().add(point)
            point.name, point.name_en, point.kind = facts.name, facts.name_en, facts.kind
            point.description, point.is_mandatory = facts.description, facts.is_mandatory
            point.course_id = courses[facts.course].id if facts.course else None
        self.touched |= changed

    def _add(self, table: str, keys: Iterable[tuple[str, ...]]) -> None:
        model, rows = self._rows(table, keys)
        if rows:
            session().execute(insert(model), rows)

    def _remove(self, table: str, keys: Iterable[tuple[str, ...]]) -> None:
        model, rows = self._rows(table, keys)
        for row in rows:
            session().execute(delete(model).where(*(getattr(model, name) == value for name, value in row.items())))

    def _rows(self, table: str, keys: Iterable[tuple[str, ...]]) -> tuple[type[Model], list[dict[str, int | str]]]:
        """The table of a kind of tie, and its rows for facts that name points, posts and abilities."""
        facts = list(keys)
        number = {key: point.id for key, point in self.points.items()}
        self.touched |= {part for fact in facts for part in fact if part in number}
        if table == "aliases":
            return PointAlias, [{"point_id": number[key], "name": alias} for key, alias in facts]
        if table == "prerequisites":
            return PointPrerequisite, [
                {"point_id": number[then], "prerequisite_id": number[first]} for first, then in facts
            ]
        if table == "related":
            pairs = (sorted((number[one], number[other])) for one, other in facts)
            return PointRelation, [{"point_id": low, "other_id": high} for low, high in pairs]
        if table == "needs":
            return PointPost, [{"point_id": number[key], "post_id": self.posts[post].id} for post, key in facts]
        return AbilityPoint, [
            {"ability_id": self._ability(post, ability).id, "point_id": number[key]} for post, ability, key in facts
        ]

    def _ability(self, post: str, name: str) -> Ability:
        return next(ability for ability in self.posts[post].abilities if ability.name == name)

    def _remove_abilities(self) -> None:
        for post, name in self.changes.missing.get("abilities", []):
            if self.actor is not None:
                require_post_editor(self.posts[post], self.library, self.actor)
            self.posts[post].abilities.remove(self._ability(post, name))

    def _retire(self, keys: Iterable[str]) -> None:
        """A point that a standard in force names stays: its coverage is counted."""
        for key in keys:
            if standard_naming(self.points[key]) is None:
                self.points[key].retired_at = clock.now()
                self.touched.add(key)


def _rows_of_ties(group: dict[str, list[tuple[str, ...]]]) -> list[tuple[str, list[tuple[str, ...]]]]:
    order = ("aliases", "prerequisites", "related", "needs", "takes")
    return [(table, group[table]) for table in order if table in group]
