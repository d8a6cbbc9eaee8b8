"""My courses, and the course builder: promise, modules, order of lessons, publishing."""

from __future__ import annotations

import uuid as uuidlib

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from courseware.catalog import courses, promise, services
from courseware.catalog.forms import PromiseForm, TitleForm
from courseware.catalog.models import Lesson, Module
from courseware.catalog.queries import contents_of
from courseware.catalog.queries.teaching import builder_modules, lesson_for_board, my_courses
from courseware.catalog.queries.withdrawn import gaps_of
from courseware.catalog.views import blueprint
from courseware.catalog.views.frame import TEACHERS, attempt, back_to, course_to_build, draw, uuid_of
from courseware.core.database import session
from courseware.core.errors import NotFound
from courseware.enrollment import queries as enrollment
from courseware.libraries.models import Course
from courseware.web.access import role_needed, signed_in
from courseware.web.i18n import local_text
from courseware.web.navigation import teach_nav


@blueprint.get("/teach/courses")
@role_needed(*TEACHERS)
def teach_courses() -> str:
    """Courses I teach first, then the others of my libraries."""
    page = my_courses(signed_in(), request.args.get("after"))
    return render_template(
        "catalog/teach_courses.html", page=page, gaps=gaps_of(signed_in()), withdrawals=promise.requests_for(signed_in()),
        side_nav=teach_nav(),
    )  # fmt: skip


@blueprint.get("/teach/courses/<uuid:uuid>")
@role_needed(*TEACHERS)
def builder(uuid: uuidlib.UUID) -> str:
    """A course with its modules and lessons, and what it still misses."""
    course = course_to_build(uuid)
    return _draw(course, PromiseForm(obj=course))


def _draw(course: Course, form: PromiseForm) -> str:
    modules = builder_modules(course)
    return draw(
        course, "catalog/builder.html", form=form, title_form=TitleForm(), modules=modules,
        problems=services.course_problems(course), numbers=enrollment.course_numbers(course),
        live=sum(row.lesson.is_live for module in modules for row in module.lessons),
        lessons=sum(len(module.lessons) for module in modules), withdrawal=promise.withdrawal_of(course),
        terms=contents_of(course).terms, person=signed_in(),
    )  # fmt: skip


@blueprint.post("/teach/courses/<uuid:uuid>/promise")
@role_needed(*TEACHERS)
def edit_promise(uuid: uuidlib.UUID) -> str | Response:
    """Saves what the course page says."""
    course, form = course_to_build(uuid), PromiseForm()
    if not form.validate_on_submit():
        return _draw(course, form)
    fields = {name: form[name].data or "" for name in ("summary", "summary_en", "audience")}
    services.edit_course(signed_in(), course, fields)
    flash(_("Saved. The course page shows it now."), "success")
    return back_to(course)


@blueprint.post("/teach/courses/<uuid:uuid>/modules")
@role_needed(*TEACHERS)
def add_module(uuid: uuidlib.UUID) -> Response:
    """A new module at the end."""
    course, form = course_to_build(uuid), TitleForm()
    attempt(lambda: services.add_module(signed_in(), course, form.title.data or "", title_en=form.title_en.data or ""))
    return back_to(course, "modules")


@blueprint.post("/teach/modules/<uuid:uuid>")
@role_needed(*TEACHERS)
def change_module(uuid: uuidlib.UUID) -> Response:
    """Renames a module or moves it by one place, as `action` says."""
    module, form, person = _module(uuid), TitleForm(), signed_in()
    action = request.form.get("action", "rename")
    course = module.course
    if action in ("up", "down"):
        attempt(lambda: services.move_module(person, module, _place(module, Module.course_id, action)))
    elif action == "remove":
        attempt(lambda: courses.remove_module(person, module))
        return back_to(course, "modules")
    else:
        attempt(lambda: services.rename_module(person, module, form.title.data or "", form.title_en.data or ""))
    return back_to(module.course, f"m-{module.uuid}")


