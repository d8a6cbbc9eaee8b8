"""Bringing a course in: a file, its dry run, drafts, and the way back."""

from __future__ import annotations

import uuid as uuidlib
from collections.abc import Callable
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from courseware.accounts.models import User
from courseware.core.errors import DomainError, Invalid
from courseware.core.roles import Role
from courseware.exchange import imports
from courseware.exchange.incoming import undoing
from courseware.exchange.models import CourseImport
from courseware.exchange.views import blueprint
from courseware.exchange.words import IMPORT_KINDS, REMARKS, TAKEN
from courseware.libraries import queries as libraries
from courseware.resources import uploads
from courseware.resources.assets import MAX_BYTES
from courseware.resources.models import Upload
from courseware.resources.storage import store
from courseware.web.access import role_needed, signed_in
from courseware.web.navigation import teach_nav
from courseware.web.requests import undo

TEACHERS = (Role.TEACHER, Role.LIBRARIAN, Role.ADMINISTRATOR)
BUSY = ("checking", "importing", "undoing")


@blueprint.route("/teach/course-import", methods=["GET", "POST"])
@role_needed(*TEACHERS)
def new_import() -> str | BaseResponse | tuple[str, int]:
    """Takes a package for a course one builds; nothing is made before the dry run was looked at."""
    person, problem = signed_in(), ""
    if request.method == "POST":
        try:
            return redirect(url_for("exchange.course_import", import_uuid=_take_in(person).uuid))
        except DomainError as refusal:
            undo()
            problem = _sentence(refusal)
    courses, sent = imports.courses_of(person), _sent(person)
    made = imports.import_from(sent) if sent is not None else None
    if made is not None:
        return redirect(url_for("exchange.course_import", import_uuid=made.uuid))
    body = render_template(
        "exchange/new_import.html", courses=courses, problem=problem, recent=imports.recent(courses),
        sent=sent if sent is not None and imports.is_sent(sent) else None, max_bytes=MAX_BYTES, wanted=request.values.get("course", ""), side_nav=teach_nav(), kinds=IMPORT_KINDS, **_words(),
    )  # fmt: skip
    return (body, 422) if problem else body


def _take_in(person: User) -> CourseImport:
    file, upload = request.files.get("file"), _sent(person)
    try:
        course = libraries.course_by_uuid(uuidlib.UUID(request.form.get("course", "")))
    except ValueError:
        raise Invalid({"course": [_("Choose a course and a file.")]}) from None
    if upload is not None:
        return imports.take_over(person, course, upload)
    if file is None or not file.filename:
        raise Invalid({"file": [_("Choose a course and a file.")]})
    return imports.take_in(person, course, file.filename, file.stream)  # type: ignore[arg-type]


def _sent(person: User) -> Upload | None:
    """The upload the page or the form names, which brought the file before. Raises NotFound for one that is not theirs."""
    upload_uuid = request.values.get("upload", type=uuidlib.UUID)
    return uploads.upload_by_uuid(person, upload_uuid) if upload_uuid else None


@blueprint.get("/teach/course-imports/<uuid:import_uuid>")
@role_needed(*TEACHERS)
def course_import(import_uuid: uuidlib.UUID) -> str | Response:
    """One import through its life: dry run, progress, result, undo."""
    incoming = imports.import_of(signed_in(), import_uuid)
    job = imports.job_of(incoming)
    is_stopped = job is not None and job.state in ("failed", "cancelled")
    if request.headers.get("HX-Request"):
        if incoming.state in BUSY and not is_stopped:
            return render_template("exchange/_importing.html", incoming=incoming, job=job, is_stopped=is_stopped)
        return Response(headers={"HX-Refresh": "true"})
    return render_template(
        "exchange/course_import.html", incoming=incoming, job=job, is_stopped=is_stopped, is_busy=incoming.state in BUSY,
        outcomes=undoing.outcomes(incoming), remarks=_grouped(incoming), kinds=IMPORT_KINDS, side_nav=teach_nav(), **_words(),
    )  # fmt: skip


@blueprint.post("/teach/course-imports/<uuid:import_uuid>/do")
@role_needed(*TEACHERS)
def begin_import(import_uuid: uuidlib.UUID) -> BaseResponse:
    """Does what the dry run shows."""
    return _step(import_uuid, imports.begin)


@blueprint.post("/teach/course-imports/<uuid:import_uuid>/undo")
@role_needed(*TEACHERS)
def undo_import(import_uuid: uuidlib.UUID) -> BaseResponse:
    """Takes the whole import back."""
    return _step(import_uuid, imports.undo)


@blueprint.post("/teach/course-imports/<uuid:import_uuid>/go-on")
@role_needed(*TEACHERS)
def go_on_import(import_uuid: uuidlib.UUID) -> BaseResponse:
    """Goes on with an import that stopped."""
    return _step(import_uuid, imports.go_on)


@blueprint.post("/teach/course-imports/<uuid:import_uuid>/discard")
@role_needed(*TEACHERS)
def discard_import(import_uuid: uuidlib.UUID) -> BaseResponse:
    """Forgets a package that nothing was made of."""
    person = signed_in()
    incoming = imports.import_of(person, import_uuid)
    course = incoming.course.uuid
    try:
        key = imports.discard(person, incoming)
    except DomainError as refusal:
        undo()
        flash(_sentence(refusal), "error")
        return redirect(url_for("exchange.course_import", import_uuid=import_uuid))
    store().delete(key)
    return redirect(url_for("exchange.new_import", course=course))


def _step(import_uuid: uuidlib.UUID, act: Callable[[User, CourseImport], None]) -> BaseResponse:
    person = signed_in()
    incoming = imports.import_of(person, import_uuid)
    try:
        act(person, incoming)
    except DomainError as refusal:
        undo()
        flash(_sentence(refusal), "error")
    return redirect(url_for("exchange.course_import", import_uuid=import_uuid))


def _sentence(refusal: DomainError) -> str:
    if isinstance(refusal, Invalid) and refusal.problems:
        return " ".join(str(one) for many in refusal.problems.values() for one in many)
    return refusal.sentence()


def _grouped(incoming: CourseImport) -> list[tuple[str, int, list[dict[str, str]]]]:
    """Remarks by code, the most frequent first: (code, how many in all, those that are shown)."""
    counts: dict[str, int] = incoming.report.get("remark_counts", {})
    shown: list[dict[str, str]] = incoming.report.get("remarks", [])
    ordered = sorted(counts, key=lambda code: -counts[code])
    return [(code, counts[code], [one for one in shown if one["code"] == code]) for code in ordered]


def _words() -> dict[str, Any]:
    return {"remark_words": REMARKS, "taken": TAKEN}
