"""Runs of a course in the builder: a list, one run with its dates, schedule and the state of its contents (R52)."""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from courseware.catalog import policy, runs
from courseware.catalog.course_models import RunOpening
from courseware.catalog.models import CourseRun
from courseware.catalog.queries import contents_of
from courseware.catalog.queries.running import changes_since
from courseware.catalog.queries.teaching import runs_of
from courseware.catalog.views import blueprint
from courseware.catalog.views.frame import (
    TEACHERS,
    attempt,
    back_to,
    course_to_build,
    draw,
    local_moment,
    moment_of,
)
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import Invalid, NotAllowed, NotFound
from courseware.enrollment import services as enrollment
from courseware.enrollment.impact import RunNumbers, run_numbers
from courseware.libraries.models import Course
from courseware.web.access import role_needed, signed_in


@blueprint.route("/teach/courses/<uuid:uuid>/runs", methods=["GET", "POST"], endpoint="runs")
@role_needed(*TEACHERS)
def runs_page(uuid: uuidlib.UUID) -> str | Response | tuple[str, int]:
    """Every run of the course, the newest first, and a new one."""
    course = course_to_build(uuid)
    if not policy.can_assist(signed_in(), course) and not policy.can_build(signed_in(), course):
        raise NotAllowed()
    if request.method == "GET":
        return _draw_runs(course, {})
    form = request.form
    try:
        run = runs.create_run(
            signed_in(), course, form.get("key", "").strip(), kind=form.get("kind", ""), title=form.get("title", ""),
            starts_at=moment_of(form.get("starts_at", "")), ends_at=_end(form.get("ends_at", "")),
            is_frozen=form.get("contents") != "newest",
        )  # fmt: skip
    except Invalid as refusal:
        return _draw_runs(course, refusal.problems), 422
    flash(_("The run is planned."), "success")
    return redirect(url_for("catalog.run", uuid=run.uuid))


@blueprint.get("/teach/runs/<uuid:uuid>", endpoint="run")
@role_needed(*TEACHERS)
def run_page(uuid: uuidlib.UUID) -> str:
    """One run: dates, who is in it, what changed since its contents were frozen, when lessons open."""
    run = _run(uuid)
    course = run.course
    opens = session().execute(select(RunOpening.lesson_id, RunOpening.opens_at).where(RunOpening.run_id == run.id))
    return draw(
        course, "catalog/run.html", run=run, state=runs.state_of(run, clock.now()), numbers=run_numbers(course).get(run.id, RunNumbers()),
        changes=changes_since(course, run.frozen_at), modules=contents_of(course).modules, local=local_moment,
        opens={row[0]: row[1] for row in opens}, now=clock.now(),
    )  # fmt: skip


@blueprint.post("/teach/runs/<uuid:uuid>")
@role_needed(*TEACHERS)
def change_run(uuid: uuidlib.UUID) -> Response:
    """Dates and title, the newest contents, or taking the run away, as `action` says."""
    run, actor, form = _run(uuid), signed_in(), request.form
    course, action = run.course, form.get("action", "")
    if action == "newest":
        if attempt(lambda: runs.take_newest(actor, run)):
            flash(_("The learners of this run see the newest lessons now. What they did stays done."), "success")
    elif action == "remove":
        if attempt(lambda: enrollment.remove_run(actor, run)):
            flash(_("The run is gone. Nobody was in it."), "success")
            return back_to(course, page="catalog.runs")
    else:
        starts_at, ends_at = moment_of(form.get("starts_at", "")), _end(form.get("ends_at", ""))
        title = form.get("title", "")
        if attempt(lambda: runs.change_run(actor, run, starts_at=starts_at, ends_at=ends_at, title=title)):
            flash(_("Saved."), "success")
    return redirect(url_for("catalog.run", uuid=uuid))


@blueprint.post("/teach/runs/<uuid:uuid>/schedule")
@role_needed(*TEACHERS)
def set_schedule(uuid: uuidlib.UUID) -> Response:
    """When each lesson opens: `opens-<id>`; or with `action` spread, a module every so many days."""
    run, actor, form = _run(uuid), signed_in(), request.form
    if form.get("action") == "spread":
        lessons = [[lesson.id for lesson in module.lessons] for module in contents_of(run.course).modules]
        opens = runs.one_after_another(run, lessons, min(max(form.get("days", 7, int), 1), 60))
    else:
        given = {
            name.removeprefix("opens-"): moment_of(text) for name, text in form.items() if name.startswith("opens-")
        }
        opens = {int(number): at for number, at in given.items() if at is not None and number.isdecimal()}
    if attempt(lambda: runs.set_schedule(actor, run, opens)):
        flash(_("The schedule is saved. Lessons without a time are open from the start of the run."), "success")
    return redirect(url_for("catalog.run", uuid=uuid, _anchor="schedule"))


def _draw_runs(course: Course, problems: dict[str, list[Any]]) -> str:
    start = clock.now().astimezone(clock.REPORTING_ZONE) + dt.timedelta(days=7)
    start = start.replace(hour=8, minute=0, second=0, microsecond=0)
    return draw(
        course, "catalog/runs.html", runs=_with_states(course), numbers=run_numbers(course),
        nobody=RunNumbers(), problems=problems, given=request.form, next_key=runs.next_key(course),
        starts=local_moment(start), ends=local_moment(start + dt.timedelta(days=126)),
    )  # fmt: skip


def _run(uuid: uuidlib.UUID) -> CourseRun:
    run = session().scalar(select(CourseRun).where(CourseRun.uuid == uuid))
    if run is None or not policy.can_assist(signed_in(), course_to_build(run.course.uuid)):
        raise NotFound()
    return run


def _end(text: str) -> dt.datetime | None:
    """The end, where one is given; one that cannot be read is no end before the start, so that nobody is fooled."""
    moment = moment_of(text)
    if text.strip() and moment is None:
        return dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    return moment


def _with_states(course: Course) -> list[tuple[CourseRun, str]]:
    now = clock.now()
    return [(run, runs.state_of(run, now)) for run in runs_of(course)]
