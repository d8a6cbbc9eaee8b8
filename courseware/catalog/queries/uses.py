"""Where resources are used: live lessons that hold them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import ScalarSelect, and_, func, select

from courseware.accounts.models import Unit, User
from courseware.catalog.models import Activity, Lesson, LessonVersion
from courseware.catalog.queries.credit import Author, Source
from courseware.core.database import session
from courseware.libraries.models import Course
from courseware.resources.models import Resource, ResourceVersion
from courseware.resources.queries import Use

# From the activity to its lesson by keys alone: starting at the lessons would read all of them.
_is_published = and_(Lesson.id == LessonVersion.lesson_id, Lesson.published_version_id == LessonVersion.id)


_LIVE_LESSONS = func.count(func.distinct(Lesson.id))


def where_used(resource: Resource) -> list[Use]:
    """The live lessons that hold the resource."""
    return list(uses_of([resource.id]).get(resource.id, ()))


def uses_of(resource_ids: Sequence[int]) -> Mapping[int, Sequence[Use]]:
    """The live lessons that hold each resource, by resource id; one query."""
    found: dict[int, list[Use]] = defaultdict(list)
    query = (
        select(
            Activity.resource_id,
            Lesson.title,
            Lesson.uuid,
            Course.name,
            Unit.name,
            ResourceVersion.num,
            Source.title,
            Author.name,
            Course.is_public,
        )
        .join(LessonVersion, LessonVersion.id == Activity.version_id)
        .join(Lesson, _is_published)
        .join(Course, Course.id == Lesson.course_id)
        .join(User, User.id == Lesson.owner_id)
        .outerjoin(Unit, Unit.id == User.unit_id)
        .outerjoin(Source, Source.id == Lesson.copied_from_id)
        .outerjoin(Author, Author.id == Source.owner_id)
        .outerjoin(ResourceVersion, ResourceVersion.id == Activity.pinned_version_id)
        .where(Activity.resource_id.in_(resource_ids), Lesson.is_live.is_(True))
        .order_by(Course.seq, Course.id, Lesson.seq, Lesson.id, Activity.seq)
    )
    for resource_id, title, uuid, course, unit, num, source, author, is_public in (
        session().execute(query) if resource_ids else ()
    ):
        copied = f"{source} · {author}" if source else ""
        found[resource_id or 0].append(
            Use(title, f"/learn/{uuid}", course, unit or "", num, copied_from=copied, is_public=bool(is_public))
        )
    return found


def count_uses(resource_ids: Sequence[int]) -> Mapping[int, int]:
    """In how many live lessons each resource is, by resource id; those in none are left out."""
    query = (
        select(Activity.resource_id, _LIVE_LESSONS)
        .join(LessonVersion, LessonVersion.id == Activity.version_id)
        .join(Lesson, _is_published)
        .where(Activity.resource_id.in_(resource_ids), Lesson.is_live.is_(True))
        .group_by(Activity.resource_id)
    )
    rows = session().execute(query) if resource_ids else ()
    return {resource_id: count for resource_id, count in rows if resource_id is not None}


def uses_of_each() -> ScalarSelect[int]:
    """The same number as a column of a statement that selects from Resource."""
    query = select(_LIVE_LESSONS).select_from(Activity).join(LessonVersion, LessonVersion.id == Activity.version_id)
    query = query.join(Lesson, _is_published).where(Activity.resource_id == Resource.id, Lesson.is_live.is_(True))
    return query.correlate(Resource).scalar_subquery()
