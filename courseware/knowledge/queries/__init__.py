"""Reading the knowledge graph. The number of queries never grows with rows."""

from __future__ import annotations

from courseware.knowledge.queries.graph import (
    CourseGraph,
    GraphFacts,
    GraphUnit,
    course_graph,
    edge_pairs,
    graph_facts,
    prerequisite_edges,
    related_pairs,
)
from courseware.knowledge.queries.points import (
    count_points,
    count_points_by_kind,
    find_by_words,
    find_points,
    point_by_key,
    point_by_uuid,
    point_names,
    points_by_id,
    points_by_key,
    points_by_uuid,
    points_of_course,
    points_of_library,
    related_points,
    retired_points,
)
from courseware.knowledge.queries.posts import CourseLinks, course_links, points_of_post, posts_of_library
from courseware.knowledge.queries.standards import (
    StandardNaming,
    standard_naming,
    standard_of,
    standard_versions,
    unit_of,
)

__all__ = [
    "CourseGraph", "CourseLinks", "GraphFacts", "GraphUnit", "StandardNaming", "count_points", "count_points_by_kind",
    "course_graph", "course_links", "edge_pairs", "find_by_words", "find_points", "graph_facts", "point_by_key",
    "point_by_uuid", "point_names", "points_by_id", "points_by_key", "points_by_uuid", "points_of_course",
    "points_of_library", "points_of_post", "posts_of_library", "prerequisite_edges", "related_pairs",
    "related_points", "retired_points", "standard_naming", "standard_of", "standard_versions", "unit_of",
]  # fmt: skip
