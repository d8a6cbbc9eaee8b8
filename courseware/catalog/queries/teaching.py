"""What builders see: their courses, a course with its drafts, a lesson on the board."""

from __future__ import annotations

import uuid as uuidlib
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Select, bindparam, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from courseware.accounts.models import User
from courseware.catalog import policy
from courseware.catalog.models import Activity, CourseRun, Lesson, LessonVersion, Module
from courseware.catalog.queries.uses import uses_of_each
from courseware.core.database import session
from courseware.core.errors import NotFound
from courseware.core.paging import Page
from courseware.core.roles import Role
from courseware.knowledge.models import Point
from courseware.libraries.models import Course, CourseTeacher, Library, LibraryUnit
from courseware.libraries.policy import visible_to
from courseware.resources.models import Asset, Rendition, Resource, ResourcePoint, ResourceVersion
from courseware.resources.queries import media_path

PAGE = 30


@dataclass(frozen=True, slots=True)
class TaughtCourse:
    """A line of "my courses": `live` of `lessons` are published; `drafts` hold changes nobody sees yet."""

    course: Course
    is_mine: bool
    lessons: int
    live: int
    drafts: int


@dataclass(frozen=True, slots=True)
class BuilderLesson:
    """A lesson in the course builder. `items` and `minutes` are those of the draft where there is one."""

    lesson: Lesson
    items: int
    minutes: int
    has_draft: bool
    in_review: bool = False


@dataclass(frozen=True, slots=True)
class BuilderModule:
    """A module in the course builder."""

    module: Module
    lessons: Sequence[BuilderLesson]


def my_courses(user: User, after: str | None = None, limit: int = PAGE) -> Page[TaughtCourse]:
    """Courses the person teaches, and the others of the libraries their unit takes part in; own ones first."""
    mine = select(CourseTeacher.course_id).where(CourseTeacher.user_id == user.id)
    owned = select(Lesson.course_id).where(Lesson.owner_id == user.id)
    libraries = select(LibraryUnit.library_id).where(LibraryUnit.unit_id == user.unit_id)
    query = select(Course, Course.id.in_(mine).label("is_mine")).options(joinedload(Course.library))
    kept = (
        select(Library.id).where(visible_to(user)) if user.has_role(Role.LIBRARIAN, Role.ADMINISTRATOR) else libraries
    )
    query = query.where(or_(Course.id.in_(mine), Course.id.in_(owned), Course.library_id.in_(kept)))
    place = int(after) if after and after.isdigit() else 0
    rows = session().execute(query.order_by(Course.id.in_(mine).desc(), Course.library_id, Course.seq, Course.id)
                             .offset(place).limit(limit + 1)).all()  # fmt: skip
    shown = rows[:limit]
    counts = _lesson_counts([course.id for course, _ in shown])
    items = [TaughtCourse(course, bool(own), *counts.get(course.id, (0, 0, 0))) for course, own in shown]
    return Page(items, str(place + limit) if len(rows) > limit else None)


def _lesson_counts(course_ids: Sequence[int]) -> Mapping[int, tuple[int, int, int]]:
    query = (
        select(
            Lesson.course_id, func.count(), func.count().filter(Lesson.is_live.is_(True)), func.count(Lesson.draft_version_id)
        )
        .where(Lesson.course_id.in_(course_ids))
        .group_by(Lesson.course_id)
    )  # fmt: skip
    return {row[0]: (row[1], row[2], row[3]) for row in session().execute(query)} if course_ids else {}


def builder_modules(course: Course) -> list[BuilderModule]:
    """The modules of a course with every lesson, live or not; four queries."""
    modules = session().scalars(select(Module).where(Module.course_id == course.id).order_by(Module.seq, Module.id))
    lessons = session().scalars(
        select(Lesson).where(Lesson.course_id == course.id).options(joinedload(Lesson.owner)).order_by(Lesson.seq, Lesson.id)
    ).all()  # fmt: skip
    shown = {
        lesson.id: lesson.draft_version_id or lesson.review_version_id or lesson.published_version_id
        for lesson in lessons
    }
    facts = _version_facts([version_id for version_id in shown.values() if version_id])
    by_module: dict[int, list[BuilderLesson]] = defaultdict(list)
    for lesson in lessons:
        count, minutes = facts.get(shown[lesson.id] or 0, (0, 0))
        by_module[lesson.module_id].append(
            BuilderLesson(
                lesson, count, minutes, lesson.draft_version_id is not None, lesson.review_version_id is not None
            )
        )
    return [BuilderModule(module, by_module[module.id]) for module in modules]


