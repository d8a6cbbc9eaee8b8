"""Whether the graph of a library holds what R13 asks of it, and where it has gaps (M15)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import render_template

from courseware.knowledge import queries
from courseware.knowledge.graph import first_cycle
from courseware.knowledge.models import Point
from courseware.knowledge.views import blueprint
from courseware.knowledge.views.coverage import KINDS, coverage_of
from courseware.knowledge.views.graph_editor import kept_library
from courseware.knowledge.views.points import KEEPERS
from courseware.libraries.models import Library
from courseware.web.access import role_needed

SHOWN = 60


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule, and the points that do not hold it; `is_rule` tells a duty from a gap."""

    name: str
    points: Sequence[Point]
    is_rule: bool = False

    @property
    def shown(self) -> Sequence[Point]:
        """As many as a page can show; the count tells of all."""
        return self.points[:SHOWN]


@blueprint.get("/admin/libraries/<code>/graph/check")
@role_needed(*KEEPERS)
def check_graph(code: str) -> str:
    """Orphans, circles, and points that nothing teaches or asks for."""
    library = kept_library(code)
    points = queries.points_of_library(library)
    return render_template(
        "knowledge/check.html", library=library, findings=_findings(points), circle=_circle(library, points),
        total=len(points), mandatory=sum(point.is_mandatory for point in points),
        with_resource=sum("resource" not in found.lacks for found in coverage_of(points).values()),
        with_post=sum(bool(point.posts) for point in points),
    )  # fmt: skip


def _findings(points: Sequence[Point]) -> list[Finding]:
    coverage = coverage_of(points)
    mandatory = [point for point in points if point.is_mandatory]
    duties = [
        Finding("course", [point for point in mandatory if point.course_id is None], is_rule=True),
        Finding("post", [point for point in mandatory if not point.posts], is_rule=True),
    ]
    return [*duties, *(Finding(kind, [p for p in points if kind in coverage[p.id].lacks]) for kind in KINDS)]


def _circle(library: Library, points: Sequence[Point]) -> list[Point]:
    """A circle that came in past every check; there is none as long as services write the edges."""
    by_id = {point.id: point for point in points}
    return [by_id[number] for number in first_cycle(queries.prerequisite_edges(library.id)) or [] if number in by_id]
