"""Points from a sheet: every row is checked first, then all are written, or none (interfaces.md: point row).

Columns: key, name, name_en, kind, aliases, major, course, prerequisites, posts, description; Chinese headings are
understood. A row is the same point as before when its key is the same, or, without a key, its name in its course.
Columns that a sheet does not have leave what is stored as it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from courseware.auditlog import services as auditlog
from courseware.core import events
from courseware.core.database import session
from courseware.core.roles import Actor
from courseware.core.tables import ImportReport, Row, RowProblem, list_of, text_of
from courseware.knowledge.graph import first_cycle
from courseware.knowledge.models import POINT_KINDS, Point, PointAlias, PointPrerequisite, Post
from courseware.knowledge.names import ALIAS_LIMIT, NAME_LIMIT, TEXT_LIMIT, distinct_aliases
from courseware.knowledge.queries import prerequisite_edges
from courseware.libraries.models import Course, Library

COLUMNS = {
    "编号": "key", "名称": "name", "知识点": "name", "英文名称": "name_en", "类型": "kind", "别名": "aliases",
    "专业": "major", "课程": "course", "前置": "prerequisites", "前置点": "prerequisites", "岗位": "posts",
    "说明": "description", "描述": "description", "id": "key", "code": "key", "alias": "aliases",
}  # fmt: skip
KINDS = {"知识点": "knowledge", "技能点": "skill", "知识": "knowledge", "技能": "skill"}


@dataclass(slots=True, eq=False)
class _Draft:
    """A row as it was understood. None in a list means: the sheet does not speak of it."""

    row: int
    key: str
    name: str
    kind: str
    course: Course | None
    values: Mapping[str, Any]
    aliases: list[str] | None  # as in the row, once each
    prerequisites: list[str] | None
    posts: list[str] | None
    point: Point | None = None
    needs: list[_Draft | Point] = field(default_factory=list)


class _Reading:
    """What a list says, checked against the library and against itself."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.courses = _by_code_and_name(library.courses)
        self.majors = _names_of_majors(library)
        self.known = _known_points(library)
        self.by_key = {point.key: point for point in self.known}
        self.drafts: list[_Draft] = []
        self.problems: list[RowProblem] = []

    def refuse(self, row: int, column: str, reason: str, sentence: Any) -> None:
        """Writes down one problem; the reading goes on."""
        self.problems.append(RowProblem(row, column, reason, sentence))

    def read(self, rows: Iterable[Row]) -> int:
        """Takes in every row; how many there were."""
        count = 0
        for row in rows:
            count += 1
            if row.problem is not None:
                self.refuse(row.number, "", "unreadable_row", row.problem)
            else:
                self._take(row)
        self._refuse_repeated()
        self._find_prerequisites()
        return count

    def _take(self, row: Row) -> None:
        values = row.values
        name = text_of(values, "name", "name_zh")
        kind = text_of(values, "kind") or "knowledge"
        course = self._course(row)
        self._check(row, name, KINDS.get(kind, kind))
        draft = _Draft(
            row=row.number, key=text_of(values, "key"), name=name, kind=KINDS.get(kind, kind), course=course,
            values=values, aliases=list_of(values, "aliases"), prerequisites=list_of(values, "prerequisites"),
            posts=list_of(values, "posts"),
        )  # fmt: skip
        if draft.aliases is not None:
            draft.aliases = distinct_aliases(draft.aliases, name)
        draft.point = self._same_point(draft)
        draft.key = draft.key or (draft.point.key if draft.point else draft.name)
        self.drafts.append(draft)

    def _check(self, row: Row, name: str, kind: str) -> None:
        if not name:
            self.refuse(row.number, "name", "missing", _l("The name is missing."))
        if len(name) > NAME_LIMIT:
            self.refuse(
                row.number, "name", "too_long", _l("The name is longer than %(limit)s characters.", limit=NAME_LIMIT)
            )
        if kind not in POINT_KINDS:
            self.refuse(row.number, "kind", "unknown_kind", _l("“%(kind)s” is neither knowledge nor skill.", kind=kind))
        if len(text_of(row.values, "description", "description_zh")) > TEXT_LIMIT:
            self.refuse(row.number, "description", "too_long", _l("The description is too long."))
        for alias in list_of(row.values, "aliases") or []:
            if len(alias) > ALIAS_LIMIT:
                sentence = _l(
                    "“%(alias)s” is longer than %(limit)s characters.", alias=alias[:20] + "…", limit=ALIAS_LIMIT
                )
                self.refuse(row.number, "aliases", "too_long", sentence)

    def _course(self, row: Row) -> Course | None:
        major = text_of(row.values, "major")
        if major and major not in self.majors:
            sentence = _l("“%(major)s” is no major of this library.", major=major)
            self.refuse(row.number, "major", "unknown_major", sentence)
        name = text_of(row.values, "course")
        if name and name not in self.courses:
            sentence = _l("There is no course “%(course)s” in this library.", course=name)
            self.refuse(row.number, "course", "unknown_course", sentence)
        return self.courses.get(name)

    def _same_point(self, draft: _Draft) -> Point | None:
        if draft.key:
            return self.by_key.get(draft.key)
        same = [point for point in self.known if point.name == draft.name and _same_course(point, draft.course)]
        return same[0] if len(same) == 1 else None

    def _refuse_repeated(self) -> None:
        first: dict[str, int] = {}
        for draft in self.drafts:
            if draft.key in first:
                sentence = _l("“%(key)s” stands in line %(line)s already.", key=draft.key, line=first[draft.key])
                self.refuse(draft.row, "key", "repeated", sentence)
            first.setdefault(draft.key, draft.row)

    def _find_prerequisites(self) -> None:
        """Prerequisites are named by key or by name; the list itself comes before what is stored."""
        by_key: dict[str, _Draft | Point] = {**self.by_key, **{draft.key: draft for draft in self.drafts}}
        by_name: dict[str, dict[str, _Draft | Point]] = defaultdict(dict)
        for thing in by_key.values():
            by_name[thing.name][thing.key] = thing
        for draft in self.drafts:
            for wanted in draft.prerequisites or []:
                self._find_prerequisite(draft, wanted, by_key, by_name)

    def _find_prerequisite(
        self,
        draft: _Draft,
        wanted: str,
        by_key: Mapping[str, _Draft | Point],
        by_name: Mapping[str, Mapping[str, _Draft | Point]],
    ) -> None:
        found = [by_key[wanted]] if wanted in by_key else list(by_name.get(wanted, {}).values())
        if not found:
            sentence = _l("There is no point “%(name)s”.", name=wanted)
            self.refuse(draft.row, "prerequisites", "unknown_point", sentence)
        elif len(found) > 1:
            sentence = _l("Several points are called “%(name)s”; name one by its key.", name=wanted)
            self.refuse(draft.row, "prerequisites", "ambiguous_point", sentence)
        elif found[0] not in draft.needs:
            draft.needs.append(found[0])

    def refuse_cycles(self) -> None:
        """Looks for circles in the graph as it would be (R13), names each and the row that closes it."""
        edges, names = self._graph()
        rows = {draft.key: draft.row for draft in self.drafts if draft.prerequisites is not None}
        while cycle := first_cycle(edges):
            step = next((n for n in range(len(cycle) - 1) if cycle[n] in rows), 0)
            path = [*cycle[step:-1], *cycle[: step + 1]]
            words = " → ".join(names[key] for key in path)
            sentence = _l("These prerequisites would form a circle: %(path)s. Leave out one of its steps.", path=words)
            self.refuse(rows.get(path[0], 0), "prerequisites", "prerequisite_cycle", sentence)
            edges[path[0]].remove(path[1])

    def _graph(self) -> tuple[dict[str, list[str]], dict[str, str]]:
        keys = {point.id: point.key for point in self.known}
        edges = {
            keys[number]: [keys[need] for need in needs if need in keys]
            for number, needs in prerequisite_edges(self.library.id).items()
        }
        names = {point.key: point.name for point in self.known}
        for draft in self.drafts:
            names[draft.key] = draft.name
            if draft.prerequisites is not None:
                edges[draft.key] = [need.key for need in draft.needs]
        return edges, names


