"""The table of a library's resources: filters, sorting, pages by key, and the same rows as a list to take away.

Every filter is a condition in the database, so that a page, its total, an export and a bulk act mean the same rows.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, case, cast, func, literal, or_, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from courseware.accounts.models import Unit, User
from courseware.core import clock
from courseware.core.database import session
from courseware.core.paging import Page
from courseware.knowledge.models import Point
from courseware.libraries.models import Course, Library, Major
from courseware.resources import metadata
from courseware.resources.models import (
    ORIGINALITY,
    RESOURCE_TYPES,
    Resource,
    ResourcePoint,
    ResourceVersion,
)

PAGE = 50
STATES = ("draft", "in_review", "returned", "published", "withdrawn")
SORTS = ("changed", "oldest", "title", "newest")
LIKE_SIGNS = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})

# What the author works on now, else what learners see: the version that metadata are judged by (R18).
Shown = aliased(ResourceVersion)
Draft = aliased(ResourceVersion)


@dataclass(frozen=True, slots=True)
class Filters:
    """What the table is narrowed to; empty means all. Keys and codes as they stand in the address of the page."""

    q: str = ""
    state: str = ""
    type: str = ""
    course: str = ""
    point: str = ""
    unit: str = ""
    author: str = ""
    originality: str = ""
    tag: str = ""
    since: str = ""
    until: str = ""
    gap: str = ""  # metadata: a mandatory field is missing; naming: not named by the template
    sort: str = "changed"

    def chosen(self) -> dict[str, str]:
        """What is narrowed, without the order of the rows."""
        return {name: value for name, value in self.as_dict().items() if name != "sort"}

    def as_dict(self) -> dict[str, str]:
        """For addresses: only what differs from the plain table."""
        plain = Filters()
        given = {one.name: str(getattr(self, one.name)) for one in fields(self)}
        return {name: value for name, value in given.items() if value != getattr(plain, name)}


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table: the resource with what a row shows loaded, and its state in one word."""

    resource: Resource
    version: ResourceVersion | None
    state: str
    is_named: bool
    missing: Sequence[str] = field(default_factory=tuple)


def read_filters(given: Any) -> Filters:
    """Filters from the arguments of an address; what is not known is left out."""
    found = Filters(**{one.name: str(given.get(one.name, "") or "")[:200].strip() for one in fields(Filters)})
    allowed = {"state": STATES, "type": RESOURCE_TYPES, "originality": ORIGINALITY, "gap": ("metadata", "naming")}
    wrong = {name: "" for name, choices in allowed.items() if getattr(found, name) not in choices}
    wrong |= {name: "" for name in ("since", "until") if _day(getattr(found, name)) is None}
    return replace(found, **wrong, sort=found.sort if found.sort in SORTS else "changed")


def select_ids(library: Library, filters: Filters) -> Select[int]:
    """The ids of what the filters leave, in no order."""
    return _narrowed(select(Resource.id), library, filters)


def count(library: Library, filters: Filters) -> int:
    """How many resources the filters leave."""
    return session().scalar(select(func.count()).select_from(select_ids(library, filters).subquery())) or 0


def page(library: Library, filters: Filters, after: str = "", limit: int = PAGE) -> Page[Line]:
    """A page of the table, with the total of all that the filters leave.

    `after` is the `next` of the page before; one that nobody gave begins anew.
    """
    key, ascending = _order(filters.sort)
    found = _narrowed(select(Resource.id, key.label("key")), library, filters)
    rows, total = _read_window(found, filters, ascending, _read_key(after), limit + 1)
    following = _write_key(rows[limit - 1].key, rows[limit - 1].id) if len(rows) > limit else None
    return Page(
        _lines([row.id for row in rows[:limit]]), following, count(library, filters) if total is None else total
    )


def _read_window(
    found: Select[Any], filters: Filters, ascending: bool, position: tuple[Any, int] | None, limit: int
) -> tuple[Sequence[Any], int | None]:
    """Rows of `found` from a position on, and how many there are in all.

    A narrowed table is read once for both. The whole one goes along an index and is counted by another: no total then.
    """
    is_narrowed = bool(filters.chosen())
    held = found.cte("found") if is_narrowed else found.subquery("found")
    key, row_id = held.c.key, held.c.id
    query = select(row_id, key)
    if is_narrowed:
        query = query.add_columns(select(func.count()).select_from(held).scalar_subquery().label("total"))
    if position is not None:
        query = query.where(_beyond(key, row_id, ascending, *position))
    order = (key.asc(), row_id.asc()) if ascending else (key.desc(), row_id.desc())
    rows = session().execute(query.order_by(*order).limit(limit)).all()
    if not rows and position is None:
        return rows, 0
    return rows, rows[0].total if rows and is_narrowed else None


