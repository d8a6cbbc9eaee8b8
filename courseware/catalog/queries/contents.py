"""What everybody sees of a course: modules, lessons, what lies in them, the points of the standard, the team.

Read in a fixed number of queries and kept by the course's content version, which every change of a lesson, of a
resource used in it, of a point or of the standard raises (services.touch_course, events.py).
"""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased, joinedload

from courseware.accounts.models import Unit, User
from courseware.catalog import policy
from courseware.catalog.memory import memory
from courseware.catalog.models import Activity, CourseRun, Lesson, LessonVersion, Module
from courseware.catalog.queries.credit import COLUMNS, Author, Credit, School, Source, credit_in
from courseware.core.database import session
from courseware.core.errors import NotFound
from courseware.core.roles import Actor
from courseware.knowledge import queries as knowledge
from courseware.knowledge.models import Point, PointPrerequisite
from courseware.libraries.models import Course, CourseTeacher
from courseware.resources.models import Rendition, Resource, ResourceVersion
from courseware.resources.queries import media_path

TIMED_TYPES = ("video", "audio", "animation")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing in a lesson as a learner meets it. `type` is the resource's; `is_gone`: its resource was withdrawn.

    `num` is the version shown, `pinned_num` the same where the lesson holds it.
    """

    key: uuidlib.UUID
    kind: str
    title: str
    title_en: str
    segment: str
    minutes: int
    is_required: bool
    text: str = ""
    url: str = ""
    resource_id: int | None = None
    resource_uuid: uuidlib.UUID | None = None
    version_id: int | None = None
    num: int = 0
    pinned_num: int | None = None
    type: str = ""
    duration_s: float | None = None
    is_gone: bool = False

    @property
    def is_timed(self) -> bool:
        """Whether it is done by watching or listening."""
        return self.type in TIMED_TYPES

    @property
    def counts(self) -> bool:
        """Whether the lesson waits for it; what was withdrawn holds nobody up."""
        return self.is_required and not self.is_gone

    @property
    def seconds(self) -> float:
        """How long it takes: a recording its length, anything else what its teacher planned."""
        return self.duration_s if self.is_timed and self.duration_s else self.minutes * 60.0


@dataclass(frozen=True, slots=True)
class LessonFacts:
    """A live lesson and what lies in it. `credit`: the lesson it was copied from."""

    id: int
    uuid: uuidlib.UUID
    title: str
    title_en: str
    minutes: int
    introduction: str
    owner: str
    owner_unit: str
    version_uuid: uuidlib.UUID
    items: Sequence[Item]
    credit: Credit | None = None
    required: int = field(init=False)

    def __post_init__(self) -> None:
        """Counts once how many things a learner does to complete it: pages ask again and again."""
        object.__setattr__(self, "required", sum(item.counts for item in self.items))

    @property
    def main_type(self) -> str:
        """The kind of thing that stands for the lesson in a list."""
        types = [item.type or item.kind for item in self.items if not item.is_gone]
        return next((t for t in types if t in TIMED_TYPES), types[0] if types else "text")


@dataclass(frozen=True, slots=True)
class ModuleFacts:
    """A module with its live lessons."""

    uuid: uuidlib.UUID
    title: str
    title_en: str
    lessons: Sequence[LessonFacts]

    @property
    def minutes(self) -> int:
        """Planned minutes of all lessons."""
        return sum(lesson.minutes for lesson in self.lessons)

    @property
    def required(self) -> int:
        """Things to do in all lessons."""
        return sum(lesson.required for lesson in self.lessons)


@dataclass(frozen=True, slots=True)
class PointFacts:
    """A point of the standard."""

    id: int
    uuid: uuidlib.UUID
    name: str
    name_en: str
    kind: str


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """A unit of the standard with its points."""

    name: str
    name_en: str
    points: Sequence[PointFacts]


@dataclass(frozen=True, slots=True)
class TeacherFacts:
    """A member of the teaching team."""

    name: str
    title: str
    unit: str
    unit_en: str
    is_leader: bool


@dataclass(frozen=True, slots=True)
class CourseLink:
    """Another course of the library, to lead to."""

    uuid: uuidlib.UUID
    name: str
    name_en: str


@dataclass(frozen=True, slots=True)
class RunFacts:
    """A run: from when until when people join."""

    key: str
    starts_at: dt.datetime
    ends_at: dt.datetime | None

    def is_open(self, now: dt.datetime) -> bool:
        """Whether people may join at `now`."""
        return self.starts_at <= now and (self.ends_at is None or self.ends_at > now)


@dataclass(frozen=True, slots=True)
class CourseContents:
    """The public contents of a course at one content version."""

    uuid: uuidlib.UUID
    version: int
    modules: Sequence[ModuleFacts]
    standard: str
    units: Sequence[UnitFacts]
    team: Sequence[TeacherFacts]
    needs: Sequence[CourseLink]
    runs: Sequence[RunFacts]
    cover: str = ""
    by_lesson: Mapping[uuidlib.UUID, LessonFacts] = field(default_factory=dict)

    @property
    def lessons(self) -> list[LessonFacts]:
        """Every live lesson in teaching order."""
        return [lesson for module in self.modules for lesson in module.lessons]

    @property
    def required(self) -> int:
        """Things to do in the whole course."""
        return sum(module.required for module in self.modules)

    @property
    def points(self) -> int:
        """Points of the standard."""
        return sum(len(unit.points) for unit in self.units)

    @property
    def video_s(self) -> float:
        """Seconds of recordings, each counted once."""
        found = {i.resource_id: i.duration_s or 0.0 for lesson in self.lessons for i in lesson.items if i.is_timed}
        return sum(found.values())

    def open_run(self, now: dt.datetime) -> RunFacts | None:
        """The run one joins at `now`: a dated one that goes on, else one without an end. None where all are over.

        Every published course has run "1", whether somebody opened it or not.
        """
        going = [run for run in self.runs if run.is_open(now)] if self.runs else [RunFacts("1", now, None)]
        return next((run for run in going if run.ends_at is not None), going[0] if going else None)

    def module_of(self, lesson_uuid: uuidlib.UUID) -> tuple[int, ModuleFacts] | None:
        """The module that holds the lesson, with its number from 1."""
        for number, module in enumerate(self.modules, start=1):
            if any(lesson.uuid == lesson_uuid for lesson in module.lessons):
                return number, module
        return None


def contents_of(course: Course) -> CourseContents:
    """The contents of `course`, from memory while nothing in it changed; six queries otherwise."""
    return contents_at(course.id, course.uuid, course.content_version)


def contents_at(course_id: int, course_uuid: uuidlib.UUID, version: int) -> CourseContents:
    """As contents_of, for callers that hold columns of the course and no row."""
    key = (course_uuid, version)
    return memory("course", 300).get(key, lambda: _read_contents(course_id, course_uuid, version))


def lesson_by_uuid(lesson_uuid: uuidlib.UUID, actor: Actor | None) -> Lesson:
    """A lesson with its course and team, for people who may see it. Raises NotFound."""
    query = (
        select(Lesson).where(Lesson.uuid == lesson_uuid).options(joinedload(Lesson.course).joinedload(Course.library))
    )
    lesson = session().scalar(query)
    if lesson is None or not policy.can_see_lesson(actor, lesson):
        raise NotFound()
    return lesson


def draft_items(version: LessonVersion) -> list[Item]:
    """What lies in a version that is not published: for its builders."""
    return _items([version.id])[version.id]


def _read_contents(course_id: int, course_uuid: uuidlib.UUID, version: int) -> CourseContents:
    modules = _modules(course_id)
    standard, units = _units(course_id)
    return CourseContents(
        course_uuid, version, modules, standard, units, _team(course_id), _needs(course_id), _runs(course_id), _cover(modules),
        {lesson.uuid: lesson for module in modules for lesson in module.lessons},
    )  # fmt: skip


def _modules(course_id: int) -> list[ModuleFacts]:
    rows = (
        session()
        .execute(
            select(
                Lesson.id, Lesson.uuid, Lesson.title, Lesson.title_en, LessonVersion.id.label("version_id"),
                LessonVersion.uuid.label("version_uuid"), LessonVersion.minutes, LessonVersion.introduction,
                User.name.label("owner"), Unit.name.label("owner_unit"),
                Module.uuid.label("module_uuid"), Module.title.label("module_title"), Module.title_en.label("module_title_en"),
                *COLUMNS,
            )
            .join(LessonVersion, LessonVersion.id == Lesson.published_version_id)
            .join(Module, Module.id == Lesson.module_id)
            .join(User, User.id == Lesson.owner_id)
            .outerjoin(Unit, Unit.id == User.unit_id)
            .outerjoin(Source, Source.id == Lesson.copied_from_id)
            .outerjoin(Author, Author.id == Source.owner_id)
            .outerjoin(School, School.id == Author.unit_id)
            .where(Lesson.course_id == course_id, Lesson.is_live.is_(True))
            .order_by(Module.seq, Module.id, Lesson.seq, Lesson.id)
        )
        .all()
    )  # fmt: skip
    items = _items([row.version_id for row in rows])
    lessons: dict[uuidlib.UUID, list[LessonFacts]] = defaultdict(list)
    titles: dict[uuidlib.UUID, tuple[str, str]] = {}
    for row in rows:
        titles[row.module_uuid] = (row.module_title, row.module_title_en)
        lessons[row.module_uuid].append(
            LessonFacts(
                row.id, row.uuid, row.title, row.title_en, row.minutes, row.introduction, row.owner,
                row.owner_unit or "", row.version_uuid, items[row.version_id], credit_in(row),
            )
        )  # fmt: skip
    return [ModuleFacts(uuid, *titles[uuid], found) for uuid, found in lessons.items()]


def _items(version_ids: Sequence[int]) -> dict[int, list[Item]]:
    """What lies in lesson versions, in order, by version id; one query."""
    shown = ResourceVersion.__table__.alias("shown")
    query = (
        select(
            Activity, Resource.uuid, Resource.type, Resource.title, Resource.title_en, Resource.is_live,
            shown.c.id.label("shown_id"), shown.c.num, shown.c.duration_s,
        )
        .outerjoin(Resource, Resource.id == Activity.resource_id)
        .outerjoin(
            shown,
            shown.c.id == func.coalesce(Activity.pinned_version_id, Resource.published_version_id),
        )
        .where(Activity.version_id.in_(version_ids))
        .order_by(Activity.version_id, Activity.seq)
    )  # fmt: skip
    found: dict[int, list[Item]] = defaultdict(list)
    for row in session().execute(query) if version_ids else ():
        found[row.Activity.version_id].append(_item(row))
    return found


def _item(row: Any) -> Item:
    activity: Activity = row.Activity
    is_resource = activity.resource_id is not None
    return Item(
        key=activity.key, kind=activity.kind, title=activity.title or row.title or "",
        title_en="" if activity.title else (row.title_en or ""), segment=activity.segment, minutes=activity.minutes,
        is_required=activity.is_required, text=activity.text, url=activity.url, resource_id=activity.resource_id,
        resource_uuid=row.uuid, version_id=row.shown_id, num=row.num or 0, pinned_num=row.num if activity.pinned_version_id else None,
        type=row.type or "", duration_s=row.duration_s,
        is_gone=is_resource and (not row.is_live or row.shown_id is None),
    )  # fmt: skip


def _units(course_id: int) -> tuple[str, list[UnitFacts]]:
    """The standard in force by its units; without one, the points of the course as a single list."""
    course = session().get_one(Course, course_id)
    standard = knowledge.standard_of(course)
    if standard is None:
        points = [_point(p) for p in knowledge.points_of_course(course)]
        return "", [UnitFacts("", "", points)] if points else []
    return standard.version, [UnitFacts(u.name, u.name_en, [_point(p) for p in u.points]) for u in standard.units]


def _point(point: Point) -> PointFacts:
    return PointFacts(point.id, point.uuid, point.name, point.name_en, point.kind)


def _team(course_id: int) -> list[TeacherFacts]:
    rows = session().execute(
        select(User.name, User.title, Unit.name, Unit.name_en, CourseTeacher.role)
        .join(User, User.id == CourseTeacher.user_id)
        .outerjoin(Unit, Unit.id == User.unit_id)
        .where(CourseTeacher.course_id == course_id)
        .order_by(CourseTeacher.seq, CourseTeacher.id)
    )
    return [TeacherFacts(name, title, unit or "", en or "", role == "leader") for name, title, unit, en, role in rows]


def _needs(course_id: int) -> list[CourseLink]:
    """At most two published courses that hold most of what the points of this one need first."""
    first, then = aliased(Point), aliased(Point)
    query = (
        select(Course.uuid, Course.name, Course.name_en)
        .select_from(PointPrerequisite)
        .join(then, then.id == PointPrerequisite.point_id)
        .join(first, first.id == PointPrerequisite.prerequisite_id)
        .join(Course, Course.id == first.course_id)
        .where(then.course_id == course_id, first.course_id != course_id, Course.published_at.is_not(None))
        .group_by(Course.id, Course.uuid, Course.name, Course.name_en)
        .order_by(func.count().desc(), Course.id)
    )
    return [CourseLink(*row) for row in session().execute(query.limit(2))]


def _runs(course_id: int) -> list[RunFacts]:
    """Every run, the newest first."""
    query = select(CourseRun.key, CourseRun.starts_at, CourseRun.ends_at).where(CourseRun.course_id == course_id)
    return [
        RunFacts(*row) for row in session().execute(query.order_by(CourseRun.starts_at.desc(), CourseRun.id.desc()))
    ]


def _cover(modules: Iterable[ModuleFacts]) -> str:
    """The picture of the first resource that has one, moving pictures first."""
    items = [i for m in modules for lesson in m.lessons for i in lesson.items if i.version_id and not i.is_gone]
    wanted = [i.version_id for i in sorted(items, key=lambda i: i.type not in ("video", "animation"))][:40]
    query = (
        select(ResourceVersion.id, Rendition.uuid, Rendition.facts)
        .join(Rendition, Rendition.asset_id == ResourceVersion.asset_id)
        .where(ResourceVersion.id.in_(wanted), Rendition.kind == "thumbnail")
    )
    found = {row[0]: media_path(row[1], row[2]) for row in session().execute(query)} if wanted else {}
    return next((found[version_id] for version_id in wanted if version_id in found), "")
