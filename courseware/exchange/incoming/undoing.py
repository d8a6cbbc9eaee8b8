"""Taking an import back: what it made goes, what somebody changed or used since stays and is counted."""

from __future__ import annotations

import uuid as uuidlib
from typing import TypeVar

from sqlalchemy import Select, exists, func, select
from sqlalchemy.exc import IntegrityError

from courseware.accounts.models import User
from courseware.auditlog import services as auditlog
from courseware.bulk.drafts import delete_draft
from courseware.catalog.models import Lesson, LessonVersion, Module
from courseware.catalog.services import touch_course
from courseware.core.database import session
from courseware.core.errors import DomainError
from courseware.exchange.errors import ChangedSince
from courseware.exchange.models import CourseImport, ImportedPart
from courseware.resources.models import Resource

Row = TypeVar("Row", Lesson, Resource, Module)
ORDER = ("lesson", "resource", "module")  # a resource that stands in a lesson, and a module that holds one, stay
AT_ONCE = 50


def undo_some(incoming: CourseImport, actor: User) -> int:
    """Takes the next parts back; returns how many it looked at, 0 when none is left."""
    for kind in ORDER:
        parts = session().scalars(_open(incoming, kind).limit(AT_ONCE)).all()
        for part in parts:
            part.outcome = "undone" if _taken_back(actor, part) else "kept"
        session().flush()
        if parts:
            return len(parts)
    return 0


def outcomes(incoming: CourseImport) -> dict[str, dict[str, int]]:
    """How many parts of which kind were made, undone, kept."""
    query = select(ImportedPart.kind, ImportedPart.outcome, func.count()).where(ImportedPart.import_id == incoming.id)
    found: dict[str, dict[str, int]] = {}
    for kind, outcome, count in session().execute(query.group_by(ImportedPart.kind, ImportedPart.outcome)):
        found.setdefault(kind, {})[outcome] = count
    return found


def _open(incoming: CourseImport, kind: str) -> Select[ImportedPart]:
    open_parts = (ImportedPart.import_id == incoming.id, ImportedPart.kind == kind, ImportedPart.outcome == "made")
    return select(ImportedPart).where(*open_parts).order_by(ImportedPart.id.desc())


def _taken_back(actor: User, part: ImportedPart) -> bool:
    try:
        with session().begin_nested():
            _DELETE[part.kind](actor, part)
            session().flush()
    except (DomainError, IntegrityError):
        return False
    return True


def _delete_lesson(actor: User, part: ImportedPart) -> None:
    """A draft that nobody saved, handed in or published since."""
    lesson = _row(Lesson, part.made_uuid)
    if lesson is None:
        return
    versions = session().scalars(select(LessonVersion).where(LessonVersion.lesson_id == lesson.id)).all()
    if lesson.first_published_at is not None or len(versions) != 1 or versions[0].revision != part.revision:
        raise ChangedSince()
    if lesson.review_version_id is not None:
        raise ChangedSince()
    auditlog.record("lesson.delete", actor, about=lesson, details={"title": lesson.title})
    course = lesson.course
    lesson.draft_version = None
    session().flush()
    session().delete(versions[0])
    session().flush()
    session().delete(lesson)
    touch_course(course)


def _delete_resource(actor: User, part: ImportedPart) -> None:
    resource = _row(Resource, part.made_uuid)
    if resource is None:
        return
    if resource.lock_version != part.revision:
        raise ChangedSince()
    delete_draft(actor, resource, {})


def _delete_module(_actor: User, part: ImportedPart) -> None:
    module = _row(Module, part.made_uuid)
    if module is None:
        return
    if session().scalar(select(exists().where(Lesson.module_id == module.id))):
        raise ChangedSince()
    session().delete(module)


def _row(model: type[Row], uuid: uuidlib.UUID) -> Row | None:
    return session().scalar(select(model).where(model.uuid == uuid))


_DELETE = {"lesson": _delete_lesson, "resource": _delete_resource, "module": _delete_module}
