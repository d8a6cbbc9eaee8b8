"""Lessons that never overwrite each other, courses that open only when they are ready."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from courseware.catalog import queries, services
from courseware.catalog.errors import LessonChanged, LessonEmpty, NotReady, UnitNotLive
from courseware.catalog.models import SEGMENTS
from courseware.core.database import session
from courseware.core.errors import Invalid, NotAllowed
from courseware.core.roles import Role
from courseware.resources import services as resources
from tests.catalog.world import World, as_item
from tests.counting import statements


def board_of(*rows: dict[str, Any], segment: str = "opening", version: int = 1) -> dict[str, Any]:
    """What the board sends."""
    return {"version": version, "segments": [{"key": segment, "items": list(rows)}]}


def unit(resource: Any, **more: Any) -> dict[str, Any]:
    return {"id": None, "key": str(uuid.uuid4()), "kind": "resource", "resource": str(resource.uuid), "pin": "latest", "title": "", "seconds": 60, **more}  # fmt: skip


def test_a_stale_save_is_told_and_overwrites_nothing(world: World) -> None:
    first, second = world.resource("先来的"), world.resource("后到的")
    lesson = services.create_lesson(world.teacher, world.module, "枪角")
    opened = lesson.draft_version.revision
    services.save_draft(world.teacher, lesson, [as_item(first)], opened)
    with pytest.raises(LessonChanged):
        services.save_draft(world.teacher, lesson, [as_item(second)], opened)
    assert [a.resource_id for a in lesson.draft_version.activities] == [first.id]


def test_a_save_after_somebody_published_is_stale_too(world: World) -> None:
    first, second = world.resource("先来的"), world.resource("后到的")
    lesson = services.create_lesson(world.teacher, world.module, "枪角")
    opened = lesson.draft_version.revision
    services.save_draft(world.teacher, lesson, [as_item(first)], opened)
    services.publish_lesson(world.teacher, lesson)
    for revision in (opened, opened + 1):
        with pytest.raises(LessonChanged):
            services.save_draft(world.teacher, lesson, [as_item(second)], revision)


def test_what_learners_did_stays_done_when_a_lesson_is_published_again(world: World) -> None:
    lesson = world.lesson({"kind": "task", "title": "焊一道缝"})
    before = lesson.published_version.activities[0].key
    services.publish_lesson(world.teacher, lesson)
    assert lesson.published_version.num == 2
    assert lesson.published_version.activities[0].key == before


def test_two_copies_of_one_activity_become_two_things(world: World) -> None:
    lesson = services.create_lesson(world.teacher, world.module, "枪角")
    key = uuid.uuid4()
    draft = services.save_draft(world.teacher, lesson, [{"kind": "task", "title": t, "key": key} for t in ("一", "二")])
    assert len({a.key for a in draft.activities}) == 2


def test_a_held_version_stays_when_a_newer_one_is_published(world: World) -> None:
    resource = world.resource()
    held = resource.published_version
    lesson = services.create_lesson(world.teacher, world.module, "枪角")
    services.save_draft(world.teacher, lesson, [{**as_item(resource), "pinned": True}])
    revision = resources.start_revision(
        world.teacher, resource, body="全新的正文，内容完全不同，写了很多。" * 10, reason="更新"
    )
    resources.publish_version(revision)
    draft = services.save_draft(world.teacher, lesson, [{**as_item(resource), "pinned": str(held.uuid)}])
    assert draft.activities[0].pinned_version_id == held.id
    services.publish_lesson(world.teacher, lesson)
    session().refresh(world.course)
    item = queries.contents_of(world.course).by_lesson[lesson.uuid].items[0]
    assert (item.version_id, item.pinned_num) == (held.id, 1)


def test_a_version_of_another_resource_cannot_be_held(world: World) -> None:
    resource, other = world.resource("甲"), world.resource("乙")
    lesson = services.create_lesson(world.teacher, world.module, "枪角")
    draft = services.save_draft(
        world.teacher, lesson, [{**as_item(resource), "pinned": str(other.published_version.uuid)}]
    )
    assert draft.activities[0].pinned_version_id is None


def test_a_withdrawn_unit_keeps_a_lesson_from_being_published(world: World) -> None:
    resource = world.resource("要下架的")
    lesson = services.create_lesson(world.teacher, world.module, "枪角")
    services.save_draft(world.teacher, lesson, [as_item(resource)])
    resources.withdraw(world.teacher, resource, "过时")
    with pytest.raises(UnitNotLive) as refusal:
        services.publish_lesson(world.teacher, lesson)
    assert "要下架的" in refusal.value.sentence()
    assert not lesson.is_live


def test_an_empty_lesson_is_not_published(world: World) -> None:
    with pytest.raises(LessonEmpty):
        services.publish_lesson(world.teacher, services.create_lesson(world.teacher, world.module, "空"))


def test_a_course_that_lacks_things_names_them_all_at_once(world: World) -> None:
    librarian = world.person("lib", Role.LIBRARIAN)
    with pytest.raises(NotReady) as refusal:
        services.publish_course(librarian, world.other_course)
    assert len(refusal.value.problems["course"]) == 3


@pytest.mark.parametrize(
    "item",
    [
        {"kind": "game"}, {"kind": "task", "segment": "break"}, {"kind": "resource"}, {"kind": "resource", "resource": "x"},
        {"kind": "task", "minutes": "soon"}, {"kind": "link", "url": "javascript:alert(1)"},
    ],
)  # fmt: skip
def test_items_that_make_no_sense_are_refused_with_a_sentence(world: World, item: dict[str, Any]) -> None:
    lesson = services.create_lesson(world.teacher, world.module, "枪角")
    with pytest.raises(Invalid) as refusal:
        services.save_draft(world.teacher, lesson, [item])
    assert str(refusal.value.problems["items"][0])


def test_lessons_and_modules_move_and_others_may_not_move_them(world: World) -> None:
    one, two, three = (services.create_lesson(world.teacher, world.module, t) for t in "一二三")
    services.move_lesson(world.teacher, three, world.module, 0)
    session().flush()
    assert [lesson.seq for lesson in (three, one, two)] == [1, 2, 3]
    with pytest.raises(NotAllowed):
        services.move_lesson(world.colleague, three, world.module, 2)


def test_where_used_counts_live_lessons_only(world: World) -> None:
    used, unused = world.resource("用到的"), world.resource("没用到的")
    lesson = world.lesson(used, title="第一讲")
    world.lesson(used, title="第二讲")
    draft = services.create_lesson(world.teacher, world.module, "草稿")
    services.save_draft(world.teacher, draft, [as_item(used), as_item(unused)])
    assert [use.title for use in queries.where_used(used)] == ["第一讲", "第二讲"]
    assert queries.count_uses([used.id, unused.id]) == {used.id: 2}
    services.withdraw_lesson(world.teacher, lesson, "重做")
    assert queries.count_uses([used.id]) == {used.id: 1}


# --- the board over HTTP ----------------------------------------------------------------------------------------------


def test_the_board_saves_and_answers_409_to_a_stale_save(client: Any, world: World) -> None:
    resource = world.resource()
    lesson = services.create_lesson(world.teacher, world.module, "枪角")
    path = f"/teach/lessons/{lesson.uuid}"
    client.sign_in(world.teacher)
    saved = client.put(
        path, json=board_of(unit(resource, required=False), {"kind": "task", "title": "焊", "seconds": 601})
    )
    assert saved.status_code == 200
    assert saved.json["version"] == 2
    stale = client.put(path, json=board_of())
    assert (stale.status_code, stale.json["code"]) == (409, "lesson_changed")
    session().refresh(lesson)
    kept = lesson.draft_version.activities
    assert [(a.kind, a.segment, a.minutes, a.is_required) for a in kept] == [
        ("resource", "opening", 1, False), ("task", "opening", 11, True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'{"segments": 3}', b'{"segments": [3], "version": 1}', b'{"segments": [], "version": "1"}'],
)
def test_a_board_that_cannot_be_read_is_refused_and_changes_nothing(client: Any, world: World, body: bytes) -> None:
    lesson = services.create_lesson(world.teacher, world.module, "枪角")
    client.sign_in(world.teacher)
    answer = client.put(f"/teach/lessons/{lesson.uuid}", data=body, content_type="application/json")
    assert answer.status_code in (400, 422)
    assert answer.mimetype == "application/problem+json"
    session().refresh(lesson.draft_version)
    assert lesson.draft_version.revision == 1


def test_strangers_find_no_board(client: Any, world: World) -> None:
    lesson = services.create_lesson(world.teacher, world.module, "枪角")
    client.sign_in(world.colleague)
    assert client.get(f"/teach/lessons/{lesson.uuid}").status_code == 404
    assert client.put(f"/teach/lessons/{lesson.uuid}", json=board_of()).status_code == 404
    client.sign_in(world.student)
    assert client.get(f"/teach/lessons/{lesson.uuid}").status_code == 403


def test_a_lesson_is_built_without_any_script(client: Any, world: World) -> None:
    resource = world.resource("示教器")
    client.sign_in(world.teacher)
    made = client.post(f"/teach/modules/{world.module.uuid}/lessons", data={"title": "第一讲"})
    path = made.location
    client.post(f"{path}/items", data={"resource": resource.uuid, "segment": "opening"})
    client.post(f"{path}/items", data={"kind": "task", "title": "焊一道缝", "segment": "opening"})
    page = client.get(path)
    assert page.status_code == 200
    lesson = queries.lesson_for_board(uuid.UUID(path.rsplit("/", 1)[1]), world.teacher)
    _first, second = lesson.draft_version.activities
    client.post(f"{path}/items/{second.key}", data={"action": "up"})
    session().expire_all()
    assert [a.kind for a in lesson.draft_version.activities] == ["task", "resource"]
    client.post(f"{path}/publish")
    session().expire_all()
    assert lesson.is_live


@pytest.mark.parametrize("language", ["zh_Hans", "en"])
def test_pages_of_builders_answer_in_both_languages(client: Any, world: World, language: str) -> None:
    items = [{**as_item(world.resource(f"资源{n}")), "segment": s} for n, s in enumerate(SEGMENTS)]
    lesson = world.lesson(*items, {"kind": "link", "title": "标准", "url": "https://example.org/"})
    client.sign_in(world.teacher).set_cookie("kk_lang", language)
    paths = ["/teach/courses", f"/teach/courses/{world.course.uuid}", f"/learn/{lesson.uuid}?preview=1"]
    paths += [f"/teach/lessons/{lesson.uuid}{query}" for query in ("", "?layout=free", "?q=x", "/tray?q=x&all=1")]
    for path in paths:
        assert client.get(path).status_code == 200, path


def test_the_board_asks_no_more_of_the_database_for_more_items(client: Any, world: World) -> None:
    few = world.lesson(*(world.resource(f"少{n}") for n in range(4)), title="少")
    many = world.lesson(*(world.resource(f"多{n}") for n in range(12)), title="多")
    for held in many.newest_version.activities[::2]:
        held.pinned_version = held.resource.published_version
    session().commit()
    client.sign_in(world.teacher)
    counts = []
    for lesson in (few, few, many):
        with statements() as seen:
            assert client.get(f"/teach/lessons/{lesson.uuid}").status_code == 200
        counts.append(len(seen))
    assert counts[2] <= counts[1] <= 15
