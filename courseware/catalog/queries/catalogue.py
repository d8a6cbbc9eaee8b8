"""The list of published courses: every fact a row shows and a filter asks, kept by the version of the whole list."""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from courseware.accounts.models import Unit, User
from courseware.catalog.memory import memory
from courseware.catalog.models import Activity, CourseRun, Lesson, LessonVersion
from courseware.core import clock
from courseware.core.database import session
from courseware.knowledge.models import CourseStandard, Point, StandardUnit, StandardUnitPoint
from courseware.libraries.models import COURSE_KINDS, Course, CourseTeacher, Library, Major
from courseware.resources.models import Rendition, Resource, ResourceVersion
from courseware.resources.queries import media_path

STATES = ("running", "self_paced", "upcoming", "closed")
HOURS = ("short", "middle", "long")
FACETS = ("major", "kind", "library", "state", "hours")
SHOWN = (Course.published_at.is_not(None), Library.published_at.is_not(None))
SORTS = ("updated", "name", "hours")


@dataclass(frozen=True, slots=True)
class CatalogueRow:
    """A published course as the list shows it."""

    id: int
    uuid: uuidlib.UUID
    name: str
    name_en: str
    summary: str
    summary_en: str
    kind: str
    major: str
    library: str
    hours: int
    points: int
    lessons: int
    teacher: str
    teachers: int
    unit: str
    unit_en: str
    state: str
    run: str
    updated_at: dt.datetime

    def value(self, facet: str) -> str:
        """What the filter of that name asks."""
        return self.hours_range if facet == "hours" else str(getattr(self, facet))

    @property
    def hours_range(self) -> str:
        """Up to 32 hours, up to 64, more."""
        return HOURS[0] if self.hours <= 32 else HOURS[1] if self.hours <= 64 else HOURS[2]


