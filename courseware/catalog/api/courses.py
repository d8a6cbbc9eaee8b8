"""GET /api/v1/courses and /api/v1/courses/{id}."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from courseware.catalog import listing
from courseware.catalog.listing import LessonLine, ModuleLines
from courseware.core.paging import Page
from courseware.libraries.models import COURSE_KINDS, Course, CourseTeacher
from courseware.web.api import ApiBlueprint, PageArgs, instant, list_answer, needs_scope, one_of, paged

blueprint = ApiBlueprint("api_courses", __name__, description="Courses and what they hold")


class CourseArgs(PageArgs):
    """What the list is narrowed to."""

    library = fields.String(load_default="", metadata={"description": "Code of a library"})
    major = fields.String(load_default="", metadata={"description": "Official code of a major"})
    kind = fields.String(load_default="", validate=one_of("", *COURSE_KINDS))


class MajorOut(Schema):
    """A programme of study."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    name_en = fields.String(required=True)


class CourseOut(Schema):
    """A course in a list."""

    id = fields.UUID(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    name_en = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(COURSE_KINDS))
    library = fields.String(required=True, metadata={"description": "Code of its library"})
    major = fields.Nested(MajorOut, required=True)
    summary = fields.String(required=True)
    summary_en = fields.String(required=True)
    audience = fields.String(required=True)
    theory_hours = fields.Integer(required=True)
    practice_hours = fields.Integer(required=True)
    licence = fields.String(required=True)
    is_open = fields.Boolean(required=True)
    published_at = instant(allow_none=True)
    url = fields.String(required=True)


class LessonOut(Schema):
    """A live lesson."""

    id = fields.UUID(required=True)
    title = fields.String(required=True)
    title_en = fields.String(required=True)
    minutes = fields.Integer(required=True)
    url = fields.String(required=True)


class ModuleOut(Schema):
    """A module with its live lessons."""

    id = fields.UUID(required=True)
    title = fields.String(required=True)
    title_en = fields.String(required=True)
    lessons = fields.List(fields.Nested(LessonOut), required=True)


class TeacherOut(Schema):
    """A member of the teaching team."""

    name = fields.String(required=True)
    role = fields.String(required=True)
    unit = fields.String(required=True)


class CourseDetail(CourseOut):
    """One course with its team and its outline."""

    team = fields.List(fields.Nested(TeacherOut), required=True)
    modules = fields.List(fields.Nested(ModuleOut), required=True)


@blueprint.route("/courses")
@blueprint.arguments(CourseArgs, location="query")
@blueprint.response(200, paged(CourseOut, "CourseList"))
def list_courses(asked: dict[str, Any]) -> Mapping[str, Any]:
    """Published courses, a page at a time."""
    page = listing.list_courses(needs_scope("read"), **asked)
    return list_answer(Page([_course(course) for course in page.items], page.next))


@blueprint.route("/courses/<uuid:course_uuid>")
@blueprint.response(200, CourseDetail)
def get_course(course_uuid: uuid.UUID) -> dict[str, Any]:
    """One course with its team, modules and live lessons."""
    course = listing.visible_course(course_uuid, needs_scope("read"))
    outline = [_module(lines) for lines in listing.live_outline(course)]
    return {**_course(course), "team": [_teacher(member) for member in course.team], "modules": outline}


def _course(course: Course) -> dict[str, Any]:
    same = (
        "code", "name", "name_en", "kind", "major", "summary", "summary_en", "audience", "theory_hours",
        "practice_hours", "licence", "is_open", "published_at",
    )  # fmt: skip
    own = {name: getattr(course, name) for name in same}
    return {**own, "id": course.uuid, "library": course.library.code, "url": f"/courses/{course.uuid}"}


def _module(lines: ModuleLines) -> dict[str, Any]:
    module = lines.module
    lessons = [_lesson(line) for line in lines.lessons]
    return {"id": module.uuid, "title": module.title, "title_en": module.title_en, "lessons": lessons}


def _lesson(line: LessonLine) -> dict[str, Any]:
    lesson = line.lesson
    return {
        "id": lesson.uuid, "title": lesson.title, "title_en": lesson.title_en, "minutes": line.minutes,
        "url": f"/learn/{lesson.uuid}",
    }  # fmt: skip


def _teacher(member: CourseTeacher) -> dict[str, str]:
    unit = member.user.unit.name if member.user.unit else ""
    return {"name": member.user.name, "role": member.role, "unit": unit}
