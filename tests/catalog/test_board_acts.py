"""Beginning from templates and copies, single acts on the board, what is offered, and what goes wrong."""

from __future__ import annotations

import re
from typing import Any

import pytest

from courseware.catalog import board, copying, queries, services, steps, templates_of_lessons
from courseware.catalog.errors import NothingToCopy
from courseware.catalog.models import Lesson
from courseware.catalog.offers import offers_for
from courseware.core.database import session
from courseware.core.errors import Invalid, NotAllowed, NotFound
from courseware.core.roles import Role
from courseware.libraries import services as libraries
from courseware.review import withdrawals
from tests.catalog.world import World, as_item

JSON = {"Accept": "application/json"}
HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'


def task(title: str, **more: Any) -> dict[str, Any]:
    return {
        "kind": "task",
        "title": title,
        "text": "**拍照**上传",
        "minutes": 15,
        "segment": "on_post_practice",
        **more,
    }


def draft(world: World, *items: Any, title: str = "立向上角焊") -> Lesson:
    made = services.create_lesson(world.teacher, world.module, title)
    services.save_draft(world.teacher, made, [as_item(item) for item in items])
    return made


def kinds(lesson: Lesson) -> list[str]:
    assert lesson.draft_version is not None
    return [activity.title or activity.kind for activity in lesson.draft_version.activities]


# --- templates --------------------------------------------------------------------------------------------------------


def test_a_template_brings_what_is_missing_and_keeps_what_is_there(world: World) -> None:
    kept = draft(world, world.resource(), task("焊一道缝"), task("写小结"), title="样板")
    template = templates_of_lessons.keep_as_template(world.teacher, kept, "我的结构")
    assert [item["title"] for item in template.outline] == ["焊一道缝", "写小结"]
    other = draft(world, world.resource(), task("焊一道缝", text="别的正文"))
    assert templates_of_lessons.apply_template(world.teacher, other, template) == 1
    assert kinds(other) == ["resource", "焊一道缝", "写小结"]
    assert other.draft_version.activities[1].text == "别的正文"
    assert templates_of_lessons.apply_template(world.teacher, other, template) == 0


def test_a_template_is_seen_by_its_owner_and_where_it_is_shared_by_the_unit(world: World) -> None:
    lesson = draft(world, task("焊一道缝"))
    own = templates_of_lessons.keep_as_template(world.teacher, lesson, "自己用")
    shared = templates_of_lessons.keep_as_template(world.teacher, lesson, "大家用", share=True)
    stranger = world.person("外校老师", Role.TEACHER)
    stranger.unit = None
    session().flush()
    assert set(templates_of_lessons.templates_for(world.teacher)) == {own, shared}
    assert templates_of_lessons.templates_for(world.colleague) == [shared]
    assert templates_of_lessons.templates_for(stranger) == []
    with pytest.raises(NotFound):
        templates_of_lessons.template_by_uuid(own.uuid, world.colleague)
    with pytest.raises(NotAllowed):
        templates_of_lessons.remove_template(world.colleague, shared)


def test_a_template_kept_again_under_its_name_takes_the_new_structure(world: World) -> None:
    first = templates_of_lessons.keep_as_template(world.teacher, draft(world, task("一")), "结构")
    again = templates_of_lessons.keep_as_template(world.teacher, draft(world, task("二")), " 结构 ")
    assert again is first
    assert [item["title"] for item in again.outline] == ["二"]
    with pytest.raises(Invalid):
        templates_of_lessons.keep_as_template(world.teacher, draft(world), "  ")


# --- copies -----------------------------------------------------------------------------------------------------------


def test_a_copy_holds_the_same_under_new_keys_and_says_where_it_comes_from(client: Any, world: World) -> None:
    unit = world.resource("焊缝成形")
    source = world.lesson(unit, task("焊一道缝"), title="原来的课")
    libraries.set_team(world.other_course, [(world.colleague, "leader")])
    module = services.add_module(world.colleague, world.other_course, "模块甲")
    copy = copying.copy_lesson(world.colleague, source, module)
    assert copy.owner_id == world.colleague.id
    assert kinds(copy) == ["resource", "焊一道缝"]
    before = {activity.key for activity in source.published_version.activities}
    assert before.isdisjoint(activity.key for activity in copy.draft_version.activities)
    services.publish_lesson(world.colleague, copy)
    session().commit()
    credit = queries.credit_of(copy.id)
    assert credit is not None
    assert (credit.title, credit.author, credit.is_live) == ("原来的课", "林知遥", True)
    assert [use.copied_from for use in queries.where_used(unit)] == ["", "原来的课 · 林知遥"]
    client.sign_in(world.colleague)
    for path in (f"/teach/lessons/{copy.uuid}", f"/learn/{copy.uuid}", f"/learn/{copy.uuid}?preview=1"):
        assert f'href="/learn/{source.uuid}"' in client.get(path).text, path


