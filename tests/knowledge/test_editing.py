"""What librarians do by hand: retire, merge, relate, posts and abilities, and two of them at once."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from courseware.assessment.models import Question, QuestionPoint
from courseware.auditlog.models import AuditEntry
from courseware.core.database import session
from courseware.core.errors import NotAllowed
from courseware.core.roles import Role
from courseware.knowledge import editing, errors, merging, posts, queries, services
from courseware.knowledge.models import Point, PointPost, StandardUnitPoint
from courseware.libraries.models import Library
from courseware.resources.models import PointRange, Resource, ResourcePoint, ResourceVersion
from tests.libraries.builders import a_course, a_library, a_point, a_user, an_admin


@pytest.fixture
def library(app: Flask) -> Library:
    noise = a_library(code="NOISE")
    a_point(noise, "坐标系", key="frame")
    return a_library(code="ROBOT")


def names(points: Any) -> list[str]:
    return sorted(point.name for point in points)


def a_taught_point(library: Library, name: str, **more: Any) -> Point:
    """A point with a resource, a moment of it and a question."""
    point = a_point(library, name, **more)
    author = a_user(Role.TEACHER)
    course = point.course or a_course(library)
    resource = Resource(library_id=library.id, author_id=author.id, type="video", title=name, is_live=True)
    session().add(resource)
    session().flush()
    version = ResourceVersion(resource_id=resource.id, num=1, author_id=author.id, state="published", duration_s=60.0)
    question = Question(course_id=course.id, key=f"q-{point.key}", kind="single", author_id=author.id)
    session().add_all([version, question, ResourcePoint(resource_id=resource.id, point_id=point.id)])
    session().flush()
    session().add(PointRange(version_id=version.id, point_id=point.id, start_s=1, end_s=9))
    session().add(QuestionPoint(question_id=question.id, point_id=point.id))
    session().flush()
    return point


def count(column: Any, point: Point) -> int:
    return session().scalar(select(func.count()).where(column == point.id)) or 0


def test_a_retired_point_leaves_the_graph_and_its_neighbours_stay_in_order(library: Library) -> None:
    first = a_point(library, "甲")
    middle = a_point(library, "乙", prerequisites=[first])
    last = a_point(library, "丙", prerequisites=[middle])
    editing.retire_point(middle, an_admin())
    assert names(queries.points_of_library(library)) == ["丙", "甲"]
    assert names(last.prerequisites) == ["甲"]
    assert queries.find_points(library, "乙") == []
    with pytest.raises(errors.PointIsRetired):
        services.add_prerequisite(last, middle, an_admin())
    editing.restore_point(middle, an_admin())
    assert names(queries.points_of_library(library)) == ["丙", "乙", "甲"]


def test_a_point_of_a_standard_in_force_is_not_retired_one_of_an_old_version_is(library: Library, clock: Any) -> None:
    course = a_course(library, name="编程")
    old, new = a_point(library, "旧"), a_point(library, "新")
    clock("2026-03-01 09:00")
    services.publish_standard(course, "1", [("u", "单元", "", [old])])
    with pytest.raises(errors.PointInStandard, match="1") as refusal:
        editing.retire_point(old, an_admin())
    assert "编程" in str(refusal.value)
    clock.advance(hours=1)
    services.publish_standard(course, "2", [("u", "单元", "", [new])])
    editing.retire_point(old, an_admin())
    assert old.retired_at is not None


def test_merging_moves_everything_and_the_old_names_still_arrive(library: Library) -> None:
    before, after = a_point(library, "先"), a_point(library, "后")
    kept = a_taught_point(library, "工具坐标系", posts=["操作员"])
    gone = a_taught_point(
        library, "TCP 坐标系", aliases=["工具座标"], prerequisites=[before], posts=["操作员", "运维员"]
    )
    services.add_prerequisite(after, gone, an_admin())
    editing.relate(gone, before, an_admin())
    merging.merge_points(gone, kept, an_admin())
    assert {alias.name for alias in kept.aliases} == {"TCP 坐标系", "工具座标"}
    assert names(kept.prerequisites) == ["先"]
    assert names(kept.next_points) == ["后"]
    assert names(queries.related_points(kept)) == ["先"]
    assert {post.name for post in kept.posts} == {"操作员", "运维员"}
    for column in (ResourcePoint.point_id, PointRange.point_id, QuestionPoint.point_id):
        assert (count(column, kept), count(column, gone)) == (2, 0)
    assert (gone.merged_into, gone.retired_at is not None) == (kept, True)
    assert editing.point_named(library, "TCP 坐标系") is kept


def test_in_a_standard_the_kept_point_takes_the_place_and_one_that_names_both_loses_one(library: Library) -> None:
    one, two = a_course(library), a_course(library)
    gone, kept = a_point(library, "甲"), a_point(library, "乙")
    services.publish_standard(one, "1", [("u", "单元", "", [gone])])
    services.publish_standard(two, "1", [("u", "单元", "", [kept]), ("v", "单元", "", [gone])])
    told = merging.standards_touched(gone, kept)
    assert [(touched.course, touched.names_both) for touched in told] == [(one, False), (two, True)]
    merging.merge_points(gone, kept, an_admin())
    assert (count(StandardUnitPoint.point_id, kept), count(StandardUnitPoint.point_id, gone)) == (2, 0)


def test_merges_that_make_no_sense_are_refused_in_words(library: Library) -> None:
    a = a_point(library, "甲")
    b = a_point(library, "乙", prerequisites=[a])
    c = a_point(library, "丙", prerequisites=[b])
    admin = an_admin()
    with pytest.raises(errors.MergeIntoItself):
        merging.merge_points(a, a, admin)
    with pytest.raises(errors.MergeElsewhere):
        merging.merge_points(a, a_point(a_library(), "别处"), admin)
    with pytest.raises(errors.PrerequisiteCycle) as refusal:
        merging.merge_points(c, a, admin)
    assert set(refusal.value.path) == {"甲", "乙"}
    merging.merge_points(b, a, admin)  # neighbours: the edge between them goes
    assert names(c.prerequisites) == ["甲"]
    with pytest.raises(errors.PointIsRetired):
        merging.merge_points(b, c, admin)


def test_relations_have_no_direction_and_no_doubles(library: Library) -> None:
    a, b = a_point(library, "甲"), a_point(library, "乙")
    editing.relate(b, a, an_admin())
    assert names(queries.related_points(a)) == ["乙"]
    for one, other, refused in ((a, b, errors.RelatedAlready), (a, a, errors.RelatedToItself)):
        with pytest.raises(refused):
            editing.relate(one, other, an_admin())
    editing.unrelate(a, b, an_admin())
    assert queries.related_points(b) == []


def test_points_are_named_by_key_name_or_alias_and_doubt_is_said(library: Library) -> None:
    one, _two = a_point(library, "标定", key="k1", aliases=["校准"]), a_point(library, "标定", key="k2")
    assert editing.point_named(library, " k1 ") is one
    assert editing.point_named(library, "校准") is one
    assert editing.point_named(library, f"uuid:{one.uuid}") is one
    for words, refused in (
        ("标定", errors.AmbiguousPoint),
        ("没有", errors.UnknownPoint),
        ("uuid:x", errors.UnknownPoint),
    ):
        with pytest.raises(refused):
            editing.point_named(library, words)


def test_names_of_200_letters_are_taken_and_longer_or_empty_ones_are_not(library: Library) -> None:
    made = editing.add_point(library, an_admin(), name="长" * 200, kind="skill", course=None)
    assert made.key == made.name
    assert editing.add_point(library, an_admin(), name="长" * 200, kind="skill", course=None).key.endswith(" 2")
    for name in ("长" * 201, "   "):
        with pytest.raises(errors.NameInvalid):
            editing.add_point(library, an_admin(), name=name, kind="skill", course=None)
    with pytest.raises(errors.KindUnknown):
        editing.add_point(library, an_admin(), name="甲", kind="art", course=None)


def test_an_ability_makes_its_post_need_the_point_and_a_post_let_go_takes_its_abilities_along(library: Library) -> None:
    admin, point = an_admin(), a_point(library, "零点校准")
    post = posts.add_post(library, admin, "运维员", code="6-31-07-01")
    ability = posts.add_ability(post, library, admin, "校准", name_en="Calibrating")
    posts.tie_ability(ability, point, library, admin)
    assert (names(point.posts), names(point.abilities)) == (["运维员"], ["校准"])
    editing.set_posts(point, [], admin)
    assert (point.posts, point.abilities) == ([], [])
    for refused, act in (
        (errors.AbilityTaken, lambda: posts.add_ability(post, library, admin, " 校准 ")),
        (errors.PostNameTaken, lambda: posts.add_post(library, admin, "运维员")),
    ):
        with pytest.raises(refused):
            act()


def test_a_librarian_changes_posts_of_the_own_library_only(library: Library) -> None:
    librarian = a_user(Role.LIBRARIAN, unit=library.members[0].unit)
    a_point(library, "甲", posts=["操作员"])
    mine = services.ensure_post("操作员")
    posts.add_ability(mine, library, librarian, "操作")
    a_point(a_library(), "别处的点", posts=["操作员"])
    with pytest.raises(errors.PostOfOthers):
        posts.add_ability(mine, library, librarian, "编程")
    posts.add_ability(mine, library, an_admin(), "编程")
    with pytest.raises(NotAllowed):
        posts.add_post(library, a_user(Role.TEACHER), "安全员")


def test_every_act_stands_in_the_security_log_and_strangers_get_nowhere(library: Library) -> None:
    stranger, a, b = a_user(Role.LIBRARIAN), a_point(library, "甲"), a_point(library, "乙")
    for act in (
        lambda who: editing.relate(a, b, who),
        lambda who: editing.place_point(a, None, who),
        lambda who: editing.retire_point(a, who),
        lambda who: editing.restore_point(a, who),
        lambda who: merging.merge_points(a, b, who),
    ):
        with pytest.raises(NotAllowed):
            act(stranger)
        act(an_admin())
    told = set(session().scalars(select(AuditEntry.action).where(AuditEntry.actor_id.is_not(None))))
    assert {"point.relate", "point.place", "point.retire", "point.restore", "point.merge"} <= told


def test_the_second_of_two_librarians_sees_the_first_ones_words_and_overwrites_nothing(
    client: Any, library: Library
) -> None:
    point = a_point(library, "坐标系")
    session().commit()
    client.sign_in(an_admin())
    client.set_cookie("kk_lang", "en")
    page = f"/admin/points/{point.uuid}"
    seen = services.words_mark(point)
    assert seen in client.get(page).text
    given = {"name_en": "", "description": "", "is_mandatory": "y", "seen": seen}
    assert client.post(page, data={**given, "name": "工具坐标系"}).status_code == 302
    answer = client.post(page, data={**given, "name": "TCP"})
    assert answer.status_code == 409
    assert "Nothing was overwritten" in answer.text
    assert 'value="TCP"' in answer.text
    assert "工具坐标系" in answer.text
    session().expire_all()
    assert point.name == "工具坐标系"
    assert services.words_mark(point) in answer.text  # saving again means having seen it


def test_a_post_needs_a_point_once_however_often_it_is_tied(library: Library) -> None:
    admin, point = an_admin(), a_point(library, "甲", posts=["操作员"])
    ability = posts.add_ability(services.ensure_post("操作员"), library, admin, "操作")
    posts.tie_ability(ability, point, library, admin)
    posts.tie_ability(ability, point, library, admin)
    assert count(PointPost.point_id, point) == 1
