"""The knowledge map: a library, a course, or a post, as a drawing, as data for the script, and as a list."""

from __future__ import annotations

import uuid as uuidlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from flask import jsonify, render_template, request
from werkzeug.wrappers import Response

from courseware.core.errors import NotFound
from courseware.knowledge import policy, posts, queries
from courseware.knowledge.drawing import draw_course, prerequisites_by_point
from courseware.knowledge.models import Ability, Point, Post
from courseware.knowledge.queries import CourseGraph
from courseware.knowledge.views import blueprint
from courseware.knowledge.views.coverage import coverage_of
from courseware.knowledge.views.map_data import course_data, library_data, overview_data, post_data
from courseware.knowledge.views.mine import next_points, states_of, way_for
from courseware.knowledge.views.teaching import teaching_of
from courseware.libraries import queries as libraries
from courseware.libraries.models import Course, Library
from courseware.web.actor import actor
from courseware.web.i18n import local_text

LARGE = 80  # points: a page that draws more of them without a script shows one unit at a time


def local_name(row: object) -> str:
    """The name of a row in the language of the page."""
    return local_text(row, "name")


@blueprint.get("/map")
def knowledge_map() -> str:
    """A course as a map, or a library, or one post of it. `library` is a code, `course` and `post` are uuids."""
    course = _asked_course()
    if course is not None:
        return _course_map(course)
    library = _asked_library()
    if library is None:
        return render_template("knowledge/no_library.html")
    return _post_map(library) if request.args.get("post") else _library_map(library)


@blueprint.get("/map/graph.json")
def graph_data() -> Response:
    """What the script draws for the same address of `/map`; `show=points` asks for every point of a library."""
    course = _asked_course()
    if course is not None:
        graph = queries.course_graph(course)
        return jsonify(course_data(graph, queries.related_pairs(course.library), *_colours(graph.points)))
    library = _asked_library()
    if library is None:
        raise NotFound()
    if request.args.get("post"):
        post, points = _asked_post(library)
        return jsonify(post_data(post, library, points, queries.edge_pairs(library), states_of(actor(), points)))
    return jsonify(_all_points(library) if request.args.get("show") == "points" else _overview(library))


@blueprint.get("/map/points/<uuid:uuid>")
def point_panel(uuid: uuidlib.UUID) -> str:
    """What stands beside the map about one point: a part of a page, asked for by the script."""
    return render_template("knowledge/_panel.html", **_panel(queries.point_by_uuid(uuid, actor())))


def _all_points(library: Library) -> dict[str, Any]:
    points = queries.points_of_library(library)
    used = [post for post, _count in queries.posts_of_library(library)]
    return library_data(
        library, libraries.courses_of(library), points, queries.edge_pairs(library), queries.related_pairs(library),
        used, *_colours(points),
    )  # fmt: skip


def _overview(library: Library) -> dict[str, Any]:
    courses = libraries.courses_of(library)
    counts, links = queries.count_points_by_kind(courses), queries.course_links(library)
    return overview_data(courses, counts, links, queries.posts_of_library(library), library)


def _colours(points: Sequence[Point]) -> tuple[Mapping[int, str], Mapping[int, Any]]:
    return states_of(actor(), points), coverage_of(points)


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


def _asked_post(library: Library) -> tuple[Post, list[Point]]:
    """A post and the points of this library that it needs; one that nothing here leads to is not found."""
    post = posts.post_by_uuid(_uuid(request.args.get("post", "")))
    points = queries.points_of_post(library, post)
    if not points and not policy.can_edit_graph(actor(), library):
        raise NotFound()
    return post, points


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
        show_points=request.args.get("show") == "points",
        may_edit=policy.can_edit_graph(actor(), library),
    )


def _post_map(library: Library) -> str:
    post, points = _asked_post(library)
    by_ability = [(ability, [p for p in ability.points if p in points]) for ability in post.abilities]
    tied = {point.id for _ability, some in by_ability for point in some}
    return render_template(
        "knowledge/post_map.html",
        library=library,
        post=post,
        points=points,
        by_ability=by_ability,
        loose=[point for point in points if point.id not in tied],
        states=states_of(actor(), points),
        coverage=coverage_of(points),
        may_edit=policy.can_edit_graph(actor(), library),
    )


def _course_map(course: Course) -> str:
    graph = queries.course_graph(course)
    search = request.args.get("q", "").strip()
    found = _found(graph, search)
    selected = _selected(graph, found)
    states = states_of(actor(), [*graph.points, *graph.outside])
    place = _place_of(graph, selected)
    unit = _chosen_unit(graph) or (place if len(graph.points) > LARGE else None)
    edges = queries.prerequisite_edges(course.library_id)
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
        is_large=len(graph.points) > LARGE,
        view=request.args.get("view", ""),
        here=place,
        states=states,
        own=Counter(states.get(point.id, "none") for point in graph.points),
        coverage=coverage_of(graph.points),
        suggestions=next_points(graph.points, edges, states) if actor() else [],
        may_edit=policy.can_edit_graph(actor(), course.library),
        **_panel(queries.point_by_uuid(selected.uuid, actor()) if selected else None),
    )


def _panel(point: Point | None) -> dict[str, Any]:
    if point is None:
        return {"point": None}
    return {
        "point": point,
        "teaching": teaching_of(point, moments=3, resources=3),
        "related": queries.related_points(point),
        "own_state": states_of(actor(), [point]).get(point.id, "none") if actor() else "",
        "way": way_for(actor(), point) if actor() else [],
        "abilities": _abilities(point),
        "panel_may_edit": policy.can_edit_graph(actor(), point.library),
    }


def _abilities(point: Point) -> list[Ability]:
    return sorted(point.abilities, key=lambda ability: (ability.post_id, ability.seq))


def _found(graph: CourseGraph, search: str) -> list[Point]:
    wanted = search.casefold()
    if not wanted:
        return []
    return [p for p in graph.points if any(wanted in text.casefold() for text in _spoken(p))]


def _spoken(point: Point) -> list[str]:
    return [point.name, point.name_en, *(alias.name for alias in point.aliases)]


def _selected(graph: CourseGraph, found: Sequence[Point]) -> Point | None:
    """The point asked for, else the first one found, else the first of the unit asked for, else of the course."""
    wanted = request.args.get("point", "")
    unit = _chosen_unit(graph)
    points = graph.points
    first = graph.units[unit - 1].points if unit else points
    return next((p for p in points if str(p.uuid) == wanted), next(iter(found or first or points), None))


def _chosen_unit(graph: CourseGraph) -> int | None:
    unit = request.args.get("unit", type=int)
    return unit if unit is not None and 1 <= unit <= len(graph.units) else None


def _place_of(graph: CourseGraph, point: Point | None) -> int | None:
    """The place (from 1) of the unit that holds the point."""
    return next((place for place, unit in enumerate(graph.units, start=1) if point in unit.points), None)
