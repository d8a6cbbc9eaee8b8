"""Joining and leaving a course by one button."""

from __future__ import annotations

import uuid as uuidlib

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from courseware.catalog.listing import visible_course
from courseware.catalog.queries import contents_of
from courseware.core import clock
from courseware.enrollment import services
from courseware.enrollment.errors import AlreadyEnrolled, ByClassOnly, FirstOther, NotBegun, NotEnrolled, NotOpen
from courseware.libraries.models import Course
from courseware.web.access import login_needed, signed_in
from courseware.web.actor import actor
from courseware.web.i18n import local_text

blueprint = Blueprint("enrollment", __name__)


@blueprint.post("/courses/<uuid:course_uuid>/enrol")
def enrol(course_uuid: uuidlib.UUID) -> Response:
    """Joins the run that is open now, and goes on to where the person came from, else to the course."""
    course = visible_course(course_uuid, actor())
    person = actor()
    if person is None:
        flash(_("Sign in or make an account first; joining takes one more click then. It is free."), "info")
        return redirect(url_for("accounts.sign_in", next=_back(course)))
    run = contents_of(course).open_run(clock.now())
    try:
        services.enrol(person, course, run.key if run is not None else "1")
    except (AlreadyEnrolled, NotOpen, ByClassOnly, NotBegun, FirstOther) as refusal:
        flash(refusal.sentence(), "info" if isinstance(refusal, AlreadyEnrolled) else "warning")
    else:
        flash(_("You are in. What you learn from now on is kept."), "success")
    return redirect(_back(course))


@blueprint.post("/courses/<uuid:course_uuid>/leave")
@login_needed
def leave(course_uuid: uuidlib.UUID) -> Response:
    """Leaves the course; what was learned is kept."""
    course = visible_course(course_uuid, actor())
    try:
        services.leave(signed_in(), course)
    except NotEnrolled as refusal:
        flash(refusal.sentence(), "info")
    else:
        flash(
            _(
                "You left “%(course)s”. What you learned is kept, and you can come back.",
                course=local_text(course, "name"),
            ),
            "success",
        )
    return redirect(url_for("catalog.course", uuid=course_uuid))


def _back(course: Course) -> str:
    """A lesson when the button stood there, else the page of the course."""
    try:
        lesson = uuidlib.UUID(request.form.get("lesson", ""))
    except ValueError:
        return url_for("catalog.course", uuid=course.uuid)
    return url_for("progress.learn", lesson_uuid=lesson)