@dataclass(frozen=True, slots=True)
class Option:
    """A value of a filter with its name in both languages; `count` is what choosing it would leave."""

    value: str
    name: str
    name_en: str
    count: int = 0


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All published courses at one version. `valid_until`: when a run begins or ends next."""

    version: Hashable
    rows: Sequence[CatalogueRow]
    majors: Sequence[Option]
    libraries: Sequence[Option]
    valid_until: dt.datetime | None

    def matching(self, chosen: Mapping[str, Sequence[str]], leave_out: str = "") -> list[CatalogueRow]:
        """Rows that fit every filter, `leave_out` aside; several values of one filter are alternatives."""
        asked = [(name, frozenset(values)) for name, values in chosen.items() if values and name != leave_out]
        return [row for row in self.rows if all(row.value(name) in values for name, values in asked)]

    def options(self, facet: str, chosen: Mapping[str, Sequence[str]]) -> list[Option]:
        """The values of a filter, each with the number of courses that the other filters leave it."""
        counts: dict[str, int] = defaultdict(int)
        for row in self.matching(chosen, leave_out=facet):
            counts[row.value(facet)] += 1
        return [Option(o.value, o.name, o.name_en, counts[o.value]) for o in self._values(facet)]

    def _values(self, facet: str) -> Sequence[Option]:
        fixed = {"kind": COURSE_KINDS, "state": STATES, "hours": HOURS}
        if facet in fixed:
            return [Option(value, "", "") for value in fixed[facet]]
        return self.majors if facet == "major" else self.libraries


def read_catalogue() -> Catalogue:
    """The list at its present version: one query from memory, ten when something changed."""
    found, now = _kept(_version()), clock.now()
    while found.valid_until is not None and now >= found.valid_until:
        found = _kept((found.version, found.valid_until))
    return found


def _kept(version: Hashable) -> Catalogue:
    return memory("catalogue", 4).get(version, lambda: _read(version))


def sorted_rows(rows: Sequence[CatalogueRow], sort: str) -> list[CatalogueRow]:
    """Newest first, by name, or shortest first; equal ones in the order they were made."""
    keys: dict[str, Callable[[CatalogueRow], Any]] = {
        "updated": lambda row: (-row.updated_at.timestamp(), row.id),
        "name": lambda row: (row.name, row.id),
        "hours": lambda row: (row.hours, row.id),
    }
    return sorted(rows, key=keys.get(sort, keys["updated"]))


def covers_of(course_ids: Sequence[int]) -> Mapping[int, str]:
    """The picture of each course: the first that a resource of its lessons has; two queries."""
    first = (
        select(Lesson.course_id, func.min(Rendition.id).label("rendition_id"))
        .join(Activity, Activity.version_id == Lesson.published_version_id)
        .join(Resource, Resource.id == Activity.resource_id)
        .join(ResourceVersion, ResourceVersion.id == Resource.published_version_id)
        .join(Rendition, Rendition.asset_id == ResourceVersion.asset_id)
        .where(Lesson.course_id.in_(course_ids), Lesson.is_live.is_(True), Resource.is_live.is_(True))
        .where(Rendition.kind == "thumbnail")
        .group_by(Lesson.course_id)
        .subquery()
    )
    query = select(first.c.course_id, Rendition.uuid, Rendition.facts).join(
        Rendition, Rendition.id == first.c.rendition_id
    )
    rows = session().execute(query) if course_ids else ()
    return {course_id: media_path(uuid, facts) for course_id, uuid, facts in rows}


_VERSION = (
    select(
        func.count(Course.__table__.c.id), func.sum(Course.__table__.c.content_version),
        select(Course.__table__.c.uuid).order_by(Course.__table__.c.id.desc()).limit(1).scalar_subquery(),
    )
    .join(Library.__table__, Library.__table__.c.id == Course.__table__.c.library_id)
    .where(Course.__table__.c.published_at.is_not(None), Library.__table__.c.published_at.is_not(None))
)  # fmt: skip


def _version() -> Hashable:
    """Changes with every change of a published course; the uuid tells one database from another."""
    session().flush()
    return tuple(session().connection().execute(_VERSION).one())


def _read(version: Hashable) -> Catalogue:
    now = clock.now()
    columns = (
        Course.id, Course.uuid, Course.name, Course.name_en, Course.summary, Course.summary_en, Course.kind,
        Course.theory_hours, Course.practice_hours, Course.published_at, Major.code, Library.code,
    )  # fmt: skip
    query = select(*columns).join(Major, Major.id == Course.major_id).join(Library, Library.id == Course.library_id)
    rows = session().execute(query.where(*SHOWN).order_by(Course.id)).all()
    points, lessons, teams, runs = _points(), _lessons(), _teams(), _runs()
    made = []
    for id_, uuid, name, en, summary, summary_en, kind, theory, practice, published, major, library in rows:
        count, newest = lessons.get(id_, (0, published))
        teacher, unit, unit_en, teachers = teams.get(id_, ("", "", "", 0))
        state, run = _state(runs[id_], now)
        made.append(
            CatalogueRow(
                id_, uuid, name, en, summary, summary_en, kind, major, library, theory + practice, points.get(id_, 0),
                count, teacher, teachers, unit, unit_en, state, run, max(newest or now, published or now),
            )
        )  # fmt: skip
    majors = _options(select(Major.code, Major.name, Major.name_en).where(Major.id.in_(_used(Course.major_id))))
    libraries = _options(
        select(Library.code, Library.name, Library.name_en).where(Library.id.in_(_used(Course.library_id)))
    )
    return Catalogue(version, made, majors, libraries, _next_change(runs, now))


def _used(column: Any) -> Any:
    return select(column).join(Library, Library.id == Course.library_id).where(*SHOWN)


def _options(query: Any) -> list[Option]:
    return [Option(*row) for row in session().execute(query.order_by(query.selected_columns[0]))]


def _points() -> dict[int, int]:
    """Points by course id: those of the standard in force, else those of the course. As the course page counts."""
    own = select(Point.course_id, func.count()).where(Point.course_id.is_not(None)).group_by(Point.course_id)
    counts: dict[int, int] = {row[0]: row[1] for row in session().execute(own) if row[0] is not None}
    in_standard = (
        select(CourseStandard.course_id, func.count(StandardUnitPoint.point_id))
        .outerjoin(StandardUnit, StandardUnit.standard_id == CourseStandard.id)
        .outerjoin(StandardUnitPoint, StandardUnitPoint.unit_id == StandardUnit.id)
        .where(CourseStandard.published_at <= clock.now())
        .group_by(CourseStandard.id, CourseStandard.course_id, CourseStandard.published_at)
        .order_by(CourseStandard.published_at, CourseStandard.id)
    )
    counts.update({row[0]: row[1] for row in session().execute(in_standard)})
    return counts


def _lessons() -> dict[int, tuple[int, dt.datetime | None]]:
    """Live lessons by course id, and when the newest of them was published."""
    query = (
        select(Lesson.course_id, func.count(), func.max(LessonVersion.published_at))
        .join(LessonVersion, LessonVersion.id == Lesson.published_version_id)
        .where(Lesson.is_live.is_(True))
        .group_by(Lesson.course_id)
    )
    return {course_id: (count, newest) for course_id, count, newest in session().execute(query)}


def _teams() -> dict[int, tuple[str, str, str, int]]:
    """The first teacher, their unit and the size of the team by course id."""
    query = (
        select(CourseTeacher.course_id, User.name, Unit.name, Unit.name_en)
        .join(User, User.id == CourseTeacher.user_id)
        .outerjoin(Unit, Unit.id == User.unit_id)
        .order_by(CourseTeacher.course_id, CourseTeacher.seq, CourseTeacher.id)
    )
    found: dict[int, tuple[str, str, str, int]] = {}
    for course_id, name, unit, unit_en in session().execute(query):
        first = found.get(course_id, (name, unit or "", unit_en or "", 0))
        found[course_id] = (*first[:3], first[3] + 1)
    return found


Run = tuple[str, dt.datetime, dt.datetime | None]


def _runs() -> dict[int, list[Run]]:
    """Runs open to all, by course id; those with a class list are no business of the catalogue."""
    found: dict[int, list[Run]] = defaultdict(list)
    query = select(CourseRun.course_id, CourseRun.key, CourseRun.starts_at, CourseRun.ends_at)
    query = query.where(CourseRun.kind == "mooc")
    for course_id, key, starts, ends in session().execute(query.order_by(CourseRun.starts_at)):
        found[course_id].append((key, starts, ends))
    return found


def _state(runs: Sequence[Run], now: dt.datetime) -> tuple[str, str]:
    """A dated run that goes on comes first, then one without an end, then what is to come; with its key."""
    going = [run for run in runs if run[1] <= now and (run[2] is None or run[2] > now)]
    dated = [run for run in going if run[2] is not None]
    if dated:
        return "running", dated[-1][0]
    if going or not runs:
        return "self_paced", ""
    coming = [run for run in runs if run[1] > now]
    return ("upcoming", coming[0][0]) if coming else ("closed", runs[-1][0])


def _next_change(runs: Mapping[int, Sequence[Run]], now: dt.datetime) -> dt.datetime | None:
    moments = [moment for of_course in runs.values() for run in of_course for moment in run[1:] if moment is not None]
    return min((m for m in moments if isinstance(m, dt.datetime) and m > now), default=None)
