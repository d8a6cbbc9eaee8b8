"""The catalogue: filters with counts, paging by key, and nothing stale although everything is kept in memory."""

from __future__ import annotations

import datetime as dt
from typing import Any

from courseware.catalog import queries, services
from courseware.core import clock as core_clock
from courseware.core.database import session
from courseware.enrollment import services as enrollment
from courseware.libraries import services as libraries
from courseware.libraries.models import Course
from courseware.resources import services as resources
from tests.catalog.world import World
from tests.counting import statements


def more_courses(world: World, count: int) -> list[Course]:
    made = []
    for n in range(count):
        course = libraries.create_course(
            world.library, f"M{n}", f"更多课程 {n:03}", "extension", world.library.core_major, theory_hours=n
        )
        course.published_at = core_clock.now()
        made.append(course)
    session().flush()
    return made


def test_filters_count_what_choosing_them_would_leave(world: World) -> None:
    more_courses(world, 3)
    draft = libraries.create_course(world.library, "DRAFT", "草稿课程", "core", world.library.core_major)
    catalogue = queries.read_catalogue()
    assert draft.published_at is None
    chosen = {"kind": ["core"]}
    assert [row.name for row in catalogue.matching(chosen)] == ["焊接机器人操作基础"]
    kinds = {option.value: option.count for option in catalogue.options("kind", chosen)}
    assert kinds == {"core": 1, "foundation": 1, "extension": 3, "practice": 0, "training": 0}
    assert {option.value: option.count for option in catalogue.options("major", chosen)} == {"460305": 1, "500211": 0}
    assert {option.value: option.count for option in catalogue.options("hours", {})} == {
        "short": 3,
        "middle": 1,
        "long": 1,
    }


def test_a_zero_stays_and_cannot_be_chosen(client: Any, world: World) -> None:
    page = client.get("/courses?kind=core").text
    assert 'value="training" disabled' in page.replace('"  ', '" ')
    assert "焊接机器人操作基础" in page
    assert "可编程控制器" not in page


def test_unknown_filters_find_nothing_and_say_what_to_do(client: Any, world: World) -> None:
    answer = client.get("/courses?kind=nonsense&sort=xx&after=yy")
    assert answer.status_code == 200
    assert "焊接机器人操作基础" not in answer.text


def test_every_course_comes_once_however_the_pages_are_turned(client: Any, world: World) -> None:
    more_courses(world, 45)
    path, seen = "/courses?sort=name", []
    while path:
        page = client.get(path).text
        seen += [part.split('"')[0] for part in page.split('<h2><a href="/courses/')[1:]]
        following = page.split('rel="next" href="')
        path = following[1].split('"')[0].replace("&amp;", "&") if len(following) > 1 else ""
    assert len(seen) == len(set(seen)) == 47


def test_a_change_is_seen_at_once(client: Any, world: World) -> None:
    assert "还差一点" not in client.get("/courses").text
    services.edit_course(world.teacher, world.course, {"summary": "还差一点的新承诺"})
    assert "还差一点的新承诺" in client.get("/courses").text
    assert "还差一点的新承诺" in client.get(f"/courses/{world.course.uuid}").text
    before = client.get("/courses").text
    enrollment.enrol(world.student, world.course)
    assert client.get("/courses").text != before
    libraries.set_team(world.course, [(world.colleague, "leader")])
    assert "陈默川" in client.get(f"/courses/{world.course.uuid}").text


def test_a_run_that_begins_changes_the_state_without_any_write(world: World, clock: Any) -> None:
    now = clock("2026-05-01 09:00")
    services.open_run(world.course, "6", now + dt.timedelta(days=2), now + dt.timedelta(days=9))
    states = []
    for days in (0, 3, 10):
        clock(now + dt.timedelta(days=days))
        states.append(next(r for r in queries.read_catalogue().rows if r.id == world.course.id).state)
    assert states == ["self_paced", "running", "self_paced"]


def test_the_catalogue_asks_the_same_of_the_database_for_more_courses(client: Any, world: World) -> None:
    client.get("/courses")
    with statements() as few:
        client.get("/courses?sort=hours")
    more_courses(world, 60)
    client.get("/courses")
    with statements() as many:
        client.get("/courses?sort=hours")
    with statements() as kept:
        page = client.get("/courses?sort=hours")
    assert len(many) <= len(few)
    assert len(kept) <= 3
    assert len(page.data) < 60_000


def test_course_and_lesson_pages_ask_the_same_for_50_lessons_as_for_5(client: Any, world: World) -> None:
    world.enrol()
    client.sign_in(world.student)
    counts = []
    for size in (5, 50):
        for n in range(size):
            lesson = world.lesson(world.resource(f"资源{size}-{n}"), title=f"讲{n}")
        for path in (f"/courses/{world.course.uuid}", f"/learn/{lesson.uuid}", "/my-learning"):
            with statements() as cold:
                assert client.get(path).status_code == 200
            with statements() as warm:
                page = client.get(path)
            counts.append((len(cold), len(warm)))
            assert len(page.data) < 80_000
    assert [a >= b for a, b in zip(counts[:3], counts[3:], strict=True)] == [True] * 3
    course, lesson, mine = (max(warm for _, warm in counts[at::3]) for at in range(3))
    assert (course <= 8, lesson <= 7) == (True, True)
    assert mine <= 9, "what is due, planned, suggested and earned: one or two statements for each part of the page"


def test_a_new_version_of_a_followed_resource_is_shown_at_once(client: Any, world: World) -> None:
    followed = world.resource("示教器说明")
    lesson = world.lesson(followed)
    path = f"/learn/{lesson.uuid}"
    assert "第 1 份正文" in client.get(path).text
    resources.publish_version(
        resources.start_revision(world.teacher, followed, body="焕然一新的内容。" * 30, reason="更新")
    )
    assert "焕然一新的内容" in client.get(path).text
    resources.rename(world.teacher, followed, "示教器说明（修订）")
    assert "示教器说明（修订）" in client.get(path).text


def test_courses_of_a_library_that_is_not_open_are_nobody_s_business(client: Any, world: World) -> None:
    lesson = world.lesson(world.resource())
    world.library.published_at = None
    session().flush()
    assert "焊接机器人操作基础" not in client.get("/courses").text
    assert client.get(f"/courses/{world.course.uuid}").status_code == 404
    assert client.get(f"/learn/{lesson.uuid}").status_code == 404
