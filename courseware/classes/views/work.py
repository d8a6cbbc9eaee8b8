"""What is due when."""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from courseware.catalog.models import Lesson
from courseware.catalog.queries import contents_of
from courseware.classes.models import TeachingClass
from courseware.classes.queries.board import lesson_totals
from courseware.classes.queries.due import due_by_uuid, dues_of
from courseware.classes.queries.news import group_sizes
from courseware.classes.queries.people import count_people
from courseware.classes.services import work as services
from courseware.classes.views import blueprint
from courseware.classes.views.frame import attempt, draw, group_label, problems_of, taught, uuid_or_none
from courseware.core.database import session
from courseware.core.errors import DomainError, Invalid
from courseware.web.access import login_needed, signed_in
from courseware.web.requests import undo


@blueprint.route("/teach/classes/<uuid:class_uuid>/work", methods=["GET", "POST"])
@login_needed
def work(class_uuid: uuidlib.UUID) -> str | Response | tuple[str, int]:
    """Due days of lessons, and setting one."""
    klass = taught(class_uuid)
    if request.method == "GET":
        return _draw(klass, {})
    try:
        services.set_due(signed_in(), klass, _lesson(klass), _day(), request.form.get("group", ""))
    except DomainError as refusal:
        undo()
        return _draw(taught(class_uuid), problems_of(refusal)), 422
    flash(_("The day is set. The class sees it under “My learning” and on the page of the class."), "success")
    return redirect(url_for("classes.work", class_uuid=class_uuid))


@blueprint.post("/teach/classes/<uuid:class_uuid>/work/<uuid:due_uuid>/drop")
@login_needed
def drop_due(class_uuid: uuidlib.UUID, due_uuid: uuidlib.UUID) -> Response:
    """The lesson is no longer due."""
    klass = taught(class_uuid)
    due = due_by_uuid(klass, due_uuid)
    attempt(lambda: services.drop_due(signed_in(), klass, due), _("The day is taken away. What was done is kept."))
    return redirect(url_for("classes.work", class_uuid=class_uuid))


def _draw(klass: TeachingClass, problems: dict[str, str]) -> str:
    totals = {total.lesson.id: total for total in lesson_totals(klass)}
    return draw(
        "work", klass, "work", dues=dues_of(klass), modules=contents_of(klass.run.course).modules, totals=totals,
        groups=[name for name in group_sizes(klass) if name], group_label=group_label, today=services.today(),
        problems=problems, given=request.form, people=count_people(klass),
    )  # fmt: skip


def _lesson(klass: TeachingClass) -> Lesson:
    uuid = uuid_or_none(request.form.get("lesson", ""))
    facts = contents_of(klass.run.course).by_lesson.get(uuid) if uuid is not None else None
    if facts is None:
        raise Invalid({"lesson": [_("Choose a lesson.")]})
    return session().get_one(Lesson, facts.id)


def _day() -> dt.date | None:
    try:
        return dt.date.fromisoformat(request.form.get("due_on", ""))
    except ValueError:
        return None
