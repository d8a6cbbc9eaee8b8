"""The map and the page of a point: whole without a script, in both languages, at a bounded number of queries."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from courseware.core import clock as product_clock
from courseware.core.database import session
from courseware.core.roles import Role
from courseware.knowledge import merging, posts, queries, services
from courseware.knowledge.drawing import draw_course, wrap
from courseware.knowledge.models import Point
from courseware.progress.models import ResourceProgress
from courseware.resources.models import PointRange, Resource, ResourcePoint, ResourceVersion
from tests.counting import statements
from tests.libraries.builders import a_course, a_library, a_point, a_user, an_admin
from tests.servers.rewound import MadeOnce


class World:
    def __init__(self) -> None:
        self.library = a_library(code="ROBOT", name_en="Robot library")
        self.course = a_course(self.library, "RP", name="操作与编程", name_en="Operating robots")
        self.other = a_course(self.library, "EE", name="电工基础", name_en="Electrics")
        self.safety = a_point(self.library, "用电安全", course=self.other, name_en="Electrical safety")
        self.frame = a_point(
            self.library, "工具坐标系", course=self.course, name_en="Tool frame", aliases=["TCP"],
            prerequisites=[self.safety], posts=["操作员"], description="工具末端的坐标系。",
        )  # fmt: skip
        self.calibration = a_point(
            self.library, "标定", course=self.course, kind="skill", name_en="Calibration",
            prerequisites=[self.frame], posts=["操作员"],
        )  # fmt: skip
        services.publish_standard(self.course, "1", [("u1", "坐标系", "Frames", [self.frame, self.calibration])])
        session().commit()

    def a_video(self, point: Point, title: str, *, is_live: bool = True) -> Resource:
        author = a_user(Role.TEACHER)
        resource = Resource(library_id=self.library.id, author_id=author.id, type="video", title=title, is_live=is_live)
        session().add(resource)
        session().flush()
        version = ResourceVersion(
            resource_id=resource.id, num=1, author_id=author.id, state="published", duration_s=120.0,
            published_at=product_clock.now(),
        )  # fmt: skip
        session().add(version)
        session().flush()
        resource.published_version_id = version.id if is_live else None
        session().add(PointRange(version_id=version.id, point_id=point.id, start_s=65, end_s=104))
        session().add(ResourcePoint(resource_id=resource.id, point_id=point.id))
        session().commit()
        return resource


@pytest.fixture
def world(made_once: MadeOnce) -> World:
    made: World = made_once(World)
    return made


@pytest.mark.parametrize(("language", "words"), [("zh_Hans", "工具坐标系"), ("en", "Tool frame")])
def test_map_point_and_library_map_speak_both_languages(client: Any, world: World, language: str, words: str) -> None:
    client.set_cookie("kk_lang", language)
    for path in (
        f"/map?course={world.course.uuid}",
        f"/map?course={world.course.uuid}&view=list",
        f"/points/{world.frame.uuid}",
    ):
        answer = client.get(path)
        assert answer.status_code == 200
        assert words in answer.text
    assert client.get("/map?library=ROBOT").status_code == 200


def test_the_map_is_whole_without_a_script(client: Any, world: World) -> None:
    text = client.get(f"/map?course={world.course.uuid}&point={world.calibration.uuid}").text
    for node in (world.frame, world.calibration):
        assert f"point={node.uuid}" in text
    assert 'class="need hot"' in text
    assert str(world.safety.uuid) in text
    assert "操作员" in text


def test_finding_in_the_map_knows_aliases_and_chooses_what_it_finds(client: Any, world: World) -> None:
    client.set_cookie("kk_lang", "en")
    text = client.get(f"/map?course={world.course.uuid}&q=tcp").text
    assert "1 point found" in text
    assert "0 points found" in client.get(f"/map?course={world.course.uuid}&q=zzz").text


def test_one_unit_can_be_shown_alone_and_odd_addresses_do_no_harm(client: Any, world: World) -> None:
    loose = a_point(world.library, "散点", course=world.course)
    session().commit()
    base = f"/map?course={world.course.uuid}"
    assert f"point={loose.uuid}" in client.get(base).text
    for odd in ("unit=99", "unit=x", "point=zzz", "q=%25", "view=other"):
        assert client.get(f"{base}&{odd}").status_code == 200
    assert client.get("/map?course=zzz").status_code == 404
    assert client.get(f"/map?course={uuid.uuid4()}").status_code == 404
    assert client.get(f"/points/{uuid.uuid4()}").status_code == 404


def test_the_page_of_a_point_shows_what_is_before_after_and_what_teaches_it(client: Any, world: World) -> None:
    shown = world.a_video(world.frame, "坐标系讲解")
    world.a_video(world.frame, "尚未发布的视频", is_live=False)
    world.a_video(world.safety, "别的视频")
    text = client.get(f"/points/{world.frame.uuid}").text
    for words in (
        "用电安全",
        "标定",
        "TCP",
        "操作员",
        "工具末端的坐标系。",
        "坐标系讲解",
        "1:05",
        f"/resources/{shown.uuid}?t=65",
    ):
        assert words in text
    assert "尚未发布的视频" not in text
    assert "别的视频" not in text


def test_a_circle_is_refused_in_words_on_the_form(client: Any, world: World) -> None:
    client.sign_in(an_admin())
    client.set_cookie("kk_lang", "en")
    page = f"/admin/points/{world.safety.uuid}"
    answer = client.post(f"{page}/prerequisites", data={"prerequisite": world.calibration.uuid}, follow_redirects=True)
    assert answer.status_code == 200
    assert "用电安全 → 标定 → 工具坐标系 → 用电安全" in answer.text
    assert queries.graph_facts(world.library).edges == 2


def test_librarians_add_and_remove_aliases_and_prerequisites(client: Any, world: World) -> None:
    client.sign_in(a_user(Role.LIBRARIAN, unit=world.library.members[0].unit))
    page = f"/admin/points/{world.calibration.uuid}"
    assert "电工基础" in client.get(f"{page}?find=用电").text
    client.post(f"{page}/prerequisites", data={"prerequisite": world.safety.uuid})
    client.post(f"{page}/aliases", data={"alias": "校准"})
    point = queries.point_by_uuid(world.calibration.uuid)
    assert [p.name for p in point.prerequisites] == ["用电安全", "工具坐标系"]
    assert [alias.name for alias in point.aliases] == ["校准"]
    client.post(f"{page}/prerequisites/remove", data={"prerequisite": world.safety.uuid})
    client.post(f"{page}/aliases/remove", data={"alias": "校准"})
    client.post(page, data={"name": "工具标定", "name_en": "", "description": "新说明"})
    session().expire_all()
    point = queries.point_by_uuid(world.calibration.uuid)
    assert (point.name, point.description, point.aliases) == ("工具标定", "新说明", [])
    assert [p.name for p in point.prerequisites] == ["工具坐标系"]


def test_others_do_not_edit_points(client: Any, world: World) -> None:
    page = f"/admin/points/{world.frame.uuid}"
    client.sign_in(a_user(Role.TEACHER, unit=world.library.members[0].unit))
    assert client.get(page).status_code == 403
    assert client.post(f"{page}/aliases", data={"alias": "x"}).status_code == 403


def test_queries_do_not_grow_with_points_and_moments(client: Any, world: World) -> None:
    paths = [f"/map?course={world.course.uuid}", f"/points/{world.frame.uuid}", "/map?library=ROBOT"]
    world.a_video(world.frame, "视频")
    counts = []
    for _round in range(2):
        for path in paths:
            client.get(path)
            with statements() as sent:
                assert client.get(path).status_code == 200
            counts.append(len(sent))
        for n in range(6):
            point = a_point(
                world.library, f"更多{_round}{n}", course=world.course, prerequisites=[world.frame], posts=[f"岗{n}"]
            )
            world.a_video(world.frame, f"视频{n}")
            world.a_video(point, f"别的{n}")
    before, after = counts[:3], counts[3:]
    assert all(later <= earlier + 2 for earlier, later in zip(before, after, strict=True)), (before, after)
    assert max(after) < 45


def test_every_point_edge_and_post_of_a_unit_is_drawn_inside_the_frame(world: World) -> None:
    drawing = draw_course(queries.course_graph(world.course), lambda row: row.name, selected=world.calibration)
    assert {node.title for node in drawing.nodes} == {"坐标系", "工具坐标系", "标定", "操作员"}
    assert all(0 < node.y < drawing.height and 0 < node.x < drawing.width for node in drawing.nodes)
    assert [edge.kind for edge in drawing.edges].count("need") == 1


def test_long_names_break_into_two_lines_and_say_that_they_go_on() -> None:
    assert wrap("工具坐标系", 200) == ["工具坐标系"]
    lines = wrap("Emergency stop and three-position enabling device of robots", 160)
    assert len(lines) == 2
    assert lines[1].endswith("…")
    assert wrap("很" * 40, 130)[1].endswith("…")


# --- the map for scripts, for learners, for posts -------------------------------------------------------------------


def test_the_script_gets_every_point_of_course_library_and_post_with_a_place(client: Any, world: World) -> None:
    post = queries.posts_of_library(world.library)[0][0]
    for address, expected in (
        (f"course={world.course.uuid}", {"工具坐标系", "标定", "操作员"}),
        ("library=ROBOT", {"操作与编程", "电工基础", "操作员"}),
        ("library=ROBOT&show=points", {"工具坐标系", "标定", "用电安全", "操作员"}),
        (f"library=ROBOT&post={post.uuid}", {"操作员", "工具坐标系", "标定"}),
    ):
        data = client.get(f"/map/graph.json?{address}").json
        assert {node["name"] for node in data["nodes"]} == expected
        known = {node["id"] for node in data["nodes"]} | {f"box-{box['id']}" for box in data["boxes"]}
        assert all(start in known and end in known for start, end, _kind in data["edges"])
    assert client.get("/map/graph.json?library=NONE").status_code == 404
    assert client.get(f"/map/graph.json?library=ROBOT&post={uuid.uuid4()}").status_code == 404
    assert client.get("/map?library=ROBOT&post=x").status_code == 404


def test_gaps_are_told_apart_from_what_stands_ready(client: Any, world: World) -> None:
    world.a_video(world.frame, "坐标系讲解")
    world.a_video(world.calibration, "尚未发布", is_live=False)
    nodes = {node["name"]: node for node in client.get(f"/map/graph.json?course={world.course.uuid}").json["nodes"]}
    assert nodes["工具坐标系"]["lacks"] == "question lesson"
    assert nodes["标定"]["lacks"] == "resource moment question lesson"


def test_a_learner_sees_what_is_mastered_and_the_way_with_its_reasons(client: Any, world: World) -> None:
    video = world.a_video(world.safety, "安全第一课")
    learner = a_user()
    session().add(
        ResourceProgress(user_id=learner.id, resource_id=video.id, is_complete=True, updated_at=product_clock.now())
    )
    session().commit()
    client.set_cookie("kk_lang", "en")
    page = f"/map?course={world.course.uuid}&point={world.calibration.uuid}"
    assert "Not learned yet" not in client.get(page).text.split('class="lv"')[1]
    client.sign_in(learner)
    text = client.get(page).text
    assert "What you could learn next" in text
    assert "You have mastered everything that comes before it." in text
    assert "The way there: 2 steps" in text
    assert "“Calibration” needs it first." in text
    panel = client.get(f"/map/points/{world.safety.uuid}").text
    assert "Mastered" in panel
    assert "<html" not in panel
    states = {n["name"]: n.get("state") for n in client.get("/map/graph.json?library=ROBOT&show=points").json["nodes"]}
    assert states["Electrical safety"] == "done"
    assert states["Calibration"] is None


def test_a_course_of_500_points_stays_a_small_page_and_a_few_queries(client: Any, world: World) -> None:
    points = [a_point(world.library, f"很长的知识点名称第 {n} 号", course=world.course) for n in range(500)]
    units = [(f"u{n}", f"单元 {n}", "", points[50 * n : 50 * n + 50]) for n in range(10)]
    services.publish_standard(world.course, "2", units)
    session().commit()
    for view in ("", "&view=list", "&unit=7", f"&point={points[444].uuid}"):
        with statements() as sent:
            answer = client.get(f"/map?course={world.course.uuid}{view}")
        assert len(answer.data) < 80_000
        assert len(sent) < 45
    assert "第 444 号" in answer.text
    with statements() as sent:
        data = client.get(f"/map/graph.json?course={world.course.uuid}").json
    assert len(data["nodes"]) == 502 + 1  # two older points that no unit names, one post
    assert len(sent) < 25


def test_a_post_shows_its_abilities_with_their_points(client: Any, world: World) -> None:
    admin = an_admin()
    post = services.ensure_post("操作员")
    ability = posts.add_ability(post, world.library, admin, "标定与校准", name_en="Calibrating")
    posts.tie_ability(ability, world.calibration, world.library, admin)
    session().commit()
    client.set_cookie("kk_lang", "en")
    text = client.get(f"/map?library=ROBOT&post={post.uuid}").text
    assert "Calibrating" in text
    assert "Not tied to an ability yet" in text
    assert text.index("Calibration") < text.index("Tool frame")


def test_a_merged_point_leads_readers_to_the_one_that_was_kept(client: Any, world: World) -> None:
    double = a_point(world.library, "TCP 坐标", course=world.course)
    merging.merge_points(double, world.frame, an_admin())
    session().commit()
    assert client.get(f"/points/{double.uuid}").location == f"/points/{world.frame.uuid}"


# --- librarians -----------------------------------------------------------------------------------------------------


def test_librarians_tie_points_by_form_and_by_script_and_hear_why_not(client: Any, world: World) -> None:
    client.sign_in(a_user(Role.LIBRARIAN, unit=world.library.members[0].unit))
    client.set_cookie("kk_lang", "en")
    edges = "/admin/libraries/ROBOT/graph/edges"
    given = {"first": "用电安全", "then": "标定", "kind": "prerequisite"}
    assert "needs" in client.post(edges, data=given, follow_redirects=True).text
    circle = {"first": f"uuid:{world.calibration.uuid}", "then": f"uuid:{world.safety.uuid}", "kind": "prerequisite"}
    answer = client.post(edges, data=circle, headers={"Accept": "application/json"})
    assert answer.status_code == 409
    assert "用电安全 → 标定 → 用电安全" in answer.json["problem"]
    unknown = client.post(edges, data={**given, "then": "没有这个点"}, follow_redirects=True)
    assert "There is no point" in unknown.text
    answer = client.post(edges, data={**given, "kind": "related"}, headers={"Accept": "application/json"})
    assert answer.json["done"] == "“用电安全” and “标定” are related now."


def test_librarians_add_place_retire_merge_and_take_back_points(client: Any, world: World) -> None:
    client.sign_in(a_user(Role.LIBRARIAN, unit=world.library.members[0].unit))
    added = client.post(
        "/admin/libraries/ROBOT/graph/points", data={"name": "负载设定", "kind": "skill", "course": "RP"}
    )
    page = added.location
    session().expire_all()
    made = queries.points_by_key(world.library)["负载设定"]
    assert page == f"/admin/points/{made.uuid}"
    client.post(f"{page}/place", data={"course": "EE", "post": ["操作员"]})
    client.post(f"{page}/related", data={"prerequisite": world.frame.uuid})
    session().expire_all()
    assert (made.course.code if made.course else "", [post.name for post in made.posts]) == ("EE", ["操作员"])
    client.post(f"{page}/retire")
    assert "负载设定" not in client.get("/map/graph.json?library=ROBOT&show=points").text
    assert "负载设定" in client.get("/admin/libraries/ROBOT/graph").text
    client.post(f"{page}/restore")
    assert "工具坐标系" in client.get(f"{page}/merge?into={world.frame.uuid}").text
    assert client.get(f"{page}/merge?into={made.uuid}").status_code == 200
    assert client.get(f"{page}/merge?into=x").status_code == 404
    client.post(f"{page}/merge", data={"prerequisite": world.frame.uuid})
    session().expire_all()
    assert made.merged_into == world.frame
    refused = client.post(f"/admin/points/{world.frame.uuid}/merge", data={"prerequisite": world.frame.uuid})
    assert refused.location == f"/admin/points/{world.frame.uuid}"


def test_librarians_write_posts_and_abilities(client: Any, world: World) -> None:
    client.sign_in(a_user(Role.LIBRARIAN, unit=world.library.members[0].unit))
    page = client.post("/admin/libraries/ROBOT/posts", data={"name": "调试员", "number": "6-31"}).location
    client.post(page, data={"act": "ability", "name": "调试"})
    post = services.ensure_post("调试员")
    ability = {"ability": post.abilities[0].uuid, "point": "标定"}
    client.post(page, data={"act": "tie", **ability})
    assert "标定" in client.get(page).text
    client.post(page, data={"act": "untie", **ability})
    client.post(page, data={"act": "describe", "name": "高级调试员", "number": "", "name_en": ""})
    client.post(page, data={"act": "drop", **ability})
    session().expire_all()
    assert (post.name, post.abilities) == ("高级调试员", [])
    assert client.post(page, data={"act": "drop", "ability": "x"}).status_code == 404
    assert client.post(page, data={"act": "nothing"}).status_code == 302
    assert "高级调试员" in client.get("/admin/libraries/ROBOT/posts").text


def test_the_check_names_orphans_and_gaps(client: Any, world: World) -> None:
    a_point(world.library, "孤儿")
    a_point(world.library, "选学的", is_mandatory=False)
    world.a_video(world.frame, "坐标系讲解")
    session().commit()
    client.sign_in(an_admin())
    client.set_cookie("kk_lang", "en")
    text = client.get("/admin/libraries/ROBOT/graph/check").text
    of = {
        name: text.split(f'id="{name}"')[1].split("</section>")[0] for name in ("course", "post", "resource", "lesson")
    }
    assert "孤儿" in of["course"]
    assert "选学的" not in of["course"]
    assert "Electrical safety" in of["post"]
    assert "Tool frame" not in of["resource"]
    assert "Tool frame" in of["lesson"]
    assert "1 / 5" in text
