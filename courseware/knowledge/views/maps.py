"""The knowledge map, the page of a point, and its upkeep by librarians."""

from __future__ import annotations

import uuid as uuidlib
from collections.abc import Callable, Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from courseware.accounts.models import User
from courseware.core.errors import Conflict, Invalid, NotFound
from courseware.core.roles import Role
from courseware.knowledge import policy, queries, services
from courseware.knowledge.drawing import draw_course, prerequisites_by_point
from courseware.knowledge.forms import AliasForm, DescribeForm, PrerequisiteForm
from courseware.knowledge.models import Point
from courseware.knowledge.queries import CourseGraph
from courseware.knowledge.views.teaching import teaching_of
from courseware.libraries import queries as libraries
from courseware.libraries.models import Course, Library
from courseware.web.access import role_needed
from courseware.web.actor import actor
from courseware.web.i18n import local_text
from courseware.web.requests import undo

blueprint = Blueprint("knowledge", __name__)


def local_name(row: object) -> str:
    """The name of a row in the language of the page."""
    return local_text(row, "name")


@blueprint.get("/map")
def knowledge_map() -> str:
    """A course as a map, or a library as the list of its maps. `library` is a code, `course` a uuid."""
    course = _asked_course()
    if course is not None:
        return _course_map(course)
    library = _asked_library()
    if library is None:
        return render_template("knowledge/no_library.html")
    return _library_map(library)


def _asked_course() -> Course | None:
    text = request.args.get("course", "")
    if not text:
        return None
    course = libraries.course_by_uuid(_uuid(text))
    libraries.library_by_code(course.library.code, actor())
    return course


def _asked_library() -> Library | None:
    code = request.args.get("library", "")
    if code:
        return libraries.library_by_code(code, actor())
    rows = libraries.list_libraries(actor())
    return rows[0].library if rows else None


def _uuid(text: str) -> uuidlib.UUID:
    try:
        return uuidlib.UUID(text)
    except ValueError as error:
        raise NotFound() from error


def _library_map(library: Library) -> str:
    courses = libraries.courses_of(library)
    return render_template(
        "knowledge/library_map.html",
        library=library,
        libraries=[row.library for row in libraries.list_libraries(actor())],
        courses=courses,
        counts=queries.count_points_by_kind(courses),
        links=queries.course_links(library),
        posts=queries.posts_of_library(library),
        facts=queries.graph_facts(library),
    )


def _course_map(course: Course) -> str:
    graph = queries.course_graph(course)
    search = request.args.get("q", "").strip()
    found = _found(graph, search)
    selected = _selected(graph, found)
    unit = _chosen_unit(graph)
    return render_template(
        "knowledge/map.html",
        course=course,
        graph=graph,
        facts=queries.graph_facts(course.library),
        needs=prerequisites_by_point(graph),
        drawing=draw_course(graph, local_name, selected=selected, found=[p.id for p in found], only_unit=unit),
        search=search,
        found={point.id for point in found},
        unit=unit,
        as_list=request.args.get("view") == "list",
        here=_place_of(graph, selected),
        point=queries.point_by_uuid(selected.uuid, actor()) if selected else None,
        teaching=teaching_of(selected, moments=3, resources=3) if selected else None,
    )


def _found(graph: CourseGraph, search: str) -> list[Point]:
    wanted = search.casefold()
    if not wanted:
        return []
    return [p for p in graph.points if any(wanted in text.casefold() for text in _spoken(p))]


def _spoken(point: Point) -> list[str]:
    return [point.name, point.name_en, *(alias.name for alias in point.aliases)]


def _selected(graph: CourseGraph, found: Sequence[Point]) -> Point | None:
    """The point asked for, else the first one found, else the first of the course."""
    wanted = request.args.get("point", "")
    points = graph.points
    return next((p for p in points if str(p.uuid) == wanted), next(iter(found or points), None))


def _chosen_unit(graph: CourseGraph) -> int | None:
    unit = request.args.get("unit", type=int)
    return unit if unit is not None and 1 <= unit <= len(graph.units) else None


def _place_of(graph: CourseGraph, point: Point | None) -> int | None:
    """The place (from 1) of the unit that holds the point."""
    return next((place for place, unit in enumerate(graph.units, start=1) if point in unit.points), None)