def export(library: Library, filters: Filters) -> Iterator[dict[str, Any]]:
    """Every row that the filters leave, as plain values by column; two queries, whatever the number of rows."""
    points = _points_by_resource(library)
    key, ascending = _order(filters.sort)
    columns = (
        Resource.id, Resource.uuid, Resource.external_id, Resource.title, Resource.title_en, Resource.name, Resource.type,
        _shown_state().label("state"), Course.name.label("course"), Major.name.label("major"), User.name.label("author"),
        Unit.name.label("unit"), Shown.originality, Shown.licence, Resource.language, Resource.difficulty, Resource.keywords,
        Shown.tags, Shown.num.label("version"), Shown.duration_s, Resource.first_published_at, Resource.updated_at,
        Resource.description, is_incomplete().label("is_incomplete"),
    )  # fmt: skip
    rows: Any = select(*columns)
    query = (
        join_parts(rows)
        .where(Resource.library_id == library.id, *_conditions(library, filters))
        .join(User, User.id == Resource.author_id)
    )
    query = query.join(Unit, Unit.id == Resource.unit_id, isouter=True)
    order = (key.asc(), Resource.id.asc()) if ascending else (key.desc(), Resource.id.desc())
    for row in session().execute(query.order_by(*order)).yield_per(1000):
        yield {**row._mapping, "points": points.get(row.id, [])}


def courses_and_units(library: Library) -> tuple[Sequence[Course], Sequence[Unit]]:
    """What the filters offer: the library's courses, and the units that have resources in it."""
    courses = session().scalars(select(Course).where(Course.library_id == library.id).order_by(Course.seq)).all()
    having = select(Resource.unit_id).where(Resource.library_id == library.id).distinct()
    return courses, session().scalars(select(Unit).where(Unit.id.in_(having)).order_by(Unit.name)).all()


# --- conditions ---------------------------------------------------------------------------------------------------------


def join_parts(query: Select[Any]) -> Select[Any]:
    """Joins all that a line says of a resource: the version shown, its draft, course and major."""
    return (
        _join_draft(_join_shown(query.select_from(Resource)))
        .join(Course, Course.id == Resource.course_id, isouter=True)
        .join(Major, Major.id == Resource.major_id, isouter=True)
    )


def _narrowed(query: Select[Any], library: Library, filters: Filters) -> Select[Any]:
    """`query` over resources of the library that the filters leave; joined to what the filters ask about, no more."""
    query = query.select_from(Resource).where(Resource.library_id == library.id)
    if filters.originality or filters.tag or filters.gap == "metadata":
        query = _join_shown(query)
    if filters.state:
        query = _join_draft(query)
    return query.where(*_conditions(library, filters))


def _join_shown(query: Select[Any]) -> Select[Any]:
    newest = func.coalesce(Resource.draft_version_id, Resource.published_version_id)
    return query.join(Shown, Shown.id == newest, isouter=True)


def _join_draft(query: Select[Any]) -> Select[Any]:
    return query.join(Draft, Draft.id == Resource.draft_version_id, isouter=True)


def _conditions(library: Library, filters: Filters) -> Iterator[ColumnElement[bool]]:
    plain = ((Resource.type, filters.type), (Shown.originality, filters.originality))
    yield from (column == value for column, value in plain if value)
    if filters.course:
        here = (Course.library_id == library.id, Course.code == filters.course)
        yield Resource.course_id.in_(select(Course.id).where(*here))
    if filters.q:
        yield _says(filters.q)
    if filters.state:
        yield _shown_state() == filters.state
    if filters.point:
        yield _teaches(library, filters.point)
    if filters.unit:
        yield Resource.unit_id.in_(select(Unit.id).where(Unit.key == filters.unit))
    if filters.author:
        yield Resource.author_id.in_(select(User.id).where(_like(User.name, filters.author)))
    if filters.tag:
        # JSON text differs between the databases in blanks only; a tag is a whole string in its list either way.
        yield cast(Shown.tags, String).like(f"%{_in_json(filters.tag)}%", escape="\\")
    yield from _in_days(filters)
    if filters.gap == "metadata":
        yield is_incomplete()
    if filters.gap == "naming":
        yield Resource.is_misnamed.is_(True)


def _in_days(filters: Filters) -> Iterator[ColumnElement[bool]]:
    changed, since, until = _changed(), _day(filters.since), _day(filters.until)
    if since is not None:
        yield changed >= clock.end_of_day(since - dt.timedelta(days=1))
    if until is not None:
        yield changed < clock.end_of_day(until)


def _says(text: str) -> ColumnElement[bool]:
    return or_(
        _like(Resource.title, text), _like(Resource.title_en, text), _like(Resource.name, text), Resource.external_id == text
    )  # fmt: skip


