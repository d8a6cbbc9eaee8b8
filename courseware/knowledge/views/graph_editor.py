"""The graph of a library for those who keep it: the map to draw on, and the same by forms."""

from __future__ import annotations

from collections.abc import Iterable

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from courseware.core.errors import Conflict, DomainError, Invalid, NotAllowed
from courseware.knowledge import editing, policy, queries, services
from courseware.knowledge.views import blueprint
from courseware.knowledge.views.points import KEEPERS
from courseware.libraries import queries as libraries
from courseware.libraries.models import Course, Library
from courseware.web.access import role_needed
from courseware.web.actor import actor
from courseware.web.requests import undo


def kept_library(code: str) -> Library:
    """The library, for whoever may edit its graph; raises NotFound, NotAllowed."""
    library = libraries.library_by_code(code, actor())
    if not policy.can_edit_graph(actor(), library):
        raise NotAllowed()
    return library


@blueprint.get("/admin/libraries/<code>/graph")
@role_needed(*KEEPERS)
def graph_editor(code: str) -> str:
    """The map of a course, or of the whole library, to draw prerequisites on."""
    library = kept_library(code)
    courses = libraries.courses_of(library)
    return render_template(
        "knowledge/graph_editor.html",
        library=library,
        courses=courses,
        course=_asked_course(courses),
        names=queries.point_names(library),
        retired=queries.retired_points(library),
        facts=queries.graph_facts(library),
    )


@blueprint.post("/admin/libraries/<code>/graph/points")
@role_needed(*KEEPERS)
def add_point(code: str) -> Response:
    """Adds a point and goes to its form."""
    library = kept_library(code)
    course = _asked_course(libraries.courses_of(library))
    try:
        made = editing.add_point(
            library, actor(), name=request.form.get("name", ""), kind=request.form.get("kind", ""), course=course,
            key=request.form.get("key", ""), name_en=request.form.get("name_en", ""),
        )  # fmt: skip
    except (Conflict, Invalid) as refusal:
        undo()
        flash(refusal.sentence(), "error")
        return redirect(url_for("knowledge.graph_editor", code=code))
    flash(_("Added. Say what comes before it and which posts need it."), "success")
    return redirect(url_for("knowledge.edit_point", uuid=made.uuid))


@blueprint.post("/admin/libraries/<code>/graph/edges")
@role_needed(*KEEPERS)
def draw_edge(code: str) -> Response | tuple[Response, int]:
    """Ties two points that are named by key, name or alias. The script gets JSON, the form its page again."""
    library = kept_library(code)
    wants_json = request.accept_mimetypes.best == "application/json"
    try:
        done = _tie(library, request.form.get("kind", ""), request.form.get("first", ""), request.form.get("then", ""))
    except (Conflict, Invalid) as refusal:
        undo()
        return _refused(refusal) if wants_json else _back(code, refusal.sentence(), "error")
    return jsonify({"done": done}) if wants_json else _back(code, done, "success")


def _tie(library: Library, kind: str, first: str, then: str) -> str:
    one, other = editing.point_named(library, first), editing.point_named(library, then)
    if kind == "related":
        editing.relate(one, other, actor())
        return _("“%(one)s” and “%(other)s” are related now.", one=one.name, other=other.name)
    services.add_prerequisite(other, one, actor())
    return _("“%(other)s” needs “%(one)s” first now.", one=one.name, other=other.name)


def _refused(refusal: DomainError) -> tuple[Response, int]:
    return jsonify({"problem": refusal.sentence()}), refusal.status


def _back(code: str, words: str, kind: str) -> Response:
    flash(words, kind)
    return redirect(url_for("knowledge.graph_editor", code=code, course=request.form.get("course") or None))


def _asked_course(courses: Iterable[Course]) -> Course | None:
    wanted = request.values.get("course", "")
    return next((one for one in courses if one.code == wanted), None)