def _version_facts(version_ids: Sequence[int]) -> Mapping[int, tuple[int, int]]:
    query = (
        select(LessonVersion.id, func.count(Activity.id), LessonVersion.minutes)
        .outerjoin(Activity, Activity.version_id == LessonVersion.id)
        .where(LessonVersion.id.in_(version_ids))
        .group_by(LessonVersion.id, LessonVersion.minutes)
    )
    return {row[0]: (row[1], row[2]) for row in session().execute(query)} if version_ids else {}


def lesson_for_board(lesson_uuid: uuidlib.UUID, user: User) -> Lesson:
    """A lesson with course, team and what its builders see, for people who may edit it; two queries. Raises NotFound."""
    found = session().execute(_board_lesson(), {"lesson": lesson_uuid}).unique().one_or_none()
    if found is None or not policy.can_edit_lesson(user, found.Lesson):
        raise NotFound()
    lesson: Lesson = found.Lesson
    _known = lesson.newest_version  # it came along: from now on it hangs on the lesson
    return lesson


@cache
def _board_lesson() -> Select[Lesson, LessonVersion]:
    """Built once. The version that builders see comes with its activities and what they hold."""
    newest = func.coalesce(Lesson.draft_version_id, Lesson.review_version_id, Lesson.published_version_id)
    course, activities = joinedload(Lesson.course), selectinload(LessonVersion.activities)
    return (
        select(Lesson, LessonVersion)
        .outerjoin(LessonVersion, LessonVersion.id == newest)
        .where(Lesson.uuid == bindparam("lesson"))
        .options(
            course.joinedload(Course.library),
            course.joinedload(Course.team).joinedload(CourseTeacher.user).lazyload(User.grants),
            joinedload(Lesson.module),
            joinedload(Lesson.owner).lazyload(User.grants),
            activities.joinedload(Activity.pinned_version),
        )
    )


@dataclass(frozen=True, slots=True)
class BoardResource:
    """A resource with what its card shows: the address of a small picture or nothing, and how many live lessons hold it."""

    resource: Resource
    thumbnail: str
    uses: int


def board_resources(ids: Collection[int]) -> Mapping[int, BoardResource]:
    """Resources on a board by id, with what their cards and the meter show; one query."""
    found = session().execute(_board_resources(), {"ids": sorted(set(ids))}).unique() if ids else ()
    return {
        resource.id: BoardResource(resource, media_path(picture.uuid, picture.facts) if picture else "", uses)
        for resource, uses, picture in found
    }


@cache
def _board_resources() -> Select[Resource, int, Rendition]:
    """Built once: a board asks for its own units, those of the tray and those it offers."""
    picture = select(func.max(Rendition.id)).where(Rendition.kind == "thumbnail")
    picture = picture.where(Rendition.asset_id == Asset.id).correlate(Asset)
    return (
        select(Resource, uses_of_each(), Rendition)
        .outerjoin(Resource.published_version)
        .outerjoin(ResourceVersion.asset)
        .outerjoin(Rendition, Rendition.id == picture.scalar_subquery())
        .outerjoin(ResourcePoint, ResourcePoint.resource_id == Resource.id)
        .outerjoin(Point, Point.id == ResourcePoint.point_id)
        .where(Resource.id.in_(bindparam("ids", expanding=True)))
        .order_by(Resource.id, ResourcePoint.seq)
        .options(
            joinedload(Resource.author).lazyload(User.grants),
            joinedload(Resource.unit),
            contains_eager(Resource.published_version).contains_eager(ResourceVersion.asset),
            contains_eager(Resource.points).lazyload(Point.aliases),
        )
    )


def runs_of(course: Course) -> Sequence[CourseRun]:
    """Every run, the newest first."""
    query = select(CourseRun).where(CourseRun.course_id == course.id).order_by(CourseRun.starts_at.desc())
    return session().scalars(query).all()
