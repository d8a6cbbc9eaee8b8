"""What stands around the lessons of a course: what comes before it, its runs, what completes it, what it promises."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

from courseware.catalog.course_models import (
    CompletionLesson,
    CoursePrerequisite,
    CourseTerms,
    LessonPrerequisite,
    RunOpening,
)
from courseware.catalog.models import CourseRun, Lesson
from courseware.catalog.queries.facts import CourseLink, LessonNeed, RunFacts, Terms
from courseware.core.database import session
from courseware.knowledge.models import Point, PointPrerequisite
from courseware.libraries.models import Course

ADVISED = 2


def needs_of(course_id: int) -> list[CourseLink]:
    """Courses to do first: those its team named; without any, at most two that the points of this one build on."""
    query = (
        select(Course.uuid, Course.name, Course.name_en, CoursePrerequisite.is_required, Course.id)
        .join(CoursePrerequisite, CoursePrerequisite.prerequisite_id == Course.id)
        .where(CoursePrerequisite.course_id == course_id, Course.published_at.is_not(None), _is_as_open(course_id))
        .order_by(CoursePrerequisite.is_required.desc(), Course.seq, Course.id)
    )
    return [CourseLink(*row) for row in session().execute(query)] or _needs_by_points(course_id)


def _needs_by_points(course_id: int) -> list[CourseLink]:
    """Published courses that hold most of what the points of this one need first."""
    first, then = aliased(Point), aliased(Point)
    query = (
        select(Course.uuid, Course.name, Course.name_en)
        .select_from(PointPrerequisite)
        .join(then, then.id == PointPrerequisite.point_id)
        .join(first, first.id == PointPrerequisite.prerequisite_id)
        .join(Course, Course.id == first.course_id)
        .where(then.course_id == course_id, first.course_id != course_id, Course.published_at.is_not(None))
        .where(_is_as_open(course_id))
        .group_by(Course.id, Course.uuid, Course.name, Course.name_en)
        .order_by(func.count().desc(), Course.id)
    )
    return [CourseLink(*row) for row in session().execute(query.limit(ADVISED))]


def _is_as_open(course_id: int) -> ColumnElement[bool]:
    """Courses of the same library, which stand and fall together, and those that everybody may look at."""
    library = select(Course.library_id).where(Course.id == course_id).scalar_subquery()
    return Course.is_public | (Course.library_id == library)


def runs_of(course_id: int) -> list[RunFacts]:
    """Every run, the newest first; two queries."""
    columns = (
        CourseRun.id, CourseRun.key, CourseRun.starts_at, CourseRun.ends_at, CourseRun.kind, CourseRun.title,
    )  # fmt: skip
    query = select(*columns).where(CourseRun.course_id == course_id)
    rows = session().execute(query.order_by(CourseRun.starts_at.desc(), CourseRun.id.desc())).all()
    opens = openings_of([row.id for row in rows])
    return [RunFacts(*row[1:], opens=opens.get(row.id, {})) for row in rows]


def openings_of(run_ids: Sequence[int]) -> Mapping[int, Mapping[int, dt.datetime]]:
    """When lessons open in runs: by run id, then by lesson id; one query."""
    query = select(RunOpening.run_id, RunOpening.lesson_id, RunOpening.opens_at).where(RunOpening.run_id.in_(run_ids))
    found: dict[int, dict[int, dt.datetime]] = defaultdict(dict)
    for run_id, lesson_id, opens_at in session().execute(query) if run_ids else ():
        found[run_id][lesson_id] = opens_at
    return found


def terms_of(course_id: int) -> Terms:
    """What completes the course and what it promises; two queries."""
    row = session().get(CourseTerms, course_id)
    if row is None:
        return Terms()
    named = session().scalars(select(CompletionLesson.lesson_id).where(CompletionLesson.course_id == course_id))
    return Terms(row.completion, row.share, row.is_national, row.free_until, frozenset(named))


def lesson_needs_of(course_id: int) -> Mapping[int, Sequence[LessonNeed]]:
    """Lessons to complete before others of the course, by the id of the later one."""
    query = (
        select(LessonPrerequisite.lesson_id, LessonPrerequisite.prerequisite_id, LessonPrerequisite.is_required)
        .join(Lesson, Lesson.id == LessonPrerequisite.lesson_id)
        .where(Lesson.course_id == course_id)
        .order_by(LessonPrerequisite.lesson_id, LessonPrerequisite.prerequisite_id)
    )
    found: dict[int, list[LessonNeed]] = defaultdict(list)
    for lesson_id, needed_id, is_required in session().execute(query):
        found[lesson_id].append(LessonNeed(needed_id, is_required))
    return found
