"""What the home page shows: libraries, courses by major, updates, a strip of figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from courseware.accounts.models import RoleGrant, User
from courseware.catalog.models import Lesson
from courseware.core.database import session
from courseware.core.roles import Role
from courseware.enrollment.models import Enrollment
from courseware.knowledge.models import Point
from courseware.libraries.models import Course, Library, Major
from courseware.progress.models import LessonProgress
from courseware.resources.models import Asset, PointRange, Rendition, Resource, ResourceVersion

COURSES_SHOWN = 4


@dataclass(frozen=True, slots=True)
class MajorTab:
    """A major with the number of its published courses."""

    major: Major
    courses: int


@dataclass(frozen=True, slots=True)
class Continue:
    """The lesson a learner was in last."""

    lesson: Lesson
    progress: LessonProgress


@dataclass(frozen=True, slots=True)
class Moment:
    """A stretch of a video that teaches a point, with its picture."""

    resource: Resource
    span: PointRange
    duration_s: float
    thumbnail: str


@dataclass(frozen=True, slots=True)
class Strip:
    """Counts shown on the home page, each by the definition beside it. Ratios keep numerator and denominator."""

    resources: int
    courses: int
    points: int
    learners: int
    completed: int
    enrolled: int


def majors_with_courses() -> list[MajorTab]:
    """Majors that have courses open to everybody, most courses first."""
    count = func.count(Course.id)
    query = (
        select(Major, count)
        .join(Course, Course.major_id == Major.id)
        .where(Course.is_public)
        .group_by(Major.id)
        .order_by(count.desc(), Major.code)
    )
    return [MajorTab(major, courses) for major, courses in session().execute(query)]


def courses_of_major(major: Major, limit: int = COURSES_SHOWN) -> Sequence[Course]:
    """The first courses of a major that are open to everybody, core courses of the plan first."""
    query = (
        select(Course)
        .where(Course.major_id == major.id, Course.is_public)
        .order_by((Course.kind == "core").desc(), Course.seq, Course.id)
        .options(selectinload(Course.team))
    )
    return session().scalars(query.limit(limit)).all()


def live_resources_by_library() -> dict[int, int]:
    """How many resources each library shows to learners."""
    query = select(Resource.library_id, func.count()).where(Resource.is_live.is_(True)).group_by(Resource.library_id)
    return {int(library_id): int(count) for library_id, count in session().execute(query)}


def courses_by_library() -> dict[int, int]:
    """How many courses each library has opened."""
    query = select(Course.library_id, func.count()).where(Course.published_at.is_not(None)).group_by(Course.library_id)
    return {int(library_id): int(count) for library_id, count in session().execute(query)}


def continue_learning(user: User | None) -> Continue | None:
    """The unfinished lesson the person was in last, if it is still there."""
    if user is None:
        return None
    query = (
        select(LessonProgress, Lesson)
        .join(Lesson, Lesson.id == LessonProgress.lesson_id)
        .where(LessonProgress.user_id == user.id, LessonProgress.completed_at.is_(None), Lesson.is_public)
        .order_by(LessonProgress.updated_at.desc())
        .limit(1)
        .options(selectinload(Lesson.course), selectinload(Lesson.module))
    )
    row = session().execute(query).first()
    return Continue(row[1], row[0]) if row else None


def sample_moments(limit: int = 2) -> list[Moment]:
    """A few moments of videos, to show that speech inside them can be searched."""
    query = (
        select(Resource, PointRange, ResourceVersion.duration_s, Rendition.uuid, Rendition.facts)
        .join(ResourceVersion, ResourceVersion.id == Resource.published_version_id)
        .join(PointRange, PointRange.version_id == ResourceVersion.id)
        .join(Asset, Asset.id == ResourceVersion.asset_id)
        .join(Rendition, (Rendition.asset_id == Asset.id) & (Rendition.kind == "thumbnail"))
        .where(Resource.is_public, Resource.type == "video", PointRange.start_s > 0)
        .order_by(Resource.id)
        .limit(limit * 6)
    )
    rows = session().execute(query).all()[::6]
    return [
        Moment(resource, span, duration or span.end_s, f"/media/{uuid}/{facts.get('file', '')}")
        for resource, span, duration, uuid, facts in rows[:limit]
    ]


def popular_names(limit: int = 5) -> list[str]:
    """Names of points that many resources teach, as examples of what to search."""
    query = select(Point.name).join(Point.library).where(Point.kind == "skill", Library.is_public)
    return list(session().scalars(query.order_by(func.length(Point.name), Point.id).limit(limit)))


def figures() -> Strip:
    """The strip: counts of now, without test accounts and closed accounts."""
    db = session()
    enrolled = select(func.count(func.distinct(Enrollment.user_id * 1_000_000 + Enrollment.course_id))).where(
        Enrollment.withdrawn_at.is_(None)
    )
    learners = (
        select(func.count(func.distinct(User.id)))
        .join(RoleGrant, RoleGrant.user_id == User.id)
        .where(
            RoleGrant.role == Role.STUDENT,
            User.is_test.is_(False),
            User.closed_at.is_(None),
            User.verified_at.is_not(None),
        )
    )
    return Strip(
        resources=db.scalar(select(func.count()).select_from(Resource).where(Resource.is_public)) or 0,
        courses=db.scalar(select(func.count()).select_from(Course).where(Course.is_public)) or 0,
        points=db.scalar(select(func.count()).select_from(Point).join(Point.library).where(Library.is_public)) or 0,
        learners=db.scalar(learners) or 0,
        completed=db.scalar(enrolled.where(Enrollment.completed_at.is_not(None))) or 0,
        enrolled=db.scalar(enrolled) or 0,
    )