def test_only_what_one_may_see_is_copied_and_only_into_ones_own_places(client: Any, world: World) -> None:
    hidden = draft(world, task("还没发布"), title="草稿")
    shown = world.lesson(task("已发布"), title="公开")
    with pytest.raises(NotAllowed):
        copying.copy_lesson(world.colleague, hidden, world.module)
    with pytest.raises(NotAllowed):
        copying.copy_lesson(world.student, shown, world.module)
    assert copying.places_for(world.colleague) == []
    client.sign_in(world.colleague)
    page = client.get(f"/teach/lessons/{shown.uuid}/copy")
    assert 'href="/teach/courses"' in page.text
    client.sign_in(world.teacher)
    made = client.post(f"/teach/lessons/{shown.uuid}/copy", data={"module": str(world.module.uuid)})
    assert made.status_code == 302
    assert made.location.startswith("/teach/lessons/")


def test_a_lesson_without_any_version_cannot_be_copied(world: World) -> None:
    empty = draft(world, task("一"))
    empty.draft_version = None
    session().flush()
    with pytest.raises(NothingToCopy):
        copying.copy_lesson(world.teacher, empty, world.module)


# --- the page ---------------------------------------------------------------------------------------------------------


def test_without_a_script_undo_is_a_form_and_works_the_day_after(client: Any, world: World) -> None:
    lesson = draft(world, task("一"))
    services.save_draft(world.teacher, lesson, [task("二")])
    session().commit()
    path = f"/teach/lessons/{lesson.uuid}"
    client.sign_in(world.teacher)
    page = client.get(path).text
    version = re.search(r'name="version" value="(\d+)" data-revision', page)
    assert version is not None
    client.post(f"{path}/undo", data={"version": version[1]})
    session().expire_all()
    assert kinds(lesson) == ["一"]
    client.post(f"{path}/undo", data={"version": version[1]})
    session().expire_all()
    assert kinds(lesson) == ["一"], "a stale form takes nothing back"
    client.post(f"{path}/redo")
    session().expire_all()
    assert kinds(lesson) == ["二"]


def test_two_boards_at_once_are_told_of_each_other_and_merged(client: Any, world: World) -> None:
    libraries.set_team(world.course, [(world.teacher, "leader"), (world.colleague, "teacher")])
    lesson = draft(world, task("一"))
    session().commit()
    path = f"/teach/lessons/{lesson.uuid}"
    client.sign_in(world.colleague).post(f"{path}/presence", json={"editing": True})
    sign = client.sign_in(world.teacher).post(f"{path}/presence", json={}).json
    assert "陈默川" in sign["others"]
    key = str(lesson.draft_version.activities[0].key)
    item = {"key": key, "kind": "task", "title": "一", "text": "**拍照**上传", "seconds": 900}
    base = [{"key": "on_post_practice", "items": [item]}]
    body = {"version": sign["version"], "segments": base}
    new = {"key": "on_post_practice", "items": [item, {"kind": "text", "title": "后加的"}]}
    first = client.sign_in(world.colleague).put(path, json={**body, "segments": [new]})
    assert first.status_code == 200
    changed = [{"key": "on_post_practice", "items": [{**item, "title": "改了"}]}]
    client.sign_in(world.teacher)
    assert client.put(path, json={**body, "segments": changed}).status_code == 409
    merged = client.put(path, json={**body, "segments": changed, "base": base})
    assert "陈默川" in merged.json["said"]
    session().expire_all()
    assert kinds(lesson) == ["改了", "后加的"]
    clash = [{"key": "on_post_practice", "items": [{**item, "title": "又改"}]}]
    refused = client.put(path, json={**body, "segments": clash, "base": base})
    assert (refused.status_code, refused.json["code"]) == (409, "lesson_both_changed")
    assert "改了" in refused.json["clashes"][0]


