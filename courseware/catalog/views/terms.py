"""What completes a course, what comes before it, what it promises; and withdrawing it."""

from __future__ import annotations

import uuid as uuidlib

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from courseware.catalog import completion, policy, prerequisites, promise
from courseware.catalog.course_models import CoursePrerequisite, CourseWithdrawal
from courseware.catalog.models import Lesson, Module
from courseware.catalog.queries import contents_of
from courseware.catalog.views import blueprint
from courseware.catalog.views.frame import TEACHERS, attempt, back_to, course_to_build, day_of, draw
from courseware.core.database import session
from courseware.core.errors import NotAllowed, NotFound
from courseware.enrollment.impact import impact_of
from courseware.libraries.models import Course
from courseware.web.access import role_needed, signed_in


@blueprint.get("/teach/courses/<uuid:uuid>/terms", endpoint="terms")
@role_needed(*TEACHERS)
def terms_page(uuid: uuidlib.UUID) -> str:
    """The rule of completion, what comes first, the promise."""
    course = course_to_build(uuid)
    contents = contents_of(course)
    needs = session().execute(
        select(CoursePrerequisite.prerequisite_id, CoursePrerequisite.is_required).where(
            CoursePrerequisite.course_id == course.id
        )
    )
    return draw(
        course, "catalog/terms.html", terms=contents.terms, lessons=_lessons(course), others=_others(course),
        needs={row[0]: row[1] for row in needs}, lesson_needs=contents.lesson_needs, earliest=promise.earliest_end(course),
        withdrawal=promise.withdrawal_of(course),
    )  # fmt: skip


@blueprint.post("/teach/courses/<uuid:uuid>/completion")
@role_needed(*TEACHERS)
def set_completion(uuid: uuidlib.UUID) -> Response:
    """Saves what completes the course."""
    course, form = course_to_build(uuid), request.form
    share = form.get("share", 0, int)
    lesson_ids = _numbers(form.getlist("lesson"))
    kind = form.get("completion", "")
    if attempt(lambda: completion.set_completion(signed_in(), course, kind, share=share, lesson_ids=lesson_ids)):
        flash(_("Saved. Learners who have done enough by this rule complete the course in a moment."), "success")
    return back_to(course, page="catalog.terms")


@blueprint.post("/teach/courses/<uuid:uuid>/needs")
@role_needed(*TEACHERS)
def set_needs(uuid: uuidlib.UUID) -> Response:
    """Saves which courses come first: `need-<id>` is empty, advised or required."""
    course = course_to_build(uuid)
    needs = _needs("need-")
    if attempt(lambda: prerequisites.set_course_needs(signed_in(), course, needs)):
        flash(_("Saved. The course page says what comes first."), "success")
    return back_to(course, "first", "catalog.terms")


@blueprint.post("/teach/courses/<uuid:uuid>/lesson-needs")
@role_needed(*TEACHERS)
def set_lesson_needs(uuid: uuidlib.UUID) -> Response:
    """Adds what comes before a lesson, or with `remove` takes it away."""
    course, form = course_to_build(uuid), request.form
    lesson = session().get(Lesson, form.get("lesson", 0, int))
    if lesson is None or lesson.course_id != course.id:
        raise NotFound()
    now = {need.lesson_id: need.is_required for need in contents_of(course).lesson_needs.get(lesson.id, ())}
    first = form.get("first", 0, int)
    if form.get("action") == "remove":
        now.pop(first, None)
    else:
        now[first] = form.get("how") == "required"
    if attempt(lambda: prerequisites.set_lesson_needs(signed_in(), lesson, now)):
        flash(_("Saved."), "success")
    return back_to(course, "lesson-first", "catalog.terms")


@blueprint.post("/teach/courses/<uuid:uuid>/free-until")
@role_needed(*TEACHERS)
def set_promise(uuid: uuidlib.UUID) -> Response:
    """Saves until when the course stays free."""
    course, form = course_to_build(uuid), request.form
    day, is_national = day_of(form.get("free_until", "")), bool(form.get("is_national"))
    if attempt(lambda: promise.set_promise(signed_in(), course, day, is_national=is_national)):
        flash(_("Saved. The course page shows the promise."), "success")
    return back_to(course, "promise", "catalog.terms")


@blueprint.route("/teach/courses/<uuid:uuid>/withdraw", methods=["GET", "POST"])
@role_needed(*TEACHERS)
def withdraw_course(uuid: uuidlib.UUID) -> str | Response:
    """Whom it touches, then asking for it; what was asked and who has agreed."""
    course, actor = course_to_build(uuid), signed_in()
    if not (policy.can_lead(actor, course) or policy.can_approve_withdrawal(actor, course)):
        raise NotAllowed()
    if request.method == "POST":
        if attempt(lambda: promise.request_withdrawal(actor, course, request.form.get("reason", ""))):
            flash(_said(course), "success")
        return redirect(url_for("catalog.withdraw_course", uuid=uuid))
    return draw(
        course, "catalog/withdraw.html", impact=impact_of(course), contents=contents_of(course),
        promised=promise.promised_until(course), withdrawal=promise.withdrawal_of(course), person=actor,
        may_approve=policy.can_approve_withdrawal(actor, course),
    )  # fmt: skip


@blueprint.post("/teach/withdrawals/<uuid:uuid>")
@role_needed(*TEACHERS)
def decide_withdrawal(uuid: uuidlib.UUID) -> Response:
    """Agrees, refuses or takes back, as `action` says."""
    asked = session().scalar(select(CourseWithdrawal).where(CourseWithdrawal.uuid == uuid))
    if asked is None:
        raise NotFound()
    course, actor, action = course_to_build(asked.course.uuid), signed_in(), request.form.get("action", "")
    if action == "approve":
        done = attempt(lambda: promise.approve_withdrawal(actor, asked))
    elif action == "refuse":
        done = attempt(lambda: promise.refuse_withdrawal(actor, asked, request.form.get("note", "")))
    else:
        done = attempt(lambda: promise.take_back_request(actor, asked))
    if done:
        flash(_said(course), "success")
    return redirect(url_for("catalog.withdraw_course", uuid=course.uuid))


def _said(course: Course) -> str:
    asked = promise.withdrawal_of(course)
    if asked is None:
        return _("The course stays open.")
    if asked.state == "done":
        return _("The course is withdrawn. What learners did is kept; publishing it again opens it.")
    return (
        _("The request waits for two approvals.") if asked.first_by_id is None else _("One more person has to agree.")
    )


def _lessons(course: Course) -> list[Lesson]:
    query = select(Lesson).join(Module, Module.id == Lesson.module_id).where(Lesson.course_id == course.id)
    return list(session().scalars(query.order_by(Module.seq, Module.id, Lesson.seq, Lesson.id)))


def _others(course: Course) -> list[Course]:
    query = select(Course).where(Course.library_id == course.library_id, Course.id != course.id)
    return list(session().scalars(query.order_by(Course.seq, Course.id)))


def _needs(prefix: str) -> dict[int, bool]:
    chosen = {name.removeprefix(prefix): how for name, how in request.form.items() if name.startswith(prefix)}
    return {int(n): how == "required" for n, how in chosen.items() if n.isdecimal() and how in ("advised", "required")}


def _numbers(texts: list[str]) -> list[int]:
    return [int(text) for text in texts if text.isdecimal()]