@blueprint.post("/teach/modules/<uuid:uuid>/lessons")
@role_needed(*TEACHERS)
def add_lesson(uuid: uuidlib.UUID) -> Response:
    """A new lesson, opened on the board."""
    module, form = _module(uuid), TitleForm()
    made: list[Lesson] = []
    attempt(
        lambda: made.append(
            services.create_lesson(signed_in(), module, form.title.data or "", title_en=form.title_en.data or "")
        )
    )
    return redirect(url_for("catalog.lesson_board", uuid=made[0].uuid)) if made else back_to(module.course, f"m-{uuid}")


@blueprint.post("/teach/lessons/<uuid:uuid>/move")
@role_needed(*TEACHERS)
def move_lesson(uuid: uuidlib.UUID) -> Response:
    """Moves a lesson by one place, or to the end of another module."""
    lesson, person = lesson_for_board(uuid, signed_in()), signed_in()
    target = request.form.get("module", "")
    if target:
        module = _module(uuid_of(target))
        attempt(lambda: services.move_lesson(person, lesson, module, 10_000))
    else:
        place = _place(lesson, Lesson.module_id, request.form.get("action", "up"))
        attempt(lambda: services.move_lesson(person, lesson, lesson.module, place))
    return back_to(lesson.course, f"l-{uuid}")


@blueprint.post("/teach/lessons/<uuid:uuid>/rename")
@role_needed(*TEACHERS)
def rename_lesson(uuid: uuidlib.UUID) -> Response:
    """A new title, or with `action` remove: takes away a lesson that no learner ever saw."""
    lesson, form, person = lesson_for_board(uuid, signed_in()), TitleForm(), signed_in()
    course = lesson.course
    if request.form.get("action") == "remove":
        if attempt(lambda: courses.remove_lesson(person, lesson)):
            flash(_("The lesson is gone. No learner had seen it."), "success")
        return back_to(course, "modules")
    attempt(lambda: services.rename_lesson(person, lesson, form.title.data or "", form.title_en.data or ""))
    return back_to(course, f"l-{uuid}")


@blueprint.put("/teach/courses/<uuid:uuid>/outline")
@role_needed(*TEACHERS)
def set_outline(uuid: uuidlib.UUID) -> Response:
    """The order of modules and lessons after something was dragged, as a whole."""
    course = course_to_build(uuid)
    courses.set_outline(signed_in(), course, request.get_json(silent=True))
    return jsonify({"saved": True})


@blueprint.post("/teach/lessons/<uuid:uuid>/withdraw")
@role_needed(*TEACHERS)
def withdraw_lesson(uuid: uuidlib.UUID) -> Response:
    """Takes a lesson from learners; it can be published again from the board."""
    lesson = lesson_for_board(uuid, signed_in())
    services.withdraw_lesson(signed_in(), lesson, request.form.get("reason", "")[:500])
    flash(
        _(
            "“%(title)s” is no longer shown to learners. Publishing it again brings it back.",
            title=local_text(lesson, "title"),
        ),
        "success",
    )
    return back_to(lesson.course, f"l-{uuid}")


@blueprint.post("/teach/courses/<uuid:uuid>/publish")
@role_needed(*TEACHERS)
def publish_course(uuid: uuidlib.UUID) -> Response:
    """Opens the course to learners, or says all that is missing."""
    course = course_to_build(uuid)
    if attempt(lambda: services.publish_course(signed_in(), course)):
        flash(_("The course is open. Anybody can join it now."), "success")
    return back_to(course)


def _module(uuid: uuidlib.UUID) -> Module:
    module = session().scalar(select(Module).where(Module.uuid == uuid))
    if module is None:
        raise NotFound()
    return module


def _place(row: Module | Lesson, within: object, action: str) -> int:
    """The place from 0 where the row stands after one step up or down."""
    model = type(row)
    siblings = select(model.id).where(within == getattr(row, within.key)).order_by(model.seq, model.id)  # type: ignore[attr-defined]
    ids = list(session().scalars(siblings))
    return max(0, ids.index(row.id) + (-1 if action == "up" else 1))
