"""What is due when: lessons, and knowledge points."""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections.abc import Mapping
from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from courseware.catalog.models import Lesson
from courseware.catalog.queries import contents_of
from courseware.classes.models import ClassDuePoint, TeachingClass
from courseware.classes.queries.board import lesson_totals
from courseware.classes.queries.due import due_by_uuid, dues_of
from courseware.classes.queries.due_points import due_points_of, people_done
from courseware.classes.queries.news import group_sizes
from courseware.classes.queries.people import count_people
from courseware.classes.services import due_points
from courseware.classes.services import work as services
from courseware.classes.views import blueprint
from courseware.classes.views.frame import attempt, draw, group_label, problems_of, taught, uuid_or_none
from courseware.core.database import session
from courseware.core.errors import DomainError, Invalid
from courseware.knowledge.models import Point
from courseware.web.access import login_needed, signed_in
from courseware.web.requests import undo

POINT = "point-"


@blueprint.route("/teach/classes/<uuid:class_uuid>/work", methods=["GET", "POST"])
@login_needed
def work(class_uuid: uuidlib.UUID) -> str | Response | tuple[str, int]:
    """Due days of lessons and points, and setting one."""
    klass = taught(class_uuid)
    if request.method == "GET":
        return _draw(klass, {})
    try:
        _set_day(klass)
    except DomainError as refusal:
        undo()
        return _draw(taught(class_uuid), problems_of(refusal)), 422
    flash(_("The day is set. The class sees it under “My learning” and on the page of the class."), "success")
    return redirect(url_for("classes.work", class_uuid=class_uuid))


@blueprint.post("/teach/classes/<uuid:class_uuid>/work/<uuid:due_uuid>/drop")
@login_needed
def drop_due(class_uuid: uuidlib.UUID, due_uuid: uuidlib.UUID) -> Response:
    """The lesson or the point is no longer due."""
    klass = taught(class_uuid)
    due, person = due_by_uuid(klass, due_uuid), signed_in()

    def drop() -> None:
        if isinstance(due, ClassDuePoint):
            due_points.drop_due_point(person, klass, due)
        else:
            services.drop_due(person, klass, due)

    attempt(drop, _("The day is taken away. What was done is kept."))
    return redirect(url_for("classes.work", class_uuid=class_uuid))


@dataclass(frozen=True, slots=True)
class DueLine:
    """A line of the list. `done`: how many of the class; None for a day of one group."""

    uuid: uuidlib.UUID
    title: str
    title_en: str
    is_point: bool
    group_name: str
    due_on: dt.date
    done: int | None


def _draw(klass: TeachingClass, problems: dict[str, str]) -> str:
    contents = contents_of(klass.run.course)
    return draw(
        "work", klass, "work", dues=_lines(klass), modules=contents.modules, units=contents.units,
        groups=[name for name in group_sizes(klass) if name], group_label=group_label, today=services.today(),
        problems=problems, given=request.form, people=count_people(klass),
    )  # fmt: skip


def _lines(klass: TeachingClass) -> list[DueLine]:
    completed = {total.lesson.id: total.completed for total in lesson_totals(klass)}
    points = due_points_of(klass)
    mastered = people_done(klass, [due.point_id for due in points])
    lessons = [
        DueLine(d.uuid, d.lesson.title, d.lesson.title_en, False, d.group_name, d.due_on,
                completed.get(d.lesson_id) if not d.group_name else None)
        for d in dues_of(klass)
    ]  # fmt: skip
    return sorted([*lessons, *(_point_line(due, mastered) for due in points)], key=lambda line: line.due_on)


def _point_line(due: ClassDuePoint, mastered: Mapping[int, int]) -> DueLine:
    point, done = due.point, mastered.get(due.point_id, 0) if not due.group_name else None
    return DueLine(due.uuid, point.name, point.name_en, True, due.group_name, due.due_on, done)


def _set_day(klass: TeachingClass) -> None:
    person, group, chosen = signed_in(), request.form.get("group", ""), request.form.get("lesson", "")
    if chosen.startswith(POINT):
        due_points.set_due_point(person, klass, _point(klass, chosen.removeprefix(POINT)), _day(), group)
    else:
        services.set_due(person, klass, _lesson(klass), _day(), group)


def _point(klass: TeachingClass, text: str) -> Point:
    uuid = uuid_or_none(text)
    known = {point.uuid: point.id for unit in contents_of(klass.run.course).units for point in unit.points}
    if uuid not in known:
        raise Invalid({"lesson": [_("Choose a lesson or a point.")]})
    return session().get_one(Point, known[uuid])


def _lesson(klass: TeachingClass) -> Lesson:
    uuid = uuid_or_none(request.form.get("lesson", ""))
    facts = contents_of(klass.run.course).by_lesson.get(uuid) if uuid is not None else None
    if facts is None:
        raise Invalid({"lesson": [_("Choose a lesson or a point.")]})
    return session().get_one(Lesson, facts.id)


def _day() -> dt.date | None:
    try:
        return dt.date.fromisoformat(request.form.get("due_on", ""))
    except ValueError:
        return None
