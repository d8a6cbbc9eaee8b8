"""What the script of the map draws, as plain data: boxes, nodes with their places, edges (interfaces: /map/graph.json).

nodes: id, kind (knowledge, skill, course, post, ability), name, x, y, and where they have it uuid, also (other names),
state (done, part), lacks, href, sub. edges: [from, to, kind] with kind need, related, post, part.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from courseware.knowledge.layout import Box, Layout, arrange, arrange_levels
from courseware.knowledge.models import Ability, Point, Post
from courseware.knowledge.queries import CourseGraph, CourseLinks
from courseware.knowledge.views.coverage import Coverage
from courseware.libraries.models import Course, Library
from courseware.web.i18n import local_text

Data = dict[str, Any]
Pair = tuple[int, int]
POST_STEP, POST_GAP, POST_WIDTH = 78.0, 150.0, 196.0
POST_ROWS, ABILITY_COLUMNS, ABILITY_SHIFT = 7, 4, 400.0


def course_data(
    graph: CourseGraph, related: Iterable[Pair], states: Mapping[int, str], coverage: Mapping[int, Coverage]
) -> Data:
    """A course: its units as boxes, its posts to the right."""
    names = {f"u{n}": _unit_name(unit.unit) for n, unit in enumerate(graph.units, start=1)}
    clusters = [(f"u{n}", [point.id for point in unit.points]) for n, unit in enumerate(graph.units, start=1)]
    return _points_data(graph.points, clusters, names, graph.edges, related, graph.posts, states, coverage)


def library_data(
    library: Library, courses: Sequence[Course], points: Sequence[Point], edges: Iterable[Pair], related: Iterable[Pair],
    posts: Sequence[Post], states: Mapping[int, str], coverage: Mapping[int, Coverage],
) -> Data:  # fmt: skip
    """Every point of a library: its courses as boxes."""
    names = {f"c{course.id}": local_text(course, "name") for course in courses}
    members: dict[str, list[int]] = {key: [] for key in [*names, "c0"]}
    for point in points:
        members[f"c{point.course_id}" if f"c{point.course_id}" in names else "c0"].append(point.id)
    names["c0"] = _("Without a course")
    addresses = {f"c{course.id}": url_for("knowledge.knowledge_map", course=course.uuid) for course in courses}
    data = _points_data(points, list(members.items()), names, edges, related, posts, states, coverage)
    for box in data["boxes"]:
        box["href"] = addresses.get(box["id"], "")
    return data


def overview_data(
    courses: Sequence[Course], counts: Mapping[int, Mapping[str, int]], links: Mapping[int, CourseLinks],
    posts: Sequence[tuple[Post, int]], library: Library,
) -> Data:  # fmt: skip
    """A library from far away: its courses by what builds on what, and the posts they lead to."""
    needs = {course.id: list(links[course.id].needs) if course.id in links else [] for course in courses}
    layout = arrange_levels([course.id for course in courses], needs)
    nodes = [_course_node(course, sum(counts.get(course.id, {}).values()), layout) for course in courses]
    nodes += _post_nodes([post for post, _count in posts], layout.width, layout.height, library)
    edges = [[f"c{first}", f"c{course}", "need"] for course, firsts in needs.items() for first in firsts]
    for course in courses:
        edges += [
            [f"c{course.id}", f"j{post}", "post"] for post in (links[course.id].posts if course.id in links else ())
        ]
    return _data([], nodes, _known(nodes, edges), layout)


def post_data(
    post: Post, library: Library, points: Sequence[Point], edges: Iterable[Pair], states: Mapping[int, str]
) -> Data:
    """A post: its abilities, each before the box of the points it takes (能力图谱)."""
    ids = {point.id for point in points}
    clusters = [(f"a{ability.id}", [p.id for p in ability.points if p.id in ids]) for ability in post.abilities]
    clusters.append(("a0", [point.id for point in points]))
    names = {f"a{ability.id}": local_text(ability, "name") for ability in post.abilities}
    names["a0"] = _("Not tied to an ability yet")
    pairs = list(edges)
    layout = arrange(clusters, _needs(pairs), ABILITY_COLUMNS)
    nodes = [_moved(_point_node(point, layout, states, {}), ABILITY_SHIFT) for point in points]
    boxes = [_moved(_box(box, names, layout), ABILITY_SHIFT) for box in layout.boxes]
    abilities = _ability_nodes(post.abilities, {box.key: box.y + box.height / 2 for box in layout.boxes}, layout.height)
    root: Data = {
        "id": f"j{post.id}", "kind": "post", "name": local_text(post, "name"), "x": 0.0, "y": layout.height / 2,
        "uuid": str(post.uuid),
    }  # fmt: skip
    everything = [root, *abilities, *nodes]
    lines = [*_ability_lines(post, root["id"]), *([f"p{first}", f"p{then}", "need"] for first, then in pairs)]
    return _data(
        boxes,
        everything,
        _known([*everything, *({"id": f"box-{b['id']}"} for b in boxes)], lines),
        layout,
        ABILITY_SHIFT,
    )


def _ability_nodes(abilities: Sequence[Ability], middles: Mapping[str, float], height: float) -> list[Data]:
    """Each left of its box; those without points follow below."""
    below = iter(range(len(abilities)))
    return [
        {
            "id": f"b{ability.id}", "kind": "ability", "name": local_text(ability, "name"), "x": 230,
            "y": round(middles[f"a{ability.id}"] if f"a{ability.id}" in middles else height + POST_STEP * (next(below) + 0.5)),
            "sub": ngettext("%(num)s point", "%(num)s points", len(ability.points)),
        }
        for ability in abilities
    ]  # fmt: skip


def _ability_lines(post: Post, root: str) -> list[list[str]]:
    lines = [[root, f"b{ability.id}", "part"] for ability in post.abilities]
    lines += [[f"b{ability.id}", f"box-a{ability.id}", "part"] for ability in post.abilities]
    return lines + [
        [f"b{ability.id}", f"p{point.id}", "takes"] for ability in post.abilities for point in ability.points
    ]


def _points_data(
    points: Sequence[Point], clusters: Sequence[tuple[str, Sequence[int]]], names: Mapping[str, str], edges: Iterable[Pair],
    related: Iterable[Pair], posts: Sequence[Post], states: Mapping[int, str], coverage: Mapping[int, Coverage],
) -> Data:  # fmt: skip
    pairs = list(edges)
    layout = arrange(clusters, _needs(pairs))
    nodes = [_point_node(point, layout, states, coverage) for point in points if point.id in layout.places]
    if points:
        nodes += _post_nodes(posts, layout.width + POST_GAP, layout.height, points[0].library)
    lines = [[f"p{first}", f"p{then}", "need"] for first, then in pairs]
    lines += [[f"p{one}", f"p{other}", "related"] for one, other in related]
    lines += [[f"p{point.id}", f"j{post.id}", "post"] for point in points for post in point.posts]
    return _data([_box(box, names, layout) for box in layout.boxes], nodes, _known(nodes, lines), layout)


def _data(
    boxes: list[Data], nodes: list[Data], edges: list[list[str]], layout: Layout[Any], more_width: float = 0.0
) -> Data:
    return {
        "boxes": boxes, "nodes": nodes, "edges": edges,
        "width": round(layout.width + more_width), "height": round(layout.height),
    }  # fmt: skip


def _point_node(point: Point, layout: Layout[int], states: Mapping[int, str], coverage: Mapping[int, Coverage]) -> Data:
    x, y = layout.places[point.id]
    also = [point.name_en, point.name, *(alias.name for alias in point.aliases)]
    name = local_text(point, "name")
    node: Data = {
        "id": f"p{point.id}", "kind": point.kind, "name": name, "x": round(x), "y": round(y), "uuid": str(point.uuid),
        "also": " ".join(word for word in also if word and word != name),
    }  # fmt: skip
    if point.id in states:
        node["state"] = states[point.id]
    if point.id in coverage and coverage[point.id].lacks:
        node["lacks"] = " ".join(coverage[point.id].lacks)
    return {key: value for key, value in node.items() if value != ""}


def _course_node(course: Course, count: int, layout: Layout[int]) -> Data:
    x, y = layout.places[course.id]
    return {
        "id": f"c{course.id}", "kind": "course", "name": local_text(course, "name"), "x": round(x), "y": round(y),
        "sub": ngettext("%(num)s point", "%(num)s points", count),
        "href": url_for("knowledge.knowledge_map", course=course.uuid),
    }  # fmt: skip


def _post_nodes(posts: Sequence[Post], x: float, height: float, library: Library) -> list[Data]:
    """To the right of the rest, in as many columns as keep them no higher than it."""
    most = max(POST_ROWS, int(height // POST_STEP))
    rows = math.ceil(len(posts) / math.ceil(len(posts) / most)) if posts else 1
    places = [
        (x + POST_WIDTH * (n // rows), n % rows, min(rows, len(posts) - rows * (n // rows))) for n in range(len(posts))
    ]
    step = max(height / rows, POST_STEP)
    return [
        {
            "id": f"j{post.id}", "kind": "post", "name": local_text(post, "name"), "x": round(left),
            "y": round(height / 2 + step * (row - (count - 1) / 2)), "uuid": str(post.uuid),
            "href": url_for("knowledge.knowledge_map", library=library.code, post=post.uuid),
        }
        for post, (left, row, count) in zip(posts, places, strict=True)
    ]  # fmt: skip


def _box(box: Box[int], names: Mapping[str, str], layout: Layout[int]) -> Data:
    inside = sum(box.x <= x < box.x + box.width and box.y <= y < box.y + box.height for x, y in layout.places.values())
    return {
        "id": box.key, "name": names[box.key], "sub": ngettext("%(num)s point", "%(num)s points", inside),
        "x": round(box.x), "y": round(box.y), "w": round(box.width), "h": round(box.height),
    }  # fmt: skip


def _moved(thing: Data, by: float) -> Data:
    return {**thing, "x": thing["x"] + by}


def _needs(pairs: Iterable[Pair]) -> dict[int, list[int]]:
    needs: dict[int, list[int]] = {}
    for first, then in pairs:
        needs.setdefault(then, []).append(first)
    return needs


def _known(nodes: Sequence[Data], edges: Iterable[list[str]]) -> list[list[str]]:
    """Edges between nodes that are drawn, each once."""
    ids = Counter(node["id"] for node in nodes)
    return [list(edge) for edge in dict.fromkeys(tuple(edge) for edge in edges) if edge[0] in ids and edge[1] in ids]


def _unit_name(unit: Any) -> str:
    return local_text(unit, "name") if unit is not None else _("Not in the standard yet")