def _like(column: Any, text: str) -> ColumnElement[bool]:
    # ILIKE becomes lower(…) LIKE lower(…) on SQLite, twice the work for what its LIKE does anyway with Latin letters.
    compare = column.like if session().get_bind().dialect.name == "sqlite" else column.ilike
    found: ColumnElement[bool] = compare(f"%{text.translate(LIKE_SIGNS)}%", escape="\\")
    return found


def _in_json(text: str) -> str:
    dialect = session().get_bind().dialect.name
    return json.dumps(text, ensure_ascii=dialect == "sqlite").translate(LIKE_SIGNS)


def _teaches(library: Library, named: str) -> ColumnElement[bool]:
    named_so = or_(Point.key == named, Point.name == named)
    points = select(Point.id).where(Point.library_id == library.id, named_so)
    return Resource.id.in_(select(ResourcePoint.resource_id).where(ResourcePoint.point_id.in_(points)))


def _shown_state() -> ColumnElement[str]:
    """The state an author has to know: the draft's where there is one."""
    return case(
        (Draft.state.is_not(None), Draft.state),
        (Resource.is_live.is_(True), literal("published")),
        (Resource.published_version_id.is_not(None), literal("withdrawn")),
        else_=literal("rejected"),
    )


def _has_point() -> ColumnElement[bool]:
    # Not EXISTS: PostgreSQL would ask once for every row instead of hashing the points once.
    return Resource.id.in_(select(ResourcePoint.resource_id))


def is_incomplete() -> ColumnElement[bool]:
    """A mandatory field of R18 that is missing; what `metadata.list_problems` says of one resource."""
    return or_(
        Resource.title == "", Resource.major_id.is_(None), Resource.course_id.is_(None), Resource.unit_id.is_(None),
        Resource.language == "", Shown.id.is_(None), Shown.originality == "unknown", Shown.licence == "",
        Shown.content_hash == "", ~_has_point(),
    )  # fmt: skip


def _changed() -> ColumnElement[dt.datetime]:
    return func.coalesce(Resource.updated_at, Resource.created_at, type_=Resource.created_at.type)


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


# --- order and pages ------------------------------------------------------------------------------------------------------


def _order(sort: str) -> tuple[ColumnElement[Any], bool]:
    """What is sorted by, and whether the smallest comes first."""
    orders: dict[str, tuple[Any, bool]] = {
        "changed": (_changed(), False), "oldest": (_changed(), True), "title": (Resource.title, True),
        "newest": (Resource.created_at, False),
    }  # fmt: skip
    return orders[sort]


def _beyond(key: Any, row_id: Any, ascending: bool, value: Any, after_id: int) -> ColumnElement[bool]:
    if ascending:
        return or_(key > value, and_(key == value, row_id > after_id))
    return or_(key < value, and_(key == value, row_id < after_id))


def _write_key(value: Any, row_id: int) -> str:
    shown = value.isoformat() if isinstance(value, dt.datetime) else value
    text = json.dumps([shown, row_id, isinstance(value, dt.datetime)])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read_key(after: str) -> tuple[Any, int] | None:
    try:
        value, row_id, is_moment = json.loads(base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)))
        return (dt.datetime.fromisoformat(value) if is_moment else str(value)), int(row_id)
    except (ValueError, TypeError, binascii.Error):
        return None


def _lines(ids: Sequence[int]) -> list[Line]:
    """The rows of a page in the order of their ids; loaded after they were found, so that only these are."""
    version = (joinedload(Resource.published_version), joinedload(Resource.draft_version))
    query = select(Resource).where(Resource.id.in_(ids)).options(
        joinedload(Resource.author), joinedload(Resource.course), joinedload(Resource.unit), joinedload(Resource.major),
        joinedload(Resource.library), selectinload(Resource.points), *(v.joinedload(ResourceVersion.asset) for v in version),
    )  # fmt: skip
    found = {resource.id: resource for resource in session().scalars(query)} if ids else {}
    return [_line(found[row_id]) for row_id in ids if row_id in found]


def _line(resource: Resource) -> Line:
    missing = tuple(dict.fromkeys(problem.field for problem in metadata.list_problems(resource)))
    return Line(
        resource, resource.draft_version or resource.published_version, state_of(resource),
        not resource.is_misnamed, tuple(name for name in missing if name in metadata.MANDATORY),
    )  # fmt: skip


def state_of(resource: Resource) -> str:
    """The state an author has to know: the draft's where there is one."""
    if resource.draft_version is not None:
        return resource.draft_version.state
    if resource.is_live:
        return "published"
    return "withdrawn" if resource.published_version_id is not None else "rejected"


def _points_by_resource(library: Library) -> dict[int, list[str]]:
    query = select(ResourcePoint.resource_id, Point.name).join(Point, Point.id == ResourcePoint.point_id)
    found: dict[int, list[str]] = {}
    rows = session().execute(query.where(Point.library_id == library.id).order_by(ResourcePoint.seq))
    for resource_id, name in rows:
        found.setdefault(resource_id, []).append(name)
    return found
