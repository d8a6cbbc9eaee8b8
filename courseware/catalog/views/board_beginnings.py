"""How a lesson begins: from a template, or as a copy of a colleague's."""

from __future__ import annotations

import uuid as uuidlib

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from werkzeug.wrappers import Response

from courseware.catalog import copying, queries, templates_of_lessons
from courseware.catalog.models import Lesson, Module
from courseware.catalog.queries.teaching import lesson_for_board
from courseware.catalog.views import TEACHERS, blueprint
from courseware.catalog.views.board_items import act
from courseware.core.database import session
from courseware.core.errors import DomainError, NotFound
from courseware.web.access import role_needed, signed_in
from courseware.web.requests import undo


@blueprint.post("/teach/lessons/<uuid:uuid>/templates")
@role_needed(*TEACHERS)
def keep_template(uuid: uuidlib.UUID) -> Response:
    """Keeps the structure of the lesson as a template of one's own, or for colleagues of the unit."""
    lesson, form = lesson_for_board(uuid, signed_in()), request.form
    return act(
        lesson,
        lambda: templates_of_lessons.keep_as_template(
            signed_in(), lesson, form.get("name", ""), layout=form.get("layout", "eight"), share="share" in form
        ),
        _("The template is kept. It stands in this menu on every board."),
    )


@blueprint.post("/teach/lessons/<uuid:uuid>/template")
@role_needed(*TEACHERS)
def apply_template(uuid: uuidlib.UUID) -> Response:
    """Adds what the chosen template has and the lesson lacks; what is on the board stays."""
    lesson, person = lesson_for_board(uuid, signed_in()), signed_in()
    template = templates_of_lessons.template_by_uuid(_uuid("template"), person)
    try:
        added = templates_of_lessons.apply_template(person, lesson, template)
    except DomainError as refusal:
        undo()
        flash(refusal.sentence(), "error")
    else:
        flash(
            ngettext(
                "Applied: %(num)s activity came in, everything else stayed.",
                "Applied: %(num)s activities came in, everything else stayed.",
                added,
            ),
            "success",
        )
    return redirect(url_for("catalog.lesson_board", uuid=uuid, layout=template.layout))


@blueprint.post("/teach/templates/<uuid:template_uuid>/remove")
@role_needed(*TEACHERS)
def remove_template(template_uuid: uuidlib.UUID) -> Response:
    """Takes one's own template away; lessons made with it stay."""
    person = signed_in()
    templates_of_lessons.remove_template(person, templates_of_lessons.template_by_uuid(template_uuid, person))
    flash(_("The template is gone. Lessons made with it stay as they are."), "success")
    lesson = request.form.get("lesson", "")
    return redirect(url_for("catalog.lesson_board", uuid=lesson) if lesson else url_for("catalog.teach_courses"))


@blueprint.get("/teach/lessons/<uuid:lesson_uuid>/copy")
@role_needed(*TEACHERS)
def copy_lesson(lesson_uuid: uuidlib.UUID) -> str:
    """Where a copy of the lesson shall go."""
    lesson = queries.lesson_by_uuid(lesson_uuid, signed_in())
    return render_template("catalog/copy_lesson.html", lesson=lesson, places=copying.places_for(signed_in()))


@blueprint.post("/teach/lessons/<uuid:lesson_uuid>/copy")
@role_needed(*TEACHERS)
def make_copy(lesson_uuid: uuidlib.UUID) -> Response:
    """Copies the lesson into a module and opens the copy on the board."""
    source = queries.lesson_by_uuid(lesson_uuid, signed_in())
    module = session().scalar(select(Module).where(Module.uuid == _uuid("module")))
    if module is None:
        raise NotFound()
    made: Lesson = copying.copy_lesson(signed_in(), source, module)
    flash(_("Copied as a draft of yours. Where it comes from is shown with it."), "success")
    return redirect(url_for("catalog.lesson_board", uuid=made.uuid))


def _uuid(name: str) -> uuidlib.UUID:
    try:
        return uuidlib.UUID(request.form.get(name, ""))
    except ValueError:
        raise NotFound() from None