def import_points(
    library: Library, rows: Iterable[Row | Mapping[str, Any]], *, dry_run: bool = False, actor: Actor | None = None
) -> ImportReport:
    """Adds and updates points; with any problem in any row, or on a dry run, nothing is written.

    The caller answers for the right of `actor`, who is only written to the log.
    """
    reading = _Reading(library)
    count = reading.read(_numbered(rows))
    reading.refuse_cycles()
    report = ImportReport(rows=count, dry_run=dry_run, problems=sorted(reading.problems, key=lambda p: p.row))
    if report.problems:
        return report
    _count(report, reading.drafts)
    if not dry_run:
        _write(reading)
        details = {"created": report.created, "updated": report.updated}
        auditlog.record("point.import", actor, about=library, details=details)
    return report


def _numbered(rows: Iterable[Row | Mapping[str, Any]]) -> Iterable[Row]:
    for number, row in enumerate(rows, start=1):
        yield row if isinstance(row, Row) else Row(number, row)


def _by_code_and_name(courses: Sequence[Course]) -> dict[str, Course]:
    names = {name: course for course in courses for name in (course.name_en, course.name) if name}
    return {**names, **{course.code: course for course in courses}}


def _names_of_majors(library: Library) -> set[str]:
    majors = [library.core_major, *library.served_majors]
    return {text for major in majors for text in (major.code, major.name, major.name_en) if text}


