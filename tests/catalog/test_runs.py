"""Runs frozen at a moment: whoever learns in one sees the same course from the first day to the last (R52)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from courseware.catalog import runs, services
from courseware.catalog.models import CourseRun
from courseware.catalog.queries import contents_of
from courseware.catalog.queries.contents import contents_at
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import Invalid, NotAllowed
from courseware.enrollment import services as enrollment
from courseware.enrollment.errors import ByClassOnly, NotBegun, RunInUse
from courseware.libraries import services as libraries
from courseware.progress import queries as progress
from courseware.progress import services as learning
from courseware.resources import services as resources
from tests.catalog.world import World, as_item

SEPTEMBER = dt.datetime(2026, 9, 1, 0, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def a_run(world: World, key: str = "2026-1", kind: str = "spoc", **more: Any) -> CourseRun:
    times = {"starts_at": SEPTEMBER, "ends_at": SEPTEMBER + 100 * DAY, **more}
    return runs.create_run(world.teacher, world.course, key, kind=kind, **times)


def seen_in(run: CourseRun) -> dict[str, Any]:
    """Titles of the items that the learners of the run see, by lesson."""
    session().refresh(run.course)
    course = run.course
    contents = contents_at(course.id, course.uuid, course.content_version, run.frozen_at)
    return {lesson.title: [item.title or item.text for item in lesson.items] for lesson in contents.lessons}


def rewrite(world: World, lesson: Any, *items: Any) -> None:
    services.save_draft(world.teacher, lesson, [as_item(item) for item in items])
    services.publish_lesson(world.teacher, lesson)


def text(title: str) -> dict[str, Any]:
    return {"kind": "text", "title": title, "text": title}


def test_learners_of_a_run_keep_the_lessons_of_its_start_until_the_teacher_takes_the_newest(world: World) -> None:
    with clock.frozen(SEPTEMBER - DAY):
        lesson = world.lesson(text("旧的说明"), title="第一课")
        run = a_run(world)
        other = a_run(world, "2026-free", "mooc", is_frozen=False)
    with clock.frozen(SEPTEMBER + DAY):
        rewrite(world, lesson, text("新的说明"))
        world.lesson(text("补充"), title="后来的课")
        assert seen_in(run) == {"第一课": ["旧的说明"]}
        assert seen_in(other) == {"第一课": ["新的说明"], "后来的课": ["补充"]}
    with clock.frozen(SEPTEMBER + 2 * DAY):
        runs.take_newest(world.teacher, run)
        assert seen_in(run) == seen_in(other)


def test_what_is_published_before_the_start_still_comes_into_the_run(world: World) -> None:
    with clock.frozen(SEPTEMBER - 2 * DAY):
        lesson = world.lesson(text("初稿"), title="第一课")
        run = a_run(world)
    with clock.frozen(SEPTEMBER - DAY):
        rewrite(world, lesson, text("定稿"))
    with clock.frozen(SEPTEMBER + DAY):
        assert seen_in(run) == {"第一课": ["定稿"]}


def test_a_run_holds_resource_versions_too_and_loses_what_is_withdrawn(world: World) -> None:
    with clock.frozen(SEPTEMBER - DAY):
        resource, gone = world.resource("枪角"), world.resource("有错的讲义")
        lesson = world.lesson(resource, gone, title="第一课")
        first = resource.published_version_id
        run = a_run(world)
    with clock.frozen(SEPTEMBER + DAY):
        revision = resources.start_revision(world.teacher, resource, body="完全不同的新正文。" * 20, reason="更新")
        resources.publish_version(revision)
        resources.withdraw(world.teacher, gone, "有错")
        session().refresh(world.course)
        course = world.course
        items = contents_at(course.id, course.uuid, course.content_version, run.frozen_at).by_lesson[lesson.uuid].items
        assert items[0].version_id == first
        assert [item.is_gone for item in items] == [False, True]
        assert contents_of(course).by_lesson[lesson.uuid].items[0].version_id != first


def test_progress_is_counted_against_the_version_of_the_run(world: World) -> None:
    with clock.frozen(SEPTEMBER - DAY):
        lesson = world.lesson(text("一"), title="第一课")
        run = a_run(world)
    with clock.frozen(SEPTEMBER + DAY):
        enrollment.enrol(world.student, world.course, run.key, by_class=True)
        key = lesson.published_version.activities[0].key
        services.save_draft(world.teacher, lesson, [{**text("一"), "key": key}, text("后加的二")])
        services.publish_lesson(world.teacher, lesson)
        session().refresh(world.course)
        done = learning.mark_done(world.student, lesson, key)
        assert (done.done, done.required) == (1, 1)
        assert enrollment.place_of(world.student, world.course).completed_at is not None
        world.enrol(world.classmate)
        assert learning.mark_done(world.classmate, lesson, key).completed_at is None, "run 1 follows the newest"


def test_a_run_that_ends_before_it_starts_has_no_name_and_no_kind_is_told_all_at_once(world: World) -> None:
    with pytest.raises(Invalid) as refusal:
        runs.create_run(world.teacher, world.course, " ", kind="?", starts_at=SEPTEMBER, ends_at=SEPTEMBER - DAY)
    assert set(refusal.value.problems) == {"key", "kind", "ends_at"}
    with pytest.raises(Invalid) as twice:
        runs.create_run(world.teacher, world.course, "1", kind="mooc", starts_at=SEPTEMBER, ends_at=None)
    assert set(twice.value.problems) == {"key"}


def test_an_assistant_opens_no_run(world: World) -> None:
    libraries.set_team(world.course, [(world.teacher, "leader"), (world.colleague, "assistant")])
    with pytest.raises(NotAllowed):
        runs.create_run(world.colleague, world.course, "x", kind="mooc", starts_at=SEPTEMBER, ends_at=None)


def test_a_run_is_joined_when_it_has_begun_and_a_class_list_never_by_oneself(world: World) -> None:
    with clock.frozen(SEPTEMBER - DAY):
        a_run(world, "open", "mooc")
        a_run(world, "closed", "spoc")
        with pytest.raises(NotBegun, match="2026-09-01 08:00"):
            enrollment.enrol(world.student, world.course, "open")
        with pytest.raises(ByClassOnly):
            enrollment.enrol(world.student, world.course, "closed")
        enrollment.enrol(world.student, world.course, "closed", by_class=True)
        session().refresh(world.course)
        assert contents_of(world.course).open_run(clock.now()).key == "1"


def test_lessons_of_a_run_open_by_its_schedule_and_stay_open(world: World) -> None:
    with clock.frozen(SEPTEMBER - DAY):
        first, later = world.lesson(text("一"), title="一"), world.lesson(text("二"), title="二")
        run = a_run(world)
        enrollment.enrol(world.student, world.course, run.key, by_class=True)
        runs.set_schedule(world.teacher, run, runs.one_after_another(run, [[first.id], [later.id]]))
        session().refresh(world.course)
        assert progress.door_to(world.student, first).kind == "not_begun"
    with clock.frozen(SEPTEMBER + DAY):
        assert progress.door_to(world.student, first) is None
        door = progress.door_to(world.student, later)
        assert (door.kind, door.opens_at) == ("opens_later", SEPTEMBER + 7 * DAY)
    with clock.frozen(SEPTEMBER + 8 * DAY):
        assert progress.door_to(world.student, later) is None


def test_no_lesson_opens_after_the_end_of_its_run(world: World) -> None:
    lesson, run = world.lesson(text("一")), a_run(world)
    with pytest.raises(Invalid):
        runs.set_schedule(world.teacher, run, {lesson.id: SEPTEMBER + 400 * DAY})
    with pytest.raises(Invalid):
        runs.set_schedule(world.teacher, run, {10**9: SEPTEMBER})


def test_a_run_with_people_stays_and_an_empty_one_can_be_taken_away(world: World) -> None:
    used, empty = a_run(world, "used"), a_run(world, "empty")
    enrollment.enrol(world.student, world.course, "used", by_class=True)
    with pytest.raises(RunInUse):
        enrollment.remove_run(world.teacher, used)
    enrollment.remove_run(world.teacher, empty)
    assert runs.run_by_key(world.course, "empty") is None
    with pytest.raises(RunInUse):
        enrollment.remove_run(world.teacher, runs.run_by_key(world.course, "1"))


def test_another_start_moves_the_moment_at_which_a_run_freezes(world: World) -> None:
    with clock.frozen(SEPTEMBER - 10 * DAY):
        run = a_run(world)
        runs.change_run(world.teacher, run, starts_at=SEPTEMBER + DAY, ends_at=None, title="秋季")
        assert run.frozen_at == SEPTEMBER + DAY
        runs.change_run(world.teacher, run, starts_at=SEPTEMBER - 20 * DAY, ends_at=None, title="秋季")
        assert run.frozen_at == clock.now()
