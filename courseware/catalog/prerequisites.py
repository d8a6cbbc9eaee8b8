"""What comes first: courses before a course, lessons before a lesson. Advice, unless it is set to be a condition.

No circle is let in: whoever follows "first" must arrive somewhere. Who changes the order waits for whoever is at it, so
that two changes, each harmless alone, do not close a circle together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from sqlalchemy import delete, select

from courseware.accounts.models import User
from courseware.auditlog import services as auditlog
from courseware.catalog import policy
from courseware.catalog.changing import need, touch_course
from courseware.catalog.course_models import CoursePrerequisite, LessonPrerequisite
from courseware.catalog.errors import NeededElsewhere, NeedsCircle
from courseware.catalog.models import Lesson
from courseware.core.database import session
from courseware.knowledge.graph import path_between
from courseware.libraries.models import Course, Library

Edges = Mapping[int, Iterable[int]]


def set_course_needs(actor: User, course: Course, needs: Mapping[int, bool]) -> None:
    """The courses to complete before this one, by id; True makes it a condition of joining.

    Replaces those before. Raises NotAllowed, NeededElsewhere for a course of another library, NeedsCircle.
    """
    need(policy.can_teach(actor, course))
    session().execute(select(Library.id).where(Library.id == course.library_id).with_for_update())
    names = _course_names(course.library_id)
    if set(needs) - names.keys():
        raise NeededElsewhere()
    edges = _edges(
        select(CoursePrerequisite.course_id, CoursePrerequisite.prerequisite_id)
        .join(Course, Course.id == CoursePrerequisite.course_id)
        .where(Course.library_id == course.library_id, Course.id != course.id)
    )  # fmt: skip
    _refuse_circle(course.id, needs, edges, names)
    session().execute(delete(CoursePrerequisite).where(CoursePrerequisite.course_id == course.id))
    session().add_all(
        CoursePrerequisite(course_id=course.id, prerequisite_id=number, is_required=is_required)
        for number, is_required in sorted(needs.items())
    )
    touch_course(course)
    session().flush()
    auditlog.record("course.needs", actor, about=course, details={"courses": len(needs)})


def set_lesson_needs(actor: User, lesson: Lesson, needs: Mapping[int, bool]) -> None:
    """The lessons of the course to complete before this one, by id; True closes the lesson until then.

    Replaces those before. Raises NotAllowed, NeededElsewhere for a lesson of another course, NeedsCircle.
    """
    need(policy.can_build(actor, lesson.course))
    session().execute(select(Course.id).where(Course.id == lesson.course_id).with_for_update())
    rows = session().execute(select(Lesson.id, Lesson.title).where(Lesson.course_id == lesson.course_id))
    names = {row[0]: row[1] for row in rows}
    if set(needs) - names.keys():
        raise NeededElsewhere()
    edges = _edges(
        select(LessonPrerequisite.lesson_id, LessonPrerequisite.prerequisite_id)
        .join(Lesson, Lesson.id == LessonPrerequisite.lesson_id)
        .where(Lesson.course_id == lesson.course_id, Lesson.id != lesson.id)
    )  # fmt: skip
    _refuse_circle(lesson.id, needs, edges, names)
    session().execute(delete(LessonPrerequisite).where(LessonPrerequisite.lesson_id == lesson.id))
    session().add_all(
        LessonPrerequisite(lesson_id=lesson.id, prerequisite_id=number, is_required=is_required)
        for number, is_required in sorted(needs.items())
    )
    touch_course(lesson.course)
    session().flush()
    auditlog.record("lesson.needs", actor, about=lesson, details={"lessons": len(needs)})


def _refuse_circle(start: int, needs: Iterable[int], edges: Edges, names: Mapping[int, str]) -> None:
    """Raises NeedsCircle naming the way round, where something needed leads back to `start`."""
    for needed in needs:
        if path := path_between(edges, needed, start):
            raise NeedsCircle(path=" → ".join(names[number] for number in (start, *path)))


def _course_names(library_id: int) -> dict[int, str]:
    rows = session().execute(select(Course.id, Course.name).where(Course.library_id == library_id))
    return {row[0]: row[1] for row in rows}


def _edges(query: object) -> Edges:
    found: dict[int, list[int]] = defaultdict(list)
    for later, first in session().execute(query):  # type: ignore[call-overload]
        found[later].append(first)
    return found
