"""R10: course standards are versions; figures of the past keep the one they were counted against."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from courseware.core.database import session
from courseware.knowledge import errors, queries, services
from courseware.libraries.errors import PublishedStands
from tests.libraries.builders import a_course, a_library, a_point


def test_the_standard_in_force_depends_on_the_moment(app: Flask, clock: Any) -> None:
    library = a_library()
    course = a_course(library)
    one, two = a_point(library, course=course), a_point(library, course=course)
    clock("2025-01-01 08:00")
    services.publish_standard(course, "1", [("u1", "单元一", "Unit one", [one])])
    spring = clock("2025-06-01 08:00")
    services.publish_standard(course, "2", [("u1", "单元一", "", [two, one])])
    clock("2025-03-01 08:00")
    first, second = queries.standard_of(course), queries.standard_of(course, at=spring)
    assert first is not None
    assert second is not None
    assert first.version == "1"
    assert [p.id for p in second.units[0].points] == [two.id, one.id]
    assert [s.version for s in queries.standard_versions(course)] == ["2", "1"]


def test_a_published_standard_does_not_change_and_its_number_is_used_once(app: Flask) -> None:
    course = a_course(a_library())
    standard = services.publish_standard(course, "1", [])
    with pytest.raises(errors.StandardVersionExists):
        services.publish_standard(course, "1", [])
    standard.version = "2"
    with pytest.raises(PublishedStands):
        session().flush()


def test_a_point_stands_once_and_comes_from_the_same_library(app: Flask) -> None:
    library = a_library()
    course, point = a_course(library), a_point(library)
    with pytest.raises(errors.PointTwice):
        services.publish_standard(course, "1", [("a", "一", "", [point]), ("b", "二", "", [point])])
    with pytest.raises(errors.PointOfOtherLibrary):
        services.publish_standard(course, "1", [("a", "一", "", [a_point(a_library())])])
    assert queries.standard_of(course) is None


def test_the_graph_of_a_course_holds_units_loose_points_and_what_comes_from_elsewhere(app: Flask) -> None:
    library = a_library()
    course, other = a_course(library), a_course(library)
    outside = a_point(library, course=other)
    first = a_point(library, course=course, prerequisites=[outside], posts=["甲岗"])
    loose = a_point(library, course=course, prerequisites=[first], posts=["甲岗", "乙岗"])
    a_point(library, course=other, prerequisites=[loose], posts=["丙岗"])
    services.publish_standard(course, "1", [("u1", "单元", "", [first])])
    graph = queries.course_graph(course)
    assert [[p.id for p in unit.points] for unit in graph.units] == [[first.id], [loose.id]]
    assert graph.units[1].unit is None
    assert [p.id for p in graph.outside] == [outside.id]
    assert set(graph.edges) == {(outside.id, first.id), (first.id, loose.id)}
    assert [post.name for post in graph.posts] == ["甲岗", "乙岗"]