@blueprint.get("/points/<uuid:uuid>")
def point(uuid: uuidlib.UUID) -> str:
    """What a point is, what comes before and after it, and what teaches it."""
    shown = queries.point_by_uuid(uuid, actor())
    return render_template(
        "knowledge/point.html",
        point=shown,
        unit=queries.unit_of(shown),
        teaching=teaching_of(shown),
        may_edit=policy.can_edit_graph(actor(), shown.library),
    )


@blueprint.route("/admin/points/<uuid:uuid>", methods=["GET", "POST"])
@role_needed(Role.LIBRARIAN, Role.ADMINISTRATOR)
def edit_point(uuid: uuidlib.UUID) -> str | Response:
    """Names, aliases and prerequisites of a point, each in its own small form."""
    edited = _edited(uuid)
    form = DescribeForm(obj=edited)
    if form.validate_on_submit():
        services.describe_point(
            edited, actor(), name=form.name.data or "", name_en=form.name_en.data or "",
            description=form.description.data or "",
        )  # fmt: skip
        flash(_("Saved."), "success")
        return _back(edited)
    return _edit_page(edited, form)


def _edit_page(edited: Point, form: DescribeForm) -> str:
    find = request.args.get("find", "").strip()
    return render_template(
        "knowledge/edit_point.html",
        point=edited,
        form=form,
        alias_form=AliasForm(formdata=None),
        find=find,
        matches=queries.find_points(edited.library, find, leave_out=edited) if find else [],
    )


def _edited(uuid: uuidlib.UUID) -> Point:
    edited = queries.point_by_uuid(uuid, actor())
    policy.require_editor(actor(), edited)
    return edited


def _back(edited: Point) -> Response:
    return redirect(url_for("knowledge.edit_point", uuid=edited.uuid))


def _change(uuid: uuidlib.UUID, act: Callable[[Point, User | None], object], done: str) -> Response:
    """Does one thing to a point and goes back to its form; what the rules refuse is said there."""
    edited = _edited(uuid)
    try:
        act(edited, actor())
    except (Conflict, Invalid) as refusal:
        undo()
        flash(refusal.sentence(), "error")
    else:
        flash(done, "success")
    return redirect(url_for("knowledge.edit_point", uuid=uuid))


@blueprint.post("/admin/points/<uuid:uuid>/aliases")
@role_needed(Role.LIBRARIAN, Role.ADMINISTRATOR)
def add_alias(uuid: uuidlib.UUID) -> Response:
    """Adds another name."""
    alias = request.form.get("alias", "")
    return _change(uuid, lambda p, who: services.add_alias(p, alias, who), _("Alias added."))


@blueprint.post("/admin/points/<uuid:uuid>/aliases/remove")
@role_needed(Role.LIBRARIAN, Role.ADMINISTRATOR)
def remove_alias(uuid: uuidlib.UUID) -> Response:
    """Takes another name away."""
    alias = request.form.get("alias", "")
    return _change(uuid, lambda p, who: services.remove_alias(p, alias, who), _("Alias removed."))


@blueprint.post("/admin/points/<uuid:uuid>/prerequisites")
@role_needed(Role.LIBRARIAN, Role.ADMINISTRATOR)
def add_prerequisite(uuid: uuidlib.UUID) -> Response:
    """Adds a prerequisite; a circle is refused with its path (R13)."""
    first = _chosen()
    return _change(uuid, lambda p, who: services.add_prerequisite(p, first, who), _("Prerequisite added."))


@blueprint.post("/admin/points/<uuid:uuid>/prerequisites/remove")
@role_needed(Role.LIBRARIAN, Role.ADMINISTRATOR)
def remove_prerequisite(uuid: uuidlib.UUID) -> Response:
    """Takes a prerequisite away."""
    first = _chosen()
    return _change(uuid, lambda p, who: services.remove_prerequisite(p, first, who), _("Prerequisite removed."))


def _chosen() -> Point:
    form = PrerequisiteForm()
    if not form.validate():
        raise NotFound()
    return queries.point_by_uuid(_uuid(form.prerequisite.data), actor())
