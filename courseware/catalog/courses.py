"""Courses: the outline of modules and lessons, what the page says, opening to learners."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, func, select

from courseware.accounts.models import User
from courseware.auditlog import services as auditlog
from courseware.catalog import policy
from courseware.catalog.changing import SENDER, need, tell_course, touch_course
from courseware.catalog.course_models import CompletionLesson, CoursePrerequisite, CourseTerms
from courseware.catalog.errors import LessonSeen, ModuleFull, NotReady, OutlineChanged
from courseware.catalog.models import Lesson, Module
from courseware.catalog.promise import earliest_end, reopen
from courseware.catalog.runs import open_run
from courseware.core import clock, events
from courseware.core.database import session
from courseware.core.errors import Invalid
from courseware.libraries.models import Course


def add_module(actor: User, course: Course, title: str, *, title_en: str = "") -> Module:
    """A new module at the end of the course."""
    need(policy.can_build(actor, course))
    if not title.strip():
        raise Invalid({"title": [_l("Give the module a title.")]})
    seq = (session().scalar(select(func.max(Module.seq)).where(Module.course_id == course.id)) or 0) + 1
    module = Module(course_id=course.id, seq=seq, title=title.strip()[:200], title_en=title_en.strip()[:200])
    session().add(module)
    session().flush()
    return module


def rename_module(actor: User, module: Module, title: str, title_en: str = "") -> None:
    """A new title; raises Invalid without one."""
    course = module.course or session().get_one(Course, module.course_id)
    need(policy.can_build(actor, course))
    if not title.strip():
        raise Invalid({"title": [_l("Give the module a title.")]})
    module.title, module.title_en = title.strip()[:200], title_en.strip()[:200]
    touch_course(course)
    session().flush()


def move_module(actor: User, module: Module, position: int) -> None:
    """Puts a module at `position` (from 0) of its course."""
    course = module.course or session().get_one(Course, module.course_id)
    need(policy.can_build(actor, course))
    others = list(
        session().scalars(select(Module).where(Module.course_id == course.id).order_by(Module.seq, Module.id))
    )
    others = [other for other in others if other.id != module.id]
    others.insert(max(0, min(position, len(others))), module)
    for seq, other in enumerate(others, start=1):
        other.seq = seq
    touch_course(course)
    session().flush()


def move_lesson(actor: User, lesson: Lesson, module: Module, position: int) -> None:
    """Puts a lesson at `position` (from 0) of a module of the same course."""
    need(policy.can_build(actor, lesson.course) and module.course_id == lesson.course_id)
    others = list(session().scalars(select(Lesson).where(Lesson.module_id == module.id).order_by(Lesson.seq)))
    others = [other for other in others if other.id != lesson.id]
    others.insert(max(0, min(position, len(others))), lesson)
    lesson.module_id = module.id
    for seq, other in enumerate(others, start=1):
        other.seq = seq
    touch_course(lesson.course)
    session().flush()


def remove_module(actor: User, module: Module) -> None:
    """Takes an empty module away. Raises NotAllowed, ModuleFull."""
    course = module.course or session().get_one(Course, module.course_id)
    need(policy.can_build(actor, course))
    if session().scalar(select(Lesson.id).where(Lesson.module_id == module.id).limit(1)) is not None:
        raise ModuleFull()
    touch_course(course)
    session().delete(module)
    session().flush()


def remove_lesson(actor: User, lesson: Lesson) -> None:
    """Takes a lesson away for good that no learner ever saw. Raises NotAllowed, LessonSeen."""
    need(policy.can_edit_lesson(actor, lesson))
    if lesson.first_published_at is not None or lesson.review_version_id is not None:
        raise LessonSeen()
    auditlog.record("lesson.remove", actor, about=lesson, details={"title": lesson.title})
    lesson.draft_version = None
    session().flush()
    session().execute(delete(Lesson).where(Lesson.id == lesson.id))
    session().expire_all()


def set_outline(actor: User, course: Course, given: object) -> None:
    """The order of modules and of lessons in them: {"modules": [{"uuid", "lessons": [uuid, …]}]}, every one once.

    Raises NotAllowed, OutlineChanged where it names others than there are: somebody added or removed one meanwhile.
    """
    need(policy.can_build(actor, course))
    session().execute(select(Course.id).where(Course.id == course.id).with_for_update())
    wanted = _read_outline(given)
    modules = {str(m.uuid): m for m in session().scalars(select(Module).where(Module.course_id == course.id))}
    lessons = {str(one.uuid): one for one in session().scalars(select(Lesson).where(Lesson.course_id == course.id))}
    named = [uuid for _, uuids in wanted for uuid in uuids]
    if sorted(uuid for uuid, _ in wanted) != sorted(modules) or sorted(named) != sorted(lessons):
        raise OutlineChanged()
    for seq, (module_uuid, lesson_uuids) in enumerate(wanted, start=1):
        modules[module_uuid].seq = seq
        for place, uuid in enumerate(lesson_uuids, start=1):
            lessons[uuid].module_id, lessons[uuid].seq = modules[module_uuid].id, place
    touch_course(course)
    session().flush()
    session().expire_all()


def _read_outline(given: object) -> list[tuple[str, list[str]]]:
    try:
        return [(str(m["uuid"]), [str(uuid) for uuid in m["lessons"]]) for m in given["modules"]]  # type: ignore[index]
    except (TypeError, KeyError):
        raise OutlineChanged() from None


def edit_course(actor: User, course: Course, fields: Mapping[str, str]) -> None:
    """Changes what the course page says: summary, audience, both languages."""
    need(policy.can_build(actor, course))
    for name in ("summary", "summary_en", "audience"):
        if name in fields:
            setattr(course, name, fields[name].strip()[:2000])
    touch_course(course)
    session().flush()
    events.content_changed.send(SENDER, kind="course", uuid=course.uuid)


def course_problems(course: Course) -> list[Any]:
    """Sentences for all that a course misses before it may be published."""
    live = session().scalar(select(func.count()).where(Lesson.course_id == course.id, Lesson.is_live))
    problems: list[Any] = []
    if not course.summary.strip():
        problems.append(_l("Say in one sentence what a learner will be able to do."))
    if not course.team:
        problems.append(_l("Name at least one teacher."))
    if not live:
        problems.append(_l("Publish at least one lesson."))
    return problems + _broken_promise(course) + _closed_doors(course)


def _broken_promise(course: Course) -> list[Any]:
    terms = session().get(CourseTerms, course.id)
    if terms is None or not terms.is_national or (terms.free_until and terms.free_until >= earliest_end(course)):
        return []
    return [
        _l("Promise a nationally selected course for five years at least: until %(day)s.", day=earliest_end(course))
    ]


def _closed_doors(course: Course) -> list[Any]:
    """What would keep every learner out, or nobody from completing."""
    closed = session().scalars(
        select(Course.name)
        .join(CoursePrerequisite, CoursePrerequisite.prerequisite_id == Course.id)
        .where(CoursePrerequisite.course_id == course.id, CoursePrerequisite.is_required, Course.published_at.is_(None))
    )
    problems = [_l("“%(name)s” has to be completed first, but is not open to learners.", name=name) for name in closed]
    named = select(Lesson.is_live).join(CompletionLesson, CompletionLesson.lesson_id == Lesson.id)
    states = list(session().scalars(named.where(CompletionLesson.course_id == course.id)))
    if states and not any(states):
        problems.append(_l("None of the lessons that complete the course is published."))
    return problems


def publish_course(actor: User, course: Course) -> Course:
    """Opens the course with run "1"; raises NotAllowed, and NotReady with the whole list."""
    need(policy.can_teach(actor, course))
    problems = course_problems(course)
    if problems:
        raise NotReady({"course": problems})
    course.published_at = course.published_at or clock.now()
    open_run(course, "1", clock.now())
    reopen(course)
    auditlog.record("course.publish", actor, about=course)
    tell_course(course)
    return course
