"""Statements of the busiest paths, built once: building and keying one anew costs more than the database takes for it.

They name tables and bound values only, so they know nothing of rows that a session holds: whoever uses them flushes
first, and reads such rows anew afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import Column, Table, and_, bindparam, delete, exists, func, null, or_, select, update
from sqlalchemy import cast as as_type
from sqlalchemy.sql.base import Executable

from courseware.catalog.course_models import CourseWithdrawal
from courseware.catalog.models import CourseRun, Lesson
from courseware.core.database import Model, session
from courseware.enrollment.models import Enrollment
from courseware.libraries.models import Course
from courseware.progress.models import ActivityDone, KeptVersion, LearningEvent, LessonProgress, ResourceProgress
from courseware.resources.models import LiveSpan, Rendition, Resource, ResourcePoint, ResourceVersion


def table_of(model: type[Model]) -> Table:
    """The table behind a model."""
    return cast(Table, model.__table__)


events, seen, lines, marks = (table_of(m) for m in (LearningEvent, ResourceProgress, LessonProgress, ActivityDone))
kept, runs = table_of(KeptVersion), table_of(CourseRun)
places, lessons, courses = table_of(Enrollment), table_of(Lesson), table_of(Course)
resources, versions, spans = table_of(Resource), table_of(ResourceVersion), table_of(LiveSpan)
taught, renditions = table_of(ResourcePoint), table_of(Rendition)
withdrawals = table_of(CourseWithdrawal)


def many(name: str) -> Any:
    """A bound list of values."""
    return bindparam(name, expanding=True)


PERSON: Any = bindparam("person")

KNOWN = (
    select(
        events.c.uuid, events.c.user_id, events.c.verb, events.c.occurred_at, events.c.from_s, events.c.to_s,
        events.c.seconds, events.c.speed, resources.c.uuid.label("resource"), lessons.c.uuid.label("lesson"),
    )
    .outerjoin(resources, resources.c.id == events.c.resource_id)
    .outerjoin(lessons, lessons.c.id == events.c.lesson_id)
    .where(events.c.uuid.in_(many("uuids")))
)  # fmt: skip
KNOWN_THEN = KNOWN.where(
    events.c.occurred_at >= bindparam("first", type_=events.c.occurred_at.type),
    events.c.occurred_at <= bindparam("last", type_=events.c.occurred_at.type),
)

_withdrawn_at = (
    select(func.max(withdrawals.c.ended_at))
    .where(withdrawals.c.course_id == courses.c.id, withdrawals.c.state == "done")
    .correlate(courses)
    .scalar_subquery()
    .label("withdrawn_at")
)
_COURSE = (
    courses.c.id.label("course_id"), courses.c.uuid.label("course_uuid"), courses.c.content_version, _withdrawn_at,
    places.c.id.label("place_id"), places.c.started_at, places.c.enrolled_at, runs.c.key.label("run_key"),
    runs.c.starts_at, runs.c.ends_at, runs.c.frozen_at,
)  # fmt: skip
_own_place = and_(places.c.user_id == PERSON, places.c.course_id == courses.c.id, places.c.withdrawn_at.is_(None))

LESSONS = (
    select(
        lessons.c.id, lessons.c.uuid, lessons.c.owner_id, lessons.c.is_live, lessons.c.first_published_at, *_COURSE,
        lines.c.updated_at.label("line_at"), lines.c.completed_at,
    )
    .join(courses, courses.c.id == lessons.c.course_id)
    .outerjoin(places, _own_place)
    .outerjoin(runs, runs.c.id == places.c.run_id)
    .outerjoin(lines, and_(lines.c.user_id == PERSON, lines.c.lesson_id == lessons.c.id))
    .where(lessons.c.uuid.in_(many("uuids")))
    .order_by(places.c.enrolled_at, places.c.id)  # the newest place comes last and stands
)  # fmt: skip

_wrote = exists().where(
    versions.c.resource_id == resources.c.id, versions.c.author_id == PERSON, versions.c.published_at.is_not(None)
)
_longest = (
    select(func.max(versions.c.duration_s))
    .where(versions.c.resource_id == resources.c.id, versions.c.published_at.is_not(None))
    .correlate(resources)
    .scalar_subquery()
)
_shown = versions.alias("shown")
_used = versions.alias("used")  # what this person learns with: what is published, or what they keep

RESOURCES = (
    select(
        resources.c.id, resources.c.uuid, resources.c.type, resources.c.course_id, _used.c.id, _used.c.duration_s, _longest,
        or_(resources.c.author_id == PERSON, _wrote), spans.c.started_at, spans.c.ended_at,
        places.c.id.label("place_id"), places.c.started_at,
    )
    .outerjoin(kept, and_(kept.c.user_id == PERSON, kept.c.resource_id == resources.c.id))
    .outerjoin(_used, _used.c.id == func.coalesce(kept.c.version_id, resources.c.published_version_id))
    .outerjoin(spans, spans.c.resource_id == resources.c.id)
    .outerjoin(places, and_(places.c.user_id == PERSON, places.c.course_id == resources.c.course_id, places.c.withdrawn_at.is_(None)))
    .where(resources.c.uuid.in_(many("uuids")))
    .order_by(places.c.enrolled_at, places.c.id)
)  # fmt: skip

COURSES = (
    select(*_COURSE)
    .outerjoin(places, _own_place)
    .outerjoin(runs, runs.c.id == places.c.run_id)
    .where(courses.c.uuid.in_(many("uuids")))
    .order_by(places.c.enrolled_at, places.c.id)
)

KEPT = (
    select(versions.c.id, versions.c.num, versions.c.duration_s, _shown.c.num, _shown.c.published_at, _shown.c.reason)
    .select_from(kept)
    .join(versions, versions.c.id == kept.c.version_id)
    .join(resources, resources.c.id == kept.c.resource_id)
    .join(_shown, _shown.c.id == resources.c.published_version_id)
    .where(kept.c.user_id == PERSON, kept.c.resource_id == bindparam("resource"), _shown.c.id != kept.c.version_id)
)
LET_GO = delete(kept).where(kept.c.user_id == PERSON, kept.c.resource_id.in_(many("finished")))

_attention = (events.c.seconds * events.c.speed).label("attention")
_of_sittings = and_(
    events.c.user_id == PERSON, events.c.occurred_at >= bindparam("since", type_=events.c.occurred_at.type),
    events.c.resource_id.in_(many("resource_ids")), events.c.sitting.in_(many("names")),
)  # fmt: skip
SITTINGS = (
    select(events.c.sitting, events.c.resource_id, func.sum(_attention))
    .where(_of_sittings)
    .group_by(events.c.sitting, events.c.resource_id)
)
NEWEST_OF_SITTINGS = (
    select(events.c.sitting, events.c.resource_id, _attention)
    .where(_of_sittings)
    .order_by(events.c.occurred_at.desc())
    .limit(bindparam("limit"))
)

_SEEN_COLUMNS = (
    seen.c.resource_id, seen.c.ranges, seen.c.watched_s, seen.c.attention_s, seen.c.position_s, seen.c.duration_s,
    seen.c.is_complete, seen.c.updated_at, seen.c.sitting, seen.c.sitting_s,
)  # fmt: skip
_is_seen = and_(seen.c.user_id == PERSON, seen.c.resource_id.in_(many("resource_ids")))
SEEN = select(*_SEEN_COLUMNS).where(_is_seen).order_by(seen.c.resource_id)
SEEN_FOR_UPDATE = SEEN.with_for_update()

KEEP_SEEN = update(seen).where(seen.c.user_id == PERSON, seen.c.resource_id == bindparam("resource"))
KEEP_SEEN = KEEP_SEEN.values(
    {name: bindparam(name, type_=seen.c[name].type) for name in
     ("ranges", "watched_s", "attention_s", "position_s", "duration_s", "is_complete", "updated_at", "sitting", "sitting_s")}
)  # fmt: skip

_is_marked = and_(marks.c.user_id == PERSON, marks.c.activity_key.in_(many("keys")))
MARKED = select(marks.c.activity_key).where(_is_marked)


def _nothing(column: Column[Any]) -> Any:
    """NULL where the other half of a union has this column."""
    return as_type(null(), column.type)


# Both of a lesson at once, told apart by the key of an activity that comes first.
SEEN_AND_MARKED = (
    select(_nothing(marks.c.activity_key).label("marked"), *_SEEN_COLUMNS)
    .where(_is_seen)
    .union_all(select(marks.c.activity_key, *map(_nothing, _SEEN_COLUMNS)).where(_is_marked))
)

LINES = select(
    lines.c.course_id, lines.c.lesson_id, lines.c.done, lines.c.required, lines.c.completed_at, lines.c.updated_at
).where(lines.c.user_id == PERSON)
LINES_OF_COURSE = LINES.where(lines.c.course_id == bindparam("course"))

MASTERY = (
    select(taught.c.point_id, seen.c.is_complete)
    .join(seen, seen.c.resource_id == taught.c.resource_id)
    .where(seen.c.user_id == PERSON, taught.c.point_id.in_(many("point_ids")))
)

COMPLETED = select(lines.c.lesson_id).where(
    lines.c.user_id == PERSON, lines.c.course_id.in_(many("course_ids")), lines.c.completed_at.is_not(None)
)

LINE = select(lines.c.updated_at, lines.c.completed_at).where(
    lines.c.user_id == PERSON, lines.c.lesson_id == bindparam("lesson")
)

KEEP_LINE = update(lines).where(lines.c.user_id == PERSON, lines.c.lesson_id == bindparam("lesson"))
KEEP_LINE = KEEP_LINE.values(
    {name: bindparam(name, type_=lines.c[name].type) for name in ("done", "required", "updated_at", "completed_at")}
)


def rows(statement: Executable, **values: Any) -> Sequence[Any]:
    """What the database answers."""
    return session().connection().execute(statement, values).all()


def write(statement: Executable, values: Any) -> None:
    """Does one statement for one row, or for each of many."""
    session().connection().execute(statement, values)
