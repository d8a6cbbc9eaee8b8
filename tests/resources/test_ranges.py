"""Moments and captions: they lie within the recording, and every one that does not is named."""

from __future__ import annotations

import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from courseware.core.errors import Invalid
from courseware.resources import errors, services
from courseware.resources.models import ResourceVersion
from tests.resources.conftest import World

LENGTH = 420.0


@pytest.fixture
def version(world: World) -> ResourceVersion:
    resource = world.draft("片子", kind="video", content_hash="a" * 64, duration_s=LENGTH)
    assert resource.draft_version is not None
    return resource.draft_version


def test_moments_tag_the_resource_with_their_points(world: World, version: ResourceVersion) -> None:
    first, second, third = world.points
    services.set_point_ranges(version, [(second, 60, 120), (first, 0, 60), (second, 60, 120)])
    assert [(r.point.name, r.start_s, r.end_s) for r in version.ranges] == [("示教器", 0, 60), ("坐标系", 60, 120)]
    assert [p.name for p in version.resource.points] == ["示教器", "坐标系"]
    services.set_point_ranges(version, [(third, 0, LENGTH + 0.3)])
    assert [(r.point.name, r.end_s) for r in version.ranges] == [("干伸长", LENGTH)]


def test_every_moment_outside_of_the_recording_is_named(world: World, version: ResourceVersion) -> None:
    point = world.points[0]
    wrong = [
        (point, -1, 5),
        (point, 10, 10),
        (point, 20, 5),
        (point, 400, 500),
        (point, math.nan, 5),
        (point, 0, math.inf),
        (point, 420, 421),
    ]
    services.set_point_ranges(version, [(point, 1, 2)])
    with pytest.raises(errors.BadRanges) as refused:
        services.set_point_ranges(version, [*wrong, (point, 5, 6)])
    assert len(refused.value.problems["ranges"]) == len(wrong)
    assert "400" in refused.value.problems["ranges"][3]
    assert [(r.start_s, r.end_s) for r in version.ranges] == [(1, 2)]


@given(st.lists(st.tuples(st.integers(0, 2), st.floats(-50, 500), st.floats(-50, 500)), max_size=8))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_kept_always_lies_in_the_recording(
    world: World, version: ResourceVersion, given_ranges: list[tuple[int, float, float]]
) -> None:
    try:
        kept = services.set_point_ranges(version, [(world.points[i], s, e) for i, s, e in given_ranges])
    except errors.BadRanges as refused:
        named, kept = len(refused.problems["ranges"]), []
    else:
        named = 0
    bad = [r for r in given_ranges if not (0 <= r[1] < r[2] <= LENGTH)]
    assert named <= len(bad)
    assert bool(named) or len(kept) == len(set(given_ranges))
    assert all(0 <= r.start_s < r.end_s <= LENGTH for r in kept)


def test_captions_are_read_leniently_and_refused_with_a_line(version: ResourceVersion) -> None:
    track = services.set_captions(
        version, "zh-CN", "1\n00:00:01,000 --> 00:00:04,000\n示教器有三档速度\n".encode("gb18030")
    )
    assert track.webvtt.startswith("WEBVTT")
    assert "示教器有三档速度" in track.webvtt
    services.set_captions(version, "zh-CN", "WEBVTT\n\n00:01.000 --> 00:02.000\n换了\n")
    assert [t.language for t in version.captions] == ["zh-CN"]
    with pytest.raises(Invalid) as refused:
        services.set_captions(version, "zh-CN", "keine Untertitel")
    assert refused.value.problems["captions"]
    assert "换了" in version.captions[0].webvtt


def test_moments_of_what_is_published_are_metadata(world: World) -> None:
    from courseware.core.database import session
    from courseware.resources.models import ResourceNote

    resource = world.published("片子", kind="video", content_hash="b" * 64, duration_s=60)
    assert resource.published_version is not None
    services.set_point_ranges(resource.published_version, [(world.points[1], 0, 30)], world.author)
    assert [(n.kind, n.details["fields"]) for n in session().query(ResourceNote)] == [("metadata", ["ranges"])]
