"""A lesson: looking at it, and saying that something was done."""

from __future__ import annotations

import uuid as uuidlib

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from courseware.catalog import queries as catalog
from courseware.progress import services
from courseware.progress.errors import CreditNeedsEnrollment, LessonClosed, RunEnded
from courseware.progress.views import blueprint
from courseware.progress.views.lesson_page import learn_page
from courseware.progress.words import heading, step_sentence
from courseware.web.access import login_needed, signed_in
from courseware.web.actor import actor


@blueprint.get("/learn/<uuid:lesson_uuid>")
def learn(lesson_uuid: uuidlib.UUID) -> str:
    """A lesson: outline, one thing in the middle, what is left to do. `at` names the thing by its key.

    Guests look; people in the course get credit. `preview` shows the draft to those who build it.
    """
    page = learn_page(lesson_uuid, actor())
    return render_template(
        "progress/learn.html",
        page=page,
        heading=heading,
        step_sentence=step_sentence,
        start_at=request.args.get("t", 0, int),
    )


@blueprint.post("/learn/<uuid:lesson_uuid>/activities/<uuid:key>/done")
@login_needed
def mark_done(lesson_uuid: uuidlib.UUID, key: uuidlib.UUID) -> Response:
    """The learner says that something was read or done; goes on to what comes next."""
    person = signed_in()
    lesson = catalog.lesson_by_uuid(lesson_uuid, person)
    here = url_for("progress.learn", lesson_uuid=lesson_uuid, at=key)
    try:
        progress = services.mark_done(person, lesson, key)
    except (CreditNeedsEnrollment, LessonClosed, RunEnded) as refusal:
        flash(refusal.sentence(), "warning")
        return redirect(here)
    services.open_lesson(person, lesson)
    if progress.completed_at is not None:
        flash(_("Done. This lesson is complete."), "success")
        return redirect(here)
    flash(_("Done. On to the next step."), "success")
    return redirect(url_for("progress.learn", lesson_uuid=lesson_uuid))


@blueprint.post("/learn/<uuid:lesson_uuid>/activities/<uuid:key>/newest")
@login_needed
def take_newest(lesson_uuid: uuidlib.UUID, key: uuidlib.UUID) -> Response:
    """The learner leaves the version they began for the newest one."""
    person = signed_in()
    services.take_newest(person, catalog.lesson_by_uuid(lesson_uuid, person), key)
    flash(_("You go on with the newest version. What you had seen stays seen."), "success")
    return redirect(url_for("progress.learn", lesson_uuid=lesson_uuid, at=key))