def test_in_a_free_order_items_keep_their_segments(client: Any, world: World) -> None:
    lesson = draft(world, task("一"))
    session().commit()
    client.sign_in(world.teacher)
    item = {
        "key": str(lesson.draft_version.activities[0].key),
        "place": "on_post_practice",
        "kind": "task",
        "title": "一",
    }
    body = {"version": lesson.draft_version.revision, "segments": [{"key": "free", "items": [item]}]}
    assert client.put(f"/teach/lessons/{lesson.uuid}", json=body).status_code == 200
    session().expire_all()
    assert lesson.draft_version.activities[0].segment == "on_post_practice"


def test_a_withdrawn_unit_is_said_and_what_takes_its_place_is_one_click(client: Any, world: World) -> None:
    gone, instead = world.resource("旧视频"), world.resource("新视频")
    lesson = draft(world, gone, task("一"))
    withdrawals.withdraw(world.teacher, gone, "画面有误", replacement=instead)
    session().commit()
    path = f"/teach/lessons/{lesson.uuid}"
    page = client.sign_in(world.teacher).get(path).text
    assert f'href="/resources/{instead.uuid}"' in page
    key = lesson.draft_version.activities[0].key
    answer = client.post(f"{path}/items/{key}", data={"action": "replace"}, headers=JSON)
    assert f'data-resource="{instead.uuid}"' in answer.json["plan"]
    session().expire_all()
    first = lesson.draft_version.activities[0]
    assert first.resource_id == instead.id
    assert first.key != key, "to learners it is another thing"
    services.publish_lesson(world.teacher, lesson)


def test_two_hundred_items_are_drawn_and_one_more_is_refused_in_words(client: Any, world: World) -> None:
    lesson = draft(world, *(task(f"第 {n} 步", segment="") for n in range(200)))
    session().commit()
    client.sign_in(world.teacher)
    answer = client.post(f"/teach/lessons/{lesson.uuid}/items", data={"kind": "text", "title": "多一个"}, headers=JSON)
    assert answer.status_code == 422
    assert client.get(f"/teach/lessons/{lesson.uuid}").text.count("data-item ") == 200 + 1, (
        "and the blank of the script"
    )
    assert len(steps.state_of(lesson.draft_version.activities)) == 200


def test_hostile_words_stay_words_on_the_board_in_the_tray_and_in_answers(client: Any, world: World) -> None:
    unit = world.resource(HOSTILE)
    lesson = draft(world, unit, task(HOSTILE, text=HOSTILE, url="https://example.org/?q=" + HOSTILE))
    templates_of_lessons.keep_as_template(world.teacher, lesson, HOSTILE)
    session().commit()
    client.sign_in(world.teacher)
    path = f"/teach/lessons/{lesson.uuid}"
    found = (
        client.get(path).text + client.get(f"{path}/units/{unit.uuid}").text + client.get(f"{path}/plan").json["plan"]
    )
    assert "alert(1)" in found
    assert "<script>alert" not in found
    assert "<img src=x" not in found


# --- what is offered --------------------------------------------------------------------------------------------------


def test_a_unit_is_offered_for_a_point_the_lesson_leaves_out(world: World) -> None:
    held = world.resource("工作角", points=world.points[:1])
    wanted = world.video("行走角演示")
    resources_points = world.resource("枪姿，别的单元", points=world.points[2:])
    wanted.points = world.points[1:2]
    session().flush()
    offers = offers_for(board.board_page(draft(world, held), world.teacher))
    assert [(o.card.resource, o.point.name, o.is_first) for o in offers] == [(wanted, "行走角", True)]
    assert resources_points not in [o.card.resource for o in offers]
    world.lesson(wanted, title="讲过行走角")
    again = offers_for(board.board_page(draft(world, held), world.teacher))
    assert [o.is_first for o in again] == [False]


def test_too_much_text_is_answered_with_a_medium_on_the_same_point(world: World) -> None:
    texts = [world.resource(f"讲义{n}", points=world.points[:1]) for n in range(3)]
    film = world.video("同一点的视频")
    first = offers_for(board.board_page(draft(world, *texts), world.teacher))[0]
    assert first.card.resource == film
    assert first.instead is not None
    assert first.instead.activity.resource_id == texts[0].id
    few = offers_for(board.board_page(draft(world, *texts[:2]), world.teacher))
    assert all(offer.instead is None for offer in few)