def _known_points(library: Library) -> Sequence[Point]:
    return (
        session()
        .scalars(
            select(Point)
            .where(Point.library_id == library.id)
            .options(selectinload(Point.posts), selectinload(Point.prerequisites))
            .order_by(Point.id)
        )
        .all()
    )


def _same_course(point: Point, course: Course | None) -> bool:
    return course is None or point.course_id == course.id


def _fields(draft: _Draft) -> dict[str, Any]:
    """The plain columns the sheet speaks of."""
    columns = {"name_en": ("name_en",), "description": ("description", "description_zh")}
    given: dict[str, Any] = {
        name: text_of(draft.values, *spellings)
        for name, spellings in columns.items()
        if any(spelling in draft.values for spelling in spellings)
    }
    if draft.course is not None:
        given["course_id"] = draft.course.id
    if "kind" in draft.values or draft.point is None:
        given["kind"] = draft.kind
    return {"name": draft.name, **given}


def _is_changed(draft: _Draft, point: Point) -> bool:
    lists = (
        (draft.aliases, [alias.name for alias in point.aliases]),
        (draft.posts, [post.name for post in point.posts]),
        (draft.prerequisites and [need.key for need in draft.needs], [need.key for need in point.prerequisites]),
    )
    if any(getattr(point, name) != value for name, value in _fields(draft).items()):
        return True
    return any(given is not None and set(given) != set(stored) for given, stored in lists)


def _count(report: ImportReport, drafts: Sequence[_Draft]) -> None:
    for draft in drafts:
        if draft.point is None:
            report.created += 1
        elif _is_changed(draft, draft.point):
            report.updated += 1
        else:
            report.unchanged += 1


def _write(reading: _Reading) -> None:
    touched = [draft for draft in reading.drafts if draft.point is None or _is_changed(draft, draft.point)]
    posts = _posts({name for draft in touched for name in draft.posts or []})
    for draft in touched:
        draft.point = _written(reading.library, draft, posts)
    session().flush()
    _write_edges(touched)
    for draft in touched:
        if draft.point is not None:
            session().expire(draft.point, ["prerequisites", "next_points"])
            events.content_changed.send(__name__, kind="point", uuid=draft.point.uuid)


def _written(library: Library, draft: _Draft, posts: Mapping[str, Post]) -> Point:
    point = draft.point or Point(library_id=library.id, key=draft.key, name_en="", description="")
    for name, value in _fields(draft).items():
        setattr(point, name, value)
    if draft.aliases is not None:
        kept = [alias for alias in point.aliases if alias.name in draft.aliases]
        new = [name for name in draft.aliases if name not in {alias.name for alias in kept}]
        point.aliases = [*kept, *(PointAlias(name=name) for name in new)]
    if draft.posts is not None:
        point.posts = [posts[name] for name in dict.fromkeys(draft.posts)]
    session().add(point)
    return point


def _posts(names: set[str]) -> dict[str, Post]:
    known = {post.name: post for post in session().scalars(select(Post).where(Post.name.in_(names)))}
    for name in sorted(names - known.keys()):
        known[name] = Post(name=name)
        session().add(known[name])
    return known


def _write_edges(touched: Sequence[_Draft]) -> None:
    """Edges are written last, when every point has its number."""
    ids = {draft.key: draft.point.id for draft in touched if draft.point is not None}
    speaking = [draft for draft in touched if draft.prerequisites is not None]
    of_these = PointPrerequisite.point_id.in_([ids[draft.key] for draft in speaking])
    stored = {(e.point_id, e.prerequisite_id): e for e in session().scalars(select(PointPrerequisite).where(of_these))}
    wanted = {(ids[draft.key], _number(need, ids)) for draft in speaking for need in draft.needs}
    for pair in stored.keys() - wanted:
        session().delete(stored[pair])
    session().add_all(PointPrerequisite(point_id=a, prerequisite_id=b) for a, b in sorted(wanted - stored.keys()))
    session().flush()


def _number(need: _Draft | Point, ids: Mapping[str, int]) -> int:
    if isinstance(need, Point):
        return need.id
    return ids[need.key] if need.key in ids else _stored(need).id


def _stored(draft: _Draft) -> Point:
    if draft.point is None:
        raise ValueError(f"row {draft.row} was not written")
    return draft.point
